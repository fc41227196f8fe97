import DataFiles
import DataSets

/// Decides by a rule which side's answer a generated text gives.
///
/// For lettered answers, the rule is that of HSI's code (Darm & Riccardi 2025, arXiv 2502.05945). The text is searched
/// for `(a)` and `(b)`, ignoring case; both or neither is undefined. Here the rule also covers any number of letters,
/// several of which may match the behaviour, and words. Words have to be whole: `no` is in `No.` but not in `nothing`,
/// `don't` or `no-one`. Negations are not understood: `not happy` contains the word `happy`.
public struct AnswerParser: Sendable, Equatable {
    private enum Pattern: Sendable, Equatable {
        /// Characters that are searched for anywhere in the lower-case text.
        case part(String)
        /// Whole words that follow each other.
        case words([Substring])
    }

    private let target: [Pattern]
    private let other: [Pattern]

    /// Makes a parser for answers as data sets write them.
    ///
    /// If all answers begin with a letter (` (A)`, `(B) Yes`, `C.`), the letters in brackets are searched for.
    /// Otherwise the answers' whole words are searched for; an answer without a word (`+`) is searched for as it is.
    public init(target: [String], other: [String]) {
        let letters = (target + other).compactMap { AnswerLetter($0)?.letter }
        if letters.count == target.count + other.count {
            let patterns = letters.map { Pattern.part("(\($0.lowercased()))") }
            self.target = Array(patterns.prefix(target.count))
            self.other = Array(patterns.dropFirst(target.count))
        } else {
            self.target = target.compactMap(Self.pattern)
            self.other = other.compactMap(Self.pattern)
        }
    }

    /// Makes a parser for contrast rows, from words or phrases for and against the behaviour.
    public init(_ row: ContrastPrompt) {
        target = row.positive.compactMap(Self.pattern)
        other = row.negative.compactMap(Self.pattern)
    }

    /// Makes a parser for choice questions.
    public init(_ row: ChoiceQuestion) { self.init(target: row.matching, other: row.notMatching) }

    /// The side that a text takes.
    ///
    /// - Complexity: O(characters · answers).
    public func outcome(_ text: String) -> AnswerOutcome {
        let lower = text.lowercased()
        let words = Words.of(lower)
        func isFound(_ pattern: Pattern) -> Bool {
            switch pattern {
            case .part(let part): lower.contains(part)
            case .words(let phrase): Words.contain(words, phrase)
            }
        }
        switch (target.contains(where: isFound), other.contains(where: isFound)) {
        case (true, false): return .target
        case (false, true): return .other
        default: return .undefined
        }
    }

    private static func pattern(_ answer: String) -> Pattern? {
        let lower = answer.lowercased()
        let words = Words.of(lower)
        if !words.isEmpty { return .words(words) }
        let part = lower.trimmingWhitespace()
        return part.isEmpty ? nil : .part(String(part))
    }
}
