import DataFiles
import Statistics

/// Measures of generated tokens: whether a text repeats itself, and how long its loops are.
public enum TextMeasures {
    /// The share of different runs among all runs of n consecutive tokens (distinct-n, Li et al. 2016, arXiv
    /// 1510.03055); 1 if there are no runs.
    ///
    /// Text that repeats itself has a small share.
    ///
    /// - Complexity: O(n · tokens).
    /// - Precondition: `n` is at least 1.
    public static func distinct(_ n: Int, _ tokens: [Int]) -> Double {
        precondition(n >= 1, "Distinct-n needs runs of at least one token.")
        guard tokens.count >= n else { return 1 }
        let runs = (0...(tokens.count - n)).map { tokens[$0..<($0 + n)] }
        return Double(Set(runs).count) / Double(runs.count)
    }

    /// The share of runs of n tokens that repeat an earlier one, seq-rep-n of Welleck et al. 2019 (arXiv 1908.04319).
    ///
    /// It is 1 − |different runs| / |runs|, which is 1 − ``distinct(_:_:)``; 0 if there are no runs.
    ///
    /// - Parameter n: 4 in the paper; good texts also repeat shorter runs.
    public static func repetition(_ n: Int, _ tokens: [Int]) -> Double { 1 - distinct(n, tokens) }

    /// The number of tokens that a text spends in a loop at its end; 0 if it doesn't end in a loop.
    ///
    /// A loop is a run of tokens that occurs at least twice in a row. If several loops fit, the longest one counts.
    ///
    /// - Complexity: O(tokens²).
    public static func loopLength(_ tokens: [Int]) -> Int {
        var longest = 0
        for period in 1..<max(tokens.count / 2 + 1, 1) {
            var length = period
            while length < tokens.count, tokens[tokens.count - 1 - length] == tokens[tokens.count - 1 - length + period]
            {
                length += 1
            }
            if length >= 2 * period { longest = max(longest, length) }
        }
        return longest
    }
}

/// Means of measures over some generated texts.
public struct TextSummary: Sendable, Codable, Equatable {
    /// The number of texts.
    public var texts: Int
    /// The length in tokens, without end tokens.
    public var tokens: MeanWithInterval
    /// The length in words.
    public var words: MeanWithInterval
    /// Distinct-1, the share of different tokens.
    public var distinct1: MeanWithInterval
    /// Distinct-2, the share of different pairs of consecutive tokens.
    public var distinct2: MeanWithInterval
    /// seq-rep-4, the share of runs of four tokens that repeat an earlier one.
    public var repetition4: MeanWithInterval
    /// The share of tokens that are part of a loop at the end.
    public var loopShare: MeanWithInterval

    /// Measures some texts.
    ///
    /// - Parameters:
    ///   - ids: the tokens of each text, without end tokens; at least one text.
    ///   - texts: the same texts as strings.
    ///   - groups: the group of each text, such as its prompt; the bootstrap draws texts of a group together.
    ///   - seed: the seed of the bootstrap.
    /// - Precondition: there is at least one text, and each text has its tokens and a group.
    public init(ids: [[Int]], texts: [String], groups: [String], seed: UInt64 = 0) {
        precondition(!ids.isEmpty && ids.count == texts.count, "Each text needs its tokens.")
        precondition(groups.count == ids.count, "Each text needs a group.")
        func mean(_ values: [Double]) -> MeanWithInterval { MeanWithInterval(values, groups: groups, seed: seed) }
        self.texts = ids.count
        tokens = mean(ids.map { Double($0.count) })
        words = mean(texts.map { Double(Words.of($0).count) })
        distinct1 = mean(ids.map { TextMeasures.distinct(1, $0) })
        distinct2 = mean(ids.map { TextMeasures.distinct(2, $0) })
        repetition4 = mean(ids.map { TextMeasures.repetition(4, $0) })
        loopShare = mean(ids.map { Double(TextMeasures.loopLength($0)) / Double(max($0.count, 1)) })
    }
}
