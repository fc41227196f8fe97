import ArgumentParser
import Checkpoints
import DataFiles
import Foundation
import LlamaRuntime
import Probing
import TensorCore

/// `headsteer collect`: z of all heads on a data set.
struct CollectCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Keep z of all heads on a data set's texts.",
        discussion: """
            z is a head's mix of values, the input of the output projection. The safetensors file holds "z", float32, \
            [examples, layers, heads, head size] at each text's last position, and "residual-norms", [layers]. With \
            --positions all "z" has one row for each token of each text, and the tensors "example", "position" and \
            "token" say which. Its metadata name the model's fingerprint, the data file's digest, labels and groups.

            Example:
              headsteer collect model.gguf --data mood.jsonl --out activations.safetensors
            """)

    enum Positions: String, ExpressibleByArgument, CaseIterable, Encodable {
        case last, all
    }

    @OptionGroup var model: ModelArgument
    @OptionGroup var data: DataOption

    @Option(help: ArgumentHelp("Which positions of each text.", valueName: "rule"))
    var positions = Positions.last

    @Option(help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
    var out: String

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var examples: Int
        var layers: Int
        var heads: Int
        var headSize: Int
        var rows: Int
        var positions: Positions
        var fingerprint: String
        var out: String
    }

    func run(_ environment: CommandEnvironment) throws {
        let outputURL = try OutputFile.check(out)
        let file = try DataFile(data.data)
        let opened = try OpenedModel(model.model, common)
        let collected = try CollectedData(file, opened, comparing: false)
        let fingerprint = try opened.model.fingerprint(workers: opened.workers)
        var writer = SafetensorsWriter(
            metadata: [
                "format": ActivationsFile.format, "fingerprint": fingerprint, "positions": positions.rawValue,
                "site": "z", "data": file.name, "dataSHA256": file.digest,
                "tokensSHA256": FileDigest.sha256(collected.tokens),
                "labels": try Self.json(collected.examples.map(\.label)),
                "groups": try Self.json(collected.examples.map(\.group)),
            ])
        let c = opened.configuration
        let rows: Int
        switch positions {
        case .last:
            let collection = try collected.lastPositions(opened, environment)
            rows = collection.table.examples
            writer.add("z", shape: [rows, c.layers, c.heads, c.headSize], collection.table.values)
            writer.add("residual-norms", shape: [c.layers], collection.residualNorms.map { Float($0) })
        case .all:
            let all = try AllPositions(collected.tokens, opened, environment)
            rows = all.rows
            writer.add("z", shape: [rows, c.layers, c.heads, c.headSize], all.values)
            writer.add("example", shape: [rows], all.examples)
            writer.add("position", shape: [rows], all.positions)
            writer.add("token", shape: [rows], all.tokens)
        }
        try environment.interruption.check()
        try writer.write(to: outputURL)
        let output = Output(
            examples: collected.examples.count, layers: c.layers, heads: c.heads, headSize: c.headSize, rows: rows,
            positions: positions, fingerprint: fingerprint, out: out)
        if common.json { return try environment.console.json(output) }
        environment.console.output(
            "z of \(c.layers) × \(c.heads) heads on \(output.examples) texts (\(rows) positions) is in \(out)")
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// z at every position of a set of texts, one row for each token.
private struct AllPositions {
    /// [rows, L, H, D]
    private(set) var values: [Float] = []
    /// Which text each row is of.
    private(set) var examples: [Float] = []
    private(set) var positions: [Float] = []
    private(set) var tokens: [Float] = []

    var rows: Int { examples.count }

    init(_ texts: [[Int]], _ opened: OpenedModel, _ environment: CommandEnvironment) throws {
        let c = opened.configuration
        let size = c.heads * c.headSize
        let rowCount = texts.reduce(0) { $0 + $1.count }
        values = [Float](repeating: 0, count: rowCount * c.layers * size)
        let run = Run(opened.model, workers: opened.workers)
        run.isCancelled = { environment.interruption.isRequested }
        let reads = (0..<c.layers).map { Read(.z($0), at: .all) }
        try environment.stage("Reading texts", total: texts.count) { progress in
            for (index, text) in texts.enumerated() {
                run.sequences = [opened.model.makeSequence(promptCount: text.count)]
                let result = try run.advance([Step(tokens: text, reads: reads, logits: nil)])[0]
                for (layer, read) in result.reads.enumerated() {
                    for position in text.indices {
                        let start = ((rows + position) * c.layers + layer) * size
                        values.replaceSubrange(start..<(start + size), with: read.values.row(position))
                    }
                }
                examples += text.map { _ in Float(index) }
                positions += text.indices.map { Float($0) }
                tokens += text.map { Float($0) }
                try progress(index + 1)
            }
        }
    }
}
