import DataFiles
import Documents
import Foundation
import Generation
import Intervention
import Reporting
import Tasks
import Tokenization

/// `generate --scale`: one prompt, continued with the plan at several multiples of its strength, side by side.
struct ScaledOutput {
    let scales: [Double]
    let generation: GenerationOptions
    let common: CommonOptions

    struct Text: Encodable {
        var scale: Double
        var ids: [Int]
        var text: String
        var stopReason: StopReason
    }

    struct Output: Encodable {
        var promptIds: [Int]
        var texts: [Text]
        var seconds: Double
        /// How the strength at × 1 was found; nil if it is the plan's own.
        var budget: BudgetedStrength?
    }

    /// Parses `-1,0,1`.
    ///
    /// - Throws: `InputError` if something isn't a finite number, or none is given.
    static func scales(_ text: String) throws -> [Double] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map {
            let part = $0.trimmingCharacters(in: .whitespaces)
            guard let scale = Double(part), scale.isFinite else {
                throw InputError.usage("--scale with '\(part)'", remedy: "give numbers separated by commas: -1,0,1")
            }
            return scale
        }
    }

    /// - Parameter prepared: the request at the scale 1.
    func run(
        _ prepared: GenerationOptions.Prepared, _ opened: OpenedModel, _ template: ChatTemplateSettings?,
        _ environment: CommandEnvironment
    ) throws {
        let start = Date()
        let tokenizer = try opened.tokenizer
        let request = prepared.request
        guard let plan = prepared.plan else { throw InputError.usage("no plan", remedy: "give --plan FILE") }
        let requests = try scales.map { scale in
            var scaled = request
            scaled.edits = try plan.scaled(by: scale).edits(opened.configuration)
            // Each text gets the same random numbers, so that the texts differ only by their edits.
            scaled.stream = 0
            return scaled
        }
        let generator = try BatchGenerator(requests, model: opened.model, workers: opened.workers)
        generator.isCancelled = { environment.interruption.isRequested }
        let progress = generator.finish()
        try environment.interruption.check()
        let texts = try zip(scales, progress).map { scale, text in
            let reason = text.stopReason ?? .cancelled
            guard reason != .cancelled else { throw CancellationError() }
            guard reason != .notFinite else { throw opened.notFinite(after: text.ids.count) }
            // The end token is part of the ids but not of the text.
            let written = reason == .endToken ? Array(text.ids.dropLast()) : text.ids
            return Text(
                scale: scale, ids: text.ids, text: try tokenizer.decode(written, continuing: true), stopReason: reason)
        }
        if common.json {
            let output = Output(
                promptIds: request.prompt, texts: texts, seconds: Date().timeIntervalSince(start),
                budget: prepared.found)
            return try environment.console.json(output, precision: common.precision, template: template)
        }
        let style = environment.console.style
        let table = SideBySide(titles: scales.map { "× \(NumberText.short($0))" })
        environment.console.output(table.rendered(texts.map { TextWrapping.printable($0.text) }, style))
    }
}
