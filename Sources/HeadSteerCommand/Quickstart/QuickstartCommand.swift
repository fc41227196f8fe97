import ArgumentParser
import CausalSearch
import DataSets
import Foundation
import Intervention
import Tasks

/// `headsteer quickstart`: the main job from end to end.
struct QuickstartCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart",
        abstract: "See it happen: find the heads that carry a mood and steer them.",
        discussion: """
            Fits a direction for every head from labelled sentences, finds the heads that cause the mood, and continues the \
            same prompts with these heads pushed down, left alone and pushed up.

            Without --model it takes the model that Fixtures/fetch-smollm2.sh fetches or, if that is not there, the \
            embedded one, a tiny model in which the mood heads are known. Fixtures is looked for in the current \
            folder, then in the folders above the program. Writes plan.json, directions.safetensors, report.json, \
            texts.json and times.json into runs/quickstart-NAME in the current folder.

            Examples:
              headsteer quickstart
              headsteer quickstart --model model.gguf --json
            """)

    @Option(
        help: ArgumentHelp(
            """
            The model: a .gguf file, a Hugging Face folder, or a sealed model (default: the fetched model, or else the \
            embedded one).
            """, valueName: "model"))
    var model: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of heads that the plan edits (default: 4; 2 in the embedded model).", valueName: "k"))
    var heads: Int?

    @Option(
        help: ArgumentHelp("The folder for the run's files (default: runs/quickstart-NAME).", valueName: "folder"))
    var out: String?

    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let heads, heads < 1 { throw ValidationError("--heads is \(heads); give a positive number") }
    }

    func run(_ environment: CommandEnvironment) throws {
        let start = Date()
        let inputs = try QuickstartInputs(model: model, heads: heads)
        let folder = try OutputFile.checkNewFolder(out ?? "runs/\(inputs.runName)")
        let report = QuickstartReport(environment.console, isSilent: common.json)
        let opened = try OpenedModel(inputs.model.path(percentEncoded: false), common)
        let data = try DataFile(inputs.labelled.path(percentEncoded: false))
        let contrastData = try DataFile(inputs.contrast.path(percentEncoded: false))
        let prompts = try InputFile.texts(inputs.prompts)
        let examples = try data.labelledExamples()
        let preparation = try TextPreparation(opened.tokenizer)
        let texts = try examples.map { try preparation.prepare($0, file: data.name) }
        let contrasts = try ContrastSet(contrastData.data, tokenizer: opened.tokenizer, file: contrastData.name)
        report.introduce()
        report.tell(inputs, opened, examples: examples, contrasts: contrasts.items.count, prompts: prompts.count)

        var search = HeadSearch(opened.model, tokenizer: try opened.tokenizer, workers: opened.workers)
        search.isCancelled = { environment.interruption.isRequested }
        report.beginSearch()
        let progress = SearchProgress(environment, texts: examples.count)
        defer { progress.finish() }
        let result = try search.find(
            .quick(heads: inputs.heads, seed: seed.seed),
            in: SearchInput(
                texts: texts, contrasts: contrasts,
                answers: AnswerTask(contrastData.data, tokenizer: opened.tokenizer, file: contrastData.name))
        ) { stage in
            progress.show(stage) { report.stage(stage) }
        }
        progress.finish()
        report.tell(result, opened)

        report.beginTexts(result)
        let written = try SteeredTexts(prompts, result, opened, environment)
        report.tell(written, result)

        let fingerprint = try opened.model.fingerprint(workers: opened.workers)
        try environment.interruption.check()
        try result.write(
            to: folder, model: ModelReference(opened.configuration, fingerprint: fingerprint),
            provenance: [
                "model": opened.path, "data": data.name, "dataSHA256": data.digest, "contrast": contrastData.name,
                "contrastSHA256": contrastData.digest, "program": Version.text, "precision": common.precision.rawValue,
            ], usedTexts: UsedTexts.digests([data.data, contrastData.data]))
        try written.write(to: folder.appending(path: "texts.json"))
        let seconds = Date().timeIntervalSince(start)
        if common.json {
            return try environment.console.json(
                QuickstartOutput(
                    inputs, result, written, folder: folder, fingerprint: fingerprint, seconds: seconds),
                precision: common.precision)
        }
        report.finish(inputs, opened, folder: folder, seconds: seconds)
    }
}

/// The output of `quickstart --json`.
struct QuickstartOutput: Encodable {
    var model: String
    var origin: QuickstartInputs.Origin
    var fingerprint: String
    var heads: [HeadEffectOutput]
    var strength: Double
    var unit = "sigma"
    var texts: [SteeredTexts.Row]
    var plan: String
    var directions: String
    var report: String
    var seconds: Double

    init(
        _ inputs: QuickstartInputs, _ result: SearchResult, _ texts: SteeredTexts, folder: URL, fingerprint: String,
        seconds: Double
    ) {
        model = inputs.model.path(percentEncoded: false)
        origin = inputs.origin
        self.fingerprint = fingerprint
        heads = result.chosen.map(HeadEffectOutput.init)
        strength = result.strength
        self.texts = texts.rows
        plan = folder.appending(path: "plan.json").path(percentEncoded: false)
        directions = folder.appending(path: "directions.safetensors").path(percentEncoded: false)
        report = folder.appending(path: "report.json").path(percentEncoded: false)
        self.seconds = seconds
    }
}
