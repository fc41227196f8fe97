import DataFiles
import DataSets
import Directions
import Foundation
import Tasks
import TensorCore
import Tokenization
import Transformer

/// The planted model with its data: a small Llama whose workings are known.
///
/// Heads 2.1 and 4.2 carry the mood; the rest is noise (`Fixtures/planted/README.md`). A method that looks for heads
/// must find these two, and none if labels are shuffled.
public struct PlantedModel: Sendable {
    /// The folder with the model and its data, in the package's checkout.
    public static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/planted")
    /// The model's file.
    public static let file = folder.appending(path: "planted.gguf")

    /// The opened model.
    public let model: LanguageModel
    /// The model's tokenizer, with about a thousand tokens.
    public let tokenizer: Tokenizer
    /// Two threads, which suffice for a model of this size.
    public let workers = WorkerPool(count: 2)
    /// The 48 labelled sentences of `mood.jsonl`.
    public let examples: [LabelledExample]
    /// The 12 prompts of `mood-contrast.jsonl`.
    public let contrasts: ContrastSet
    /// Measurements of the model's behaviour, made with NumPy and transformers.
    public let truth: JSONObject

    /// Opens the model and its data.
    ///
    /// - Throws: `InputError` if the package's checkout is no longer where the program was compiled.
    public init() throws {
        model = try LanguageModel(contentsOf: Self.file)
        tokenizer = try Tokenizer(contentsOf: Self.file)
        examples = try Self.examples("mood.jsonl")
        contrasts = try ContrastSet(
            DataSet(contentsOf: Self.folder.appending(path: "mood-contrast.jsonl")), tokenizer: tokenizer,
            file: "mood-contrast.jsonl")
        truth = try JSONObject(contentsOf: Self.folder.appending(path: "ground-truth.json"))
    }

    /// The labelled sentences in one of the model's files: `mood.jsonl`, or the held-out ones in `mood-test.jsonl`.
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

    /// The mass-mean direction of every head, from the model's own examples.
    public func directions() throws -> [HeadDirection] {
        try collect(examples).table.directions(labels: examples.map(\.label))
    }

    /// Plants another model with the same words and grammar, in which other heads carry the mood.
    ///
    /// The same seed and heads give the same bytes on every platform. A behaviour that is spread over more heads, or
    /// weaker ones, is harder to move.
    ///
    /// - Parameters:
    ///   - url: the path for the GGUF file.
    ///   - seed: the seed for the noise and the codes.
    ///   - carriers: the heads that carry the mood, each at most once.
    /// - Throws: `InputError` if the file can't be written.
    public static func write(
        to url: URL, seed: UInt64 = 0, carriers: [PlantedHead] = PlantedHead.standard
    ) throws {
        try PlantedDesign(seed: seed, carriers: carriers).writer().write(to: url)
    }
}
