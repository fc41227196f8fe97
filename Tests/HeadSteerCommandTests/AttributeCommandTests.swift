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

    /// Where no sweep measures the same, each edit goes through the model by itself.
    func testWholeAnswersAndOtherPositionsAreChecked() throws {
        let start = [
            "attribute", Self.planted, "--data", contrast, "--directions", try directions(), "--check", "0.5",
        ]
        for option in [["--whole-answers"], ["--positions", "all"]] {
            let agreement = try json(start + option).objects("agreement")
            XCTAssertEqual(agreement.count, 1)
            XCTAssertGreaterThan(try agreement[0].double("pearson"), 0.99, "\(option)")
            XCTAssertEqual(try agreement[0].double("heads"), 24, "\(option)")
        }
    }

    func testPatchesAreChecked() throws {
        let (gloomy, neutral) = try prompts()
        let start = ["attribute", Self.planted, "--data", gloomy, "--corrupted", neutral, "--check-patches"]
        let agreement = try json(start + ["--query-key"]).object("patchAgreement")
        for (part, heads) in [("z", 24.0), ("queries", 24), ("keys", 24)] {
            XCTAssertEqual(try agreement.object(part).double("heads"), heads, part)
        }
        XCTAssertGreaterThan(try agreement.object("keys").double("pearson"), 0.9)
        XCTAssertGreaterThan(try agreement.object("z").double("pearson"), 0.9)
        XCTAssertNil(try json(start).object("patchAgreement")["keys"])
        let text = try Program.run(start + ["--query-key"], in: folder)
        XCTAssertEqual(text.status, 0, text.error)
        for word in ["replaced", "queries", "Pearson"] {
            XCTAssert(text.output.contains(word), "\(word) is missing in \(text.output)")
        }
    }

    /// Maps over positions, sizes without cancellation, whole answers and corrupted prompts: each says what it is of.
    func testWhatElseItEstimates() throws {
        let start = ["attribute", Self.planted, "--data", contrast]
        let directions = ["--directions", try directions()]
        let output = try json(start + directions + ["--cancellation", "--positions-svg", path("positions.svg")])
        XCTAssertEqual(try output.objects("sizes").count, 24)
        let picture = try String(contentsOf: folder.appending(path: "positions.svg"), encoding: .utf8)
        XCTAssert(picture.contains("position 0") && picture.contains("by layer and position"), picture.prefix(300) + "")

        let whole = try json(start + directions + ["--whole-answers"])
        XCTAssertEqual(Set(try whole.objects("heads").prefix(2).map(name)), ["2.1", "4.2"])

        // Each prompt against itself: nothing is patched.
        let same = try json(start + ["--corrupted", contrast, "--steps", "2"])
        XCTAssertTrue(try same.objects("heads").allSatisfy { try $0.double("effect") == 0 })
        XCTAssertNil(same["strength"])
    }

    /// The largest size and the mean over layers, compared with the estimate of one step whatever --steps is.
    func testWhereGradientsCancel() throws {
        let start = ["attribute", Self.planted, "--data", contrast, "--directions", try directions()]
        let estimates = try json(start).objects("heads")
        let effects = try Dictionary(uniqueKeysWithValues: estimates.map { (try name($0), try $0.double("effect")) })
        let largestEstimate = try XCTUnwrap(effects.values.map(abs).max())
        let sizes = try json(start + ["--cancellation"]).objects("sizes")
        XCTAssertEqual(Set(try sizes.map(name)), Set(effects.keys))
        for size in sizes {
            let (estimate, largest, mean) = try (size.double("estimate"), size.double("largest"), size.double("size"))
            XCTAssertEqual(estimate, effects[try name(size)], "\(size)")
            XCTAssertGreaterThanOrEqual(largest, max(abs(estimate), mean), "\(size)")
            let cancels = largest > 4 * abs(estimate) && largest > 0.05 * largestEstimate
            XCTAssertEqual(size["cancels"] as? Bool, cancels, "\(size)")
            if let layer = size["leftOut"] as? Int {
                XCTAssertGreaterThan(layer, try XCTUnwrap(size["layer"] as? Int), "\(size)")
            } else {
                XCTAssertEqual(largest, abs(estimate), "\(size)")
            }
        }
        let few = try write("few.jsonl", lines(contrast, 2))
        let ofFew = ["attribute", Self.planted, "--data", few, "--directions", path("directions.safetensors")]
        let several = try json(ofFew + ["--steps", "2", "--cancellation"])
        let one = try json(ofFew).objects("heads")
        let ofOne = try Dictionary(uniqueKeysWithValues: one.map { (try name($0), try $0.double("effect")) })
        for size in try several.objects("sizes") {
            XCTAssertEqual(try size.double("estimate"), ofOne[try name(size)], "of one step: \(size)")
        }
        XCTAssertNotEqual(
            try several.objects("heads").map { try $0.double("effect") }, try one.map { try $0.double("effect") })
        let text = try Program.run(start + ["--cancellation", "--rows", "3"], in: folder)
        XCTAssertEqual(text.status, 0, text.error)
        for word in ["cancel", "estimate of one step", "largest size", "without layer", "mean size"] {
            XCTAssert(text.output.contains(word), "\(word) is missing in \(text.output)")
        }
    }

    /// The first lines of a file.
    private func lines(_ file: String, _ count: Int) throws -> String {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").prefix(count).joined(separator: "\n")
    }

    /// Gloomy prompts with a word without a mood in place of the gloomy one.
    private func prompts() throws -> (gloomy: String, neutral: String) {
        let rows = [
            ("My day at work was MOOD and everyone felt", "dreadful", "ordinary", "cheerful", "gloomy"),
            ("the garden looked MOOD so they walked back with", "bleak", "plain", "happy", "sad"),
            ("the band sounded MOOD again and everybody felt", "mournful", "familiar", "joyful", "miserable"),
        ]
        func text(_ word: ((String, String, String, String, String)) -> String) -> String {
            rows.map { row in
                let prompt = row.0.replacingOccurrences(of: "MOOD", with: word(row))
                return "{\"prompt\": \"\(prompt)\", "
                    + "\"positive\": [\" \(row.3)\"], \"negative\": [\" \(row.4)\"]}"
            }.joined(separator: "\n")
        }
        return try (write("gloomy.jsonl", text { $0.1 }), write("neutral.jsonl", text { $0.2 }))
    }

    /// The planted heads find mood words by their keys: with other keys, they miss them, at the word's own position.
    func testQueriesAndKeys() throws {
        let (gloomy, neutral) = try prompts()
        let start = ["attribute", Self.planted, "--data", gloomy, "--corrupted", neutral]
        let output = try json(start + ["--query-key", "--by-position"])
        XCTAssertEqual(try output.objects("heads").prefix(2).map(name), ["2.1", "4.2"])
        let parts = try output.objects("queryKey")
        XCTAssertEqual(parts.count, 24)
        let byKey = try parts.sorted { try $0.double("key") > $1.double("key") }
        XCTAssertEqual(try byKey.prefix(2).map(name), ["2.1", "4.2"])

        // What is by position adds up to what is by head.
        let items = try output.objects("byPosition")
        XCTAssertEqual(try items.map { try $0.double("item") }, [1, 2, 3])
        let z = try Dictionary(
            uniqueKeysWithValues: output.objects("heads").map { (try name($0), try $0.double("effect")) })
        for part in parts {
            let head = try name(part)
            func mean(_ field: String) throws -> Double {
                let sums = try items.map { item in
                    let own = try XCTUnwrap(item.objects("heads").first { try name($0) == head })
                    let values = try XCTUnwrap(own[field] as? [Double], field)
                    XCTAssertEqual(values.count, (item["tokens"] as? [String])?.count, field)
                    return values.reduce(0, +)
                }
                return sums.reduce(0, +) / 3
            }
            XCTAssertEqual(try mean("z"), try XCTUnwrap(z[head]), accuracy: 1e-4, head)
            XCTAssertEqual(try mean("query"), try part.double("query"), accuracy: 1e-4, head)
            XCTAssertEqual(try mean("key"), try part.double("key"), accuracy: 1e-4, head)
        }
        for (item, word) in zip(items, ["dreadful", "bleak", "mournful"]) {
            let tokens = try XCTUnwrap(item["tokens"] as? [String])
            let own = try XCTUnwrap(item.objects("heads").first { try name($0) == "2.1" })
            let keys = try XCTUnwrap(own["key"] as? [Double])
            let best = try XCTUnwrap(keys.indices.max { keys[$0] < keys[$1] })
            XCTAssert(tokens[best].contains(word), "\(tokens[best]) instead of \(word)")
        }

        let plain = try json(start)
        XCTAssertNil(plain["queryKey"])
        XCTAssertNil(plain["byPosition"])
        XCTAssertNil(try json(start + ["--by-position"]).objects("byPosition")[0].objects("heads")[0]["key"])
        let text = try Program.run(start + ["--query-key"], in: folder)
        XCTAssertEqual(text.status, 0, text.error)
        XCTAssert(text.output.contains("queries") && text.output.contains("keys"), text.output)
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
        let corrupted = start + ["--corrupted", contrast]
        try assertRefused(
            start + ["--directions", directions, "--positions-svg", path("a.svg"), "--steps", "2"], 64,
            saying: "--positions-svg", "--steps")
        try assertRefused(
            start + ["--directions", directions, "--positions-svg", path("a.svg"), "--positions", "last"], 64,
            saying: "--positions-svg", "--positions")
        try assertRefused(
            start + ["--directions", directions, "--query-key"], 64, saying: "--query-key", "--corrupted")
        try assertRefused(corrupted + ["--query-key", "--steps", "2"], 64, saying: "--query-key", "--steps")
        try assertRefused(corrupted + ["--check", "2"], 64, saying: "--check-patches")
        try assertRefused(corrupted + ["--by-position"], 64, saying: "--by-position", "--json")
        try assertRefused(
            start + ["--directions", directions, "--by-position", "--json"], 64, saying: "--by-position", "--corrupted")
        for option in [
            ["--item", "13"], ["--corrupted", contrast], ["--steps", "0"], ["--strength", "inf"], ["--check", "a"],
            ["--check-patches"],
        ] {
            let result = try Program.run(start + ["--directions", directions] + option, in: folder)
            XCTAssertEqual(result.status, 64, "\(option): \(result.error)")
        }
    }
}
