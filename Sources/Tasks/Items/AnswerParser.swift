import DataFiles
import DataSets

/// Tells from a generated text which side's answer it gives, by rule.
///
/// For lettered answers the rule of HSI's code (Darm & Riccardi 2025, arXiv 2502.05945): the text is searched for `(a)` and
/// `(b)` in any case; both or neither is undefined. It is generalised to any number of letters, of which several may match
/// the behaviour, and to words, which have to be whole: `no` is in `No.` but not in `nothing`, `don't` or `no-one`.
/// Negations are not understood: `not happy` has the word `happy`.
public struct AnswerParser: Sendable, Equatable {
    private enum Pattern: Sendable, Equatable {
        /// Characters that are found anywhere in the lower-case text.
        case part(String)
        /// Words that follow each other.
        case words([Substring])
    }

    private let target: [Pattern]
    private let other: [Pattern]

    /// A parser for answers as data sets write them. Where all begin with a letter (` (A)`, `(B) Yes`, `C.`) the
    /// letters in brackets are searched for, else the answers' whole words; an answer without a word (`+`) is searched for
    /// as it is.
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

    /// A parser for contrast rows: words or phrases that speak for the behaviour, and against it.
    public init(_ row: ContrastPrompt) {
        target = row.positive.compactMap(Self.pattern)
        other = row.negative.compactMap(Self.pattern)
    }

    /// A parser for choice questions.
    public init(_ row: ChoiceQuestion) { self.init(target: row.matching, other: row.notMatching) }

    /// What a text says.
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
