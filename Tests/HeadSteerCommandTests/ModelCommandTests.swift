import Checkpoints
import Foundation
import XCTest
import _TestSupport

/// The commands on models and texts, on the planted model and on tiny models computed by transformers.
final class ModelCommandTests: ProgramTestCase {
    private struct TinyModel: Decodable {
        struct Greedy: Decodable { var prompt, ids: [Int] }
        var ids: [Int]
        var greedy: Greedy
    }
    private struct GroundTruth: Decodable {
        struct Top: Decodable {
            var id: Int
            var logit: Double
        }
        struct Text: Decodable {
            var prompt, neutral: String
            var promptIds: [Int]
            var top: [Top]
        }
        var texts: [Text]
    }

    private func decode<Value: Decodable>(_ name: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: FixtureLocation.fixtures.appending(path: name)))
    }

    func testInspectTellsTheShape() throws {
        let output = try json("inspect", Self.planted)
        for (key, expected) in [
            ("layers", 6), ("heads", 4), ("kvHeads", 4), ("headSize", 16), ("width", 64), ("feedForward", 96),
            ("vocabulary", 1026), ("context", 512), ("ropeBase", 10000),
        ] {
            XCTAssertEqual(try output.double(key), Double(expected), key)
        }
        XCTAssertEqual(try output.string("architecture"), "llama")
        XCTAssertEqual(output["tiedEmbeddings"] as? Bool, false)
        // By hand: two matrices of 1026 × 64; in each of 6 layers 4 · 64² + 3 · 64 · 96 weights and 2 · 64 of norms; 64.
        XCTAssertEqual(try output.double("parameters"), Double(2 * 1026 * 64 + 6 * (4 * 4096 + 3 * 6144 + 128) + 64))
        XCTAssertEqual(output["tensorTypes"] as? [String: Int], ["F16": 2 + 6 * 7, "F32": 6 * 2 + 1])
        XCTAssertTrue(try output.string("fingerprint").wholeMatch(of: #/sha256:[0-9a-f]{64}/#) != nil, "\(output)")

        let folder = try json("inspect", Self.fixture("tiny-llamas/sharded-bf16"))
        XCTAssertEqual((folder["tensorTypes"] as? [String: Int])?.keys.sorted(), ["BF16"])
    }

    func testInspectSaysOfAVocabularyThatItIsOne() throws {
        let vocabulary = Self.fixture("tokenizers/smollm.gguf")
        try assertRefused(["inspect", vocabulary], 65, saying: "only a vocabulary", "600")
        let output = try json("tokenize", vocabulary, "--text", "Hello world")
        // Of `Fixtures/tokenizers/smollm.gguf.json`.
        XCTAssertEqual(try output.integers("ids"), [41, 313, 77, 80, 269, 284, 77, 69])
    }

    func testARealVocabulary() throws {
        let vocabulary = try FixtureLocation.fetched("vocabularies/ggml-vocab-gpt-2.gguf").path(percentEncoded: false)
        let output = try json("tokenize", vocabulary, "--text", "Hello world")
        XCTAssertEqual(try output.integers("ids"), [15496, 995], "GPT-2's own ids")
    }

    func testTokenizeAndBack() throws {
        let output = try json("tokenize", Self.planted, "--text", "My day at work was")
        XCTAssertEqual(try output.integers("ids"), [358, 491, 369, 745, 594])
        XCTAssertEqual(output["pieces"] as? [String], [" My", " day", " at", " work", " was"])
        let begun = try json("tokenize", Self.planted, "--text", "My day at work was", "--bos")
        XCTAssertEqual(try begun.integers("ids"), [1, 358, 491, 369, 745, 594])
        let text = try json("detokenize", Self.planted, "--ids", "358,491,369,745,594")
        XCTAssertEqual(try text.string("text"), "My day at work was")

        let batch = try write("texts.json", #"["My day", "", "</s>"]"#)
        let results = try json("tokenize", Self.planted, "--batch", batch).objects("results")
        XCTAssertEqual(try results.map { try $0.integers("ids") }, [[358, 491], [], [2]])
        let plain = try json("tokenize", Self.planted, "--text", "</s>", "--no-special")
        XCTAssertFalse(try plain.integers("ids").contains(2), "text, not the end token: \(plain)")
    }

    func testChatGoesThroughTheModelsTemplate() throws {
        let messages = try write("chat.json", #"[{"role": "user", "content": "My day"}]"#)
        let output = try json("chat", Self.planted, "--messages", messages, "--generation-prompt")
        XCTAssertTrue(try output.string("text").contains("My day"), "\(output)")
        let ids = try output.integers("ids")
        XCTAssertNotNil(ids.firstIndex(of: 491), "\(output)")
        let generated = try json("generate", Self.planted, "--chat", "My day", "--max-tokens", "1")
        XCTAssertEqual(try generated.integers("promptIds"), ids)
    }

    func testLogitsAreTheTinyModels() throws {
        let reference: TinyModel = try decode("tiny-llamas/grouped.json")
        let sites = try SafetensorsFile(
            contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped.sites.safetensors"))
        let expected = try sites.floats("logits")
        let ids = reference.ids.map(String.init).joined(separator: ",")
        let output = try json(
            "logits", Self.grouped, "--ids", ids, "--all-positions", "--out", path("logits.safetensors"))
        XCTAssertEqual(try output.integers("ids"), reference.ids, "no token is added to ids")
        let written = try SafetensorsFile(contentsOf: folder.appending(path: "logits.safetensors"))
        let vocabulary = expected.count / reference.ids.count
        XCTAssertEqual(written["logits"]?.shape, [reference.ids.count, vocabulary])
        XCTAssertEqual(written["logits"]?.type, "F32")
        assertClose(try written.floats("logits"), expected, relative: 1e-5, "logits")

        let last = Array(expected.suffix(vocabulary))
        let best = last.indices.sorted { last[$0] > last[$1] }.prefix(10)
        XCTAssertEqual(try output.objects("top").compactMap { $0["id"] as? Int }, Array(best))

        _ = try json("logits", Self.grouped, "--ids", ids, "--out", path("last.safetensors"))
        let single = try SafetensorsFile(contentsOf: folder.appending(path: "last.safetensors"))
        XCTAssertEqual(single["logits"]?.shape, [1, vocabulary])
        assertClose(try single.floats("logits"), last, relative: 1e-5, "last logits")
    }

    func testPromptsBeginAsTheModelAsks() throws {
        let truth: GroundTruth = try decode("planted/ground-truth.json")
        let text = truth.texts[0]
        let output = try json("logits", Self.planted, "--prompt", text.prompt)
        XCTAssertEqual(try output.integers("ids"), text.promptIds)
        let top = try output.objects("top")
        XCTAssertEqual(top.count, 10)
        for (actual, expected) in zip(top, text.top) {
            XCTAssertEqual(actual["id"] as? Int, expected.id)
            XCTAssertEqual(try actual.double("logit"), expected.logit, accuracy: 2e-4, "token \(expected.id)")
        }
    }

    func testGenerateWritesTheReferenceTexts() throws {
        let reference: TinyModel = try decode("tiny-llamas/grouped.json")
        let prompt = reference.greedy.prompt.map(String.init).joined(separator: ",")
        let result = try Program.run([
            "generate", Self.fixture("tiny-llamas/grouped"), "--ids", prompt, "--max-tokens",
            "\(reference.greedy.ids.count)", "--json",
        ])
        let output = try result.json()
        XCTAssertEqual(try output.integers("ids"), reference.greedy.ids)
        XCTAssertEqual(try output.integers("promptIds"), reference.greedy.prompt)
        XCTAssertEqual(try output.string("stopReason"), "length")
        XCTAssertTrue(result.error.hasPrefix("warning: "), "the model has no tokenizer: \(result.error)")

        let truth: GroundTruth = try decode("planted/ground-truth.json")
        let text = try json("generate", Self.planted, "--prompt", truth.texts[0].prompt)
        XCTAssertEqual(try text.string("text"), truth.texts[0].neutral)
        XCTAssertEqual(try text.string("stopReason"), "end")
        XCTAssertEqual(try text.integers("ids").last, 2, "the end token is part of the ids")
        XCTAssertGreaterThan(try text.double("promptSeconds"), 0)
        XCTAssertGreaterThan(try text.double("generateSeconds"), 0)
        let plain = try Program.run(["generate", Self.planted, "--prompt", truth.texts[0].prompt])
        XCTAssertEqual(plain.output, truth.texts[0].neutral + "\n")
        XCTAssertEqual(plain.error, "")
    }

    func testGenerateEndsForEveryReason() throws {
        let on = try json(
            "generate", Self.planted, "--prompt", "I feel", "--ignore-eos", "--max-tokens", "30")
        XCTAssertEqual(try on.integers("ids").count, 30)
        XCTAssertEqual(try on.string("stopReason"), "length")
        let none = try json("generate", Self.planted, "--prompt", "I feel", "--max-tokens", "0")
        XCTAssertEqual(try none.integers("ids"), [])
        let ids = (0..<508).map { _ in "491" }.joined(separator: ",")
        let full = try json("generate", Self.planted, "--ids", ids, "--ignore-eos", "--max-tokens", "60")
        XCTAssertEqual(try full.string("stopReason"), "context")
        XCTAssertEqual(try full.integers("ids").count, 5, "508 tokens, 4 more that are read, and the last one")
    }

    func testSamplingIsSeeded() throws {
        func text(_ seed: String, threads: String = "2") throws -> [Int] {
            try json(
                "generate", Self.planted, "--prompt", "I feel", "--temperature", "3", "--top-k", "200", "--top-p",
                "0.99",
                "--seed", seed, "--max-tokens", "12", "--ignore-eos", "--threads", threads
            ).integers("ids")
        }
        XCTAssertEqual(try text("7"), try text("7", threads: "1"), "same seed, same tokens, for any number of threads")
        XCTAssertNotEqual(try text("7"), try text("8"))
    }

    func testScoreIsThePromptsLogits() throws {
        let output = try json(
            "score", Self.planted, "--prompt", "My day at work was", "--completion", " ordinary and")
        XCTAssertEqual(try output.integers("ids"), [1001, 467])
        let logprobs = try XCTUnwrap(output["logprobs"] as? [Double])
        XCTAssertEqual(try output.double("total"), logprobs[0] + logprobs[1], accuracy: 1e-12)
        // The logits of the reference, computed by the softmax's definition.
        _ = try json("logits", Self.planted, "--prompt", "My day at work was", "--out", path("logits.safetensors"))
        let logits = try SafetensorsFile(contentsOf: folder.appending(path: "logits.safetensors")).floats("logits")
        let sum = logits.reduce(0.0) { $0 + exp(Double($1)) }
        XCTAssertEqual(logprobs[0], Double(logits[1001]) - log(sum), accuracy: 1e-5)
    }

    func testBenchTellsItsFigures() throws {
        let output = try json(
            "bench", Self.planted, "--prompt-tokens", "8", "--generate-tokens", "4", "--batch", "2", "--threads", "1")
        for key in ["prefillTokensPerSecond", "decodeTokensPerSecond"] {
            XCTAssertGreaterThan(try output.double(key), 0)
        }
        XCTAssertGreaterThan(try output.double("peakBytes"), 1_000_000)
        XCTAssertEqual(try output.double("threads"), 1)
    }

    func testVersionAndHelpGoToStandardOutput() throws {
        let version = try Program.run(["--version"])
        XCTAssertEqual(version.status, 0)
        XCTAssertTrue(version.output.wholeMatch(of: #/headsteer [0-9]+\.[0-9]+\.[0-9]+\n/#) != nil, version.output)
        for command in [
            "quickstart", "inspect", "tokenize", "detokenize", "chat", "logits", "generate", "score", "collect",
            "probe",
            "sweep", "search", "evaluate", "bench",
        ] {
            let help = try Program.run([command, "--help"])
            XCTAssertEqual(help.status, 0, command)
            XCTAssertEqual(help.error, "", command)
            XCTAssertTrue(help.output.contains("headsteer \(command) "), "an example in the help of \(command)")
            XCTAssertTrue(help.output.contains("--threads"), command)
        }
    }
}
