import Checkpoints
import DataFiles
import Foundation
import HeadSteer

/// The values that transformers computes with one family's small model (`Fixtures/families/README.md`).
struct FamilyReference {
    /// Edits of z, and the model's output under them.
    struct EditCase {
        let name: String
        let edits: [Edit]
        /// The ids that the model generates after the prompt.
        let ids: [Int]
    }

    let name: String
    let folder: URL
    private let facts: JSONObject
    private let tensors: SafetensorsFile

    /// - Parameters:
    ///   - name: the model's name, `qwen2`.
    ///   - folder: `Fixtures/families`.
    init(_ name: String, in folder: URL) throws {
        self.name = name
        self.folder = folder
        facts = try JSONObject(contentsOf: folder.appending(path: "\(name).json"))
        tensors = try SafetensorsFile(contentsOf: folder.appending(path: "\(name).reference.safetensors"))
    }

    /// The names of all models in a folder, sorted.
    static func names(in folder: URL) throws -> [String] {
        let suffix = ".reference.safetensors"
        return try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
            .filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
    }

    /// The model's checkpoints: the folder that transformers wrote and, if it exists, the GGUF file of llama.cpp's
    /// converter.
    var checkpoints: [URL] {
        [folder.appending(path: name), folder.appending(path: "\(name).gguf")].filter {
            FileManager.default.fileExists(atPath: $0.path(percentEncoded: false))
        }
    }

    var ids: [Int] { get throws { try list("ids") } }
    var logitPositions: [Int] { get throws { try list("logitPositions") } }
    var watchedIds: [Int] { get throws { try list("watchedIds") } }
    var sitePositions: [Int] { get throws { try list("sitePositions") } }

    /// The length of the greedy text's prompt, and the ids that follow.
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
            struct Facts: Decodable {
                struct Edits: Decodable { var cases: [Case] }
                struct Case: Decodable {
                    var name: String
                    var edits: [ReferenceEdit]
                    var ids: [Int]
                }
                var edits: Edits
            }
            let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
            return try JSONDecoder().decode(Facts.self, from: data).edits.cases.map { entry in
                EditCase(name: entry.name, edits: try entry.edits.map { try $0.edit(tensors) }, ids: entry.ids)
            }
        }
    }

    private func list(_ key: String) throws -> [Int] {
        guard let values = try facts.integers(key) else { throw facts.missing(key) }
        return values
    }
}
