import ArgumentParser
import DataFiles
import Foundation
import HeadSteerTesting

/// Makes the planted model `Fixtures/planted/planted.gguf`, in which a known attention head, and a weaker second one,
/// carries the mood.
@main
struct PlantModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plant-model",
        abstract:
            "Makes the planted model: a Llama in which one known head (and a weaker second one) carries the mood.",
        discussion: """
            The same seed gives the same bytes on every platform. The rest of the model (22 heads, the MLPs) is seeded \
            noise that neither reads nor writes the mood.
            """)

    @Option(help: ArgumentHelp("Where to write the model.", valueName: "file"))
    var out: String?

    @Option(help: ArgumentHelp("Compare this file with what would be written, byte by byte.", valueName: "file"))
    var check: String?

    @Option(help: "The seed of the noise and of the codes.")
    var seed: UInt64 = 0

    @Option(
        name: .customLong("carrier"), parsing: .singleValue,
        help: ArgumentHelp(
            "A head that carries the mood, and its gain. Repeatable (default: 2.1=0.5 and 4.2=0.171875). A behaviour over more or "
                + "weaker heads is harder to move.", valueName: "L.H=gain"))
    var carriers: [PlantedHead] = []

    func validate() throws {
        let places = carriers.map { [$0.layer, $0.head] }
        guard Set(places).count == places.count else { throw ValidationError("Give each head one --carrier.") }
        guard (out == nil) != (check == nil) else { throw ValidationError("Give either --out or --check.") }
    }

    func run() throws {
        do {
            if let out {
                try write(to: URL(filePath: out))
            } else if let check {
                try compare(with: check)
            }
        } catch let error as InputError {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            throw ExitCode(error.kind.general == .missingFile ? 66 : 65)
        }
    }

    private func write(to url: URL) throws {
        try PlantedModel.write(to: url, seed: seed, carriers: carriers.isEmpty ? PlantedHead.standard : carriers)
    }

    private func compare(with path: String) throws {
        guard let stored = FileManager.default.contents(atPath: path) else { throw InputError.missingFile(path) }
        let fresh = FileManager.default.temporaryDirectory.appending(path: "planted-\(UUID().uuidString).gguf")
        defer { try? FileManager.default.removeItem(at: fresh) }
        try write(to: fresh)
        let made = try Data(contentsOf: fresh)
        guard stored == made else {
            let same = zip(stored, made).prefix { $0 == $1 }.count
            throw InputError.badData(
                "other bytes than the tool makes from seed \(seed), from offset \(same) on", in: path,
                remedy: "make it again with plant-model --out \(path) --seed \(seed)")
        }
    }
}

extension PlantedHead: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
