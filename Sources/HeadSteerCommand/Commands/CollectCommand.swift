import ArgumentParser
import DataSets
import Directions
import Foundation
import Transformer

/// `headsteer collect`: z of all heads on a data set, or another site.
struct CollectCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Keep z of all heads on a data set's texts.",
        discussion: """
            z is a head's mix of values, the input of the output projection. The safetensors file holds "z", float32, \
            [examples, layers, heads, head size], and "residual-norms", [layers]; another --site has its own name. With \
            --positions all there is one row for each token of each text, and the tensors "example", "position" and \
            "token" say which. Its metadata name the model's fingerprint, the data file's digest, labels and groups.

            See with --dry-run which token is read before you use it. Rows are written as they are computed: after a \
            kill the same command goes on where it stopped.

            Examples:
              headsteer collect model.gguf --data mood.jsonl --dry-run
              headsteer collect model.gguf --data mood.jsonl --out activations.safetensors
              headsteer collect model.gguf --data choices.jsonl --chat --positions completion --out chat.safetensors
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var data: DataOption
    @OptionGroup var reading: ReadingOptions

    @Option(help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
    var out: String?

    @Flag(help: "Show the first rows' tokens with the read ones marked, and read nothing.")
    var dryRun = false

    @Option(parsing: .unconditional, help: ArgumentHelp("How many rows --dry-run shows.", valueName: "n"))
    var rows = 3

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var examples: Int
        var layers: Int
        var heads: Int
        var headSize: Int
        var rows: Int
        var positions: ReadPositions
        var site: String
        var fingerprint: String
        var out: String
    }

    func validate() throws {
        guard out != nil || dryRun else {
            throw ValidationError("there is nowhere to write to; give --out FILE, or --dry-run to look first")
        }
        guard rows >= 1 else { throw ValidationError("--rows is \(rows); give a positive number") }
    }

    func run(_ environment: CommandEnvironment) throws {
        let outputURL = try out.map(OutputFile.check)
        let file = try reading.dataFile(data.data)
        let opened = try OpenedModel(model.model, common, template: reading.template)
        let prepared = try PreparedData(file, reading, opened, comparing: false)
        try prepared.warn(opened, environment)
        let plan = try prepared.reading(reading, opened)
        guard let outputURL, let out, !dryRun else {
            let shown = try DryRun(prepared, plan, rows: rows)
            if common.json {
                return try environment.console.json(shown, precision: common.precision, template: prepared.template)
            }
            environment.console.output(shown.text(environment.console.style))
            return environment.console.close(
                wrote: [],
                next: [
                    "\(ShellWord.program) collect \(ShellWord.path(opened.path)) --data \(ShellWord.path(data.data)) --out "
                        + "activations.safetensors"
                ])
        }
        let fingerprint = try opened.model.fingerprint(workers: opened.workers)
        let collection = try ActivationCollection(
            plan, fingerprint: fingerprint, preparation: prepared.preparation,
            provenance: prepared.provenance(common))
        do {
            try environment.stage("Reading texts", total: plan.texts.count) { progress in
                try collection.write(
                    to: outputURL, workers: opened.workers, onProgress: { done, _ in try progress(done) },
                    isCancelled: { environment.interruption.isRequested })
            }
        } catch let error where error is CancellationError || environment.interruption.isRequested {
            if environment.console.isErrorTerminal {
                environment.console.error("note: what was read is kept beside \(out); the same command goes on with it")
            }
            throw error
        }
        let output = Output(
            examples: plan.texts.count, layers: plan.layers, heads: plan.heads, headSize: plan.headSize,
            rows: plan.rows, positions: reading.positions, site: plan.site.fileName, fingerprint: fingerprint, out: out)
        if common.json {
            return try environment.console.json(output, precision: common.precision, template: prepared.template)
        }
        environment.console.prose(
            "\(output.site) of \(output.layers) × \(output.heads) heads on \(output.examples) texts (\(output.rows) rows)"
        )
        environment.console.close(
            wrote: [("activations", out)],
            next: [
                "\(ShellWord.program) probe \(ShellWord.path(opened.path)) --activations \(ShellWord.path(out)) --out "
                    + "probes.safetensors"
            ])
    }
}
