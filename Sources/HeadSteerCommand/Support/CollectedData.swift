import DataFiles
import LlamaRuntime
import Probing
import Tokenization

/// Labelled texts, their tokens, and z of all heads on them.
struct CollectedData {
    let examples: [LabelledExample]
    let tokens: [[Int]]

    /// Tokenizes a data set's texts.
    ///
    /// - Throws: `InputError` where a class is missing, a text is empty or too long for the model.
    ///
    /// - Parameter comparing: whether both classes are needed, as for directions.
    init(_ file: DataFile, _ model: OpenedModel, comparing: Bool = true) throws {
        examples = comparing ? try file.labelledExamples() : file.data.labelledExamples
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

    /// z at the last position of every text.
    func lastPositions(_ model: OpenedModel, _ environment: CommandEnvironment) throws -> HeadCollection {
        try environment.stage("Reading texts", total: tokens.count) { progress in
            try HeadCollection(
                tokens, model: model.model, workers: model.workers,
                onProgress: { done in try? progress(done) },
                isCancelled: { environment.interruption.isRequested })
        }
    }
}
