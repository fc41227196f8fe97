import Checkpoints
import DataFiles
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// The spellings of `config.json` that are in use, and those that must be refused.
final class HuggingFaceConfigurationTests: XCTestCase {
    private var folder = FileManager.default.temporaryDirectory

    override func setUpWithError() throws { folder = try makeTemporaryFolder() }

    private func configuration(_ name: String, _ fields: [String: Any?] = [:]) throws -> ModelConfiguration {
        try LanguageModel(contentsOf: copyOfTinyModel(name, into: folder, changing: fields)).configuration
    }

    func testSameModelInOtherSpellings() throws {
        let llama3: [String: Any] = [
            "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4.0, "original_max_position_embeddings": 32,
        ]
        let grouped = try configuration("grouped")
        XCTAssertEqual(
            grouped.rotary?.scaling,
            .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 32))
        for fields in [
            ["rope_scaling": llama3.merging(["type": "llama3"]) { $1 }],
            [
                "rope_scaling": nil, "rope_theta": nil,
                "rope_parameters": llama3.merging(["rope_type": "llama3", "rope_theta": 10000]) { $1 },
            ],
            ["rope_theta": nil],
            ["hidden_act": nil, "max_position_embeddings": 256.0],
            ["architectures": nil, "unsloth_version": "2025.1", "attention_dropout": 0.1, "another": NSNull()],
        ] as [[String: Any?]] {
            XCTAssertEqual(try configuration("grouped", fields), grouped, "\(fields)")
        }
        let old = try configuration("llama2-like")
        XCTAssertEqual(old.rotary?.scaling, .linear(factor: 4))
        XCTAssertEqual(old.headSize, 10)
        XCTAssertEqual(old.kvHeads, 4)
        for fields in [
            ["head_dim": 10, "num_key_value_heads": 4], ["head_dim": NSNull(), "num_key_value_heads": NSNull()],
            ["rope_scaling": ["rope_type": "linear", "factor": 4]],
        ] as [[String: Any?]] {
            XCTAssertEqual(try configuration("llama2-like", fields), old, "\(fields)")
        }
        for none in [NSNull(), ["rope_type": "default"], ["type": "default", "factor": 3]] as [Any] {
            XCTAssertEqual(
                try configuration("llama2-like", ["rope_scaling": none]).rotary?.scaling, RopeScaling.none, "\(none)")
        }
        XCTAssertEqual(try configuration("sharded-bf16").rotary?.base, 500_000)
        XCTAssertEqual(try configuration("llama2-like", ["rms_norm_eps": nil]).norm.epsilon, 1e-6)
        XCTAssertEqual(try configuration("llama2-like", ["max_position_embeddings": nil]).context, 2048)
    }

    func testWhatIsRefused() throws {
        func check(
            _ fields: [String: Any?], _ words: String, kind: InputError.Kind = .badData, line: UInt = #line
        ) throws {
            let copy = try copyOfTinyModel("grouped", into: folder, changing: fields)
            XCTAssertThrowsError(try LanguageModel(contentsOf: copy), "\(fields)", line: line) { error in
                let text = "\(error)"
                let found = (error as? InputError)?.kind
                // Bad data has many kinds; what is not supported has one.
                XCTAssertEqual(found?.general, .badData, text, line: line)
                if kind != .badData { XCTAssertEqual(found, kind, text, line: line) }
                XCTAssertTrue(text.contains(words), "\(text) should say \(words)", line: line)
                XCTAssertTrue(text.contains(copy.lastPathComponent), "\(text) should name the model", line: line)
                XCTAssertFalse(text.contains(where: \.isNewline), text, line: line)
            }
        }
        try check(["model_type": "mamba"], "the architecture mamba, which is not supported", kind: .unsupported)
        try check(["model_type": "mamba"], "use one of: llama, mistral, qwen2", kind: .unsupported)
        try check(["unknown_field": ["a": 1]], "unknown_field", kind: .unsupported)
        try check(["quantization_config": ["quant_method": "fp8"]], "quantization_config", kind: .unsupported)
        try check(["rms_norm_eps": NSNull()], "rms_norm_eps is not a number")
        try check(["sliding_window": 16], "sliding_window", kind: .unsupported)
        try check(["rope_theta": 5000, "rope_parameters": ["rope_type": "default", "rope_theta": 10000]], "disagree")
        try check(["model_type": nil], "the architecture none", kind: .unsupported)
        try check(
            ["architectures": ["LlamaForSequenceClassification"]], "LlamaForSequenceClassification", kind: .unsupported)
        try check(["architectures": "LlamaForCausalLM"], "architectures is not an array of strings")
        try check(["hidden_act": "mish"], "the activation mish", kind: .unsupported)
        try check(["partial_rotary_factor": 0.5], "a rotary embedding of 4 of the 8", kind: .unsupported)
        for field in ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size"] {
            try check([field: nil], "no field \(field)")
            for value in ["30", true, 2.5, [30], ["a": 1], 1e300] as [Any] {
                try check([field: value], "\(field) is not a whole number")
            }
            for value in [0, -1, Int.min, 1 << 40, Int.max] { try check([field: value], "\(value) as the ") }
        }
        for (field, value, words) in [
            ("num_key_value_heads", 4, "6 query heads, which 4 key-value heads can't share"),
            ("num_key_value_heads", 0, "0 as the number of key-value heads"),
            ("num_key_value_heads", -2, "-2 as the number of key-value heads"), ("head_dim", 7, "an odd head size"),
            ("head_dim", 0, "0 as the head size"), ("head_dim", -8, "-8 as the head size"),
            ("head_dim", 6, "a tensor of the shape [48"), ("max_position_embeddings", 0, "0 as the context length"),
            ("max_position_embeddings", 1 << 40, "as the context length"), ("rope_theta", 0, "a rope base of 0.0"),
            ("rope_theta", -1, "a rope base of -1.0"), ("rms_norm_eps", -1, "a norm epsilon of -1.0"),
            ("rms_norm_eps", 1e300, "a norm epsilon"), ("num_attention_heads", 5, "5 query heads"),
            ("hidden_size", 31, "[96, 30] where the configuration asks for [96, 31]"),
            ("num_hidden_layers", 4, "no tensor model.layers.3.self_attn.q_proj.weight"),
            ("vocab_size", 97, "asks for [97, 30]"), ("intermediate_size", 33, "asks for [33, 30]"),
        ] as [(String, Any, String)] {
            try check([field: value], words)
        }
        for type in ["dynamic", "proportional"] {
            try check(
                ["rope_scaling": ["rope_type": type, "factor": 2]], "rope scaling of the type \(type)",
                kind: .unsupported)
        }
        try check(["rope_scaling": ["rope_type": "linear"]], "no field factor")
        try check(["rope_scaling": ["rope_type": "linear", "factor": 0]], "factor is not a positive number")
        try check(["rope_scaling": ["rope_type": "llama3", "factor": 8]], "low_freq_factor")
        try check(
            ["rope_scaling": ["rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4]],
            "high_freq_factor is not greater")
        try check(["rope_scaling": 3], "rope_scaling is not an object")
        try check(["tie_word_embeddings": "no"], "tie_word_embeddings is not true or false")
    }

    /// Another output matrix than the embedding is only where the configuration says so.
    func testTiedEmbeddings() throws {
        let copy = try copyOfTinyModel("llama2-like", into: folder, changing: ["tie_word_embeddings": false])
        XCTAssertThrowsError(try LanguageModel(contentsOf: copy)) {
            XCTAssertTrue("\($0)".contains("lm_head.weight"), "\($0)")
        }
        // Another matrix beside the embedding, and a field that says there is none.
        let both = try copyOfTinyModel("grouped", into: folder, changing: ["tie_word_embeddings": true])
        XCTAssertThrowsError(try LanguageModel(contentsOf: both)) {
            XCTAssertTrue("\($0)".contains("lm_head.weight") && "\($0)".contains("tie_word_embeddings"), "\($0)")
        }
    }

    /// The embedding stored a second time is no other matrix.
    func testOutputMatrixThatIsTheEmbedding() throws {
        let copy = try copyOfTinyModel("llama2-like", into: folder)
        let tied = try LanguageModel(contentsOf: copy)
        let url = copy.appending(path: "model.safetensors")
        let file = try SafetensorsFile(contentsOf: url)
        let twice = copy.appending(path: "twice.safetensors")
        var writer = SafetensorsWriter(metadata: ["format": "pt"])
        for entry in file.entries { writer.add(copying: entry, of: file) }
        let embedding = try XCTUnwrap(file["model.embed_tokens.weight"])
        writer.add(
            "lm_head.weight", type: embedding.type, shape: embedding.shape, byteCount: embedding.range.count
        ) { emit in try emit(UnsafeRawBufferPointer(rebasing: file.file.bytes[embedding.range])) }
        try writer.write(to: twice)
        try FileManager.default.removeItem(at: url)
        try FileManager.default.moveItem(at: twice, to: url)
        let workers = WorkerPool(count: 1)
        XCTAssertEqual(
            try LanguageModel(contentsOf: copy).pass([1, 2], workers: workers).logits,
            try tied.pass([1, 2], workers: workers).logits)
    }

    /// All linear layers with biases, against a forward pass in plain NumPy: `Fixtures/numerics/mlp_bias.py`.
    func testBiasesOfAllLayers() throws {
        let numerics = FixtureLocation.fixtures.appending(path: "numerics")
        let facts = try JSONObject(contentsOf: numerics.appending(path: "mlp-bias.json"))
        let model = try LanguageModel(contentsOf: numerics.appending(path: "mlp-bias"))
        let text = try Data(contentsOf: numerics.appending(path: "mlp-bias.json"))
        let json = try XCTUnwrap(JSONSerialization.jsonObject(with: text) as? [String: Any])
        let expected = try XCTUnwrap(json["logits"] as? [[Double]]).flatMap { $0.map { Float($0) } }
        let result = try model.pass(XCTUnwrap(facts.integers("ids")), workers: WorkerPool(count: 2))
        assertClose(result.logits.elements, expected, absolute: 1e-5, "logits with biases in attention and MLP")
    }

    /// The configuration says whether there are biases, as in transformers.
    func testBiasesAreThoseOfTheConfiguration() throws {
        let copy = try copyOfTinyModel("llama2-like", into: folder, changing: ["attention_bias": true])
        XCTAssertThrowsError(try LanguageModel(contentsOf: copy)) {
            XCTAssertTrue("\($0)".contains("model.layers.0.self_attn.q_proj.bias"), "\($0)")
        }
        let mlp = try copyOfTinyModel("grouped", into: folder, changing: ["mlp_bias": true])
        XCTAssertThrowsError(try LanguageModel(contentsOf: mlp)) {
            XCTAssertTrue("\($0)".contains("model.layers.0.mlp.gate_proj.bias"), "\($0)")
        }
        let without = try copyOfTinyModel("grouped", into: folder, changing: ["attention_bias": false])
        XCTAssertThrowsError(try LanguageModel(contentsOf: without), "biases that nothing uses") {
            XCTAssertTrue("\($0)".contains("model.layers.0.self_attn.k_proj.bias"), "\($0)")
        }
    }

    func testFingerprintKnowsHyperparameters() throws {
        let workers = WorkerPool(count: 2)
        func fingerprint(_ fields: [String: Any?]) throws -> String {
            try LanguageModel(contentsOf: copyOfTinyModel("llama2-like", into: folder, changing: fields)).fingerprint(
                workers: workers)
        }
        let plain = try fingerprint([:])
        XCTAssertEqual(try fingerprint([:]), plain, "the same model in another folder")
        XCTAssertEqual(
            try fingerprint(["head_dim": 10, "dtype": "float16"]), plain, "the same model written otherwise")
        var seen: Set<String> = [plain]
        for fields in [
            ["rope_theta": 10001], ["rms_norm_eps": 1e-6], ["rope_scaling": ["type": "linear", "factor": 4.5]],
            ["max_position_embeddings": 255], ["num_hidden_layers": 2],
        ] as [[String: Any?]] {
            XCTAssertTrue(seen.insert(try fingerprint(fields)).inserted, "\(fields) changed nothing")
        }
    }
}
