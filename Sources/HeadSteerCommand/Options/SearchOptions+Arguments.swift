import ArgumentParser
import CausalSearch
import Foundation
import Tasks

/// Options for what a search measures effects and side effects on.
struct SearchMeasuringOptions: ParsableArguments {
    @OptionGroup var effects: ContrastOption

    @Option(
        help: ArgumentHelp(
            """
            Prompts or choice questions to generate texts from, to check heads (default: those that effects are \
            measured on).
            """, valueName: "file"))
    var answers: String?

    @OptionGroup var neutral: NeutralOption

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The largest mean KL divergence on neutral text that the plan may cost, in nats a token.", valueName: "x"))
    var maxKL = SideEffectBudget().mostKL

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The largest share of answers that may turn undefined, so that they show neither side or both.",
            valueName: "x"))
    var maxUndefined = SideEffectBudget().mostUndefined

    @OptionGroup var budgeting: BudgetOptions

    /// The side effects that are allowed: a budget that is to be spent is also allowed.
    var sideEffects: SideEffectBudget {
        let most = budgeting.budget.map { $0.mean ?? .greatestFiniteMagnitude } ?? 0
        return SideEffectBudget(mostKL: max(maxKL, most), mostUndefined: maxUndefined)
    }

    func validate() throws {
        guard maxKL > 0, maxKL.isFinite else { throw ValidationError("--max-kl is \(maxKL); give a positive number") }
        guard (0...1).contains(maxUndefined) else {
            throw ValidationError("--max-undefined is \(maxUndefined); give a share from 0 to 1")
        }
    }
}

/// Options for how much work a search does.
struct SearchEffortOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("The number of heads that the plan edits.", valueName: "k"))
    var heads = 4

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            How far to move each head to see its effect, in σ; 4,8 tries both. At 8 σ the rest of the model still works.
            """, valueName: "x,y"))
    var sweepStrength = NumberList([8])

    @Option(
        help: ArgumentHelp(
            """
            How to find the heads to measure in full: exact takes all of them; knockouts and groups look at what \
            random sets of heads do together; halving begins with a few items; attribution takes the derivative at all \
            heads.
            """, valueName: "name"))
    var screen = ScreenMethod.exact

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of random directions at each head to compare its own with.", valueName: "n"))
    var nullDirections = 3

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The maximum number of prompts to measure effects on; 24 find the same top heads as 60 do.",
            valueName: "n"))
    var items = 24

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of the best heads to check by generated texts; 0 for none.", valueName: "n"))
    var check = 16

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The maximum number of tokens in each of these texts.", valueName: "n"))
    var checkTokens = 16

    @Flag(help: "Take the heads that are best by themselves, without looking at their joint effect.")
    var noCombine = false

    @Flag(help: "Give each head its own strength, after the shared one is found.")
    var tuneHeads = false

    func validate() throws {
        guard heads >= 1 else { throw ValidationError("--heads is \(heads); give a positive number") }
        guard sweepStrength.numbers.allSatisfy({ $0 > 0 && $0 <= 10_000 }) else {
            throw ValidationError(
                "--sweep-strength is \(sweepStrength.defaultValueDescription); give numbers above 0, up to 10000")
        }
        for (name, value, least) in [
            ("null-directions", nullDirections, 0), ("items", items, 1), ("check", check, 0),
            ("check-tokens", checkTokens, 1),
        ] where value < least || value > 1_000_000 {
            throw ValidationError("--\(name) is \(value); give a number from \(least) to 1000000")
        }
    }

    func options(_ measuring: SearchMeasuringOptions, seed: UInt64) -> SearchOptions {
        SearchOptions(
            heads: heads, screen: HeadScreen.Options(strengths: sweepStrength.numbers, nullDirections: nullDirections),
            method: screen, items: items, checkedHeads: check, checkTokens: checkTokens, combines: !noCombine,
            tunesEachHead: tuneHeads,
            budget: measuring.sideEffects, spends: measuring.budgeting.budget, seed: seed)
    }
}

extension ScreenMethod: ExpressibleByArgument {}

/// The input of a search, and the files that its effects and answers come from.
struct MeasuredData {
    let contrast: DataFile
    let answers: DataFile
    let input: SearchInput

    /// - Parameter usesChatTemplate: whether questions and prompts go through the model's chat template.
    init(
        _ prepared: PreparedData, _ measuring: SearchMeasuringOptions, usesChatTemplate: Bool, _ opened: OpenedModel
    ) throws {
        let tokenizer = try opened.tokenizer
        contrast = try measuring.effects.contrast.map(DataFile.init) ?? prepared.file
        let choices = ChoiceTaskOptions(
            swapsLetters: true, usesChatTemplate: usesChatTemplate, context: opened.configuration.context)
        answers = try measuring.answers.map(DataFile.init) ?? contrast
        input = SearchInput(
            texts: prepared.texts,
            contrasts: try ContrastSet(contrast.data, tokenizer: tokenizer, choices: choices, file: contrast.name),
            answers: try AnswerTask(answers.data, tokenizer: tokenizer, choices: choices, file: answers.name),
            neutral: try measuring.neutral.texts())
    }
}
