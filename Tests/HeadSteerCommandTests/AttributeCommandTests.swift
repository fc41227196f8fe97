import Checkpoints
import Foundation
import XCTest
import _TestSupport

/// `attribute` on the planted model.
final class AttributeCommandTests: ProgramTestCase {
    private let contrast = ProgramTestCase.fixture("planted/mood-contrast.jsonl")

    private func directions() throws -> String {
        _ = try json(
            "probe", Self.planted, "--data", Self.fixture("planted/mood.jsonl"), "--permutations", "0", "--out",
            path("directions.safetensors"))
        return path("directions.safetensors")
    }

    private func name(_ head: [String: Any]) throws -> String {
        "\(try XCTUnwrap(head["layer"] as? Int)).\(try XCTUnwrap(head["head"] as? Int))"
    }

    func testEstimatesAreNearTheSweep() throws {
        let options = ["--data", contrast, "--directions", try directions(), "--strength", "0.5", "--unit", "sigma"]
        let output = try json(["attribute", Self.planted] + options + ["--svg", path("map.svg")])
        let estimated = try output.objects("heads")
        let measured = try json(["sweep", Self.planted] + options).objects("heads")
        XCTAssertEqual(estimated.count, 24)
        XCTAssertEqual(Set(try estimated.prefix(2).map(name)), ["2.1", "4.2"])
        let effects = try Dictionary(uniqueKeysWithValues: measured.map { (try name($0), try $0.double("effect")) })
        let largest = try XCTUnwrap(effects.values.max())
        for head in estimated {
            XCTAssertEqual(
                try head.double("effect"), try XCTUnwrap(effects[name(head)]), accuracy: 0.05 * largest, "\(head)")
        }
        let values = try estimated.map { try $0.double("effect") }
        XCTAssertEqual(values, values.sorted(by: >))
        XCTAssertEqual(try output.double("steps"), 1)
        XCTAssertEqual(try output.double("items"), 12)
        XCTAssertNil(output["agreement"])
        XCTAssert(try String(contentsOf: folder.appending(path: "map.svg"), encoding: .utf8).hasPrefix("<svg"))
    }

    func testTheirErrorIsMeasured() throws {
        let arguments = [
            "attribute", Self.planted, "--data", contrast, "--directions", try directions(), "--check", "0.5,8",
        ]
        let output = try json(arguments + ["--steps", "4"])
        let agreement = try output.objects("agreement")
        XCTAssertEqual(try agreement.map { try $0.double("strength") }, [0.5, 8])
        XCTAssertGreaterThan(try agreement[0].double("pearson"), 0.99)
        XCTAssertEqual(try agreement[0].double("signAgreement"), 1)
        XCTAssertEqual(try agreement[0].double("heads"), 24)
        let text = try Program.run(arguments, in: folder)
        XCTAssertEqual(text.status, 0, text.error)
        for word in [
            "Estimated change of the logit difference", "estimate", "Pearson", "Spearman", "0.5 sigma", "sweep",
        ] {
            XCTAssert(text.output.contains(word), "\(word) is missing in \(text.output)")
        }
    }

    /// Maps over positions, sizes without cancellation, whole answers and corrupted prompts: each says what it is of.
    func testWhatElseItEstimates() throws {
        let start = ["attribute", Self.planted, "--data", contrast]
        let directions = ["--directions", try directions()]
        let output = try json(start + directions + ["--cancellation", "--positions-svg", path("positions.svg")])
        let sizes = try output.objects("sizes")
        XCTAssertEqual(sizes.count, 24)
        XCTAssertGreaterThan(try XCTUnwrap(sizes.map { try $0.double("size") }.max()), 0)
        let picture = try String(contentsOf: folder.appending(path: "positions.svg"), encoding: .utf8)
        XCTAssert(picture.contains("position 0") && picture.contains("by layer and position"), picture.prefix(300) + "")

        let whole = try json(start + directions + ["--whole-answers"])
        XCTAssertEqual(Set(try whole.objects("heads").prefix(2).map(name)), ["2.1", "4.2"])

        // Each prompt against itself: nothing is patched.
        let same = try json(start + ["--corrupted", contrast, "--steps", "2"])
        XCTAssertTrue(try same.objects("heads").allSatisfy { try $0.double("effect") == 0 })
        XCTAssertNil(same["strength"])
    }

    /// Questions through the chat template: others than as they are written, and the same of estimates and of the sweep.
    func testQuestionsThroughTheTemplate() throws {
        let questions = try write(
            "choices.jsonl",
            ["My day at work was", "our trip was", "I feel", "We had a"].map { question in
                "{\"question\": \"\(question)\", \"answer_matching_behavior\": \" wonderful\", "
                    + "\"answer_not_matching_behavior\": \" dreadful\"}"
            }.joined(separator: "\n"))
        let template = "{{ bos_token }}We had a day.{% for m in messages %} {{ m.content }}{% endfor %}"
        let model = try altered("asked.gguf", ["tokenizer.chat_template": .string(template)])
        let options = ["--data", questions, "--directions", try directions(), "--strength", "0.25"]
        let plain = try json(["sweep", model] + options)
        let chat = ["--chat", "--date", "2026-01-02"]
        let measured = try json(["sweep", model] + options + chat + ["--out", path("swept")])
        XCTAssertNotEqual(try measured.double("unedited"), try plain.double("unedited"))
        XCTAssertEqual(try measured.string("date"), "2026-01-02")
        XCTAssertNil(plain["date"])
        let kept = try String(contentsOf: folder.appending(path: "swept/sweep.json"), encoding: .utf8)
        XCTAssertTrue(kept.contains("2026-01-02"), kept)
        let estimated = try json(["attribute", model] + options + chat)
        XCTAssertEqual(try estimated.string("date"), "2026-01-02")
        let heads = try measured.objects("heads")
        let effects = try Dictionary(uniqueKeysWithValues: heads.map { (try name($0), try $0.double("effect")) })
        let largest = try XCTUnwrap(effects.values.map(abs).max())
        XCTAssertGreaterThan(largest, 0)
        for head in try estimated.objects("heads") {
            XCTAssertEqual(
                try head.double("effect"), try XCTUnwrap(effects[name(head)]), accuracy: 0.1 * largest, "\(head)")
        }
        for command in ["sweep", "attribute"] {
            let start = [command, model, "--directions", path("directions.safetensors")]
            try assertRefused(start + ["--data", contrast, "--chat"], 64, saying: "--chat", "no choice questions")
            try assertRefused(
                start + ["--data", questions, "--date", "2026-01-02"], 64, saying: "--date", "--chat")
        }
    }

    /// Heads moved elsewhere than at the last position: all positions of a prompt are what comes before an answer's first token.
    func testWhereHeadsAreMoved() throws {
        let start = ["attribute", Self.planted, "--data", contrast, "--directions", try directions()]
        func effects(_ positions: String?) throws -> [String: Double] {
            let output = try json(start + (positions.map { ["--positions", $0] } ?? []))
            XCTAssertEqual(try output.string("positions"), positions ?? "last")
            return try Dictionary(
                uniqueKeysWithValues: output.objects("heads").map { (try name($0), try $0.double("effect")) })
        }
        let (last, all, prompt, generated) = try (effects(nil), effects("all"), effects("prompt"), effects("generated"))
        XCTAssertEqual(try effects("last"), last)
        XCTAssertEqual(all, prompt)
        XCTAssertNotEqual(all, last)
        XCTAssertEqual(Set(generated.values), [0], "nothing has been generated")
        let before = try effects("{\"from\": 0, \"to\": -1}")
        for (head, effect) in all {
            XCTAssertEqual(
                try XCTUnwrap(last[head]) + XCTUnwrap(before[head]), effect, accuracy: 1e-4 * max(1, abs(effect)), head)
        }
    }

    func testWhatIsRefused() throws {
        let directions = try directions()
        let start = ["attribute", Self.planted, "--data", contrast]
        try assertRefused(start + ["--directions", "none.safetensors"], 66, saying: "none.safetensors")
        try assertRefused(
            start + ["--directions", directions, "--svg", directions], 64, saying: "--svg", "directions.safetensors")
        for option in [
            ["--item", "13"], ["--corrupted", contrast], ["--positions", "last", "--check", "2"], ["--steps", "0"],
            ["--strength", "inf"], ["--check", "a"],
        ] {
            let result = try Program.run(start + ["--directions", directions] + option, in: folder)
            XCTAssertEqual(result.status, 64, "\(option): \(result.error)")
        }
    }
}
