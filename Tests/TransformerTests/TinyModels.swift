import Checkpoints
import DataFiles
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// A model with what transformers computes on it (see `Fixtures/reference/README.md`).
struct ReferenceModel {
    let name: String
    let model: LanguageModel
    let facts: JSONObject
    let sites: SafetensorsFile
    let edits: SafetensorsFile

    static let tinyNames = ["grouped", "llama2-like", "sharded-bf16"]

    /// One of the tiny random models in `Fixtures/tiny-llamas`.
    static func tiny(_ name: String) throws -> ReferenceModel {
        let folder = FixtureLocation.fixtures.appending(path: "tiny-llamas")
        return ReferenceModel(
            name: name, model: try LanguageModel(contentsOf: folder.appending(path: name)),
            facts: try JSONObject(contentsOf: folder.appending(path: "\(name).json")),
            sites: try SafetensorsFile(contentsOf: folder.appending(path: "\(name).sites.safetensors")),
            edits: try SafetensorsFile(contentsOf: folder.appending(path: "\(name).edits.safetensors")))
    }

    /// The first tiny model as a GGUF file, whose query and key rows are in the order of interleaved rotation.
    static func tinyGGUF() throws -> ReferenceModel {
        let folder = try tiny("grouped")
        let file = FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped.gguf")
        return ReferenceModel(
            name: "grouped.gguf", model: try LanguageModel(contentsOf: file), facts: folder.facts, sites: folder.sites,
            edits: folder.edits)
    }

    /// stories260K, from the real inputs that lie beside some checkouts.
    static func stories(_ form: String) throws -> ReferenceModel {
        let path = FixtureLocation.sharedData.appending(path: "models/stories260K/\(form)")
        guard FileManager.default.fileExists(atPath: path.path) else {
            throw XCTSkip("SKIPPED: stories260K is not beside this checkout")
        }
        let folder = FixtureLocation.fixtures.appending(path: "reference")
        return ReferenceModel(
            name: "stories260K/\(form)", model: try LanguageModel(contentsOf: path),
            facts: try JSONObject(contentsOf: folder.appending(path: "stories260K.json")),
            sites: try SafetensorsFile(contentsOf: folder.appending(path: "stories260K.safetensors")),
            edits: try SafetensorsFile(contentsOf: folder.appending(path: "stories260K.edits.safetensors")))
    }

    var ids: [Int] { get throws { try XCTUnwrap(facts.integers("ids")) } }

    /// A run with one empty sequence.
    func run(promptCount: Int, workers: WorkerPool) -> Run {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: promptCount)]
        return run
    }
}
