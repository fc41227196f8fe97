import DataFiles

/// A judge that counts words: crude, fast, the same everywhere, and easy to understand.
///
/// It is good for moods and topics, which have words of their own, but not for opinions.
///
/// Let f be the sum of the weights of all words found that speak for the behaviour, each counted as often as it occurs,
/// and a the sum of those against it. The score is 2.5 + 2.5 · (f − a) / (f + a + 1). A text without any of these words
/// gets 2.5. One word of weight 1 for the behaviour gives 3.75, and two give 4.17; 5 is never reached. The 1 keeps a
/// single word from deciding everything.
public struct KeywordJudge: TextJudge {
    /// The name of the judge in reports.
    public let name: String
    private let entries: [Entry]

    private struct Entry: Sendable {
        var words: [String]
        var weight: Double
    }

    /// Makes a judge from weighted words.
    ///
    /// - Parameters:
    ///   - weights: words or phrases with their weights: above 0 for the behaviour, below 0 against it. Case is
    ///     ignored, and only whole words count: `sad` is not in `sadly`.
    /// - Precondition: all weights are finite, and there is at least one word.
    public init(_ name: String = "keywords", weights: [String: Double]) {
        precondition(weights.values.allSatisfy(\.isFinite), "A word's weight is a finite number.")
        self.name = name
        entries = weights.sorted { $0.key < $1.key }.compactMap { text, weight in
            let words = Words.lowercased(text)
            return words.isEmpty ? nil : Entry(words: words, weight: weight)
        }
        precondition(!entries.isEmpty, "A judge of words needs words.")
    }

    /// Makes a judge from words of weight 1 for and against the behaviour.
    public init(_ name: String = "keywords", for positive: [String], against negative: [String]) {
        self.init(
            name,
            weights: Dictionary(
                positive.map { ($0, 1) } + negative.map { ($0, -1) }, uniquingKeysWith: { _, last in last }))
    }

    /// Never throws.
    ///
    /// - Complexity: O(words · entries).
    public func scores(_ texts: [JudgedText]) throws -> [Double] {
        texts.map { text in
            let words = Words.lowercased(text.text)
            var (favour, against) = (0.0, 0.0)
            for entry in entries {
                let count = words.indices.count { words[$0...].starts(with: entry.words) }
                if entry.weight > 0 { favour += entry.weight * Double(count) }
                if entry.weight < 0 { against -= entry.weight * Double(count) }
            }
            return JudgeScale.neutral + JudgeScale.neutral * (favour - against) / (favour + against + 1)
        }
    }
}
