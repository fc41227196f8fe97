import Foundation
import XCTest

@testable import HeadSteerCommand

/// Conversations that come from a pipe, with the planted model, whose chat template joins what is said with spaces.
final class TalkCommandTests: ProgramTestCase {
    private func plan() throws -> String {
        let unit = "[\((0..<16).map { $0 == 0 ? "1" : "0" }.joined(separator: ","))]"
        return try write(
            "plan.json",
            """
            {"format": "headsteer.plan/1", "edits": [{"layer": 2, "head": 1, "operation": "add", "direction": \(unit),
             "strength": 40, "unit": "raw", "positions": "last"}]}
            """)
    }

    private func talk(_ lines: [String], _ arguments: String...) throws -> Program.Result {
        try Program.run(
            ["talk", Self.planted, "--max-tokens", "12"] + arguments,
            input: lines.map { "\($0)\n" }.joined())
    }

    private func turns(_ lines: [String], _ arguments: String...) throws -> [[String: Any]] {
        let result = try Program.run(
            ["talk", Self.planted, "--max-tokens", "12", "--json"] + arguments,
            input: lines.map { "\($0)\n" }.joined())
        return try result.json().objects("turns")
    }

    /// An answer is what generate writes under the same edits, whichever way they came to be.
    func testAnswersAreMadeWithThePlanAndStrengthOfTheMoment() throws {
        let plan = try plan()
        let prompt = "My day at work was"
        func generated(_ arguments: String...) throws -> String {
            try json(["generate", Self.planted, "--prompt", prompt, "--max-tokens", "12"] + arguments).string("text")
        }
        let texts = try turns(
            [
                prompt, "/reset", "/plan \(plan)", prompt, "/reset", "/strength 0", prompt, "/reset", "/strength -1",
                prompt,
                "/reset", "/plan none", prompt,
            ])
        let plain = try generated()
        let steered = try generated("--plan", plan)
        XCTAssertNotEqual(plain, steered, "the plan changes the text")
        XCTAssertEqual(try texts.prefix(3).map { try $0.string("text") }, [plain, steered, plain])
        XCTAssertEqual(try texts[4].string("text"), plain)
        XCTAssertEqual(texts.map { $0["plan"] as? String }, [nil, plan, plan, plan, nil])
        XCTAssertEqual(texts.map { $0["strength"] as? Double }, [nil, 1, 0, -1, nil])
    }

    func testTheConversationGoesOnUntilItIsForgotten() throws {
        let texts = try turns(["My day at work was", "The weather", "/reset", "The weather"])
        let first = try texts[0].string("text")
        let joined = "My day at work was\(first)" + (first.last?.isWhitespace == true ? "" : " ") + "The weather"
        let expected = try json(["generate", Self.planted, "--prompt", joined, "--max-tokens", "12"])
        XCTAssertEqual(try texts[1].string("text"), try expected.string("text"), "what was said before is read too")
        let anew = try json(["generate", Self.planted, "--prompt", "The weather", "--max-tokens", "12"])
        XCTAssertEqual(try texts[2].string("text"), try anew.string("text"))
    }

    func testAModelWithoutAChatTemplateGoesOnWithWhatIsWritten() throws {
        let model = try altered("plain.gguf", missing: ["tokenizer.chat_template"])
        let result = try Program.run(
            ["talk", model, "--max-tokens", "5", "--json"], input: "My day at work was\nThe weather\n")
        let texts = try result.json().objects("turns").map { try $0.string("text") }
        var said = "My day at work was"
        for text in texts {
            let expected = try json("generate", model, "--prompt", said, "--max-tokens", "5")
            XCTAssertEqual(text, try expected.string("text"), said)
            said += text + (text.last?.isWhitespace == true ? "" : " ") + "The weather"
        }
        XCTAssertEqual(texts.count, 2)
        let refused = try Program.run(["talk", model, "--system", "Be kind."], input: "")
        XCTAssertEqual(refused.status, 64)
        XCTAssertTrue(refused.error.contains("--system for a model without a chat template"), refused.error)
    }

    func testAnswersAloneGoToAPipe() throws {
        let result = try talk(["My day at work was", "", "/help", "/quit", "never read"])
        XCTAssertEqual(result.status, 0, result.error)
        let text = try json(["generate", Self.planted, "--prompt", "My day at work was", "--max-tokens", "12"])
            .string("text")
        XCTAssertEqual(result.output, text + "\n")
        XCTAssertTrue(result.error.contains("/strength X"), result.error)
    }

    func testAScriptEndsWithItsFirstMistake() throws {
        for (line, status, part) in [
            ("/plan missing.json", Int32(66), "missing.json"), ("/strenght 2", 64, "did you mean /strength?"),
            ("/strength much", 64, "/strength 'much'"), ("/plan", 64, "/plan none"),
        ] {
            let result = try talk([line, "My day"])
            XCTAssertEqual(result.status, status, "\(line): \(result.error)")
            XCTAssertTrue(result.error.contains(part), result.error)
            XCTAssertEqual(result.output, "", line)
        }
    }

    func testLinesAreRead() throws {
        XCTAssertEqual(try TalkLine("  How are you? "), .message("How are you?"))
        XCTAssertEqual(try TalkLine("   "), .nothing)
        XCTAssertEqual(try TalkLine("/plan  my runs/plan.json"), .plan("my runs/plan.json"))
        XCTAssertEqual(try TalkLine("/monitor none"), .monitor(nil))
        XCTAssertEqual(try TalkLine("/strength -0.5"), .strength(-0.5))
        XCTAssertEqual(try TalkLine("/exit"), .quit)
    }
}
