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

    var ids: [Int] { get throws { try XCTUnwrap(facts.integers("ids")) } }

    /// A run with one empty sequence.
    func run(promptCount: Int, workers: WorkerPool) -> Run {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: promptCount)]
        return run
    }
}
