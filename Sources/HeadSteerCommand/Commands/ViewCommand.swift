import ArgumentParser
import DataFiles
import DataSets
import Documents
import Foundation
import Intervention
import Viewing

/// `headsteer view`: a run's folder as one page.
struct ViewCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Make one page from a run's folder, to look at heads, texts and logs in a browser.",
        discussion: """
            The page is one HTML file that needs nothing but itself. It shows what is in the folder's files: the heads \
            on a map coloured by any measured column and in a scatter plot of any two, the plan's heads, texts with \
            and without the plan, and a monitor's log. With --model it also has the texts that score highest and \
            lowest at every head, with their tokens coloured, attention patterns, what heads write, and texts at \
            several strengths of the plan. These take the model a minute or so.

            Examples:
              headsteer view runs/mood --out mood.html
              headsteer view runs/mood --model model.gguf --data mood.jsonl --out mood.html
            """)

    @Argument(help: "The folder that search, evaluate, probe --out or another command wrote to.")
    var folder: String

    @Option(help: ArgumentHelp("The page to write, an HTML file.", valueName: "file"))
    var out: String

    @Option(help: ArgumentHelp("The run's model, to add the parts of the page that need it.", valueName: "file"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "The data set to read heads on (default: the run's own data set, if it is found).", valueName: "file"))
    var data: String?

    @Option(help: ArgumentHelp("The plan: a plan.json (default: the folder's own).", valueName: "file"))
    var plan: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A prompt to generate texts from, with and without the plan. Repeatable (default: those of the data set).",
            valueName: "text"))
    var prompt: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The maximum number of texts of the data set, evenly spaced.", valueName: "n"))
    var texts = ModelReadings.mostTexts

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The maximum number of tokens in a generated text.", valueName: "n"))
    var maxTokens = 32

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var out: String
        var bytes: Int
        var layers, heads: Int
        var columns: [String]
        var texts, patterns, strengths, logs: Int
        var notes: [String]
    }

    func validate() throws {
        guard reading.site == "z" else {
            throw ValidationError("--site is \(reading.site); the page shows heads, which are read at z")
        }
        guard reading.positions != .all else {
            throw ValidationError("--positions is all; a text has one score at a head")
        }
        for (name, value, range) in [("texts", texts, 2...1000), ("max-tokens", maxTokens, 1...256)]
        where !range.contains(value) {
            throw ValidationError(
                "--\(name) is \(value); give a number from \(range.lowerBound) to \(range.upperBound)")
        }
        let needing = [
            ("--data", data != nil), ("--prompt", !prompt.isEmpty), ("--chat", reading.chat),
            ("--negative", reading.negative != nil),
        ]
        if model == nil, let (name, _) = needing.first(where: \.1) {
            throw ValidationError("\(name) without the model that it is for; give --model too, or leave it out")
        }
    }

    func run(_ environment: CommandEnvironment) throws {
        let output = try OutputFile.check(out)
        try OutputFile.requireApart(output, from: RunFolder.readable(URL(filePath: self.folder)), option: "--out")
        let folder = try RunFolder(contentsOf: URL(filePath: self.folder))
        let found = try RunData(folder, given: data, options: reading)
        let plan = try self.plan.map { try LoadedPlan(contentsOf: URL(filePath: $0)) } ?? folder.plan?.loaded
        let elsewhere = [found?.file.path, found?.contrast?.path, plan?.directions?.place]
        try OutputFile.requireApart(
            output, from: elsewhere.compactMap { $0 }.map { URL(filePath: $0) }, option: "--out")
        var contents = ViewContents(folder, examples: found?.examples)
        if let model {
            try addReadings(
                OpenedModel(model, common, template: (found?.options ?? reading).template), folder, plan, found,
                &contents, environment)
        } else if folder.layers > 0 {
            contents.notes.append(
                "Tokens' projections, attention patterns, what heads write and texts at other strengths need the "
                    + "model: headsteer view --model adds them.")
        }
        try environment.interruption.check()
        let page = Data(try contents.html().utf8)
        try AtomicOutput.write(page, to: output)
        for note in contents.notes { environment.console.error("note: \(note)") }
        if page.count > 10_000_000 {
            environment.console.warning("the page has \(page.count / 1_000_000) MB; fewer --texts make it smaller")
        }
        let summary = Output(
            out: out, bytes: page.count, layers: contents.layers, heads: contents.heads,
            columns: contents.columns.map(\.key), texts: contents.texts?.items.count ?? 0,
            patterns: contents.patterns.count, strengths: contents.steering?.labels.count ?? 0,
            logs: contents.logs.count, notes: contents.notes)
        if common.json { return try environment.console.json(summary) }
        environment.console.prose(
            NumberText.format("The page is in %@ (%.1f MB): open it in a browser.", out, Double(page.count) / 1e6))
    }
}
