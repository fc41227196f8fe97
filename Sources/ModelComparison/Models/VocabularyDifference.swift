import DataFiles
import Tokenization
import Transformer

/// The differences between two models' vocabularies and chat templates: whether the same tokens mean the same to both.
struct VocabularyDifference {
    /// The number of tokens that both models have and spell the same.
    var sharedTokens: Int
    var notes: [String]

    /// - Throws: `InputError` of the kind `.otherModel` if a token stands for another piece of text in the second
    ///   model.
    init(_ tokenizers: OfBoth<Tokenizer?>, models: OfBoth<LanguageModel>) throws {
        notes = []
        let (first, second) = (models.a.configuration.vocabulary, models.b.configuration.vocabulary)
        sharedTokens = min(first, second)
        if first != second {
            notes.append(
                "A has \(first) tokens and B \(second): probabilities are over the \(sharedTokens) that both have.")
        }
        guard let a = tokenizers.a, let b = tokenizers.b else {
            let (without, other) = tokenizers.a == nil ? ("A", "B") : ("B", "A")
            notes.append("\(without) has no tokenizer of its own; both models get \(other)'s tokens.")
            return
        }
        for id in 0..<min(a.vocabularyCount, b.vocabularyCount) {
            let (mine, others) = (try a.piece(id), try b.piece(id))
            guard mine != others else { continue }
            throw InputError(
                .otherModel, "the token \(id) is \"\(others)\", where it is \"\(mine)\" in the first model",
                in: b.place,
                remedy: "compare models with the same vocabulary: each token has to mean the same to both")
        }
        if a.vocabularyCount != b.vocabularyCount {
            let more = a.vocabularyCount > b.vocabularyCount ? a : b
            let start = min(a.vocabularyCount, b.vocabularyCount)
            let shown = try (start..<min(start + 3, more.vocabularyCount)).map { try more.piece($0) }
            notes.append(
                "\(a.vocabularyCount > b.vocabularyCount ? "A" : "B")'s tokenizer has "
                    + "\(more.vocabularyCount - start) more tokens: \(shown.joined(separator: ", "))"
                    + (more.vocabularyCount - start > 3 ? ", …" : "") + ".")
        }
        if a.kind.algorithm != b.kind.algorithm || a.addsBeginning != b.addsBeginning || a.bosToken != b.bosToken {
            notes.append("The tokenizers cut texts differently (\(a.kind); \(b.kind)); both models get A's tokens.")
        }
        if a.chatTemplate != b.chatTemplate {
            notes.append("The chat templates differ; where one is used, both models get A's.")
        }
        if a.endOfGenerationTokens != b.endOfGenerationTokens {
            notes.append("The models end texts with different tokens; each model's own tokens end what it writes.")
        }
    }

    /// Texts that the second tokenizer cuts into other tokens than the first.
    static func differently(_ texts: [String], _ tokenizers: OfBoth<Tokenizer?>) throws -> [String] {
        guard let a = tokenizers.a, let b = tokenizers.b else { return [] }
        return try texts.filter {
            try a.encode($0, specialTokens: .parsed) != b.encode($0, specialTokens: .parsed)
        }
    }
}
