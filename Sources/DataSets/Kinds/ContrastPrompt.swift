/// A prompt with continuations of two kinds, whose logits are compared.
///
/// The effect of an edit is the change of the difference between the two sides.
public struct ContrastPrompt: Sendable, Hashable {
    /// The text that both sides continue.
    public var prompt: String
    /// Continuations that show the behaviour, with their leading space where they have one.
    public var positive: [String]
    /// Continuations that show its opposite.
    public var negative: [String]
    /// The row's group, shared with related rows; the prompt itself unless the file says otherwise.
    public var group: String
    /// The line of the file on which the row begins, from 1; 0 for a row that comes from no file.
    public var line: Int

    /// Makes a row; without a line it counts as coming from no file.
    public init(prompt: String, positive: [String], negative: [String], group: String? = nil, line: Int = 0) {
        self.prompt = prompt
        self.positive = positive
        self.negative = negative
        self.group = group ?? prompt
        self.line = line
    }

    /// One text for each continuation, the prompt followed by it; the positive ones first, all in the prompt's group.
    public var labelledExamples: [LabelledExample] {
        positive.map { LabelledExample(prompt: prompt, completion: $0, label: true, group: group, line: line) }
            + negative.map { LabelledExample(prompt: prompt, completion: $0, label: false, group: group, line: line) }
    }
}
