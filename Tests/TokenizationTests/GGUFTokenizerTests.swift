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

    func testGemma4() throws {
        let tokenizer = try check("gemma4")
        XCTAssertEqual(tokenizer.kind.algorithm, .characterBPE)
        XCTAssertTrue(tokenizer.addsBeginning, "whatever the file says, as in llama.cpp")
    }
}
