import DataSets
import Evaluation
import Statistics
import Tasks
import Tokenization
import Transformer

/// What the model writes if it isn't offered any answers.
///
/// It shows whether a plan that was found on choices changes open answers too, according to judges that were themselves
/// tested first.
public struct OpenEndedTexts: Sendable, Codable, Equatable {
    /// What was written under some edits, or after an instruction.
    public struct Condition: Sendable, Codable, Equatable {
        /// The condition's name: `unedited`, `plan`, `opposite`, `prompt`.
        public var name: String
        /// The texts with each judge's scores.
        public var texts: WrittenTexts
        /// Each judge's change against the unedited texts; empty for the unedited texts themselves.
        public var changes: [String: PairedChange]
    }

    /// The questions, without their options.
    public var prompts: [String]
    /// How well each judge tells labelled texts apart.
    public var checks: [JudgeCheck]
    /// The conditions, in the order of the names above.
    public var conditions: [Condition]
}

extension AnswerTask {
    /// The questions of choice rows without their options, to be answered freely.
    ///
    /// - Throws: `InputError` if the chat template can't be applied or a question is empty without its options.
    package init(
        openly questions: [ChoiceQuestion], tokenizer: Tokenizer, usesChatTemplate: Bool, instruction: String? = nil,
        file: String
    ) throws {
        // Answered by a letter, they become prompts as choice questions do; the letters are not used.
        let open = questions.map {
            ChoiceQuestion(
                question: LetteredOptions($0.question)?.stem ?? $0.question, matching: $0.matching,
                notMatching: $0.notMatching, group: $0.group, line: $0.line)
        }
        try self.init(
            .choice(open), tokenizer: tokenizer,
            choices: ChoiceTaskOptions(
                swapsLetters: false, usesChatTemplate: usesChatTemplate, instruction: instruction), file: file)
    }
}

extension Study {
    /// Lets the model answer the test's questions openly, under the plan, under its opposite and after the instruction.
    ///
    /// Nil if the items aren't choice questions, since their texts are open anyway, or if there is nobody to judge.
    func openEndedTexts(
        _ edits: (_ scale: Double) -> [Edit], data: StudyData, judges: [any TextJudge], examples: [LabelledText]
    ) throws -> OpenEndedTexts? {
        guard case .choice(let questions) = data.test, !judges.isEmpty else { return nil }
        func task(_ instruction: String? = nil) throws -> AnswerTask {
            try AnswerTask(
                openly: questions, tokenizer: tokenizer, usesChatTemplate: plan.chat, instruction: instruction,
                file: plan.contrast ?? plan.data
            ).evenly(plan.texts)
        }
        let open = try task()
        func written(_ task: AnswerTask, _ variants: [[Edit]]) throws -> [[[Int]]] {
            try PromptTexts(
                model, prompts: task.items.map(\.prompt), maxTokens: plan.openTokens,
                endTokens: tokenizer.endOfGenerationTokens, workers: workers, isCancelled: isCancelled
            ).texts(variants)
        }
        let checks = try JudgeCheck.all(judges, on: examples)
        // A judge reads the same question for all texts, without the instruction.
        let texts = try WrittenTexts.all(
            written(open, [[], edits(1), edits(-1)]) + written(task(data.prompted.instruction), [[]]), after: open,
            tokenizer: tokenizer, judges: judges, seed: seed)
        let groups = open.items.map(\.group)
        return OpenEndedTexts(
            prompts: try open.items.map { try tokenizer.decode($0.prompt) }, checks: checks,
            conditions: zip(["unedited", "plan", "opposite", "prompt"], texts).map { name, own in
                var changes: [String: PairedChange] = [:]
                for judge in judges where name != "unedited" {
                    guard let before = texts[0].scores[judge.name], let after = own.scores[judge.name] else { continue }
                    changes[judge.name] = PairedChange(
                        before: before, after: after, groups: groups, intended: name == "opposite" ? -1 : 1, seed: seed)
                }
                return OpenEndedTexts.Condition(name: name, texts: own, changes: changes)
            })
    }
}
