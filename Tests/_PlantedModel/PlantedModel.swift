import DataFiles
import DataSets
import Directions
import Foundation
import Tasks
import TensorCore
import Tokenization
import Transformer
import _TestSupport

/// The planted model with its data: heads 2.1 and 4.2 carry the mood, the rest is noise (`Fixtures/planted/README.md`).
public struct PlantedModel: Sendable {
    public static let folder = FixtureLocation.fixtures.appending(path: "planted")

    public let model: LanguageModel
    public let tokenizer: Tokenizer
    public let workers = WorkerPool(count: 2)
    public let examples: [LabelledExample]
    public let contrasts: ContrastSet
    public let truth: JSONObject

    public init() throws {
        let url = Self.folder.appending(path: "planted.gguf")
        model = try LanguageModel(contentsOf: url)
        tokenizer = try Tokenizer(contentsOf: url)
        examples = try Self.examples("mood.jsonl")
        contrasts = try ContrastSet(
            DataSet(contentsOf: Self.folder.appending(path: "mood-contrast.jsonl")), tokenizer: tokenizer,
            file: "mood-contrast.jsonl")
        truth = try JSONObject(contentsOf: Self.folder.appending(path: "ground-truth.json"))
    }

    public static func examples(_ name: String) throws -> [LabelledExample] {
        guard case .labelled(let rows) = try DataSet(contentsOf: folder.appending(path: name)) else {
            throw InputError.badData("no labelled rows", in: name, remedy: "make the data again")
        }
        return rows
    }

    /// z of all heads at the last token of each example.
    public func collect(_ examples: [LabelledExample]) throws -> HeadCollection {
        try HeadCollection(examples.map { try $0.tokens(tokenizer) }, model: model, workers: workers)
    }

    public func directions() throws -> [HeadDirection] {
        try collect(examples).table.directions(labels: examples.map(\.label))
    }
}
