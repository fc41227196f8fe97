import ArgumentParser
import DataFiles
import Foundation
import Intervention
import Probing
import Reporting

/// `headsteer probe`: which heads tell the classes apart.
struct ProbeCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Fit a direction for every head and tell how well it separates the labels.",
        discussion: """
            Scores come from cross-validation that keeps groups together. p compares each head with the best of all heads \
            under permuted labels (max-T); q is Benjamini and Hochberg's over all heads; selectivity is the accuracy above \
            that on random labels. A head that separates the labels need not cause the behaviour: see sweep.

            --out writes the directions of all heads, fitted on all rows, in the form that plans use.

            Examples:
              headsteer probe model.gguf --data mood.jsonl --out directions.safetensors
              headsteer probe model.gguf --activations activations.safetensors --estimator lda --json
            """)

    @OptionGroup var model: ModelArgument

    @Option(
        help: ArgumentHelp("The data set, if no activations are given.", valueName: "file"))
    var data: String?

    @Option(help: ArgumentHelp("What collect wrote, instead of --data.", valueName: "file"))
    var activations: String?

    @Option(help: "How directions are fitted.")
    var estimator = DirectionEstimator.massMean

    @Option(parsing: .unconditional, help: ArgumentHelp("The folds of the cross-validation.", valueName: "k"))
    var folds = 5

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The relabellings of the permutation test; 0 for none.", valueName: "n"))
    var permutations = 1000

    @Option(help: ArgumentHelp("Write the directions of all heads to this safetensors file.", valueName: "file"))
    var out: String?

    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var heads: [HeadProbeResult]
        var estimator: DirectionEstimator
        var examples: Int
        var groups: Int
        var folds: Int
        /// The relabellings that p values rest on.
        var relabellings: Int
        /// Whether these are all there are.
        var isExact: Bool
        /// No p value can be smaller.
        var smallestP: Double
    }

    func validate() throws {
        guard (data == nil) != (activations == nil) else {
            throw ValidationError(
                data == nil
                    ? "there is nothing to probe; give --data FILE or --activations FILE"
                    : "--data and --activations exclude each other; give one of them")
        }
        guard (2...10_000).contains(folds) else {
            throw ValidationError("--folds is \(folds); give a number from 2 to 10000")
        }
        guard (0...1_000_000).contains(permutations) else {
            throw ValidationError("--permutations is \(permutations); give a number from 0 to 1000000")
        }
    }

    func run(_ environment: CommandEnvironment) throws {
        let outputURL = try out.map(OutputFile.check)
        let file = try activationsFile(environment)
        let rows = GroupedLabels(labels: file.labels, groups: file.groups)
        let options = ProbeOptions(
            estimator: estimator, folds: folds, permutations: permutations, seed: seed.seed)
        let report = try environment.stage("Probing heads", total: file.table.layers * file.table.heads) { progress in
            try file.table.probeHeads(rows, options: options, progress: { done, _ in try progress(done) })
        }
        if let outputURL {
            let directions = try file.table.directions(estimator, labels: file.labels, seed: seed.seed)
            try environment.interruption.check()
            try file.directionFile(directions, estimator: estimator).write(to: outputURL)
        }
        if common.json {
            return try environment.console.json(
                Output(
                    heads: report.heads, estimator: estimator, examples: report.examples, groups: report.groups,
                    folds: report.folds, relabellings: report.relabellings, isExact: report.isExact,
                    smallestP: report.smallestP))
        }
        environment.console.output(Self.text(report, environment.console.style))
    }

    private func activationsFile(_ environment: CommandEnvironment) throws -> ActivationsFile {
        let opened = try OpenedModel(model.model, common)
        guard let activations else {
            let collected = try CollectedData(DataFile(data ?? ""), opened)
            let collection = try collected.lastPositions(opened, environment)
            return ActivationsFile(
                table: collection.table, labels: collected.examples.map(\.label),
                groups: collected.examples.map(\.group), residualNorms: collection.residualNorms,
                fingerprint: try opened.model.fingerprint(workers: opened.workers))
        }
        let file = try ActivationsFile(contentsOf: URL(filePath: activations))
        let c = opened.configuration
        guard file.table.layers == c.layers, file.table.heads == c.heads, file.table.headSize == c.headSize else {
            throw InputError.badData(
                "z of \(file.table.layers) × \(file.table.heads) heads of the size \(file.table.headSize)",
                in: activations,
                remedy:
                    "give activations of the model, which has \(c.layers) × \(c.heads) heads of the size \(c.headSize)")
        }
        if let recorded = file.fingerprint, recorded != (try opened.model.fingerprint(workers: opened.workers)) {
            throw InputError.badData(
                "activations of another model", in: "\(activations): metadata fingerprint",
                remedy: "collect them from this model")
        }
        return file
    }

    private static func text(_ report: ProbeReport, _ style: TerminalStyle) -> String {
        var table = TextTable([
            .init("head", .right), .init("AUROC", .right), .init("95% interval"), .init("balanced", .right),
            .init("p", .right), .init("q", .right), .init("selectivity", .right),
        ])
        for head in report.heads.prefix(20) {
            table.add([
                "\(head.layer).\(head.head)", String(format: "%.3f", head.auroc),
                String(format: "%.3f … %.3f", head.ciLow, head.ciHigh), String(format: "%.3f", head.balancedAccuracy),
                String(format: "%.4f", head.p), String(format: "%.4f", head.q),
                String(format: "%+.3f", head.selectivity),
            ])
        }
        let significant = report.heads.count { $0.p <= 0.05 }
        let rest = report.heads.count - min(report.heads.count, 20)
        return """
            \(table.rendered(style))

            \(rest > 0 ? "and \(rest) more heads. " : "")\(significant) of \(report.heads.count) heads tell the labels \
            apart at p ≤ 0.05, corrected for their number.
            \(report.examples) texts in \(report.groups) groups, \(report.folds) folds, \(report.relabellings) \
            \(report.isExact ? "relabellings, which are all there are" : "relabellings"); no p can be below \
            \(String(format: "%.2g", report.smallestP)).
            """
    }
}

extension DirectionEstimator: ExpressibleByArgument {}
