import ArgumentParser
import CausalSearch
import DataFiles
import Documents
import Foundation
import Reporting

/// `headsteer screens`: the cheap screens of a search beside the exact one.
struct ScreensCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "screens",
        abstract: "Compare the cheap screens of search with the exact one: agreement and cost.",
        discussion: """
            Goes through all heads with every method that search --screen knows. For each method it says how many of \
            the ten heads with the largest exact effects it finds, how well its order of all heads agrees with the \
            exact one, and what it costs. Try it once on a small model of a family before you trust a cheap screen on \
            a large one.

            Example:
              headsteer screens model.gguf --data mood.jsonl --contrast mood-contrast.jsonl
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var data: DataOption
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var effects: ContrastOption
    @OptionGroup var screening: ScreenOptions

    @Option(
        help: ArgumentHelp(
            """
            The folder for report.json. A stopped comparison continues there (default: nothing is written, and nothing \
            can continue).
            """, valueName: "folder"))
    var out: String?

    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var format = "headsteer.screens/1"
        var screens: [ComparedScreen]
        /// The number of heads, and of prompts.
        var heads, items: Int
    }

    func validate() throws {
        try reading.requireDirections("a screen")
    }

    func run(_ environment: CommandEnvironment) throws {
        let folder = try out.map { try OutputFile.checkNewFolder($0) }
        let file = try reading.dataFile(data.data)
        let opened = try OpenedModel(model.model, common, template: reading.template)
        let prepared = try PreparedData(file, reading, opened, comparing: true)
        try prepared.warn(opened, environment)
        let measured = try MeasuredData(prepared, effects, usesChatTemplate: reading.chat, opened)
        let options = screening.options(seed: seed.seed)
        let parts = try PartJournal.continuing("comparison", in: out, environment.console) {
            try WorkKey(
                [ModelKey(opened, usesTemplate: reading.chat)], environment.arguments,
                files: [data.data, reading.negative, effects.contrast].compactMap(\.self)
            ).digest()
        }
        defer { parts.removeIfEmpty() }
        var search = HeadSearch(opened.model, tokenizer: try opened.tokenizer, workers: opened.workers)
        search.isCancelled = { environment.interruption.isRequested }
        let progress = SearchProgress(environment, texts: prepared.texts.count)
        defer { progress.finish() }
        let screens = try search.compareScreens(options, in: measured.input, parts: parts) { progress.show($0) }
        progress.finish()
        try environment.interruption.check()
        let items = min(options.items, measured.input.contrasts.items.count)
        let heads = opened.configuration.layers * opened.configuration.heads
        let output = Output(screens: screens, heads: heads, items: items)
        if let folder {
            var written = output
            for index in screens.indices { written.screens[index].seconds = nil }
            try JSONReport.write(
                WithFields(value: written, precision: common.precision, template: prepared.template),
                to: folder.appending(path: "report.json"))
            parts.remove()
        }
        if common.json {
            return try environment.console.json(output, precision: common.precision, template: prepared.template)
        }
        environment.console.output(ComparedScreen.table(screens).rendered(environment.console.tableStyle))
        environment.console.prose(
            "\(heads) heads, \(items) prompts. The first ten heads of each screen are compared with the exact ten.")
        environment.console.close(wrote: out.map { [("report", "\($0)/report.json")] } ?? [])
    }
}
