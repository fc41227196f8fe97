import ArgumentParser
import DataFiles
import Foundation
import TensorCore

/// `headsteer-bench make-model`: makes a model of realistic size without a download.
struct MakeModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-model",
        abstract: "Write a GGUF file of random weights in the shape of a well-known model.",
        discussion: """
            The same seed gives the same bytes. llama.cpp and HeadSteer can open the file; its texts mean nothing.

            Example, 3.8 GB:
              headsteer-bench make-model --shape llama-2-7b --format q4_0
            """)

    @Option(help: "The model whose shape it has: \(ModelShape.allValueStrings.joined(separator: ", ")).")
    var shape: ModelShape

    @Option(
        help:
            "The format of the matrices: \(WeightFormat.allCases.map { $0.name.lowercased() }.joined(separator: ", "))."
    )
    var format: WeightFormat = .q4_0

    @Option(help: "The seed of the weights.")
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Where to write it; by default Fixtures/fetched/random-SHAPE.FORMAT.gguf.", valueName: "file"))
    var out: String?

    func run() throws {
        let model = try RandomModel(shape, format: format, seed: seed)
        let url = URL(filePath: out ?? "Fixtures/fetched/random-\(shape.name).\(format.name).gguf")
        let writer = model.writer()
        let bytes = writer.tensors.reduce(0) { $0 + $1.byteCount }
        try checkSpace(for: bytes, at: url)
        Console.note(String(format: "Writing %.2f GB …", Double(bytes) / 1e9))
        let seconds = try Stopwatch.seconds { try writer.write(to: url) }
        try Console.output(
            String(format: "%@: %.2f GB in %.0f s", url.path(percentEncoded: false), Double(bytes) / 1e9, seconds))
    }

    private func checkSpace(for bytes: Int, at url: URL) throws {
        let folder = url.deletingLastPathComponent().path(percentEncoded: false)
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue, free < bytes + 1 << 28 else { return }
        throw InputError(
            .badData, "only \(free >> 20) MB of free space for a file of \(bytes >> 20) MB", in: folder,
            remedy: "make room or choose another place with --out")
    }
}

extension WeightFormat: ExpressibleByArgument {
    public init?(argument: String) {
        guard let format = Self.allCases.first(where: { $0.name.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self = format
    }

    public var defaultValueDescription: String { name.lowercased() }
    public static var allValueStrings: [String] { allCases.map { $0.name.lowercased() } }
}
