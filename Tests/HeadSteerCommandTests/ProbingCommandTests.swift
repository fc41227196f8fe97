import Checkpoints
import Documents
import Foundation
import Probing
import XCTest
import _TestSupport

/// What `collect` and `probe` show, write and refuse, on the planted model.
final class ProbingCommandTests: ProgramTestCase {
    private let labelled = ProgramTestCase.fixture("planted/mood.jsonl")

    func testDryRunShowsTheTokenThatIsRead() throws {
        let data = try write("d.jsonl", #"{"prompt": "My day at work was", "completion": " wonderful", "label": true}"#)
        let shown = try json("collect", Self.planted, "--data", data, "--dry-run")
        let row = try XCTUnwrap(shown.objects("rows").first)
        XCTAssertEqual(row["readPositions"] as? [Int], [6])
        XCTAssertEqual(try row.string("marked"), "<s>| My| day| at| work| was|⟦ wonderful⟧")
        XCTAssertEqual((row["pieces"] as? [String])?.last, " wonderful")
        let chat = try Program.run([
            "collect", Self.planted, "--data", data, "--chat", "--positions", "completion", "--dry-run",
        ])
        XCTAssertTrue(chat.output.contains("⟦ wonderful⟧"), chat.output)
        // The command that is shown next reads the same tokens.
        XCTAssertTrue(
            chat.output.contains("--chat --positions completion --out activations.safetensors"), chat.output)
        XCTAssertFalse(chat.output.contains("--dry-run"), chat.output)
        XCTAssertEqual(try names(), ["d.jsonl"], "a dry run writes nothing")
    }

    /// The commands that are shown next have the options of this one.
    func testNextCommandsReadTheSameActivations() throws {
        let shown = try Program.run([
            "probe", Self.planted, "--data", labelled, "--estimator", "lda", "--permutations", "0", "--csv",
            path("heads.csv"),
        ])
        XCTAssertEqual(shown.status, 0, shown.error)
        for end in ["--out probes.safetensors", "--show "] {
            XCTAssertTrue(
                shown.output.contains("--estimator lda --permutations 0 \(end)"), "\(end) in \(shown.output)")
        }
        // What follows -- is no option.
        let apart = try Program.run([
            "probe", "--data", labelled, "--permutations", "0", "--precision", "fast", "--out", path("p.safetensors"),
            "--", Self.planted,
        ])
        XCTAssertTrue(
            apart.output.contains("--permutations 0 --precision fast --show 4.2 -- \(Self.planted)")
                || apart.output.contains("--permutations 0 --precision fast --show 2.1 -- \(Self.planted)"),
            apart.output)
        let sweep = try XCTUnwrap(apart.output.split(separator: "\n").first { $0.contains(" sweep ") })
        XCTAssertTrue(sweep.hasSuffix("--precision fast"), "\(sweep)")
    }

    func testProbingWithoutRelabellingsSaysThatNothingWasTested() throws {
        let output = try json("probe", Self.planted, "--data", labelled, "--permutations", "0")
        XCTAssertTrue(output["smallestP"] is NSNull, "\(output)")
        let best = try XCTUnwrap(output.objects("heads").first)
        XCTAssertTrue(best["p"] is NSNull && best["q"] is NSNull, "\(best)")
        let text = try Program.run(["probe", Self.planted, "--data", labelled, "--permutations", "0"])
        XCTAssertTrue(text.output.contains("Nothing was tested"), text.output)
    }

    func testProbesArePicturedComparedAndKept() throws {
        let output = try json(
            "probe", Self.planted, "--data", labelled, "--estimator", "lda", "--direction", "mass-mean",
            "--permutations", "99", "--repeats", "1", "--sigma-data", Self.fixture("planted/mood-test.jsonl"),
            "--compare", Self.fixture("planted/mood-test.jsonl"), "--out", path("p.safetensors"), "--svg",
            path("map.svg"), "--csv", path("heads.csv"), "--show", "2.1", "--show-svg", path("head.svg"))
        XCTAssertEqual(try output.double("significant"), 2)
        let compared = try output.objects("comparison")
        XCTAssertEqual(compared.count, 24)
        let planted = try XCTUnwrap(compared.first { $0["layer"] as? Int == 2 && $0["head"] as? Int == 1 })
        XCTAssertGreaterThan(try planted.double("firstOnSecond"), 0.95)
        XCTAssertEqual(
            try names(), ["head.svg", "heads.csv", "map.svg", "p.safetensors"], "and nothing else")
        let table = try String(contentsOf: folder.appending(path: "heads.csv"), encoding: .utf8).split(separator: "\n")
        XCTAssertEqual(table.count, 25)
        XCTAssertTrue(table.contains { $0.hasPrefix("2,1,") && $0.hasSuffix(",true") }, "\(table)")
        XCTAssertTrue(try String(contentsOf: folder.appending(path: "head.svg"), encoding: .utf8).contains("Head 2.1"))

        let probes = try ProbeFile(contentsOf: folder.appending(path: "p.safetensors"), model: nil)
        XCTAssertEqual(probes.fingerprint, try json("inspect", Self.planted).string("fingerprint"))
        XCTAssertEqual(probes.directions[0].estimator, .massMean)
        XCTAssertEqual(probes.detectors[0].estimator, .lda)
        XCTAssertEqual(probes.provenance["data"], "mood.jsonl")
        // The same file is a directions file for the sweep.
        let swept = try json(
            "sweep", Self.planted, "--data", Self.fixture("planted/mood-contrast.jsonl"), "--directions",
            path("p.safetensors"), "--strength", "8")
        XCTAssertEqual(try swept.objects("heads").count, 24)
    }

    func testTwoListsOfTextsAndLayers() throws {
        let happy = try write(
            "happy.json", #"["I feel happy", "my day was wonderful", "what a lovely day", "I feel glad"]"#)
        let sad = try write("sad.json", #"["I feel sad", "my day was dreadful", "what an awful day", "I feel gloomy"]"#)
        _ = try json(
            "collect", Self.planted, "--data", happy, "--negative", sad, "--site", "residual-post", "--out",
            path("r.safetensors"))
        let file = try SafetensorsFile(contentsOf: folder.appending(path: "r.safetensors"))
        XCTAssertEqual(file["residual-post"]?.shape, [8, 6, 1, 64])
        XCTAssertEqual(file.metadata["site"], "residual-post")
        let output = try json(
            "probe", Self.planted, "--activations", path("r.safetensors"), "--folds", "2", "--permutations", "20")
        XCTAssertEqual(try output.objects("heads").count, 6, "one probe for each layer")
    }

    func testWrongRequestsAreRefused() throws {
        try assertRefused(["collect", Self.planted, "--data", labelled], 64, saying: "--out", "--dry-run")
        try assertRefused(
            ["collect", Self.planted, "--data", labelled, "--site", "residual", "--out", path("x")], 64,
            saying: "residual-")
        try assertRefused(
            ["collect", Self.planted, "--data", labelled, "--positions", "span", "--dry-run"], 65, saying: "span",
            "line 1")
        try assertRefused(
            ["probe", Self.planted, "--data", labelled, "--positions", "all"], 64, saying: "--positions all")
        try assertRefused(["probe", Self.planted, "--data", labelled, "--show", "9.9"], 64, saying: "--show 9.9")
        try assertRefused(
            ["probe", Self.planted, "--data", labelled, "--show-svg", path("x.svg")], 64, saying: "--show L.H")
        XCTAssertEqual(try names(), [])
    }
}
