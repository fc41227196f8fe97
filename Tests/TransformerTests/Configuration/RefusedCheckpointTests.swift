import Checkpoints
import DataFiles
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// What a checkpoint says and the runtime doesn't understand is refused by name: in every family, in both kinds of file.
final class RefusedCheckpointTests: XCTestCase {
    private static let families = FixtureLocation.fixtures.appending(path: "families")
    private static let names = [
        "mistral", "qwen2", "qwen3", "gemma3", "gemma2", "phi3", "smollm3", "olmo2", "granite", "gpt2", "gpt_neox",
        "mixtral", "qwen3_moe", "olmoe", "gpt_oss", "stablelm", "nemotron",
    ]

    private static let epsilons = [
        "gpt2": "layer_norm_epsilon", "gpt_neox": "layer_norm_eps", "stablelm": "layer_norm_eps",
        "nemotron": "norm_eps",
    ]

    private func expectRefusal(_ url: URL, naming word: String, line: UInt = #line) {
        XCTAssertThrowsError(try LanguageModel(contentsOf: url), "\(word) in \(url.lastPathComponent)", line: line) {
            XCTAssertTrue("\($0)".contains(word), "\($0) should name \(word)", line: line)
            XCTAssertTrue($0 is InputError, "\($0)", line: line)
        }
    }

    /// A copy of a family's folder with fields of `config.json` changed.
    private func folder(_ name: String, changing fields: [String: Any], in place: URL) throws -> URL {
        let copy = place.appending(path: "\(name)-\(UUID().uuidString.prefix(6))")
        try FileManager.default.copyItem(at: Self.families.appending(path: name), to: copy)
        let url = copy.appending(path: "config.json")
        var json = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        json.merge(fields) { $1 }
        try JSONSerialization.data(withJSONObject: json).write(to: url)
        return copy
    }

    func testUnknownFieldsOfFolders() throws {
        let place = try makeTemporaryFolder()
        for name in Self.names {
            for (field, value) in [
                ("another_multiplier", 2), ("quantization_config", ["quant_method": "compressed-tensors"]),
                ("attention_chunk_size", 64), ("rope_scaling", ["rope_type": "ntk", "factor": 2]),
            ] as [(String, Any)] {
                if field == "rope_scaling", name == "gpt2" { continue }
                expectRefusal(
                    try folder(name, changing: [field: value], in: place),
                    naming: field == "rope_scaling" ? "rope" : field)
            }
            let epsilon = Self.epsilons[name] ?? "rms_norm_eps"
            expectRefusal(try folder(name, changing: [epsilon: NSNull()], in: place), naming: epsilon)
        }
        expectRefusal(
            try folder("qwen2", changing: ["layer_types": ["linear_attention"]], in: place), naming: "layer_types")
        expectRefusal(
            try folder("gemma3", changing: ["use_bidirectional_attention": true], in: place),
            naming: "use_bidirectional_attention")
        expectRefusal(
            try folder("gpt2", changing: ["add_cross_attention": true], in: place), naming: "add_cross_attention")
        expectRefusal(
            try folder("qwen3_moe", changing: ["decoder_sparse_step": 2], in: place), naming: "decoder_sparse_step")
    }

    /// Packed experts with another field, without scales, or not packed.
    func testPackedExpertsThatAreNone() throws {
        let place = try makeTemporaryFolder()
        let name = "gpt_oss-mxfp4"
        expectRefusal(
            try folder(
                name, changing: ["quantization_config": ["quant_method": "mxfp4", "group_size": 16]], in: place),
            naming: "group_size")
        let experts = "model.layers.1.mlp.experts"
        for (left, replacement) in [
            ("\(experts).down_proj_scales", nil), ("\(experts).gate_up_proj_blocks", [4, 64, 1, 16]),
        ] as [(String, [Int]?)] {
            let copy = try folder(name, changing: [:], in: place)
            let url = copy.appending(path: "model.safetensors")
            let file = try SafetensorsFile(contentsOf: url)
            var writer = SafetensorsWriter(metadata: ["format": "pt"])
            for entry in file.entries where entry.name != left { writer.add(copying: entry, of: file) }
            if let replacement {
                writer.add(left, shape: replacement, [Float](repeating: 1, count: replacement.reduce(1, *)))
            }
            let other = copy.appending(path: "other.safetensors")
            try writer.write(to: other)
            try FileManager.default.removeItem(at: url)
            try FileManager.default.moveItem(at: other, to: url)
            expectRefusal(copy, naming: left)
        }
    }

    /// Tensors that nothing uses: another norm, another layer, scales beside the weights.
    func testLeftOverTensorsOfFolders() throws {
        let place = try makeTemporaryFolder()
        for name in ["qwen2", "gemma2", "gpt2", "mixtral"] {
            for tensor in [
                "model.layers.0.self_attn.extra_norm.weight", "model.layers.99.mlp.up_proj.weight", "weight_scale",
            ] {
                let copy = try folder(name, changing: [:], in: place)
                let url = copy.appending(path: "model.safetensors")
                let file = try SafetensorsFile(contentsOf: url)
                var writer = SafetensorsWriter(metadata: ["format": "pt"])
                for entry in file.entries { writer.add(copying: entry, of: file) }
                writer.add(tensor, shape: [2], [1, 2])
                let other = copy.appending(path: "other.safetensors")
                try writer.write(to: other)
                try FileManager.default.removeItem(at: url)
                try FileManager.default.moveItem(at: other, to: url)
                expectRefusal(copy, naming: tensor)
            }
        }
    }

    /// The same for GGUF files, and a key of the architecture that nobody asks for.
    func testLeftOversOfGGUF() throws {
        let place = try makeTemporaryFolder()
        for name in Self.names where name != "mistral" {
            let file = try GGUFFile(contentsOf: Self.families.appending(path: "\(name).gguf"))
            let architecture = try XCTUnwrap(file.metadata.string("general.architecture"))
            let stored = try file.storedMetadata().map { (key: $0.key, value: GGUFWriterValue.stored($0.value)) }
            func write(_ metadata: [(key: String, value: GGUFWriterValue)], _ tensors: [GGUFWriter.Tensor]) throws
                -> URL
            {
                let url = place.appending(path: "\(name)-\(UUID().uuidString.prefix(6)).gguf")
                try GGUFWriter(
                    metadata: stored + metadata,
                    tensors: file.tensors.map { GGUFWriter.Tensor(copying: $0) } + tensors
                )
                .write(to: url)
                return url
            }
            XCTAssertNoThrow(try LanguageModel(contentsOf: write([], [])), name)
            expectRefusal(try write([("\(architecture).attention.unheard_of", .float32(2))], []), naming: "unheard_of")
            let extra = GGUFWriter.Tensor(name: "blk.0.attn_extra_norm.weight", shape: [2], format: .f32) { emit in
                try [Float](repeating: 1, count: 2).withUnsafeBytes(emit)
            }
            expectRefusal(try write([], [extra]), naming: "blk.0.attn_extra_norm.weight")
            if name == "phi3" { continue }
            let factors = GGUFWriter.Tensor(name: "rope_factors_long.weight", shape: [4], format: .f32) { emit in
                try [Float](repeating: 2, count: 4).withUnsafeBytes(emit)
            }
            expectRefusal(try write([], [factors]), naming: "rope_factors_long.weight")
        }
    }
}
