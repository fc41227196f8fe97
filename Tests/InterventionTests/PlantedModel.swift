import DataFiles
import Foundation
import Intervention
import LlamaRuntime
import Probing
import TensorCore
import Tokenization
import XCTest
import _TestSupport

/// The planted model with its data: heads 2.1 and 4.2 carry the mood, the rest is noise (`Fixtures/planted/README.md`).
struct PlantedModel {
    static let folder = FixtureLocation.fixtures.appending(path: "planted")

    let model: LlamaModel
    let tokenizer: Tokenizer
    let workers = WorkerPool(count: 2)
    let examples: [LabelledExample]
    let contrasts: ContrastSet
    let truth: JSONObject

    init() throws {
        let url = Self.folder.appending(path: "planted.gguf")
        model = try LlamaModel(contentsOf: url)
        tokenizer = try Tokenizer(contentsOf: url)
        examples = try Self.examples("mood.jsonl")
        contrasts = try ContrastSet(
            DataSet(contentsOf: Self.folder.appending(path: "mood-contrast.jsonl")), tokenizer: tokenizer,
            file: "mood-contrast.jsonl")
        truth = try JSONObject(contentsOf: Self.folder.appending(path: "ground-truth.json"))
    }

    static func examples(_ name: String) throws -> [LabelledExample] {
        guard case .labelled(let rows) = try DataSet(contentsOf: folder.appending(path: name)) else {
            throw InputError.badData("no labelled rows", in: name, remedy: "make the data again")
        }
        return rows
    }

    /// z of all heads at the last token of each example.
    func collect(_ examples: [LabelledExample]) throws -> HeadCollection {
        try HeadCollection(examples.map { try $0.tokens(tokenizer) }, model: model, workers: workers)
    }

    func directions() throws -> [HeadDirection] {
        try collect(examples).table.directions(labels: examples.map(\.label))
    }
}
