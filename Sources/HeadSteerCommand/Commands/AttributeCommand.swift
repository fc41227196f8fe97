import ArgumentParser
import Attribution
import CausalSearch
import DataFiles
import Directions
import Documents
import Foundation
import Intervention
import Reporting
import Statistics
import Tasks
import TensorCore
import Transformer

/// `headsteer attribute`: an estimate of what a sweep would find, from one backward pass.
struct AttributeCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "attribute",
        abstract: "Estimate what editing each head would do to the logits, for all heads at once.",
        discussion: """
            Estimates, to first order, what sweep measures with the same options: the derivative of the logit \
            difference with respect to each head's z, times the edit. z is taken at the prompt's last position, or at \
            --positions. One forward and one backward pass take the place of one pass for each head. With --steps \
            above 1 the derivative is averaged along the way to the edit: more steps come nearer to the effect, but \
            take more passes than a sweep.

            With --corrupted instead of --directions, it estimates the effect of replacing each head's z by its z on \
            another prompt, summed over positions. --query-key does the same for each head's queries and keys.

            An estimate says little about large strengths. --check also measures the effects at some strengths, and \
            shows how well the two agree. Its last column is the share of estimates with the sign of the measured \
            effect, over the heads whose measured effect is at least 5 % of the largest. --check-patches does the same \
            for --corrupted.

            Examples:
              headsteer probe model.gguf --data mood.jsonl --out directions.safetensors
              headsteer attribute model.gguf --data mood-contrast.jsonl --directions directions.safetensors --strength 2 \
            --svg estimates.svg
              headsteer attribute model.gguf --data mood-contrast.jsonl --directions directions.safetensors --check 0.5,2,8,16
            """)

    @OptionGroup var model: ModelArgument

    @Option(
        name: [.customLong("data"), .customLong("contrast")],
        help: ArgumentHelp(
            "The data set to estimate effects on: contrast prompts, choice questions or labelled texts.",
            valueName: "file"))
    var data: String

    @Option(
        help: ArgumentHelp(
            "The heads' directions: the file that probe --out wrote, or another directions file.", valueName: "file"))
    var directions: String?

    @Option(
        help: ArgumentHelp(
            """
            Corrupted prompts, instead of --directions: one row for each row of --data, with a prompt of the same \
            number of tokens.
            """, valueName: "file"))
    var corrupted: String?

    @Flag(
        help: """
            With --corrupted, also estimate the effect of replacing each head's query, or the key that it reads, by \
            the other prompt's. The softmax is computed anew; only the rest is to first order.
            """)
    var queryKey = false

    @Flag(
        help: """
            With --corrupted and --json, also print the estimates of every prompt by head and position, in the field \
            byPosition.
            """)
    var byPosition = false

    @Flag(help: "Count all tokens of the answers (log-probabilities, teacher-forced), not only the next token.")
    var wholeAnswers = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How far each head would be moved, in --unit; by default as in sweep.", valueName: "x"))
    var strength = 8.0

    @Option(
        help: """
            The unit of the strength: sigma (the spread stored with the direction), head-norm or residual-norm (the \
            mean norm of z or of the residual stream on clean text), or raw (the direction as given).
            """)
    var unit = StrengthUnit.sigma

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            The positions at which each head would be moved: all, last, prompt, generated, {"from": 0, "to": 4} or \
            {"tokens": [1, 2]} (default: last).
            """, valueName: "rule"))
    var positions: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of points on the way to the edit to average over; 1 takes the derivative itself.",
            valueName: "n"))
    var steps = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Also measure the effects at these strengths, and show how well the estimates agree with them.",
            valueName: "x,y"))
    var check: NumberList?

    @Flag(
        help: """
            With --corrupted, also replace each head's z (with --query-key, also its query and its key) at one position \
            at a time, and show how well the estimates agree with what that does. It takes a pass for each head, \
            position and prompt, and as many again for queries and for keys.
            """)
    var checkPatches = false

    @Option(help: ArgumentHelp("Write a map of all heads to this SVG file.", valueName: "file"))
    var svg: String?

    @Option(
        name: [.customLong("positions-svg")],
        help: ArgumentHelp(
            """
            Write a map of one prompt, by layer and position, to this SVG file. With --directions it shows all \
            positions, with one step.
            """, valueName: "file"))
    var positionsSVG: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The prompt that --positions-svg shows, counted from 1.", valueName: "n"))
    var item = 1

    @Flag(
        help: """
            Also estimate with each layer left out of the backward pass in turn, and name the heads where gradients \
            cancel each other: leaving out one layer makes their estimate of one step over four times as large, and \
            over 5 % of the largest estimate.
            """)
    var cancellation = false

    @OptionGroup var questions: QuestionOptions
    @OptionGroup var shown: RowsOption
    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard strength.isFinite else { throw ValidationError("--strength is \(strength); give a finite number") }
        guard (1...1000).contains(steps) else {
            throw ValidationError("--steps is \(steps); give a number from 1 to 1000")
        }
        guard (directions == nil) != (corrupted == nil) else {
            throw ValidationError("give either --directions, which heads are moved along, or --corrupted")
        }
        guard check == nil || corrupted == nil else {
            throw ValidationError("--check is for --directions; with --corrupted give --check-patches")
        }
        guard !checkPatches || corrupted != nil else {
            throw ValidationError("--check-patches is for --corrupted; with --directions give --check")
        }
        guard positions == nil || corrupted == nil else {
            throw ValidationError("--positions is for --directions; with --corrupted all positions count")
        }
        guard !cancellation || corrupted == nil else {
            throw ValidationError("--cancellation is for --directions")
        }
        guard positionsSVG == nil || directions == nil || steps == 1 && positions == nil else {
            throw ValidationError(
                "--positions-svg with --directions shows all positions with one step; leave --steps and --positions out"
            )
        }
        guard !queryKey || corrupted != nil else {
            throw ValidationError("--query-key takes queries and keys of other prompts; give --corrupted")
        }
        guard !queryKey || steps == 1 else {
            throw ValidationError("--query-key takes the derivative on the prompt itself; leave --steps out")
        }
        guard !byPosition || corrupted != nil && common.json else {
            throw ValidationError("--by-position adds a field to the JSON of --corrupted; give --corrupted and --json")
        }
        guard positionsSVG == nil || !wholeAnswers else {
            throw ValidationError("--positions-svg shows one prompt, not whole answers")
        }
        guard corrupted == nil || !wholeAnswers else {
            throw ValidationError("--whole-answers is for --directions; with --corrupted the next token counts")
        }
    }

    func run(_ environment: CommandEnvironment) throws {
        let picture = try svg.map { try OutputFile.check($0, option: "--svg") }
        let positionsPicture = try positionsSVG.map { try OutputFile.check($0, option: "--positions-svg") }
        let file = try DataFile(self.data)
        let other = try corrupted.map(DataFile.init)
        let rule = try positions.map { try PositionRule(parsing: $0) } ?? .last
        let directions = try directions.map { try DirectionFile(contentsOf: URL(filePath: $0)) }
        let opened = try OpenedModel(model.model, common, template: questions.template)
        let template = try opened.templateSettings(isUsed: questions.chat, environment)
        try RenderedTexts(opened.tokenizer, environment.console).warn(file, usesChatTemplate: questions.chat)
        let data = try AttributedData(file, questions, takesWholeAnswers: wholeAnswers, opened)
        guard item >= 1, item <= data.items.count else {
            throw InputError.usage("--item \(item)", remedy: "\(file.name) has items 1 to \(data.items.count)")
        }
        let estimates = try estimate(data, directions, at: rule, other, opened, environment)
        let (heads, agreement) = (estimates.heads, estimates.agreement)
        let map = heads.heatMap(opened, chosen: [], quantity: "Estimated change of the logit difference")
        if let picture { try AtomicOutput.write(Data(map.svg().utf8), to: picture) }
        if let positionsPicture, let positions = estimates.positions {
            let map = try estimates.positionMap(positions, tokens: data.contrasts.items[item - 1].prompt, opened)
            try AtomicOutput.write(Data(map.svg().utf8), to: positionsPicture)
        }
        let warnings = [
            directions?.detectingWarning,
            data.items.count == 1 ? "there is one item, which gives no interval; give more" : nil,
        ].compactMap(\.self)
        let console = environment.console
        if common.json {
            try console.json(
                AttributionOutput(
                    heads: heads, strength: directions == nil ? nil : strength,
                    unit: directions == nil ? nil : unit.rawValue,
                    positions: directions == nil ? nil : positions ?? "last", steps: steps,
                    contrastSource: data.contrasts.source, items: data.items.count, agreement: agreement,
                    patchAgreement: estimates.patchAgreement,
                    sizes: estimates.sizes?.output, queryKey: estimates.queryKey, byPosition: estimates.byPosition,
                    warnings: warnings), precision: common.precision, template: template)
        } else {
            console.output(map.rendered(console.style))
            console.output(
                "\n"
                    + estimates.heads.table(
                        "estimate", "95% over items", items: data.items.count, rows: shown.rows ?? 10
                    ).rendered(console.tableStyle))
            if let agreement {
                console.output("\n" + CheckedAttribution.table(agreement, unit: unit).rendered(console.tableStyle))
            }
            if let agreement = estimates.patchAgreement {
                console.output("\n" + agreement.table.rendered(console.tableStyle))
            }
            if let parts = estimates.queryKey {
                let table = parts.table(estimates.heads, rows: shown.rows ?? 10)
                console.output("\n" + table.rendered(console.tableStyle))
            }
            if let sizes = estimates.sizes {
                let text = TextWrapping.wrap(sizes.text, width: console.style.width).joined(separator: "\n")
                let table = sizes.table(rows: shown.rows ?? 10)
                console.output("\n\(text)\n\n\(table.rendered(console.tableStyle))")
            }
            console.close(
                wrote: [("map", svg), ("positions", positionsSVG)].compactMap { name, path in path.map { (name, $0) } },
                next: sweep(opened, environment).map { [$0] } ?? [])
        }
        for warning in warnings { console.warning(warning) }
    }

    /// The command that measures what was estimated; nil where no sweep does.
    private func sweep(_ opened: OpenedModel, _ environment: CommandEnvironment) -> String? {
        guard let directions, positions == nil, !wholeAnswers else { return nil }
        return "\(ShellWord.program) sweep \(ShellWord.path(opened.path)) --data \(ShellWord.path(data)) "
            + "--directions \(ShellWord.path(directions)) --strength \(NumberText.short(strength)) "
            + "--unit \(unit.rawValue)" + questions.words(environment.arguments)
    }

    private func estimate(
        _ data: AttributedData, _ directions: DirectionFile?, at positions: PositionRule, _ other: DataFile?,
        _ opened: OpenedModel, _ environment: CommandEnvironment
    ) throws -> AttributionEstimates {
        var estimates = AttributionEstimates()
        if let directions {
            let attribution = try DirectionAttribution(
                directions, unit: unit, positions: positions, steps: steps, data: data, opened, environment)
            estimates.heads = try attribution.effects(strength: strength)
            estimates.agreement = try check.map { try $0.numbers.map(attribution.check) }
            if cancellation { estimates.sizes = try attribution.sizes(strength: strength) }
            if positionsSVG != nil {
                estimates.positions = try attribution.positions(strength: strength, item: item - 1)
            }
        }
        if let other {
            let attribution = try CorruptedAttribution(other, questions, data: data, opened, environment)
            let found = try attribution.effects(steps: steps)
            estimates.heads = found.heads.map(HeadEffectOutput.init)
            estimates.positions = found.positions[item - 1]
            let parts = queryKey ? try attribution.queriesAndKeys(keepsPositions: byPosition) : nil
            estimates.queryKey = parts?.means
            if checkPatches { estimates.patchAgreement = try attribution.check(z: found.heads, parts?.means) }
            if byPosition { estimates.byPosition = try attribution.byPosition(found.positions, parts?.items) }
        }
        return estimates
    }
}
