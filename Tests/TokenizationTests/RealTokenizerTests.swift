import Foundation
import XCTest
import _TestSupport

@testable import Tokenization

/// The vocabularies of real models, against Hugging Face's `tokenizers` (`Fixtures/tokenizers/make-real-models.py`).
final class RealTokenizerTests: XCTestCase {
    private func check(_ file: FetchedFile, _ name: String) throws -> Tokenizer {
        let tokenizer = try Tokenizer(contentsOf: FixtureLocation.fetched(file))
        try ExpectedCases.read(tokenizerFixtures.appending(path: "\(name).json")).check(tokenizer, name)
        return tokenizer
    }

    func testQwenCoder() throws {
        let tokenizer = try check(.qwenCoder500M, "qwen2.5-coder")
        XCTAssertFalse(tokenizer.addsBeginning)
        XCTAssertEqual(try tokenizer.eosToken.map(tokenizer.piece), "<|im_end|>")
        let ends = try ["<|im_end|>", "<|endoftext|>"].map { try XCTUnwrap(tokenizer.token(spelled: $0)) }
        XCTAssertTrue(tokenizer.endOfGenerationTokens.isSuperset(of: ends), "\(tokenizer.endOfGenerationTokens)")
        XCTAssertNotNil(tokenizer.chatTemplate)
    }

    func testLargerQwenCoderHasTheSameVocabulary() throws { _ = try check(.qwenCoder1500M, "qwen2.5-coder") }

    func testGemma() throws {
        let tokenizer = try check(.gemma270M, "gemma-3-270m")
        XCTAssertTrue(tokenizer.addsBeginning)
        XCTAssertEqual(tokenizer.bosToken, 2)
        XCTAssertEqual(tokenizer.eosToken, 1)
        let turn = try XCTUnwrap(tokenizer.token(spelled: "<end_of_turn>"))
        XCTAssertTrue(tokenizer.endOfGenerationTokens.isSuperset(of: [1, turn]))
    }
}
