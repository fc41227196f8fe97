import Foundation
import XCTest
import _TestSupport

@testable import Tokenization

/// The real model's vocabulary, against Hugging Face's `tokenizers` and jinja2
/// (`Fixtures/tokenizers/make-smollm2.py`).
final class SmolLM2TokenizerTests: XCTestCase {
    private struct Expected: Decodable {
        struct Chat: Decodable {
            var messages: [[String: String]]
            var text: String
            var ids: [Int]
        }

        var chats: [Chat]
    }

    private let url = tokenizerFixtures.appending(path: "smollm2.json")

    func testTexts() throws { try ExpectedCases.read(url).check(try smolLM2(), "SmolLM2") }

    func testRoles() throws {
        let tokenizer = try smolLM2()
        XCTAssertEqual(tokenizer.bosToken, 1)
        XCTAssertEqual(tokenizer.eosToken, 2)
        XCTAssertEqual(try tokenizer.piece(1), "<|im_start|>")
        XCTAssertEqual(try tokenizer.piece(2), "<|im_end|>")
        XCTAssertFalse(tokenizer.addsBeginning)
        XCTAssertTrue(tokenizer.endOfGenerationTokens.isSuperset(of: [0, 2]), "<|endoftext|> and <|im_end|>")
        XCTAssertEqual(tokenizer.specialTokens.first?.text, "<|endoftext|>")
    }

    func testChats() throws {
        let tokenizer = try smolLM2()
        let formatter = try ChatFormatter(tokenizer)
        let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: url))
        XCTAssertEqual(expected.chats.count, 2)
        for chat in expected.chats {
            let json = try JSONEncoder().encode(chat.messages)
            let formatted = try formatter.format(
                ChatMessage.messages(json: json, place: "chat.json"), addGenerationPrompt: true)
            XCTAssertEqual(formatted.text, chat.text)
            XCTAssertEqual(formatted.ids, chat.ids, chat.text)
        }
    }
}
