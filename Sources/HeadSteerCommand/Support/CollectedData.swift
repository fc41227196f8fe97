import DataFiles
import LlamaRuntime
import Probing
import Tokenization

/// Labelled texts and their tokens.
struct CollectedData {
    let examples: [LabelledExample]
    let tokens: [[Int]]

    /// Tokenizes a data set's texts.
    ///
    /// - Throws: `InputError` where a class is missing, a text is empty or too long for the model.
    init(_ file: DataFile, _ model: OpenedModel) throws {
        examples = try file.labelledExamples()
        let tokenizer = try model.tokenizer
        tokens = try examples.map { example in
            let ids = try example.tokens(tokenizer)
            guard ids.count <= model.configuration.context else {
                throw InputError.badData(
                    "a text of \(ids.count) tokens, more than the model's context of \(model.configuration.context)",
                    in: "\(file.name): line \(example.line)", remedy: "shorten the text")
            }
            return ids
        }
    }
}
