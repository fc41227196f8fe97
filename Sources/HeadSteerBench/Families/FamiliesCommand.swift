import ArgumentParser
import Foundation
import HeadSteer

struct FamiliesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "families",
        abstract: "Compare a small model of every family with what transformers computes.",
        discussion: """
            Shows for each family and both kinds of checkpoint the largest relative difference of every site, and of \
            the logits in one pass, token by token, in a batch and a fork, under edits, and in the sweep. With --json, \
            it also shows where each difference is. A model that doesn't open is named after the table and makes the \
            exit status 65, unless it is refused on purpose.
            """)

    @Argument(help: "The names of small or real models; all by default.")
    var names: [String] = []

    @Option(help: "The folder of the small models and their reference values.")
    var folder = "Fixtures/families"

    @Option(help: "The folder of the reference values of real models.")
    var references = "Fixtures/reference"

    @Option(help: "The folder of fetched real models; those found there are compared too.")
    var fetched = "Fixtures/fetched"

    @Flag(help: "Print one JSON object.")
    var json = false

    /// The real models that have reference values and exist: NAME.json and NAME-q4_k_m.gguf.
    private func realModels() throws -> [(name: String, file: URL)] {
        let manager = FileManager.default
        return try manager.contentsOfDirectory(atPath: references).sorted().filter { $0.hasSuffix(".json") }.compactMap
        {
            let name = String($0.dropLast(".json".count))
            let file = URL(filePath: fetched).appending(path: "\(name)-q4_k_m.gguf")
            return manager.fileExists(atPath: file.path(percentEncoded: false)) ? (name, file) : nil
        }
    }

    private struct Output: Encodable {
        var model: String
        var rows: [FamilyComparison.Row]
    }

    private struct Report: Encodable {
        var models: [Output]
        var realModels: [String: RealModelComparison.Result]
        /// The models that should open but don't, with their errors.
        var refused: [String: String]
    }

    func run() throws {
        let workers = WorkerPool()
        let folder = URL(filePath: folder)
        var outputs: [Output] = []
        var refused: [String: String] = [:]
        let real = Set(try realModels().map(\.name))
        for name in names.isEmpty ? try FamilyReference.names(in: folder) : names.filter({ !real.contains($0) }) {
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
        let realResults = try realResults(workers)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
            print(
                String(
                    decoding: try encoder.encode(Report(models: outputs, realModels: realResults, refused: refused)),
                    as: UTF8.self))
        } else {
            printTable(outputs)
            printTable(realResults)
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

    private func realResults(_ workers: WorkerPool) throws -> [String: RealModelComparison.Result] {
        var results: [String: RealModelComparison.Result] = [:]
        let references = URL(filePath: references)
        for (name, file) in try realModels() where names.isEmpty || names.contains(name) {
            results[name] = try RealModelComparison(
                name, model: LanguageModel(contentsOf: file), in: references, workers: workers
            ).result()
        }
        return results
    }

    private func printTable(_ results: [String: RealModelComparison.Result]) {
        guard !results.isEmpty else { return }
        var table = TextTable([
            .init("real model"), .init("prompts, longest", .right), .init("logits, absolute", .right),
            .init("z, relative", .right), .init("logits under plans", .right), .init("same greedy ids", .right),
        ])
        for (name, result) in results.sorted(by: { $0.key < $1.key }) {
            table.add([
                name, "\(result.prompts), \(result.longestPrompt)", String(format: "%.1e", result.logits),
                String(format: "%.1e", result.z), String(format: "%.1e", result.plans),
                "\(result.sameIds) of \(result.ids)"
                    + (result.leadWhereTextsPart.map { String(format: " (parts where the lead is %.1e)", $0) } ?? ""),
            ])
        }
        print("\n" + table.markdown())
    }
}
