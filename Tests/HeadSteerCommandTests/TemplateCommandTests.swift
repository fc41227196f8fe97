import Checkpoints
import Foundation
import XCTest
import _TestSupport

/// What chat templates are told on the command line, and that it is recorded.
final class TemplateCommandTests: ProgramTestCase {
    private let template = """
        {{ bos_token }}{{ strftime_now('%d %b %Y') }}{% for m in messages %} {{ m.content }}{% endfor %}\
        {% if enable_thinking is defined and enable_thinking is false %} off{% endif %}\
        {% if tools %} {{ tools[0].name }}{% endif %}
        """

    private func model() throws -> String { try altered("dated.gguf", ["tokenizer.chat_template": .string(template)]) }

    private func messages() throws -> String {
        try write("chat.json", #"[{"role": "user", "content": "My day"}]"#)
    }

    func testDateAndVariablesReachTheTemplate() throws {
        let (model, messages) = (try model(), try messages())
        let output = try json("chat", model, "--messages", messages, "--date", "2024-02-29")
        XCTAssertEqual(try output.string("text"), "<s>29 Feb 2024 My day")
        XCTAssertEqual(try output.string("date"), "2024-02-29")
        XCTAssertEqual(output["templateVariables"] as? NSDictionary, [:])

        let told = try json(
            "chat", model, "--messages", messages, "--date", "2024-02-29", "--template-variable",
            "enable_thinking=false",
            "--template-variable", #"tools=[{"name": "clock"}]"#)
        XCTAssertEqual(try told.string("text"), "<s>29 Feb 2024 My day off clock")
        XCTAssertEqual(
            told["templateVariables"] as? NSDictionary, ["enable_thinking": false, "tools": [["name": "clock"]]])

        let text = try json("chat", model, "--messages", messages, "--template-variable", "enable_thinking=no")
        XCTAssertFalse(try text.string("text").contains("off"), "no JSON: a text, which is not false")
        let date = try text.string("date")
        XCTAssertNotNil(date.wholeMatch(of: #/20[0-9]{2}-[0-9]{2}-[0-9]{2}/#), date)
    }

    func testGenerateIsTheSameOnEveryDay() throws {
        let model = try model()
        let arguments = ["generate", model, "--chat", "My day", "--max-tokens", "2", "--date", "2020-01-01", "--json"]
        let output = try Program.run(arguments).json()
        let chat = try json("chat", model, "--messages", messages(), "--date", "2020-01-01")
        XCTAssertEqual(try output.integers("promptIds"), try chat.integers("ids"))
        XCTAssertEqual(try output.string("date"), "2020-01-01")
        XCTAssertNotNil(output["templateVariables"])
        let plain = try json("generate", model, "--prompt", "My day", "--max-tokens", "1")
        XCTAssertNil(plain["date"], "no template, no date")
    }

    func testFilesRecordWhatTheTemplateWasTold() throws {
        let model = try model()
        let data = try write(
            "data.jsonl",
            (0..<6).map { #"{"text": "My day was \#($0 % 2 == 0 ? "good" : "bad")", "label": \#($0 % 2 == 0)}"# + "\n" }
                .joined())
        func metadata(_ name: String) throws -> [String: String] {
            try SafetensorsFile(contentsOf: folder.appending(path: name)).metadata
        }
        let options = ["--chat", "--date", "2020-01-01", "--template-variable", "enable_thinking=false"]
        let collected = try Program.run(
            ["collect", model, "--data", data, "--out", path("a.safetensors"), "--json"] + options)
        XCTAssertEqual(try collected.json().string("date"), "2020-01-01")
        XCTAssertEqual(try metadata("a.safetensors")["date"], "2020-01-01")
        XCTAssertEqual(try metadata("a.safetensors")["templateVariables"], #"{"enable_thinking":false}"#)
        let plain = try Program.run(["collect", model, "--data", data, "--out", path("b.safetensors"), "--json"])
        XCTAssertEqual(plain.status, 0, plain.error)
        XCTAssertNil(try metadata("b.safetensors")["date"])

        let probed = try Program.run(
            [
                "probe", model, "--data", data, "--out", path("p.safetensors"), "--json", "--folds", "2",
                "--permutations", "10",
            ] + options)
        XCTAssertEqual(try probed.json().string("date"), "2020-01-01")
        XCTAssertEqual(try metadata("p.safetensors")["templateVariables"], #"{"enable_thinking":false}"#)
    }

    func testVariablesThatChangeNothingAreToldOf() throws {
        let result = try Program.run([
            "chat", try model(), "--messages", try messages(), "--template-variable", "enable_thinkin=false", "--json",
        ])
        XCTAssertEqual(result.status, 0)
        XCTAssertEqual(
            result.error,
            "warning: the chat template reads no variable enable_thinkin; the nearest is enable_thinking\n")
        XCTAssertEqual(try result.json()["templateVariables"] as? NSDictionary, ["enable_thinkin": false])
    }

    func testWrongOptions() throws {
        let (model, messages) = (try model(), try messages())
        for date in ["2024-02-30", "yesterday", "29-02-2024"] {
            try assertRefused(["chat", model, "--messages", messages, "--date", date], 64, saying: date)
        }
        for variable in ["x", "=1", "a b=1"] {
            try assertRefused(
                ["chat", model, "--messages", messages, "--template-variable", variable], 64, saying: variable)
        }
        try assertRefused(
            ["chat", model, "--messages", messages, "--template-variable", "x=1", "--template-variable", "x=2"], 64,
            saying: "x twice")
        try assertRefused(
            ["chat", model, "--messages", messages, "--template-variable", "messages=[]"], 64, saying: "messages")
        try assertRefused(["generate", model, "--prompt", "a", "--date", "2024-01-01"], 64, saying: "--date", "--chat")
        try assertRefused(
            ["collect", model, "--data", messages, "--out", path("o"), "--template-variable", "x=1"], 64,
            saying: "--template-variable", "--chat")
    }
}
