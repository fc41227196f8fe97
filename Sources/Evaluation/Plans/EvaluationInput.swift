import Tasks

/// The data that a plan is evaluated on.
///
/// Only the items are needed; anything else that is given is measured too.
public struct EvaluationInput: Sendable {
    /// The items that the plan's effect is measured on; they must be other rows than those that the plan was made from.
    public var items: JudgedItems
    /// Where the items come from.
    public var source: ContrastSource
    /// Prompts to continue, with rules that score the texts; nil for none.
    public var answers: AnswerTask?
    /// Judges of the texts that continue the prompts.
    public var judges: [any TextJudge]
    /// Labelled texts that each judge is checked on first; empty for none.
    public var judgeExamples: [LabelledText]
    /// Neutral texts that side effects are measured on.
    public var neutral: [String]
    /// Choice questions that have nothing to do with the behaviour; nil for none.
    public var unrelated: ChoiceTask?
    /// TruthfulQA's multiple-choice questions; nil for none.
    public var truthfulQA: TruthfulQATask?
    /// The labelled texts that the plan's directions were fitted to.
    ///
    /// Controls are fitted to them too; if nil, the controls with shuffled labels and with whole layers are left out.
    public var training: TrainingActivations?
    /// The same items after a prompt that asks for the behaviour; nil leaves this baseline out.
    public var prompted: PromptedItems?

    /// Makes an input.
    ///
    /// Anything that isn't given isn't measured, except side effects on neutral texts, which have a default.
    public init(
        items: JudgedItems, source: ContrastSource, answers: AnswerTask? = nil, judges: [any TextJudge] = [],
        judgeExamples: [LabelledText] = [], neutral: [String] = NeutralTexts.sentences,
        unrelated: ChoiceTask? = nil, truthfulQA: TruthfulQATask? = nil, training: TrainingActivations? = nil,
        prompted: PromptedItems? = nil
    ) {
        self.items = items
        self.source = source
        self.answers = answers
        self.judges = judges
        self.judgeExamples = judgeExamples
        self.neutral = neutral
        self.unrelated = unrelated
        self.truthfulQA = truthfulQA
        self.training = training
        self.prompted = prompted
    }
}
