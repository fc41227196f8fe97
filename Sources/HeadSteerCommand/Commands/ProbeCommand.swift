import ArgumentParser
import Directions
import Foundation
import Probing

/// `headsteer probe`: how well each head tells the classes apart.
struct ProbeCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Fit a direction for every head and measure how well it separates the labels.",
        discussion: """
            Scores come from cross-validation that keeps groups together. p compares each head with the best of all \
            heads under permuted labels (max-T); q is Benjamini and Hochberg's over all heads; selectivity is the \
            accuracy minus the accuracy on random labels. A head that separates the labels need not cause the \
            behaviour: see sweep.

            --out writes the directions of all heads, fitted on all rows, in the form that plans use, with detectors, \
            thresholds and statistics. Directions fitted by logistic or lda are good at detecting, those by mass-mean \
            at steering. With --direction mass-mean beside another estimator, the file has a detector and a direction \
            to steer with for every head.

            Examples:
              headsteer probe model.gguf --data mood.jsonl --out probes.safetensors
              headsteer probe model.gguf --data mood.jsonl --svg heads.svg --show 16.8
              headsteer probe model.gguf --activations activations.safetensors --estimator lda --json
            """)

    @OptionGroup var model: ModelArgument

    @Option(
        help: ArgumentHelp(
            """
            The data set, unless --activations is given: JSON Lines, a JSON array, or CSV with a header \
            (text,label,group or prompt,completion,label,group; group may be left out).
            """, valueName: "file"))
    var data: String?

    @Option(help: ArgumentHelp("The activations that collect wrote, instead of --data.", valueName: "file"))
    var activations: String?

    @OptionGroup var reading: ReadingOptions

    @Option(help: "How to fit the directions that are scored.")
    var estimator = DirectionEstimator.massMean

    @Option(help: "How to fit the directions that --out writes to steer with (default: as --estimator).")
    var direction: DirectionEstimator?

    @Option(
        help: ArgumentHelp(
            "The texts to measure the spread (σ) of --out's directions on, as ITI does (default: the probed ones).",
            valueName: "file"))
    var sigmaData: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The number of folds of the cross-validation.", valueName: "k"))
    var folds = 5

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of random splits into folds to average over, so that one lucky split doesn't decide.",
            valueName: "n"))
    var repeats = 3

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of relabellings in the permutation test, 0 for no test; 1000 give p values down to 0.001.",
            valueName: "n"))
    var permutations = 1000

    @Option(help: ArgumentHelp("Write the probes of all heads to this safetensors file.", valueName: "file"))
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Compare the probes with those fitted on this data set, or on this file that collect wrote.",
            valueName: "file"))
    var compare: String?

    @OptionGroup var pictures: ProbePictureOptions
    @OptionGroup var rowsShown: RowsOption
    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (data == nil) != (activations == nil) else {
            throw ValidationError(
                data == nil
                    ? "there is nothing to probe; give --data FILE or --activations FILE"
                    : "--data and --activations exclude each other; give one of them")
        }
        guard reading.positions != .all else {
            throw ValidationError("--positions all gives no row for each text; give last, completion or span")
        }
        for (name, value, range) in [
            ("folds", folds, 2...10_000), ("repeats", repeats, 1...1000), ("permutations", permutations, 0...1_000_000),
        ] where !range.contains(value) {
            throw ValidationError(
                "--\(name) is \(value); give a number from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    func run(_ environment: CommandEnvironment) throws {
        let outputURL = try out.map { try OutputFile.check($0) }
        let places = try pictures.check()
        let opened = try OpenedModel(model.model, common, template: reading.template)
        let fingerprint = try opened.model.fingerprint(workers: opened.workers)
        let source = ProbeSource(
            options: reading, common: common, opened: opened, fingerprint: fingerprint, environment: environment)
        let activations = try activations.map { try source.file($0) } ?? source.data(data ?? "", comparing: true)
        let shown = try pictures.head(activations)
        let options = ProbeOptions(
            estimator: estimator, folds: folds, repeats: repeats, permutations: permutations, seed: seed.seed)
        let report = try environment.stage("Probing heads", total: activations.table.layers * activations.table.heads) {
            progress in
            try activations.table.probeHeads(
                activations.rows, options: options, workers: opened.workers, progress: { done, _ in try progress(done) }
            )
        }
        let comparison = try compare.map { path in
            try activations.compare(
                with: path.hasSuffix(".safetensors") ? source.file(path) : source.data(path, comparing: true),
                estimator: estimator, seed: seed.seed, workers: opened.workers)
        }
        let picture = try shown.map { head in
            try ProbePicture(activations, head, estimator: estimator, seed: seed.seed)
        }
        if let outputURL {
            let spread = try sigmaData.map { try source.data($0, comparing: false).table }
            var file = try ProbeFile(
                activations, report: report, direction: direction ?? estimator, spread: spread,
                fingerprint: fingerprint, seed: seed.seed, workers: opened.workers)
            file.provenance["sigmaData"] = sigmaData.map { URL(filePath: $0).lastPathComponent }
            try environment.interruption.check()
            try file.write(to: outputURL)
        }
        try pictures.write(report, picture, to: places)
        let output = ProbeOutput(report, comparison: comparison)
        if common.json {
            return try environment.console.json(
                output, precision: common.precision, template: reading.chat ? opened.tokenizer.templateSettings : nil)
        }
        let console = environment.console
        console.output(output.text(report, picture, console, rows: rowsShown.rows ?? 20))
        let words = ArgumentWords(environment.arguments)
        let (pictureOptions, best) = (
            ["--out", "--svg", "--csv", "--show", "--show-svg"], report.heads.prefix(1).map(\.head.description).joined()
        )
        console.close(
            wrote: [("probes", out), ("map", pictures.svg), ("table", pictures.csv), ("picture", pictures.showSVG)]
                .compactMap {
                    name, path in path.map { (name, $0) }
                },
            next: [
                try out.map {
                    "\(ShellWord.program) sweep \(ShellWord.path(opened.path)) --directions \(ShellWord.path($0)) "
                        + "--contrast " + ShellWord.path(data ?? "DATA.jsonl")
                        + (try asksQuestions() ? QuestionOptions.words(chat: true, words) : "") + words.common
                } ?? words.again(without: pictureOptions, adding: "--out probes.safetensors"),
                words.again(without: pictureOptions, adding: "--show \(best)"),
            ])
    }

    /// Whether the data are choice questions that go through the chat template.
    private func asksQuestions() throws -> Bool {
        guard reading.chat, let data else { return false }
        return try DataFile(data).data.isChoice
    }
}

/// The source of the activations that are probed.
struct ProbeSource {
    let options: ReadingOptions
    let common: CommonOptions
    let opened: OpenedModel
    let fingerprint: String
    let environment: CommandEnvironment

    /// The activations of a data set's texts, read now.
    func data(_ path: String, comparing: Bool) throws -> LabelledActivations {
        let file = comparing ? try options.dataFile(path) : try DataFile(path)
        let prepared = try PreparedData(file, options, opened, comparing: comparing)
        try prepared.warn(opened, environment)
        return try prepared.activations(
            options, common, opened, fingerprint: fingerprint, environment)
    }

    /// The activations that `collect` wrote.
    func file(_ path: String) throws -> LabelledActivations {
        let file = try LabelledActivations(contentsOf: URL(filePath: path))
        try file.check(opened.configuration, fingerprint: fingerprint, place: path)
        return file
    }
}

extension DirectionEstimator: ExpressibleByArgument {}
