import ArgumentParser
import Directions
import Documents
import Foundation
import Intervention
import Reporting
import Tasks

/// `headsteer sweep`: which heads cause the behaviour.
struct SweepCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Edit one head at a time and measure what it does to the logits.",
        discussion: """
            Each head's z is moved along its direction at the prompt's last position. The effect is the mean change of the \
            difference between the logits of the two sides' next tokens: those of contrast prompts, of a choice's answers, \
            of labelled completions of the same prompts, or, for labelled texts alone, the tokens that tell them apart best.

            Example:
              headsteer sweep model.gguf --data mood-contrast.jsonl --directions directions.safetensors --strength 8 \
            --unit sigma
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var data: DataOption

    @Option(help: ArgumentHelp("The heads' directions, as probe --out writes them.", valueName: "file"))
    var directions: String

    @Option(parsing: .unconditional, help: ArgumentHelp("How far to move each head.", valueName: "x"))
    var strength = 8.0

    @Option(help: "In what the strength is measured.")
    var unit = StrengthUnit.sigma

    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var heads: [HeadEffectOutput]
        var strength: Double
        var unit: String
        var contrastSource: ContrastSource
        /// The number of prompts.
        var items: Int
        /// The mean logit difference without edits.
        var unedited: Double
    }

    func validate() throws {
        guard strength.isFinite else {
            throw ValidationError("--strength is \(strength); give a finite number")
        }
    }

    func run(_ environment: CommandEnvironment) throws {
        let data = try DataFile(data.data)
        let directions = try DirectionFile(contentsOf: URL(filePath: directions))
        let opened = try OpenedModel(model.model, common)
        try RenderedTexts(opened.tokenizer, environment.console).warn(data, usesChatTemplate: false)
        let sweep = try DirectionSweep(
            directions, strength: strength, unit: unit, data: data, opened, environment)
        if common.json {
            return try environment.console.json(
                Output(
                    heads: sweep.heads, strength: strength, unit: unit.rawValue, contrastSource: sweep.source,
                    items: sweep.items, unedited: sweep.unedited), precision: common.precision)
        }
        let style = environment.console.style
        // Marked are the largest effects, as long as they are effects.
        let least = (sweep.heads.first?.effect ?? 0) / 8
        let best = sweep.heads.prefix(4).filter { $0.ciLow > 0 && $0.effect > least }
            .map(\.head)
        var table = TextTable([.init("head", .right), .init("effect", .right), .init("95% interval")])
        for head in sweep.heads.prefix(10) {
            table.add([
                "\(head.head)", String(format: "%+.3f", head.effect),
                String(format: "%+.3f … %+.3f", head.ciLow, head.ciHigh),
            ])
        }
        environment.console.output(sweep.heatMap(opened, chosen: best).rendered(style))
        environment.console.output("\n" + table.rendered(style))
    }
}
