import ChatTemplating
import DataFiles
import XCTest
import _TestSupport

@testable import Tokenization

final class ChatFormatterTests: XCTestCase {
    func testMessagesBecomeTheTemplatesTextAndItsTokens() throws {
        let tokenizer = try fixtureTokenizer("smollm-style")
        let chat = try ChatFormatter(tokenizer).format([
            ChatMessage(role: "user", content: "light <tag>"), ChatMessage(role: "assistant", content: ""),
        ])
        XCTAssertEqual(chat.text, "<|begin|>user: light <tag><|end|><|begin|>assistant: <|end|>")
        XCTAssertEqual(chat.ids, try tokenizer.encode(chat.text, specialTokens: .parsed))
        XCTAssertEqual([chat.ids.first, chat.ids.last], [0, 1], "<|begin|> and <|end|> are tokens")
        XCTAssertEqual(try tokenizer.decode(chat.ids), chat.text)
    }

    func testModelWithoutTemplate() throws {
        XCTAssertThrowsError(try ChatFormatter(fixtureTokenizer("llama2-style"))) { error in
            XCTAssertTrue("\(error)".contains("no chat template in"), "\(error)")
            XCTAssertTrue("\(error)".contains("instruct model"), "\(error)")
        }
    }

    func testFieldsOfMessagesAreKeptInOrder() throws {
        let json = #"[{"role": "tool", "zeta": [1, 2.5, true, null], "content": "x", "alpha": {"b": 1, "a": 2}}]"#
        let messages = try ChatMessage.messages(json: Data(json.utf8), place: "chat.json")
        XCTAssertEqual(messages.first?.fields.keys.map { $0 }, ["role", "zeta", "content", "alpha"])
        XCTAssertEqual(messages.first?.fields["zeta"], [1, 2.5, true, nil])
        XCTAssertEqual(messages.first?.fields["alpha"], ["b": 1, "a": 2])
    }

    func testWrongMessagesAreNamed() {
        let faults: [(json: String, parts: [String])] = [
            ("{}", ["chat.json: messages", "an object where an array should be"]),
            ("[]", ["no message"]),
            ("[1]", ["messages[0]", "a number"]),
            (#"[{"role": "user", "content": "a"}, {"content": "b"}]"#, ["messages[1]", "no field role"]),
            (#"[{"role": 3, "content": "b"}]"#, ["messages[0].role", "a number where a string should be"]),
            (#"[{"role": "user"}]"#, ["messages[0].content"]),
            (#"[{"role": "user", "content": "a"}, {"role": "user", "content": null}]"#, ["messages[1].content"]),
            (
                #"[{"role": "u", "content": ""}, {"role": "u", "content": []}, {"role": "u", "content": {}}]"#,
                ["messages[2].content", "an object where a text should be"]
            ),
            (#"[{"role": "user", "content": "a"}"#, ["chat.json", "byte 33"]),
            ("[{\"role\": \"user\",\n\"content\": 3}]", ["messages[0].content, line 2"]),
            (#"[{"role": "user", "content": "a", "role": "system"}]"#, ["the field `role` twice"]),
            (
                #"[{"role": "u", "content": "", "x": {"\u00e9": 1, "e\u0301": 2}}]"#,
                ["chat.json: messages[0]", "the field e\u{301} twice"]
            ),
        ]
        for fault in faults {
            XCTAssertThrowsError(try ChatMessage.messages(json: Data(fault.json.utf8), place: "chat.json"), fault.json)
            {
                for part in fault.parts {
                    XCTAssertTrue("\($0)".contains(part), "“\(part)” is missing in “\($0)”")
                }
            }
        }
    }

    func testTemplateErrorsKeepConstructAndLine() throws {
        let refusing = try tokenizer(
            template: "{{ bos_token }}\n{% if true %}{{ raise_exception('no system') }}{% endif %}")
        XCTAssertThrowsError(try ChatFormatter(refusing).format([ChatMessage(role: "system", content: "")])) { error in
            XCTAssertEqual((error as? InputError)?.kind, .badData)
            for part in ["no system", "line 2"] { XCTAssertTrue("\(error)".contains(part), "“\(part)” in “\(error)”") }
        }
        let broken = try tokenizer(template: "a\nb\n{% include 'x' %}")
        XCTAssertThrowsError(try ChatFormatter(broken)) { error in
            for part in ["include", "line 3"] { XCTAssertTrue("\(error)".contains(part), "“\(part)” in “\(error)”") }
        }
    }

    func testVariables() throws {
        let tokenizer = try tokenizer(
            template: "{{ bos_token }}|{{ eos_token }}|{{ tools is none }}|{{ add_generation_prompt }}|{{ extra }}")
        let chat = try ChatFormatter(tokenizer).format(
            [ChatMessage(role: "user", content: "")], addGenerationPrompt: false, variables: ["extra": "more"])
        XCTAssertEqual(chat.text, "<|begin|>|<|end|>|True|False|more")
    }

    /// The vocabulary of a fixture with another template.
    private func tokenizer(template: String) throws -> Tokenizer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "chat-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: tokenizerFixtures.appending(path: "gpt2-style"), to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(template.utf8).write(to: folder.appending(path: "chat_template.jinja"))
        return try Tokenizer(contentsOf: folder)
    }
}
