import DataFiles
import Tasks

/// Refuses texts that a judge scores above a limit.
///
/// The judge can be words with weights, a probe's score (``ProbeJudge``), or another program (``CommandJudge``).
public struct JudgeFilter: TextFilter {
    /// The filter's name in reports.
    public let name: String
    /// The judge that scores the texts.
    public let judge: any TextJudge
    /// The limit, from 0 to 5; texts with a higher score are refused.
    public let limit: Double

    /// - Parameters:
    ///   - name: the filter's name; by default the judge's own.
    ///   - limit: 2.5 by default, the score of a text that speaks neither for nor against.
    /// - Precondition: the limit is from 0 to 5.
    public init(_ judge: any TextJudge, name: String? = nil, limit: Double = JudgeScale.neutral) {
        precondition(JudgeScale.range.contains(limit), "A judge's scores are from 0 to 5, and so is a limit.")
        self.name = name ?? judge.name
        self.judge = judge
        self.limit = limit
    }

    /// - Throws: what the judge throws.
    public func reasonToRefuse(_ text: CheckedText) throws -> String? {
        let score = try judge.scores([
            JudgedText(prompt: text.prompt, text: text.text, promptTokens: text.promptTokens, tokens: text.tokens)
        ])[0]
        return score > limit ? name : nil
    }
}
