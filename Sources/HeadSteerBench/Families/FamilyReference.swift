import Checkpoints
import DataFiles
import Foundation
import HeadSteer

/// What transformers computes with one family's small model (`Fixtures/families/README.md`).
struct FamilyReference {
    /// Edits of z, and what the model gives under them.
    struct EditCase {
        let name: String
        let edits: [Edit]
        /// The ids that it generates after the prompt.
        let ids: [Int]
    }

    let name: String
    let folder: URL
    private let facts: JSONObject
    private let tensors: SafetensorsFile

    /// - Parameters:
    ///   - name: the model's, `qwen2`.
    ///   - folder: `Fixtures/families`.
    init(_ name: String, in folder: URL) throws {
        self.name = name
        self.folder = folder
        facts = try JSONObject(contentsOf: folder.appending(path: "\(name).json"))
        tensors = try SafetensorsFile(contentsOf: folder.appending(path: "\(name).reference.safetensors"))
    }

    /// The names of all models of a folder, sorted.
    static func names(in folder: URL) throws -> [String] {
        let suffix = ".reference.safetensors"
        return try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
            .filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
    }

    /// The model's checkpoints: the folder that transformers wrote, and the GGUF file of llama.cpp's converter where there is one.
    var checkpoints: [URL] {
        [folder.appending(path: name), folder.appending(path: "\(name).gguf")].filter {
            FileManager.default.fileExists(atPath: $0.path(percentEncoded: false))
        }
    }

    var ids: [Int] { get throws { try list("ids") } }
    var logitPositions: [Int] { get throws { try list("logitPositions") } }
    var watchedIds: [Int] { get throws { try list("watchedIds") } }
    var sitePositions: [Int] { get throws { try list("sitePositions") } }

    /// The prompt of the greedy text and the ids that follow.
    var greedy: (prompt: Int, ids: [Int]) {
        get throws {
            guard let greedy = try facts.object("greedy"), let prompt = try greedy.integer("prompt"),
                let ids = try greedy.integers("ids")
            else { throw facts.missing("greedy") }
            return (prompt, ids)
        }
    }

    /// The length of the edited prompt, and the positions whose logits are stored.
    var editedPrompt: (count: Int, positions: [Int]) {
        get throws {
            guard let edits = try facts.object("edits"), let count = try edits.integer("prompt"),
                let positions = try edits.integers("positions")
            else { throw facts.missing("edits") }
            return (count, positions)
        }
    }

    func has(_ tensor: String) -> Bool { tensors[tensor] != nil }

    func values(_ tensor: String) throws -> [Float] { try tensors.floats(tensor) }

    var cases: [EditCase] {
        get throws {
            let cases = try facts.object("edits")?.objects("cases") ?? []
            return try cases.map { entry in
                guard let name = try entry.string("name"), let ids = try entry.integers("ids"),
                    let edits = try entry.objects("edits")
                else { throw entry.missing("edits") }
                return EditCase(name: name, edits: try edits.map(edit), ids: ids)
            }
        }
    }

    private func edit(_ entry: JSONObject) throws -> Edit {
        guard let layer = try entry.integer("layer"), let head = try entry.integer("head"),
            let operation = try entry.string("operation"), let positions = try entry.string("positions")
        else { throw entry.missing("operation") }
        let strength = Float(try entry.double("strength") ?? 1)
        let vector = try entry.string("direction").map(values) ?? []
        let change: Change
        switch operation {
        case "add": change = .add(vector.map { strength * $0 })
        case "zero": change = .zero
        case "scale": change = .scale(strength)
        case "project-out":
            let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            change = .projectOut(vector.map { Float(Double($0) / norm) })
        default: throw entry.wrong("operation", "one that references have")
        }
        let rules: [String: PositionRule] = ["all": .all, "last": .last, "prompt": .prompt, "generated": .generated]
        guard let rule = rules[positions] else { throw entry.wrong("positions", "a rule that references have") }
        return .z(layer: layer, head: head, positions: rule, change)
    }

    private func list(_ key: String) throws -> [Int] {
        guard let values = try facts.integers(key) else { throw facts.missing(key) }
        return values
    }
}
