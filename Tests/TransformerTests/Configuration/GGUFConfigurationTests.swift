import Checkpoints
import DataFiles
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// GGUF metadata that describes a Llama, in the ways that are in use and in those that must be refused.
final class GGUFConfigurationTests: XCTestCase {
    private static let grouped = FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped.gguf")
    private let workers = WorkerPool(count: 1)

    /// A tiny model, written anew with some keys replaced (nil leaves one out) and some tensors left out.
    private func write(
        to url: URL, changing changes: [String: GGUFWriterValue?] = [:], without: Set<String> = []
    ) throws {
        var values: [(key: String, value: GGUFWriterValue)] = [
            ("general.architecture", .string("llama")), ("llama.context_length", .uint32(256)),
            ("llama.embedding_length", .uint32(30)), ("llama.block_count", .uint32(3)),
            ("llama.feed_forward_length", .uint32(32)), ("llama.attention.head_count", .uint32(6)),
            ("llama.attention.head_count_kv", .uint32(2)), ("llama.attention.key_length", .uint32(8)),
            ("llama.attention.layer_norm_rms_epsilon", .float32(1e-6)), ("llama.rope.freq_base", .float32(10_000)),
        ].filter { changes[$0.0] == nil }
        for (key, value) in changes.sorted(by: { $0.key < $1.key }) { if let value { values.append((key, value)) } }
        let tensors = try GGUFFile(contentsOf: Self.grouped).tensors.filter { !without.contains($0.name) }
        try GGUFWriter(
            metadata: values,
            tensors: try tensors.map {
                try GGUFWriter.Tensor(name: $0.name, shape: $0.shape, format: $0.format, bytes: Array($0.bytes))
            }
        ).write(to: url)
    }

    func testSameModelAsTheHuggingFaceFolder() throws {
        let folder = try ReferenceModel.tiny("grouped")
        let file = try ReferenceModel.tinyGGUF()
        let tokens = try folder.ids
        assertClose(
            try file.model.pass(tokens, workers: workers).logits.elements,
            try folder.model.pass(tokens, workers: workers).logits.elements, relative: 1e-6, "logits of both")
        var configuration = file.model.configuration
        for layer in configuration.blocks.indices {
            configuration.blocks[layer].attention.rotary?.scaling = folder.model.configuration.rotary?.scaling ?? .none
        }
        XCTAssertEqual(configuration, folder.model.configuration)
    }

    func testVariants() throws {
        let url = try makeTemporaryFolder().appending(path: "variant.gguf")
        func configuration(_ changes: [String: GGUFWriterValue?]) throws -> ModelConfiguration {
            try write(to: url, changing: changes, without: ["rope_freqs.weight"])
            return try LanguageModel(contentsOf: url).configuration
        }
        let plain = try configuration([:])
        XCTAssertEqual(plain.rotary?.scaling, RopeScaling.none)
        XCTAssertEqual(plain.headSize, 8)
        XCTAssertFalse(plain.tiedEmbeddings)
        XCTAssertEqual(try configuration(["llama.context_length": .int64(256)]), plain, "another type of whole number")
        XCTAssertEqual(try configuration(["llama.rope.freq_base": nil]), plain, "the default base")
        XCTAssertEqual(try configuration(["llama.rope.dimension_count": .uint32(8)]), plain)
        XCTAssertEqual(
            try configuration(["llama.rope.scaling.type": .string("linear"), "llama.rope.scaling.factor": .float32(4)])
                .rotary?.scaling, .linear(factor: 4))
        XCTAssertEqual(try configuration(["llama.rope.scale_linear": .float32(2)]).rotary?.scaling, .linear(factor: 2))
        for factor in [0, 1] as [Float] {
            XCTAssertEqual(
                try configuration(["llama.rope.scaling.factor": .float32(factor)]).rotary?.scaling, RopeScaling.none)
        }
        XCTAssertEqual(
            try configuration(["llama.rope.scaling.type": .string("none"), "llama.rope.scaling.factor": .float32(4)])
                .rotary?.scaling, RopeScaling.none, "the type none counts, as in llama.cpp")
        try write(to: url, without: ["output.weight"])
        XCTAssertTrue(try LanguageModel(contentsOf: url).configuration.tiedEmbeddings)
    }

    func testWhatIsRefused() throws {
        let url = try makeTemporaryFolder().appending(path: "refused.gguf")
        func check(
            _ changes: [String: GGUFWriterValue?], without: Set<String> = [], _ words: String,
            kind: InputError.Kind = .badData, line: UInt = #line
        ) throws {
            try write(to: url, changing: changes, without: without)
            XCTAssertThrowsError(try LanguageModel(contentsOf: url), "\(changes)", line: line) { error in
                let text = "\(error)"
                let found = (error as? InputError)?.kind
                // Bad data has many kinds; what is not supported has one.
                XCTAssertEqual(found?.general, .badData, text, line: line)
                if kind != .badData { XCTAssertEqual(found, kind, text, line: line) }
                XCTAssertTrue(text.contains(words), "\(text) should say \(words)", line: line)
                XCTAssertTrue(text.contains("refused.gguf"), "\(text) should name the file", line: line)
                XCTAssertFalse(text.contains(where: \.isNewline), text, line: line)
            }
        }
        let plain: Set<String> = ["rope_freqs.weight"]
        for name in ["mamba", "gemma", "bert", "Llama", ""] {
            try check(
                ["general.architecture": .string(name)], "the architecture \(name), which is not supported",
                kind: .unsupported)
            try check(["general.architecture": .string(name)], "use one of: llama, mistral, qwen2", kind: .unsupported)
        }
        try check(["general.architecture": .uint32(3)], "general.architecture")
        try check(["general.architecture": nil], "no value for general.architecture")
        try check(["llama.expert_count": .uint32(8)], "no value for llama.expert_used_count")
        for key in [
            "context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count",
        ] {
            try check(["llama.\(key)": nil], "no value for llama.\(key)")
            try check(["llama.\(key)": .string("4")], "a value that is not a whole number")
            try check(
                ["llama.\(key)": .uint32Array([1, 2])], "values that differ from layer to layer (1, 2)",
                kind: .unsupported)
            try check(["llama.\(key)": .float32(.nan)], "a value that is not a whole number")
            for value in [0, 1 << 62] as [UInt64] { try check(["llama.\(key)": .uint64(value)], "\(value) as the ") }
            try check(["llama.\(key)": .uint64(.max)], "a value that is not a whole number")
            try check(["llama.\(key)": .int64(.min)], " as the ")
        }
        try check(["llama.attention.head_count_kv": .uint32(4)], "6 query heads, which 4 key-value heads")
        try check(["llama.attention.head_count_kv": .uint32(0)], "0 as the number of key-value heads")
        try check(["llama.attention.key_length": .uint32(7)], without: plain, "an odd head size")
        try check(
            ["llama.attention.value_length": .uint32(4)], "llama.attention.value_length", kind: .unsupported)
        try check(
            ["llama.rope.dimension_count": .uint32(4)], without: plain, "llama.rope.dimension_count", kind: .unsupported
        )
        try check(["llama.rope.freq_base": .float32(.nan)], "rope base")
        try check(["llama.rope.freq_base": .float32(-1)], "rope base")
        try check(["llama.attention.layer_norm_rms_epsilon": .float32(.infinity)], "epsilon")
        try check(
            ["llama.rope.scaling.type": .string("spiral")], without: plain, "rope scaling of the type spiral",
            kind: .unsupported)
        try check(["llama.rope.scaling.type": .string("yarn")], without: plain, "llama.rope.scaling.factor")
        try check(["llama.rope.scaling.type": .string("linear")], without: plain, "llama.rope.scaling.factor")
        for factor in [-1, .nan, .infinity] as [Float] {
            try check(["llama.rope.scale_linear": .float32(factor)], without: plain, "a rope scaling factor")
        }
        try check(["llama.rope.scale_linear": .float32(2)], "linear rope scaling beside rope_freqs.weight")
        for name in ["blk.1.attn_k.weight", "output_norm.weight", "blk.2.ffn_down.weight", "blk.0.attn_norm.weight"] {
            try check([:], without: [name], "no tensor \(name)")
        }
        try check([:], without: ["token_embd.weight"], "only a vocabulary")
        try check(["llama.attention.key_length": .uint32(10)], "the configuration asks for")
        for (key, value) in [
            ("attention.causal", .bool(false)), ("attention.sliding_window", .uint32(8)),
            ("attention.unheard_of", .float32(2)), ("rope.scaling.yarn_log_multiplier", .float32(0.1)),
        ] as [(String, GGUFWriterValue)] {
            try check(["llama.\(key)": value], "llama.\(key)", kind: .unsupported)
        }
        try check(
            ["llama.attention.layer_norm_rms_epsilon": nil], "no value for llama.attention.layer_norm_rms_epsilon")
        try check(
            ["llama.rope.scaling.factor": .float32(2), "llama.rope.scale_linear": .float32(4)], without: plain,
            "disagree")
        try check(["general.type": .string("adapter")], "a GGUF file of the type adapter", kind: .unsupported)
    }

    /// How experts are weighted is the family's matter unless the file says it, by llama.cpp's names and numbers.
    func testWeightingOfExperts() throws {
        let url = try makeTemporaryFolder().appending(path: "experts.gguf")
        func weighting(_ family: String, _ key: String?, _ value: GGUFWriterValue = .bool(true)) throws
            -> ExpertsDescription.Weighting
        {
            let file = try GGUFFile(
                contentsOf: FixtureLocation.fixtures.appending(path: "families/\(family).gguf"))
            let architecture = try XCTUnwrap(file.metadata.string("general.architecture"))
            var metadata = try file.storedMetadata().map { (key: $0.key, value: GGUFWriterValue.stored($0.value)) }
            if let key {
                XCTAssertFalse(metadata.contains { $0.key == "\(architecture).\(key)" }, "\(family) has \(key)")
                metadata.append(("\(architecture).\(key)", value))
            }
            try GGUFWriter(metadata: metadata, tensors: file.tensors.map { GGUFWriter.Tensor(copying: $0) })
                .write(to: url)
            let blocks = try LanguageModel(contentsOf: url).configuration.blocks
            guard case .experts(let experts)? = blocks.first?.mlp else {
                throw InputError.badData("no experts", in: family, remedy: "choose another family")
            }
            return experts.weighting
        }
        for (family, own) in [
            ("qwen3_moe", .overChosen), ("mixtral", .overChosen), ("olmoe", .overAll),
            ("gpt_oss", .overChosen),
        ] as [(String, ExpertsDescription.Weighting)] {
            XCTAssertEqual(try weighting(family, nil), own, family)
            XCTAssertEqual(try weighting(family, "expert_weights_norm"), .overChosen, family)
            // gpt-oss has no other weighting.
            XCTAssertEqual(
                try weighting(family, "expert_weights_norm", .bool(false)),
                family == "gpt_oss" ? .overChosen : .overAll, family)
            for function in [0, 1] as [UInt32] {
                XCTAssertEqual(try weighting(family, "expert_gating_func", .uint32(function)), own, family)
            }
            XCTAssertEqual(try weighting(family, "expert_gating_func", .uint32(3)), .overChosen, family)
            // Sigmoid, and the square root of softplus.
            for function in [2, 4] as [UInt32] {
                XCTAssertThrowsError(try weighting(family, "expert_gating_func", .uint32(function)), family) {
                    XCTAssertTrue("\($0)".contains("expert_gating_func"), "\($0)")
                }
            }
        }
    }

    /// A vocabulary without a model, as llama.cpp's tests have them.
    func testVocabularyAlone() throws {
        let url = try makeTemporaryFolder().appending(path: "vocabulary.gguf")
        try GGUFWriter(metadata: [("general.architecture", .string("llama"))], tensors: []).write(to: url)
        XCTAssertThrowsError(try LanguageModel(contentsOf: url)) { XCTAssertTrue($0 is InputError, "\($0)") }
    }

    /// Flipped bytes of the header: the model is refused, or it opens and runs.
    func testFlippedBytes() throws {
        let url = try makeTemporaryFolder().appending(path: "flipped.gguf")
        try FileManager.default.copyItem(at: Self.grouped, to: url)
        let header = try XCTUnwrap(GGUFFile(contentsOf: Self.grouped).tensors.map(\.range.lowerBound).min())
        let original = [UInt8](try Data(contentsOf: Self.grouped).prefix(header))
        let handle = try FileHandle(forWritingTo: url)
        func write(_ value: UInt8, at place: Int) throws {
            try handle.seek(toOffset: UInt64(place))
            try handle.write(contentsOf: [value])
        }
        var random = SeededGenerator(seed: 3)
        var ran = 0
        for _ in 0..<400 {
            let place = random.integer(below: header)
            try write([0xFF, 0, original[place] ^ 1, original[place] ^ 16][random.integer(below: 4)], at: place)
            do {
                let model = try LanguageModel(contentsOf: url)
                _ = try model.pass([1, 2, 3], workers: workers)
                ran += 1
            } catch let error as InputError {
                if !"\(error)".contains("flipped.gguf") { XCTFail("\(error) doesn't name the file") }
            } catch { XCTFail("byte \(place): \(error) is no InputError") }
            try write(original[place], at: place)
        }
        XCTAssertGreaterThan(ran, 20, "models that ran")
        XCTAssertLessThan(ran, 380, "models that ran")
    }
}
