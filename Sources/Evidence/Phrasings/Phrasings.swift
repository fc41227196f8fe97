import DataSets
import Evaluation
import Statistics
import Tasks
import Tokenization
import Transformer

/// The same items after other words, or words in another language: whether edits still work there.
public struct PhrasingResult: Sendable, Codable, Equatable {
    /// The name in reports.
    public var name: String
    /// The words before each item.
    public var words: String
    /// The change that the edits make, with the share of items moved the wrong way.
    public var change: PairedChange
    /// The share of items for the behaviour, unedited.
    public var baseAccuracy: Double
    /// The share of items for the behaviour, edited; compare ``baseAccuracy``.
    public var accuracy: Double
}

/// Other words for the same items.
package enum Phrasings {
    /// The words before each prompt: none, a request, and the same in German and French.
    ///
    /// The items themselves stay as they are.
    package static let words = [
        ("as it is", ""), ("after a request", "Please read this carefully and then go on."),
        ("after a request in German", "Bitte lies das Folgende aufmerksam und mach dann weiter."),
        ("after a request in French", "Veuillez lire attentivement ce qui suit, puis continuez."),
    ]

    /// The effect of edits after each of the words.
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
