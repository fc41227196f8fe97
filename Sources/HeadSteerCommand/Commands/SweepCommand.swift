import ArgumentParser
import DataFiles
import Directions
import Documents
import Foundation
import Intervention
import Reporting
import Tasks
import Tokenization

/// `headsteer sweep`: which heads cause the behaviour.
struct SweepCommand: ShardedCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Edit one head at a time and measure what it does to the logits.",
        discussion: """
            Moves each head's z along its direction at the prompt's last position. The effect is the mean change of \
            the difference between the logits of the two sides' next tokens. The two sides are those of contrast \
            prompts, the answers of choice questions, labelled completions of the same prompts, or, for other labelled \
            texts, the tokens that tell the labels apart best. --contrast is another name for --data here. With --out \
            the result is kept as sweep.json, and a stopped sweep continues when the same command is given again.

            Examples:
              headsteer probe model.gguf --data mood.jsonl --out directions.safetensors
              headsteer sweep model.gguf --data mood-contrast.jsonl --directions directions.safetensors --strength 8 \
            --unit sigma --svg effects.svg
            """)

    @OptionGroup var model: ModelArgument

    @Option(
        name: [.customLong("data"), .customLong("contrast")],
        help: ArgumentHelp(
            "The data set to measure effects on: contrast prompts, choice questions or labelled texts.",
            valueName: "file"))
    var data: String

    @Option(
        help: ArgumentHelp(
            "The heads' directions: the file that probe --out wrote, or another directions file.", valueName: "file"))
    var directions: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How far to move each head, in --unit; at 8 σ the rest of the model still works.", valueName: "x"))
    var strength = 8.0

    @Option(
        help: """
            The unit of the strength: sigma (the spread stored with the direction), head-norm or residual-norm (the \
            mean norm of z or of the residual stream on clean text), or raw (the direction as given).
            """)
    var unit = StrengthUnit.sigma

    @Option(help: ArgumentHelp("Write a map of all heads to this SVG file.", valueName: "file"))
    var svg: String?

    @Option(
        help: ArgumentHelp(
            "The folder for sweep.json, which has what --json prints; with --shard the shard's folder.",
            valueName: "folder"))
    var out: String?

    @OptionGroup var questions: QuestionOptions
    @OptionGroup var shard: ShardOption
    @OptionGroup var shown: RowsOption
    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var format = "headsteer.sweep/1"
        var heads: [HeadEffectOutput]
        var strength: Double
        var unit: String
        var contrastSource: ContrastSource
        /// The number of prompts.
        var items: Int
        /// The mean logit difference without edits.
        var unedited: Double
        /// What speaks against the effects.
        var warnings: [String]
    }

    func validate() throws {
        guard strength.isFinite else {
            throw ValidationError("--strength is \(strength); give a finite number")
        }
        guard shard.shard == nil || out != nil else {
            throw ValidationError("--shard without a folder for the shard; give --out FOLDER")
        }
    }

    var inputPaths: [String] { [model.model, data, directions] }

    func usedTemplate() -> TemplateOptions? { questions.usedTemplate }

    func run(_ environment: CommandEnvironment) throws {
        let picture = try svg.map { try OutputFile.check($0, option: "--svg") }
        let folder = try out.map { try OutputFile.checkNewFolder($0) }
        let data = try DataFile(data)
        let directions = try DirectionFile(contentsOf: URL(filePath: directions))
        let opened = try OpenedModel(
            model.model, common, template: questions.template,
            placement: environment.merging == nil ? .automatic : .mapped)
        let template = try opened.templateSettings(isUsed: questions.chat, environment)
        try RenderedTexts(opened.tokenizer, environment.console).warn(data, usesChatTemplate: questions.chat)
        let contrasts = try ContrastSet(
            data.data, tokenizer: opened.tokenizer, choices: questions.choices(data, opened), file: data.name)
        let work = try folder.map { folder in
            try SharedWork(self, environment, folder: folder, identity: identity(data, contrasts, template, opened))
        }
        if let work, work.isFinished { return try work.finishShard(json: common.json) }
        guard
            let sweep = try DirectionSweep(
                directions, strength: strength, unit: unit, contrasts: contrasts, opened, work, environment)
        else {
            try work?.finishShard(json: common.json)
            return
        }
        // The largest effects are marked, if they are clearly effects.
        let least = (sweep.heads.first?.effect ?? 0) / 8
        let best = sweep.heads.prefix(4).filter { ($0.ciLow ?? 0) > 0 && $0.effect > least }.map(\.head)
        let map = sweep.heads.heatMap(opened, chosen: best)
        if let picture { try AtomicOutput.write(Data(map.svg().utf8), to: picture) }
        let warnings = [
            directions.detectingWarning,
            sweep.items == 1 ? "there is one item, which gives no interval; give more" : nil,
        ].compactMap(\.self)
        let output = Output(
            heads: sweep.heads, strength: strength, unit: unit.rawValue, contrastSource: sweep.source,
            items: sweep.items, unedited: sweep.unedited, warnings: warnings)
        let result = folder?.appending(path: "sweep.json")
        if let result {
            let written = WithFields(value: output, precision: common.precision, template: template)
            try JSONReport.write(written, to: result)
            work?.finishWhole()
        }
        let console = environment.console
        if common.json {
            try console.json(output, precision: common.precision, template: template)
        } else {
            console.output(map.rendered(console.style))
            console.output(
                "\n"
                    + sweep.heads.table("effect", "95% interval", items: sweep.items, rows: shown.rows ?? 10).rendered(
                        console.tableStyle))
            let heads = (best.isEmpty ? sweep.heads.prefix(1).map(\.head) : best).map(\.description)
            console.close(
                wrote: [("map", svg), ("effects", result?.path(percentEncoded: false))].compactMap { name, path in
                    path.map { (name: name, path: $0) }
                },
                next: [
                    "\(ShellWord.program) plan make \(ShellWord.path(opened.path)) --probes "
                        + "\(ShellWord.path(self.directions)) --heads \(heads.joined(separator: ",")) --strength "
                        + "\(NumberText.short(strength)) --unit \(unit.rawValue) --out runs/byhand"
                ])
        }
        for warning in warnings { console.warning(warning) }
    }

    /// What the effects depend on.
    private func identity(
        _ data: DataFile, _ contrasts: ContrastSet, _ template: ChatTemplateSettings?, _ opened: OpenedModel
    ) throws -> [String: String] {
        var identity = [
            "fingerprint": try opened.model.fingerprint(workers: opened.workers), "program": Version.text,
            "precision": common.precision.rawValue, "data": data.digest,
            "directions": FileDigest.sha256(try InputFile.contents(URL(filePath: directions))),
            "strength": "\(strength)", "unit": unit.rawValue,
            "tokensSHA256": FileDigest.sha256(
                contrasts.items.flatMap { [$0.prompt, $0.positive, $0.negative] }),
        ]
        // The tokens hold the date, if the template writes it.
        if let template { identity.merge(template.provenance.filter { $0.key != "date" }) { $1 } }
        return identity
    }
}
