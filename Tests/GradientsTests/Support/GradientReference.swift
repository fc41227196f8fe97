import Checkpoints
import DataFiles
import Foundation
import Gradients
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// A small model with the gradients that torch computes through it (`Fixtures/gradients`).
struct GradientReference {
    let name: String
    let model: LanguageModel
    let facts: JSONObject
    let tensors: SafetensorsFile

    private static let folder = FixtureLocation.fixtures.appending(path: "gradients")

    /// Where the models lie.
    static let tinyLlamas = ["grouped", "llama2-like", "sharded-bf16"]

    /// Models of real size, which are fetched.
    private static let real = ["smollm2", "qwen2.5-coder-0.5b"]

    /// All small models, by name.
    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".safetensors") }
            .map { String($0.dropLast(".safetensors".count)) }.filter { !real.contains($0) }.sorted()
    }

    /// - Parameter file: another file of the same model, such as its GGUF.
    init(_ name: String, file: String? = nil) throws {
        let place = Self.tinyLlamas.contains(name) ? "tiny-llamas" : "families"
        try self.init(
            name, model: LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "\(place)/\(file ?? name)"))
        )
    }

    init(_ name: String, model: LanguageModel) throws {
        self.name = name
        self.model = model
        facts = try XCTUnwrap(
            try JSONObject(contentsOf: Self.folder.appending(path: "gradients.json")).object(name), name)
        tensors = try SafetensorsFile(contentsOf: Self.folder.appending(path: "\(name).safetensors"))
    }

    var positions: [Int] { get throws { try XCTUnwrap(facts.integers("positions")) } }

    /// The text with the reference's objective.
    func text(edits: [Edit] = [], reads: [Read] = []) throws -> GradientText {
        let completion = try XCTUnwrap(facts.integers("completion"))
        let vocabulary = model.configuration.vocabulary
        let stored = Matrix(
            rows: completion.count, columns: vocabulary,
            elements: (0..<completion.count).flatMap { row in
                (0..<vocabulary).map { Float(2 * sin(Double(row) + 0.1 * Double($0))) }
            })
        let difference = try Objective.logitDifference(
            XCTUnwrap(facts.integers("positive")), XCTUnwrap(facts.integers("negative")))
        return GradientText(
            prompt: try XCTUnwrap(facts.integers("prompt")), completion: completion, edits: edits,
            objective: difference + 0.5 * .logProbability(ofCompletion: completion)
                + 0.3 * .divergence(fromLogits: stored), reads: reads)
    }

    /// The edits of the second case.
    func edits() throws -> [Edit] {
        let length = try text().tokens.count
        return try XCTUnwrap(facts.objects("edits")).enumerated().map { index, edit in
            let vector = try tensors.floats("edit.\(index)")
            let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            let unit = vector.map { Float(Double($0) / norm) }
            let operation = try XCTUnwrap(edit.string("operation"))
            let change: Change =
                switch operation {
                case "add": .add(vector)
                case "multiply": .multiply(vector)
                case "scale": .scale(Float(try XCTUnwrap(edit.double("factor"))))
                case "replace": .replace(vector)
                case "project-out": .projectOut(unit)
                case "reflect": .reflect(unit)
                default: throw InputError.usage("the operation \(operation)", remedy: "add it here")
                }
            return .z(
                layer: try XCTUnwrap(edit.integer("layer")), head: try XCTUnwrap(edit.integer("head")),
                positions: .range(from: try XCTUnwrap(edit.integer("from")), to: length), change)
        }
    }

    /// The reference's name of a site.
    static func name(_ site: Site) -> String {
        switch site.kind {
        case .finalNorm: "ln_final.hook_normalized"
        case .logits: "logits"
        default: site.transformerLensName
        }
    }

    /// Values at the reference's positions, [positions, size], of a read of all positions. Throws where a position is missing.
    func rows(_ matrix: Matrix, at read: [Int]) throws -> [Float] {
        try positions.flatMap { position in
            Array(matrix.row(try XCTUnwrap(read.firstIndex(of: position), "position \(position)")))
        }
    }
}
