/// A question with answers that match a behaviour and answers that don't.
public struct ChoiceQuestion: Sendable, Hashable {
    /// The question, with its options if it lists them.
    public var question: String
    /// The answers that show the behaviour, as written in the file (` (A)` with Anthropic's evals, `(A)` with CAA's).
    public var matching: [String]
    /// The other answers, as written.
    public var notMatching: [String]
    /// The row's group, shared with related rows; the question itself unless the file says otherwise.
    public var group: String
    /// The line of the file on which the row begins, from 1; 0 for a row that comes from no file.
    public var line: Int

    /// Makes a row; without a line it counts as coming from no file.
    public init(
        question: String, matching: [String], notMatching: [String], group: String? = nil, line: Int = 0
    ) {
        self.question = question
        self.matching = matching
        self.notMatching = notMatching
        self.group = group ?? question
        self.line = line
    }

    /// One text for each answer, the question followed by the answer; matching answers first, all in the question's
    /// group.
    ///
    /// An answer that would touch the question's last word gets a space before it, so that `(A)` and ` (A)` make the
    /// same text.
    public var labelledExamples: [LabelledExample] {
        func example(_ answer: String, label: Bool) -> LabelledExample {
            let touches = question.last.map { !$0.isWhitespace } ?? false
            let spaced = touches && !(answer.first?.isWhitespace ?? true) ? " " + answer : answer
            return LabelledExample(prompt: question, completion: spaced, label: label, group: group, line: line)
        }
        return matching.map { example($0, label: true) } + notMatching.map { example($0, label: false) }
    }
}
