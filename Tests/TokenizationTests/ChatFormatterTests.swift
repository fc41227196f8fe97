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
        var tokenizer = try tokenizer(
            template: "{{ bos_token }}|{{ eos_token }}|{{ tools is none }}|{{ add_generation_prompt }}|{{ extra }}")
        func text() throws -> String {
            try ChatFormatter(tokenizer).format([ChatMessage(role: "user", content: "")], addGenerationPrompt: false)
                .text
        }
        XCTAssertEqual(try text(), "<|begin|>|<|end|>|True|False|")
        tokenizer.templateSettings.variables = ["extra": "more", "tools": [], "bos_token": "B", "messages": "none"]
        XCTAssertEqual(try text(), "B|<|end|>|False|False|more", "they replace what is given by default")
        let formatter = try ChatFormatter(tokenizer)
        XCTAssertEqual(formatter.unreadVariables, ["messages"], "this template doesn't read the messages")
    }

    func testMessagesAreNoVariable() throws {
        var tokenizer = try tokenizer(template: "{{ messages[0].content }}{% set own = 1 %}")
        tokenizer.templateSettings.variables = ["messages": [], "own": 3, "other": 4]
        let formatter = try ChatFormatter(tokenizer)
        XCTAssertEqual(try formatter.format([ChatMessage(role: "user", content: "x")]).text, "x")
        XCTAssertEqual(formatter.unreadVariables, ["own", "other"], "a name that is only set is not read")
    }

    func testTheDateIsTheOneGiven() throws {
        var tokenizer = try tokenizer(template: "{{ strftime_now('%d %b %Y %H:%M %A') }}")
        tokenizer.templateSettings.date = CalendarDate(year: 2024, month: 2, day: 29)
        let message = [ChatMessage(role: "user", content: "")]
        let formatter = try ChatFormatter(tokenizer)
        XCTAssertEqual(try formatter.format(message).text, "29 Feb 2024 00:00 Thursday")
        XCTAssertEqual(formatter.settings.provenance, ["date": "2024-02-29", "templateVariables": "{}"])

        tokenizer.templateSettings.date = nil
        let before = CalendarDate.today
        let today = try ChatFormatter(tokenizer)
        // Midnight may pass between the two.
        XCTAssertTrue([before, .today].contains(today.settings.date), "\(String(describing: today.settings.date))")
    }

    /// What the assistant thought has three names in messages and two in templates.
    func testThoughtsAreFoundUnderTheNamesThatTemplatesRead() throws {
        let tokenizer = try tokenizer(
            template:
                "{% for m in messages %}[{{ m.thinking }}|{{ m.reasoning_content }}|{{ m.reasoning }}]{% endfor %}")
        let json = #"""
            [{"role": "a", "content": "", "thinking": "t"}, {"role": "a", "content": "", "reasoning_content": "c"},
             {"role": "a", "content": "", "reasoning": "r"}, {"role": "a", "content": "", "thinking": "t", "reasoning_content": "c"},
             {"role": "a", "content": ""}, {"role": "a", "content": "", "thinking": null, "reasoning": "r"}]
            """#
        let messages = try ChatMessage.messages(json: Data(json.utf8), place: "chat.json")
        XCTAssertEqual(
            try ChatFormatter(tokenizer).format(messages).text, "[t|t|][c|c|][r|r|r][t|c|][||][None|r|r]")
    }

    func testWrittenValues() {
        let cases: [(text: String, value: TemplateValue)] = [
            ("false", false), ("null", nil), ("2", 2), ("2.0", .float(2)), ("-1", -1), ("\"false\"", "false"),
            ("26 Jul 2024", "26 Jul 2024"), ("", ""), ("2024-01-01", "2024-01-01"), ("[1, \"a\"]", [1, "a"]),
            (#"{"name": "f", "a": {"b": []}}"#, ["name": "f", "a": ["b": []]]), ("{broken", "{broken"),
            (" true ", true),
            ("NaN", "NaN"), ("no", "no"),
        ]
        for (text, value) in cases { XCTAssertEqual(TemplateValue(written: text), value, text) }
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
