import DataSets
import Directions
import Intervention
import Tasks
import Transformer

/// What two models are compared on.
///
/// Only the items and texts are needed; whatever else is given is compared too.
public struct ComparisonInput: Sendable {
    /// The items for both models to answer.
    public var items: JudgedItems
    /// Where the items come from.
    public var source: ContrastSource
    /// Texts whose tokens both read, on which activations and the divergence on the data are compared.
    ///
    /// If they have both labels, they also show whether directions carry over from one model to the other.
    public var texts: [PreparedText]
    /// Texts that have nothing to do with the data, as tokens.
    public var neutral: [[Int]]
    /// Prompts that both continue; nil for none.
    public var answers: AnswerTask?
    /// Judges of what both write.
    public var judges: [any TextJudge] = []
    /// Labelled texts that each judge is tested on before it judges; empty for none.
    public var judgeExamples: [LabelledText] = []
    /// Known directions in z of A's heads, to compare changes of weights with.
    public var directions: DirectionFile?
    /// Detectors of A's heads to test on both; if nil, directions are fitted to A's activations.
    public var detectors: (name: String, heads: [HeadDirection])?
    /// What B's record says was baked into it.
    public var recorded: RecordedEdits?
    /// A plan made for A, to try on both.
    public var plan: LoadedPlan?

    /// The data that both models are compared on; everything else is set afterwards.
    /// - Parameter neutral: texts as tokens, at least two in each.
    public init(items: JudgedItems, source: ContrastSource, texts: [PreparedText], neutral: [[Int]]) {
        self.items = items
        self.source = source
        self.texts = texts
        self.neutral = neutral
    }
}
