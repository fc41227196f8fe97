import XCTest
import _TestSupport

@testable import Tokenization

/// Folders with a `tokenizer.json`, against Hugging Face's `tokenizers` (`Fixtures/tokenizers/make-tokenizers.py`).
final class HuggingFaceTokenizerTests: XCTestCase {
    private func check(_ name: String) throws -> Tokenizer {
        let tokenizer = try fixtureTokenizer(name)
        try ExpectedCases.read(tokenizerFixtures.appending(path: "\(name)/expected.json")).check(tokenizer, name)
        return tokenizer
    }

    func testGPT2Style() throws {
        let tokenizer = try check("gpt2-style")
        XCTAssertEqual(tokenizer.kind.algorithm, .byteLevelBPE)
        XCTAssertEqual(tokenizer.bosToken, 0, "bos_token of tokenizer_config.json is <|begin|>")
        XCTAssertEqual(tokenizer.eosToken, 1, "eos_token is given as an object with content")
        XCTAssertFalse(tokenizer.addsBeginning)
        XCTAssertNil(tokenizer.chatTemplate)
    }

    func testPrefixSpace() throws { _ = try check("gpt2-prefix-space") }

    func testSmolLMStyle() throws {
        let tokenizer = try check("smollm-style")
        XCTAssertEqual(tokenizer.chatTemplate?.hasPrefix("{% for m in messages %}"), true, "chat_template.jinja")
    }

    func testLlama3Style() throws {
        let tokenizer = try check("llama3-style")
        XCTAssertTrue(tokenizer.addsBeginning, "the post-processor's template begins with <|begin|>")
        XCTAssertEqual(tokenizer.bosToken, 0)
        XCTAssertEqual(tokenizer.eosToken, 1)
        XCTAssertEqual(tokenizer.endOfGenerationTokens, [1, 5], "eos_token_id of generation_config.json")
    }

    func testQwen2Style() throws {
        let tokenizer = try check("qwen2-style")
        XCTAssertNil(tokenizer.bosToken)
        XCTAssertFalse(tokenizer.addsBeginning)
        XCTAssertEqual(tokenizer.chatTemplate, "{{ messages[0].content }}", "the template named default")
    }

    func testLlama2Style() throws {
        let tokenizer = try check("llama2-style")
        XCTAssertEqual(tokenizer.kind.algorithm, .characterBPE)
        XCTAssertEqual([tokenizer.bosToken, tokenizer.eosToken], [1, 2], "special_tokens_map.json")
        XCTAssertTrue(tokenizer.addsBeginning)
        XCTAssertEqual(tokenizer.endOfGenerationTokens, [2], "</s> is known by its text")
    }

    func testMetaspaceFirst() throws { _ = try check("metaspace-first") }
    func testMetaspaceAlways() throws { _ = try check("metaspace-always") }
    func testMetaspaceNever() throws { _ = try check("metaspace-never") }
    func testFusedUnknown() throws { _ = try check("unknown-fused") }

    func testFalconStyle() throws { _ = try check("falcon-style") }

    func testGemmaStyle() throws {
        let tokenizer = try check("gemma-style")
        let turn = try XCTUnwrap(tokenizer.token(spelled: "<end_of_turn>"))
        XCTAssertEqual(tokenizer.endOfGenerationTokens, [2, turn], "eos_token_id of generation_config.json")
        XCTAssertTrue(tokenizer.addsBeginning)
    }

    /// A message ends with <|end|>, which this vocabulary has by chance, and the turn with <|return|> or <|call|>.
    func testGPT4oStyle() throws {
        let tokenizer = try check("gpt-4o-style")
        let ends = Set(["<|return|>", "<|call|>"].compactMap { tokenizer.token(spelled: $0) })
        XCTAssertEqual(tokenizer.endOfGenerationTokens, ends)
        XCTAssertEqual(ends.count, 2)
    }

    func testFolderWithoutTokenizer() throws {
        let folder = FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped")
        XCTAssertThrowsError(try Tokenizer(contentsOf: folder)) { error in
            let text = "\(error)"
            XCTAssertTrue(text.contains("no readable file") && text.contains("grouped/tokenizer.json"), text)
            XCTAssertTrue(text.contains(".gguf"), "the remedy names the file that has a tokenizer: \(text)")
        }
    }
}
