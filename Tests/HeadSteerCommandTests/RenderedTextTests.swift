import Checkpoints
import Foundation
import XCTest
import _TestSupport

/// Texts that another program has prepared for a model already: a word of warning, once; the ids stand.
final class RenderedTextTests: ProgramTestCase {
    private let beginning = "begins with <s> twice"

    func testPromptsThatBeginTwice() throws {
        for arguments in [
            ["generate", "--prompt", "<s>My day", "--max-tokens", "1"], ["logits", "--prompt", "<s>My day"],
            ["score", "--prompt", "<s>My day", "--completion", " at"], ["tokenize", "--text", "<s>My day", "--bos"],
        ] {
            let result = try Program.run([arguments[0], Self.planted] + arguments.dropFirst() + ["--json"])
            let output = try result.json()
            XCTAssertEqual(result.error.filter(\.isNewline).count, 1, result.error)
            XCTAssertTrue(result.error.hasPrefix("warning: ") && result.error.contains(beginning), result.error)
            let ids = output["promptIds"] as? [Int] ?? output["ids"] as? [Int] ?? []
            XCTAssertEqual(Array(ids.prefix(2)), [1, 1], "\(arguments): the ids stand")
        }
        for arguments in [
            ["generate", "--prompt", "My <s> day", "--max-tokens", "1"],
            ["generate", "--ids", "1,1,358", "--max-tokens", "1"],
            ["tokenize", "--text", "<s>My day"],
            ["generate", "--prompt", "<s>My day", "--no-special", "--max-tokens", "1"],
        ] {
            let result = try Program.run([arguments[0], Self.planted] + arguments.dropFirst() + ["--json"])
            XCTAssertEqual(result.status, 0)
            XCTAssertEqual(result.error, "", "\(arguments)")
        }
    }

    private func rows(_ beginnings: Int, of count: Int) throws -> String {
        try write(
            "rows.jsonl",
            (0..<count).map { row in
                let text = "\(row < beginnings ? "<s>" : "")My day was \(row % 2 == 0 ? "good" : "bad")"
                return #"{"text": "\#(text)", "label": \#(row % 2 == 0)}"# + "\n"
            }.joined())
    }

    func testDataSetsAreCounted() throws {
        let result = try Program.run(
            ["collect", Self.planted, "--data", try rows(4, of: 6), "--out", path("a.safetensors"), "--json"])
        XCTAssertEqual(result.status, 0)
        XCTAssertEqual(result.error.filter(\.isNewline).count, 1, result.error)
        XCTAssertTrue(result.error.contains("4 of 6 rows of rows.jsonl begin with <s> twice"), result.error)
        let clean = try Program.run(
            ["collect", Self.planted, "--data", try rows(0, of: 6), "--out", path("b.safetensors"), "--json"])
        XCTAssertEqual(clean.error, "")
    }

    func testTextsWithSpecialTokensThatGoThroughATemplate() throws {
        let model = try altered(
            "chat.gguf",
            ["tokenizer.chat_template": .string("{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}")])
        let result = try Program.run(
            ["collect", model, "--data", try rows(3, of: 6), "--chat", "--out", path("a.safetensors"), "--json"])
        XCTAssertEqual(result.status, 0, result.error)
        XCTAssertTrue(result.error.contains("3 of 6 rows of rows.jsonl have special tokens"), result.error)
        let generated = try Program.run(["generate", model, "--chat", "<s>My day", "--max-tokens", "1", "--json"])
        XCTAssertEqual(generated.status, 0)
        XCTAssertTrue(generated.error.contains("special token in it (<s>)"), generated.error)
    }

    /// A vocabulary that is shorter than the embedding: the model's choice stands and has no text.
    func testPaddingRowsHaveNoText() throws {
        let model = try altered("short.gguf", tokens: 1000)
        let ids = ["--ids", "1,358,491,369,745,594", "--max-tokens", "3", "--ignore-eos"]
        let whole = try json("generate", Self.planted, ids[0], ids[1], ids[2], ids[3], ids[4])
        let short = try json("generate", model, ids[0], ids[1], ids[2], ids[3], ids[4])
        let chosen = try whole.integers("ids")
        XCTAssertEqual(try short.integers("ids"), chosen)
        XCTAssertTrue(chosen.contains { $0 >= 1000 } && chosen.contains { $0 < 1000 }, "\(chosen)")
        let known = chosen.filter { $0 < 1000 }.map(String.init).joined(separator: ",")
        let text = try json("detokenize", model, "--ids", known).string("text")
        XCTAssertEqual(
            try short.string("text").trimmingCharacters(in: .whitespaces), text.trimmingCharacters(in: .whitespaces))
        let top = try json("logits", model, "--ids", "1,358,491,369,745,594").objects("top")
        XCTAssertTrue(top.contains { $0["id"] as? Int ?? 0 >= 1000 }, "\(top)")
        try assertRefused(["detokenize", model, "--ids", "1000"], 64, saying: "no token 1000", "999")
    }
}
