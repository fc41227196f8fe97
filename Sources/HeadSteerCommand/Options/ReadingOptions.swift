import ArgumentParser
import DataFiles
import DataSets
import Directions
import Foundation
import Statistics
import Tokenization
import Transformer

/// Options for which tensor is read from a data set's texts, and at which positions.
struct ReadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A JSON array of texts without the label; --data is then a JSON array of texts with it.",
            valueName: "file"))
    var negative: String?

    @Option(
        help: ArgumentHelp(
            """
            Where each text is read: last (its last token), completion (the completion's last token), span (the mean \
            over the tokens of the row's "span") or all (every token).
            """, valueName: "rule"))
    var positions = ReadPositions.last

    @Option(
        help: ArgumentHelp(
            "The tensor to read: z (every head's mix of values), residual-post, attention-out, mlp-out or another one.",
            valueName: "name"))
    var site = "z"

    @Flag(
        help: """
            Apply the model's chat template to each row: the prompt is the user's message, and the completion is the \
            answer.
            """)
    var chat = false

    @OptionGroup var template: TemplateOptions

    func validate() throws { try template.requireUse(chat) }

    /// The options of the chat template; nil if texts don't go through one.
    var usedTemplate: TemplateOptions? { chat ? template : nil }

    /// Refuses options with which no direction of a head can be fitted.
    ///
    /// - Parameter who: what needs directions, for the message: "a search".
    func requireDirections(_ who: String) throws {
        guard site == "z" else {
            throw ValidationError("--site is \(site); \(who) edits z, and reads its directions there")
        }
        guard positions != .all else {
            throw ValidationError("--positions is all; a direction is fitted from one row a text")
        }
    }

    /// The site of that name.
    func siteKind() throws -> SiteKind {
        guard let kind = SiteKind(fileName: site), kind != .pattern else {
            let names = SiteKind.allCases.filter { $0 != .pattern }.map(\.fileName)
            let nearest = NearestNames.find(site, among: names, count: 3).joined(separator: ", ")
            throw InputError.usage("no site named \(site)", remedy: "the nearest are \(nearest)")
        }
        return kind
    }

    /// The data set at that path, or the list of texts there together with that of `--negative`.
    func dataFile(_ path: String) throws -> DataFile {
        try negative.map { try DataFile(positive: path, negative: $0) } ?? DataFile(path)
    }
}

extension ReadPositions: ExpressibleByArgument {}

/// A data set's texts, ready to be read.
struct PreparedData {
    let file: DataFile
    let preparation: TextPreparation
    let texts: [PreparedText]

    /// - Parameter comparing: whether both classes are needed, as for directions.
    /// - Throws: `InputError` if a class is missing, or a text is empty or can't be read at the positions.
    init(_ file: DataFile, _ options: ReadingOptions, _ opened: OpenedModel, comparing: Bool) throws {
        self.file = file
        preparation = try TextPreparation(
            opened.tokenizer, positions: options.positions, usesChatTemplate: options.chat)
        let examples = comparing ? try file.labelledExamples() : file.data.labelledExamples
        let preparation = preparation
        texts = try examples.map { try preparation.prepare($0, file: file.name) }
    }

    func reading(_ options: ReadingOptions, _ opened: OpenedModel) throws -> ActivationReading {
        try ActivationReading(
            opened.model, texts, positions: options.positions, site: options.siteKind(), file: file.name)
    }

    /// What files record about the data.
    func provenance(_ common: CommonOptions) -> [String: String] {
        let fields = [
            "data": file.name, "dataSHA256": file.digest, "tokensSHA256": FileDigest.sha256(texts.map(\.tokens)),
            "positions": preparation.positions.rawValue, "program": Version.text,
            "precision": common.precision.rawValue,
        ]
        return fields.merging(template?.provenance ?? [:]) { $1 }
    }

    /// The date and variables of the chat template; nil if texts don't go through it.
    var template: ChatTemplateSettings? {
        preparation.usesChatTemplate ? preparation.tokenizer.templateSettings : nil
    }

    /// Warns of texts that have been prepared for a model already, and of variables that the template doesn't read.
    func warn(_ opened: OpenedModel, _ environment: CommandEnvironment) throws {
        _ = try opened.templateSettings(isUsed: preparation.usesChatTemplate, environment)
        RenderedTexts(preparation.tokenizer, environment.console).warn(
            file, usesChatTemplate: preparation.usesChatTemplate)
    }

    /// Reads the texts, and keeps one row for each of them in memory.
    func activations(
        _ options: ReadingOptions, _ common: CommonOptions, _ opened: OpenedModel, fingerprint: String,
        _ environment: CommandEnvironment
    ) throws -> LabelledActivations {
        let reading = try reading(options, opened)
        let collection = try environment.stage("Reading texts", total: texts.count) { progress in
            try HeadCollection(
                reading, workers: opened.workers, onProgress: { done in try? progress(done) },
                isCancelled: { environment.interruption.isRequested })
        }
        let described = try ActivationCollection(
            reading, fingerprint: fingerprint, preparation: preparation, provenance: provenance(common))
        return LabelledActivations(
            table: collection.table, rows: GroupedLabels(texts),
            residualNorms: collection.residualNorms, site: reading.site, metadata: described.metadata)
    }
}
