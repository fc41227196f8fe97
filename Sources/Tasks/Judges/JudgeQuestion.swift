/// A question that a judge is asked about every text, with its two answers.
public struct JudgeQuestion: Sendable, Codable, Equatable {
    /// The question, such as `Does the writer sound happy?`
    public var text: String
    /// The answer for a text that shows the behaviour.
    public var affirmative: String
    /// The other answer.
    public var negative: String

    /// Makes a question; by default the answers are Yes and No.
    public init(_ text: String, affirmative: String = "Yes", negative: String = "No") {
        self.text = text
        self.affirmative = affirmative
        self.negative = negative
    }

    /// The question about a text, with lettered answers in one of the two orders.
    ///
    /// - Parameters:
    ///   - prompt: the prompt that the text follows; empty for none.
    ///   - isAffirmativeFirst: whether the answer for the behaviour is (A).
    public func message(about text: String, after prompt: String, isAffirmativeFirst: Bool) -> String {
        let answers = isAffirmativeFirst ? [affirmative, negative] : [negative, affirmative]
        let before = prompt.isEmpty ? "" : "Somebody was given this:\n\n\(prompt)\n\nand wrote this:\n\n"
        return """
            \(before.isEmpty ? "Somebody wrote this:\n\n" : before)\(text)

            \(self.text)
             (A) \(answers[0])
             (B) \(answers[1])
            Answer with (A) or (B).
            """
    }
}
