import DataFiles
import Statistics

/// Simple measures of generated tokens: whether a text repeats itself, and how long it is.
public enum TextMeasures {
    /// The share of different ones among all runs of n tokens that follow each other (distinct-n, Li et al. 2016, arXiv
    /// 1510.03055); 1 if there are none. Text that repeats itself has few.
    ///
    /// - Complexity: O(n · tokens).
    /// - Precondition: distinct-n needs runs of at least one token.
    public static func distinct(_ n: Int, _ tokens: [Int]) -> Double {
        precondition(n >= 1, "Distinct-n needs runs of at least one token.")
        guard tokens.count >= n else { return 1 }
        let runs = (0...(tokens.count - n)).map { tokens[$0..<($0 + n)] }
        return Double(Set(runs).count) / Double(runs.count)
    }

    /// The share of runs of n tokens that repeat an earlier one: seq-rep-n of Welleck et al. 2019 (arXiv 1908.04319),
    /// 1 − |different runs| / |runs|, which is 1 − ``distinct(_:_:)``; 0 if there are none.
    ///
    /// - Parameter n: 4 there; shorter runs are repeated by good texts too.
    public static func repetition(_ n: Int, _ tokens: [Int]) -> Double { 1 - distinct(n, tokens) }

    /// The length of the longest end of a text that is one shorter run over and over: how many tokens a text that got
    /// stuck in a loop spent there. 0 where it ends without a loop; a loop goes round at least twice.
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

/// Means over some generated texts.
public struct TextSummary: Sendable, Codable, Equatable {
    /// The number of texts.
    public var texts: Int
    /// The length in tokens, end tokens not counted.
    public var tokens: MeanWithInterval
    /// The length in words.
    public var words: MeanWithInterval
    /// Distinct-1 and distinct-2: the share of different tokens, and of different pairs.
    public var distinct1: MeanWithInterval
    /// See ``distinct1``.
    public var distinct2: MeanWithInterval
    /// seq-rep-4: the share of runs of four tokens that repeat an earlier one.
    public var repetition4: MeanWithInterval
    /// The share of tokens at the end that only go round in a loop.
    public var loopShare: MeanWithInterval

    /// - Parameters:
    ///   - ids: the tokens of each text, without end tokens: at least one text.
    ///   - texts: the same as texts.
    ///   - groups: the group of each text, such as its prompt; texts of one group are drawn together.
    ///   - seed: of the bootstrap.
    /// - Precondition: each text needs its tokens; each text needs a group.
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
