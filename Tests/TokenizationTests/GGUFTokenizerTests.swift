import XCTest
import _TestSupport

@testable import Tokenization

/// Vocabularies in GGUF files, against llama.cpp's algorithms written out plainly
/// (`Fixtures/tokenizers/make-gguf-vocabularies.py`).
final class GGUFTokenizerTests: XCTestCase {
    private func check(_ name: String) throws -> Tokenizer {
        let tokenizer = try fixtureTokenizer("\(name).gguf")
        try ExpectedCases.read(tokenizerFixtures.appending(path: "\(name).gguf.json")).check(tokenizer, name)
        return tokenizer
    }

    func testSmolLM() throws {
        let tokenizer = try check("smollm")
        XCTAssertEqual(tokenizer.kind, TokenizerKind(algorithm: .byteLevelBPE, preTokenizer: "smollm"))
        XCTAssertFalse(tokenizer.addsBeginning, "byte-level BPE adds no beginning by default")
        XCTAssertEqual(tokenizer.specialTokens.map(\.text), ["<|begin|>", "<|end|>"])
    }

    func testUserDefinedTokens() throws {
        let tokenizer = try check("user-defined")
        XCTAssertTrue(tokenizer.addsBeginning, "add_bos_token says so")
        XCTAssertEqual(
            try tokenizer.encode("a", specialTokens: .parsed, addBeginning: true).first, 0, "<|begin|> comes first")
    }

    func testLlama3() throws {
        let tokenizer = try check("llama-bpe")
        XCTAssertTrue(tokenizer.addsBeginning, "the default of llama-bpe")
    }

    func testQwen2() throws { _ = try check("qwen2") }
    func testMissingPreTokenizer() throws { _ = try check("no-pre") }

    func testSentencePiece() throws {
        let tokenizer = try check("llama-spm")
        XCTAssertEqual(tokenizer.kind.algorithm, .sentencePieceBPE)
        XCTAssertTrue(tokenizer.addsBeginning, "the default of SentencePiece")
        XCTAssertEqual(tokenizer.endOfGenerationTokens, [2])
    }

    func testWithoutSpacePrefix() throws { _ = try check("no-space-prefix") }

    /// The 46 cases of each vocabulary that llama.cpp's own tests have.
    func testLlamaCppCases() throws {
        for name in ["gpt-2", "starcoder", "llama-spm"] {
            let url = try FixtureLocation.fetched("vocabularies/ggml-vocab-\(name).gguf")
            let tokenizer = try Tokenizer(contentsOf: url)
            let inputs = try String(contentsOf: url.appendingPathExtension("inp"), encoding: .utf8)
            let outputs = try String(contentsOf: url.appendingPathExtension("out"), encoding: .utf8)
            let texts = inputs.components(separatedBy: "\n__ggml_vocab_test__\n")
            let lines = outputs.components(separatedBy: "\n")
            XCTAssertGreaterThanOrEqual(texts.count, 46, name)
            XCTAssertEqual(texts.count, lines.count, name)
            for (text, line) in zip(texts, lines) {
                let expected = line.split(separator: " ").compactMap { Int($0) }
                XCTAssertEqual(
                    try tokenizer.encode(text, specialTokens: .plainText), expected, "\(name): \(text.debugDescription)"
                )
                XCTAssertEqual(try tokenizer.decode(expected), text, "\(name): \(text.debugDescription) decoded")
            }
        }
    }
}
