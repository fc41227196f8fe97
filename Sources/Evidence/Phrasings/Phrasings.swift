import DataSets
import Evaluation
import Statistics
import Tasks
import Tokenization
import Transformer

/// The same items after other words, or words of another language: whether edits still work there.
public struct PhrasingResult: Sendable, Codable, Equatable {
    /// What reports call it.
    public var name: String
    /// What comes before each item.
    public var words: String
    /// The change that the edits make, with the share of items moved the wrong way.
    public var change: PairedChange
    /// The share of items for the behaviour, unedited and edited.
    public var baseAccuracy: Double
    /// See ``baseAccuracy``.
    public var accuracy: Double
}

/// Other words for the same items.
package enum Phrasings {
    /// What is put before each prompt: nothing, a request, and the same in German and French. The items themselves stay as
    /// they are.
    package static let words = [
        ("as it is", ""), ("after a request", "Please read this carefully and then go on."),
        ("after a request in German", "Bitte lies das Folgende aufmerksam und mach dann weiter."),
        ("after a request in French", "Veuillez lire attentivement ce qui suit, puis continuez."),
    ]

    /// What edits do after each of them.
    ///
    /// - Parameter measured: the same items as they are.
    package static func results(
        _ edits: [Edit], data: DataSet, file: String, choices: ChoiceTaskOptions, tokenizer: Tokenizer,
        measured: EvaluationTexts, seed: UInt64,
        onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [PhrasingResult] {
        var results: [PhrasingResult] = []
        for (name, words) in Self.words {
            let scorer =
                try words.isEmpty
                ? measured.items()
                : measured.scorer(
                    PromptedItems(
                        words, data: data, tokenizer: tokenizer, choices: choices, withAnswers: false, file: file
                    ).items)
            let (base, attacked) = (try scorer.values([]), try scorer.values(edits))
            func share(_ values: ItemScorer.Values) -> Double {
                values.matches.reduce(0, +) / Double(max(values.matches.count, 1))
            }
            results.append(
                PhrasingResult(
                    name: name, words: words,
                    change: PairedChange(
                        before: base.differences, after: attacked.differences, groups: scorer.groups, seed: seed),
                    baseAccuracy: share(base), accuracy: share(attacked)))
            onProgress(results.count, Self.words.count)
        }
        return results
    }
}
