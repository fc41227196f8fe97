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

/// Options for which heads a screen looks at, and how.
struct ScreenOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of heads that the plan edits. A cheap screen measures at least four times as many in full.",
            valueName: "k"))
    var heads = 4

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            How far to move each head to see its effect, in σ; 4,8 tries both. At 8 σ the rest of the model still works.
            """, valueName: "x,y"))
    var sweepStrength = NumberList([8])

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
        help: ArgumentHelp(
            """
            The number of the best heads that a search checks by generated texts; 0 for none. A cheap screen measures \
            at least so many in full.
            """, valueName: "n"))
    var check = 16

    func validate() throws {
        guard heads >= 1 else { throw ValidationError("--heads is \(heads); give a positive number") }
        guard sweepStrength.numbers.allSatisfy({ $0 > 0 && $0 <= 10_000 }) else {
            throw ValidationError(
                "--sweep-strength is \(sweepStrength.defaultValueDescription); give numbers above 0, up to 10000")
        }
        for (name, value, least) in [
            ("null-directions", nullDirections, 0), ("items", items, 1), ("check", check, 0),
        ] where value < least || value > 1_000_000 {
            throw ValidationError("--\(name) is \(value); give a number from \(least) to 1000000")
        }
    }

    /// The options of a search that measures heads like this.
    func options(seed: UInt64) -> SearchOptions {
        SearchOptions(
            heads: heads, screen: HeadScreen.Options(strengths: sweepStrength.numbers, nullDirections: nullDirections),
            items: items, checkedHeads: check, seed: seed)
    }
}

/// Options for how much work a search does.
struct SearchEffortOptions: ParsableArguments {
    @OptionGroup var screening: ScreenOptions

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
        help: ArgumentHelp("The maximum number of tokens in each of the texts of --check.", valueName: "n"))
    var checkTokens = 16

    @Flag(help: "Take the heads that are best by themselves, without looking at their joint effect.")
    var noCombine = false

    @Flag(help: "Give each head its own strength, after the shared one is found.")
    var tuneHeads = false

    func validate() throws {
        guard (1...1_000_000).contains(checkTokens) else {
            throw ValidationError("--check-tokens is \(checkTokens); give a number from 1 to 1000000")
        }
    }

    func options(_ measuring: SearchMeasuringOptions, seed: UInt64) -> SearchOptions {
        var options = screening.options(seed: seed)
        options.method = screen
        options.checkTokens = checkTokens
        options.combines = !noCombine
        options.tunesEachHead = tuneHeads
        options.budget = measuring.sideEffects
        options.spends = measuring.budgeting.budget
        return options
    }
}

extension ScreenMethod: ExpressibleByArgument {}

/// The input of a search, and the files that its effects and answers come from.
struct MeasuredData {
    let contrast: DataFile
    let answers: DataFile
    let input: SearchInput

    /// - Parameters:
    ///   - answers: the path of the file that heads are checked on; nil for the one that effects are measured on.
    ///   - usesChatTemplate: whether questions and prompts go through the model's chat template.
    init(
        _ prepared: PreparedData, _ effects: ContrastOption, answers: String? = nil,
        neutral: [String] = NeutralTexts.sentences, usesChatTemplate: Bool, _ opened: OpenedModel
    ) throws {
        let tokenizer = try opened.tokenizer
        contrast = try effects.contrast.map(DataFile.init) ?? prepared.file
        let choices = ChoiceTaskOptions(
            swapsLetters: true, usesChatTemplate: usesChatTemplate, context: opened.configuration.context)
        self.answers = try answers.map(DataFile.init) ?? contrast
        input = SearchInput(
            texts: prepared.texts,
            contrasts: try ContrastSet(contrast.data, tokenizer: tokenizer, choices: choices, file: contrast.name),
            answers: try AnswerTask(
                self.answers.data, tokenizer: tokenizer, choices: choices, file: self.answers.name),
            neutral: neutral)
    }
}
