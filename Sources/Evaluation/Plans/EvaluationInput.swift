import DataFiles
import Probing
import Tokenization
import Transformer

/// The items that a plan is judged by: choice questions, or contrast prompts.
public enum JudgedItems: Sendable {
    case choice(ChoiceTask)
    case contrast([ContrastItem])

    /// Items of a data set: choice questions in both versions of their letters, else contrast items.
    ///
    /// - Throws: `InputError` as ``ChoiceTask`` and ``ContrastSet`` do.
    public init(
        _ data: DataSet, tokenizer: Tokenizer, choices: ChoiceTaskOptions = ChoiceTaskOptions(), file: String
    ) throws {
        if case .choice = data {
            self = .choice(try ChoiceTask(data, tokenizer: tokenizer, options: choices, file: file))
        } else {
            self = .contrast(try ContrastSet(data, tokenizer: tokenizer, file: file).items)
        }
    }
}

/// What a plan is evaluated on. Only the items are needed; whatever else is given is measured too.
public struct EvaluationInput: Sendable {
    public var items: JudgedItems
    public var source: ContrastSource
    /// Prompts to continue, with rules that tell what the texts say; nil for none.
    public var answers: AnswerTask?
    /// Judges of these texts.
    public var judges: [any TextJudge]
    /// What side effects are measured on.
    public var neutral: [String]
    /// Choice questions that have nothing to do with the behaviour; nil for none.
    public var unrelated: ChoiceTask?
    /// TruthfulQA's multiple-choice questions; nil for none.
    public var truthfulQA: TruthfulQATask?
    /// The labelled texts that the plan's directions were fitted from: controls are fitted from them too. Nil leaves the
    /// controls with shuffled labels and of whole layers out.
    public var training: TrainingActivations?
    /// The same items after a prompt that simply asks for the behaviour; nil leaves that baseline out.
    public var prompted: PromptedItems?

    public init(
        items: JudgedItems, source: ContrastSource, answers: AnswerTask? = nil, judges: [any TextJudge] = [],
        neutral: [String] = NeutralTexts.sentences, unrelated: ChoiceTask? = nil,
        truthfulQA: TruthfulQATask? = nil, training: TrainingActivations? = nil, prompted: PromptedItems? = nil
    ) {
        self.items = items
        self.source = source
        self.answers = answers
        self.judges = judges
        self.neutral = neutral
        self.unrelated = unrelated
        self.truthfulQA = truthfulQA
        self.training = training
        self.prompted = prompted
    }
}

/// Items after a prompt that asks for the behaviour.
public struct PromptedItems: Sendable {
    /// What the model is told.
    public var instruction: String
    public var items: JudgedItems
    /// The prompts to continue; nil for none.
    public var answers: AnswerTask?

    public init(instruction: String, items: JudgedItems, answers: AnswerTask? = nil) {
        self.instruction = instruction
        self.items = items
        self.answers = answers
    }

    /// The items of a data set after an instruction and an empty line (with a chat template: as the system's message).
    ///
    /// - Throws: `InputError` as ``JudgedItems`` does.
    public init(
        _ instruction: String, data: DataSet, tokenizer: Tokenizer, choices: ChoiceTaskOptions, withAnswers: Bool,
        file: String
    ) throws {
        var options = choices
        options.instruction = instruction
        let told = data.after(instruction)
        let answerOptions = ChoiceTaskOptions(
            swapsLetters: false, usesChatTemplate: choices.usesChatTemplate, instruction: instruction,
            context: choices.context)
        self.init(
            instruction: instruction,
            items: try JudgedItems(told, tokenizer: tokenizer, choices: options, file: file),
            answers: withAnswers
                ? try AnswerTask(told, tokenizer: tokenizer, choices: answerOptions, file: file) : nil)
    }

    /// A prompt that asks for a behaviour by showing it: the first few labelled texts of the class true.
    public static func instruction(showing examples: [LabelledExample], count: Int = 3) -> String {
        let shown = examples.filter(\.label).prefix(count).map { $0.text.trimmingWhitespace() }
        return (["Answer in the manner of these examples."] + shown).joined(separator: "\n\n")
    }
}

extension DataSet {
    /// The rows with an instruction before each prompt. Choice questions stay as they are: their options take it.
    fileprivate func after(_ instruction: String) -> DataSet {
        switch self {
        case .choice: return self
        case .contrast(let rows):
            return .contrast(
                rows.map { row in
                    var row = row
                    row.prompt = "\(instruction)\n\n\(row.prompt)"
                    return row
                })
        case .labelled(let rows):
            return .labelled(
                rows.map { row in
                    var row = row
                    if !row.prompt.isEmpty { row.prompt = "\(instruction)\n\n\(row.prompt)" }
                    return row
                })
        }
    }
}
