import ArgumentParser
import Foundation
import HeadSteer

struct FamiliesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "families",
        abstract: "Compares a small model of every family with what transformers computes.",
        discussion: """
            For each family and both kinds of checkpoint: the largest relative difference of every site, of logits in one \
            pass, token by token, in a batch and a fork, under edits, and in the sweep; with --json where each one is. A model \
            that doesn't open is named after the table, and the exit status is 65, but for those that are refused on purpose.
            """)

    @Argument(help: "The names of small models; all where none is given.")
    var names: [String] = []

    @Option(help: "The folder of the small models and their reference values.")
    var folder = "Fixtures/families"

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Output: Encodable {
        var model: String
        var rows: [FamilyComparison.Row]
    }

    private struct Report: Encodable {
        var models: [Output]
        /// What doesn't open and should, with the error.
        var refused: [String: String]
    }

    func run() throws {
        let workers = WorkerPool()
        let folder = URL(filePath: folder)
        var outputs: [Output] = []
        var refused: [String: String] = [:]
        for name in names.isEmpty ? try FamilyReference.names(in: folder) : names {
            let reference = try FamilyReference(name, in: folder)
            for checkpoint in reference.checkpoints {
                let model: LanguageModel
                do {
                    guard let found = try RefusedFamilies.open(checkpoint) else { continue }
                    model = found
                } catch let error as InputError {
                    refused[checkpoint.lastPathComponent] = "\(error)"
                    continue
                }
                let rows = try FamilyComparison(model: model, reference: reference, workers: workers).rows()
                outputs.append(Output(model: checkpoint.lastPathComponent, rows: rows))
            }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
            print(String(decoding: try encoder.encode(Report(models: outputs, refused: refused)), as: UTF8.self))
        } else {
            printTable(outputs)
            for (name, message) in refused.sorted(by: { $0.key < $1.key }) { print("\(name) doesn't open: \(message)") }
        }
        if !refused.isEmpty { throw ExitCode(65) }
    }

    private func printTable(_ outputs: [Output]) {
        guard let first = outputs.first else { return }
        var table = TextTable([.init("model")] + first.rows.map { .init($0.what, .right) })
        for output in outputs {
            table.add([output.model] + output.rows.map { String(format: "%.1e", $0.difference) })
        }
        print(table.markdown())
    }
}
