import Checkpoints
import Foundation
import Transformer
import XCTest
import _TestSupport

/// The commands that find and steer heads, on the planted model, whose heads are known.
final class SteeringCommandTests: ProgramTestCase {
    private struct GroundTruth: Decodable {
        struct Head: Decodable {
            var layer, head: Int
            var sigma, effect: Double
        }
        struct Text: Decodable { var prompt, neutral, plus, minus: String }
        var heads: [Head]
        var texts: [Text]
        var directions: [String: [Float]]
    }

    private let labelled = ProgramTestCase.fixture("planted/mood.jsonl")
    private let contrast = ProgramTestCase.fixture("planted/mood-contrast.jsonl")

    private func truth() throws -> GroundTruth {
        try JSONDecoder().decode(
            GroundTruth.self,
            from: Data(contentsOf: FixtureLocation.fixtures.appending(path: "planted/ground-truth.json")))
    }

    func testCheapScreensBesideTheExactOne() throws {
        let common = [
            "--data", labelled, "--contrast", contrast, "--heads", "1", "--check", "0", "--items", "6",
            "--null-directions", "2",
        ]
        let screens = try Program.run(["screens", Self.planted, "--json"] + common).json().objects("screens")
        XCTAssertEqual(
            try screens.map { try $0.string("method") }, ["exact", "knockouts", "groups", "halving", "attribution"])
        XCTAssertEqual(try screens[0].double("topTenRecall"), 1)
        for key in ["measured", "keptTopTen", "calledExactly", "calledToo", "positions", "seconds"] {
            _ = try screens[3].double(key)
        }
        let found = try Program.run(
            [
                "search", Self.planted, "--json", "--screen", "halving", "--max-kl", "50", "--out", path("halved"),
                "--no-combine",
            ]
                + common
        ).json()
        XCTAssertEqual(try found.objects("heads").map(name), ["2.1"])
        let report = try JSONSerialization.jsonObject(
            with: Data(contentsOf: folder.appending(path: "halved/report.json")))
        let sweep = try XCTUnwrap((report as? [String: Any])?["sweep"] as? [[String: Any]])
        XCTAssertEqual(sweep.count, 24)
        XCTAssertEqual(sweep.count { $0["isDropped"] as? Bool == true }, 20)
        try assertRefused(["screens", Self.planted, "--screen", "halving"] + common, 64, saying: "--screen")
        for option in ["--budget-kl", "--max-kl"] {
            try assertRefused(["screens", Self.planted, option, "0.1"] + common, 64, saying: option)
        }
    }

    /// Killed while heads are screened, and given again: it continues, and its report has the same bytes.
    func testScreensContinueAfterAKill() throws {
        let arguments = [
            "screens", Self.planted, "--data", labelled, "--contrast", contrast, "--items", "6", "--null-directions",
            "2", "--out",
        ]
        let straight = try Program.run(arguments + [path("straight")], in: folder)
        XCTAssertEqual(straight.status, 0, straight.error)
        let journal = path("killed/parts.journal")
        try runKilled(arguments + [path("killed")], when: journal, has: 3)
        let again = try Program.run(arguments + [path("killed"), "--threads", "1", "--json"], in: folder)
        XCTAssertEqual(again.status, 0, again.error)
        XCTAssertTrue(again.error.contains("Continuing the comparison that was stopped in"), again.error)
        XCTAssertEqual(try again.json().objects("screens").count, 5)
        XCTAssertFalse(FileManager.default.fileExists(atPath: journal), "it is removed")
        XCTAssertEqual(
            try Data(contentsOf: folder.appending(path: "killed/report.json")),
            try Data(contentsOf: folder.appending(path: "straight/report.json")))
    }

    /// Collecting compares nothing, so one label will do.
    func testCollectTakesTextsOfOneLabel() throws {
        try Data(#"[{"text": "a day", "label": true}, {"text": "the soup", "label": true}]"#.utf8).write(
            to: folder.appending(path: "one.json"))
        let collected = try json(
            "collect", Self.planted, "--data", path("one.json"), "--out", path("z.safetensors"))
        XCTAssertEqual(try collected.double("examples"), 2)
    }

    func testCollectProbeAndSweepFindThePlantedHeads() throws {
        let collected = try json("collect", Self.planted, "--data", labelled, "--out", path("z.safetensors"))
        for (key, expected) in [("examples", 48), ("layers", 6), ("heads", 4), ("headSize", 16)] {
            XCTAssertEqual(try collected.double(key), Double(expected), key)
        }
        let file = try SafetensorsFile(contentsOf: folder.appending(path: "z.safetensors"))
        XCTAssertEqual(file["z"]?.shape, [48, 6, 4, 16])
        XCTAssertEqual(file["z"]?.type, "F32")
        XCTAssertEqual(file.metadata["positions"], "last")
        XCTAssertEqual(file.metadata["fingerprint"], try json("inspect", Self.planted).string("fingerprint"))
        let labels = try JSONDecoder().decode([Bool].self, from: Data((file.metadata["labels"] ?? "").utf8))
        XCTAssertEqual(labels.count { $0 }, 24)

        let probed = try json(
            "probe", Self.planted, "--activations", path("z.safetensors"), "--permutations", "60", "--out",
            path("directions.safetensors"))
        let heads = try probed.objects("heads")
        XCTAssertEqual(heads.count, 24)
        XCTAssertEqual(Set(try heads.prefix(2).map(name)), ["2.1", "4.2"])
        for key in ["auroc", "accuracy", "balancedAccuracy", "ciLow", "ciHigh", "p", "q", "selectivity"] {
            _ = try heads[0].double(key)
        }
        XCTAssertEqual(try heads[0].double("auroc"), 1)
        XCTAssertLessThan(try heads[1].double("p"), 0.05)
        XCTAssertGreaterThan(try heads[2].double("p"), 0.05)

        let reference = try truth()
        let directions = try SafetensorsFile(contentsOf: folder.appending(path: "directions.safetensors"))
        for name in ["2.1", "4.2"] {
            let vector = try directions.floats(name)
            let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            assertClose(vector.map { $0 / norm }, try XCTUnwrap(reference.directions[name]), absolute: 1e-4, name)
            let head = try XCTUnwrap(reference.heads.first { "\($0.layer).\($0.head)" == name })
            XCTAssertEqual(Double(try directions.floats("\(name).sigma")[0]), head.sigma, accuracy: 1e-4 * head.sigma)
            XCTAssertEqual(directions["\(name).mean"]?.shape, [16])
            XCTAssertEqual(directions["\(name).head-norm"]?.shape, [1])
            XCTAssertEqual(directions["\(name).residual-norm"]?.shape, [1])
        }

        let swept = try json(
            "sweep", Self.planted, "--data", contrast, "--directions", path("directions.safetensors"), "--strength",
            "8",
            "--unit", "sigma")
        let effects = try swept.objects("heads")
        XCTAssertEqual(try effects.prefix(2).map(name), ["2.1", "4.2"])
        for effect in effects {
            let expected = try XCTUnwrap(
                reference.heads.first { $0.layer == effect["layer"] as? Int && $0.head == effect["head"] as? Int })
            XCTAssertEqual(try effect.double("effect"), expected.effect, accuracy: 2e-3, "\(effect)")
            XCTAssertLessThanOrEqual(try effect.double("ciLow"), try effect.double("effect"))
            XCTAssertGreaterThanOrEqual(try effect.double("ciHigh"), try effect.double("effect"))
        }
    }

    private func name(_ head: [String: Any]) throws -> String {
        "\(try XCTUnwrap(head["layer"] as? Int)).\(try XCTUnwrap(head["head"] as? Int))"
    }

    func testCollectAllPositions() throws {
        let data = try write(
            "data.jsonl",
            """
            {"text": "My day at work was wonderful", "label": true}
            {"text": "I feel sad", "label": false}
            """)
        let collected = try json(
            "collect", Self.planted, "--data", data, "--positions", "all", "--out", path("all.safetensors"))
        XCTAssertEqual(try collected.double("examples"), 2)
        _ = try json("collect", Self.planted, "--data", data, "--out", path("last.safetensors"))
        let all = try SafetensorsFile(contentsOf: folder.appending(path: "all.safetensors"))
        let last = try SafetensorsFile(contentsOf: folder.appending(path: "last.safetensors"))
        XCTAssertEqual(all["z"]?.shape, [11, 6, 4, 16], "7 and 4 tokens, each text's beginning included")
        XCTAssertEqual(try all.floats("example"), [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
        XCTAssertEqual(try all.floats("position"), [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3])
        XCTAssertEqual(try all.floats("token")[0], 1)
        let size = 6 * 4 * 16
        let values = try all.floats("z")
        let ends = Array(values[(6 * size)..<(7 * size)] + values[(10 * size)...])
        assertClose(ends, try last.floats("z"), relative: 1e-5, "the last positions")
        try assertRefused(
            ["probe", Self.planted, "--activations", path("all.safetensors")], 65, saying: "positions last")
    }

    func testSearchWritesAPlanThatSteers() throws {
        let output = try json(
            "search", Self.planted, "--data", labelled, "--contrast", contrast, "--heads", "2", "--out", path("run"))
        XCTAssertEqual(try output.objects("heads").map(name), ["2.1", "4.2"])
        XCTAssertGreaterThan(try output.double("strength"), 0)
        let files = try FileManager.default.contentsOfDirectory(atPath: path("run")).sorted()
        XCTAssertEqual(files, ["directions.safetensors", "plan.json", "report.json", "times.json"])

        let text = try truth().texts[0]
        let steered = try json("generate", Self.planted, "--prompt", text.prompt, "--plan", path("run/plan.json"))
        XCTAssertEqual(try steered.string("text"), text.plus)
        let planned = ["generate", Self.planted, "--prompt", text.prompt, "--plan", path("run/plan.json")]
        let scaled = try json(planned + ["--scale", "-1,0,1"]).objects("texts")
        XCTAssertEqual(try scaled.map { try $0.string("text") }, [text.minus, text.neutral, text.plus])
        XCTAssertEqual(try scaled.map { try $0.double("scale") }, [-1, 0, 1])
        let columns = try Program.run(planned + ["--scale", "-1,0,1"]).output
        XCTAssertTrue(columns.contains("× 0") && columns.contains(" │ "), columns)
        try assertRefused(planned + ["--scale", "1,x"], 64, saying: "--scale", "x")
        try assertRefused(["generate", Self.planted, "--prompt", text.prompt, "--scale", "1"], 64, saying: "--plan")

        let evaluation = try Program.run(
            ["evaluate", Self.planted, "--plan", path("run/plan.json"), "--data", contrast, "--json"])
        XCTAssertTrue(evaluation.error.contains("all 12 rows of mood-contrast.jsonl are among"), evaluation.error)
        let evaluated = try evaluation.json()
        let base = try XCTUnwrap(evaluated["base"] as? [String: Any])
        let changed = try XCTUnwrap(evaluated["steered"] as? [String: Any])
        let before = try XCTUnwrap(base["logitDifference"] as? [String: Any]).double("mean")
        let after = try XCTUnwrap(changed["logitDifference"] as? [String: Any]).double("mean")
        XCTAssertGreaterThan(after - before, 5)
        XCTAssertNotNil(evaluated["controls"] as? [String: Any])
        XCTAssertNotNil(evaluated["sideEffects"] as? [String: Any])
    }

    /// The report of an evaluation has the same bytes in every run, whatever was killed on the way.
    func testAKilledEvaluationGoesOn() throws {
        func first(_ count: Int, of name: String) throws -> String {
            let text = try String(contentsOf: URL(filePath: Self.fixture("planted/\(name)")), encoding: .utf8)
            return try write(name, text.split(separator: "\n").prefix(count).joined(separator: "\n"))
        }
        let labelled = try first(16, of: "mood.jsonl")
        let directions = path("probes.safetensors")
        _ = try json(
            "probe", Self.planted, "--data", labelled, "--permutations", "0", "--repeats", "1", "--out", directions)
        _ = try json(
            "plan", "make", Self.planted, "--probes", directions, "--heads", "2.1", "--strength", "8", "--out",
            path("plan"))
        let arguments = [
            "evaluate", Self.planted, "--plan", path("plan/plan.json"), "--data",
            try first(3, of: "mood-contrast.jsonl"), "--train", labelled, "--neutral",
            try write("neutral.txt", "people talked in the garden until midnight."), "--texts", "2", "--text-tokens",
            "4", "--repetitions", "4", "--dose", "1", "--report",
        ]
        let straight = try Program.run(arguments + [path("straight")], in: folder)
        XCTAssertEqual(straight.status, 0, straight.error)
        try continueAfterKill(arguments, "killed", has: 4, saying: "evaluation")
        func names(_ folder: String) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: path(folder)).sorted()
        }
        XCTAssertEqual(try names("killed"), try names("straight"))
        for name in try names("straight") where !["times.json", "figures"].contains(name) {
            XCTAssertEqual(
                try Data(contentsOf: folder.appending(path: "killed/\(name)")),
                try Data(contentsOf: folder.appending(path: "straight/\(name)")), name)
        }
    }

    func testPlansByHandDoWhatTheGroundTruthSays() throws {
        let reference = try truth()
        let head = try XCTUnwrap(reference.heads.first { $0.layer == 2 && $0.head == 1 })
        let unit = try XCTUnwrap(reference.directions["2.1"])
        for (sign, text) in [(1.0, reference.texts[0].plus), (-1.0, reference.texts[0].minus)] {
            let vector = unit.map { "\(Double($0) * sign * 8 * head.sigma)" }.joined(separator: ", ")
            let plan = try write(
                "plan.json",
                """
                {"format": "headsteer.plan/1", "edits": [{"layer": 2, "head": 1, "operation": "add", "strength": 1,
                 "unit": "raw", "positions": "last", "direction": [\(vector)]}]}
                """)
            let output = try json("generate", Self.planted, "--prompt", reference.texts[0].prompt, "--plan", plan)
            XCTAssertEqual(try output.string("text"), text)
        }
        let empty = try write("empty.json", #"{"format": "headsteer.plan/1", "edits": []}"#)
        _ = try json("logits", Self.planted, "--ids", "1,358", "--out", path("a.safetensors"))
        _ = try json("logits", Self.planted, "--ids", "1,358", "--plan", empty, "--out", path("b.safetensors"))
        XCTAssertEqual(
            try Data(contentsOf: folder.appending(path: "a.safetensors")),
            try Data(contentsOf: folder.appending(path: "b.safetensors")), "an empty plan changes no bit")
    }

    func testQuickstartDoesTheWholeJob() throws {
        let output = try json("quickstart", "--model", Self.planted)
        XCTAssertEqual(try output.objects("heads").map(name), ["2.1", "4.2"])
        let texts = try output.objects("texts")
        let reference = try truth().texts
        XCTAssertEqual(try texts.map { try $0.string("zero") }, reference.map(\.neutral))
        XCTAssertEqual(try texts[0].string("plus"), reference[0].plus)
        XCTAssertEqual(try texts[0].string("minus"), reference[0].minus)
        XCTAssertEqual(try names(), ["runs"])
        let run = try FileManager.default.contentsOfDirectory(atPath: path("runs/quickstart-planted")).sorted()
        XCTAssertEqual(run, ["directions.safetensors", "plan.json", "report.json", "texts.json", "times.json"])
    }

    func testQuickstartSpeaksToPeople() throws {
        let result = try Program.run(["quickstart", "--model", Self.planted], in: folder)
        XCTAssertEqual(result.status, 0, result.error)
        XCTAssertEqual(result.error, "", "no progress bar where nobody sees it")
        for part in ["Directions", "Sweep", "⊕█", "head 2.1", "│ 0", "runs/quickstart-planted/plan.json", "generate "] {
            XCTAssertTrue(result.output.contains(part), "\(part) is missing in\n\(result.output)")
        }
        XCTAssertFalse(result.output.contains("\u{1B}"), "no colour where nobody sees it")
        // The command that it proposes works as written.
        let line = try XCTUnwrap(result.output.split(separator: "\n").first { $0.contains(" generate ") })
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", line.trimmingCharacters(in: .whitespaces)]
        shell.currentDirectoryURL = folder
        let pipe = Pipe()
        shell.standardOutput = pipe
        try shell.run()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        shell.waitUntilExit()
        XCTAssertEqual(shell.terminationStatus, 0, String(line))
        XCTAssertFalse(text.isEmpty)
    }
}
