import ArgumentParser
import Foundation
import HeadSteer

struct FamiliesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "families",
        abstract: "Compares a small model of every family with what transformers computes.",
        discussion: """
            For each family and both kinds of checkpoint: the largest relative difference of every site, of logits in one \
            pass, token by token, in a batch and a fork, under edits, and in the sweep; with --json where each one is.
            """)

    @Option(help: "The folder of the small models and their reference values.")
    var folder = "Fixtures/families"

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Output: Encodable {
        var model: String
        var rows: [FamilyComparison.Row]
    }

    func run() throws {
        let workers = WorkerPool()
        let folder = URL(filePath: folder)
        var outputs: [Output] = []
        for name in try FamilyReference.names(in: folder) {
            let reference = try FamilyReference(name, in: folder)
            for checkpoint in reference.checkpoints {
                let model = try LanguageModel(contentsOf: checkpoint)
                let rows = try FamilyComparison(model: model, reference: reference, workers: workers).rows()
                outputs.append(Output(model: checkpoint.lastPathComponent, rows: rows))
            }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
            print(String(decoding: try encoder.encode(["models": outputs]), as: UTF8.self))
            return
        }
        guard let first = outputs.first else { return }
        var table = TextTable([.init("model")] + first.rows.map { .init($0.what, .right) })
        for output in outputs {
            table.add([output.model] + output.rows.map { String(format: "%.1e", $0.difference) })
        }
        print(table.markdown())
    }
}
