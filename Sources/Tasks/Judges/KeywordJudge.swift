import DataFiles

/// A judge that counts words: crude, fast, the same everywhere, and easy to understand. For moods and topics, which have
/// words of their own; not for opinions.
///
/// With f the weights of all words found that speak for the behaviour, each as often as it occurs, and a those against it, the
/// score is 2.5 + 2.5 · (f − a) / (f + a + 1). A text without any such word gets 2.5, one word for it of weight 1 gives 3.75,
/// two give 4.17; 5 is never reached. The 1 keeps a single word from deciding everything.
public struct KeywordJudge: TextJudge {
    /// What reports call it.
    public let name: String
    private let entries: [Entry]

    private struct Entry: Sendable {
        var words: [String]
        var weight: Double
    }

    /// - Parameters:
    ///   - weights: words or phrases with their weights: above 0 for the behaviour, below 0 against it. They are compared
    ///     without regard to case and as whole words: `sad` is not in `sadly`.
    /// - Precondition: a word's weight is a finite number; a judge of words needs words.
    public init(_ name: String = "keywords", weights: [String: Double]) {
        precondition(weights.values.allSatisfy(\.isFinite), "A word's weight is a finite number.")
        self.name = name
        entries = weights.sorted { $0.key < $1.key }.compactMap { text, weight in
            let words = Words.lowercased(text)
            return words.isEmpty ? nil : Entry(words: words, weight: weight)
        }
        precondition(!entries.isEmpty, "A judge of words needs words.")
    }

    /// Words of weight 1.
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
