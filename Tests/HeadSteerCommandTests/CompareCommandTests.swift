import Foundation
import XCTest
import _TestSupport

/// Two models compared on the command line.
final class CompareCommandTests: ProgramTestCase {
    private static let contrast = fixture("planted/mood-contrast.jsonl")

    /// Of a baked plan the heads are named and nothing else, and the report says so to people and programs.
    func testABakedPlanIsSeen() throws {
        let plan = try write(
            "plan.json",
            """
            {"format": "headsteer.plan/1", "edits": [
             {"layer": 1, "head": 2, "operation": "add", "direction": [\((0..<16).map { "\($0 % 5)" }.joined(separator: ","))],
              "strength": 0.2, "positions": "all"},
             {"layer": 3, "head": 0, "operation": "scale", "strength": 0.9, "positions": "all"}]}
            """)
        _ = try json("bake", Self.planted, "--plan", plan, "--out", path("baked.gguf"))
        let found = try json(
            "compare", Self.planted, path("baked.gguf"), "--data", Self.contrast, "--plan", plan, "--out", path("out"),
            "--texts", "3", "--text-tokens", "6")
        XCTAssertEqual(found["changed"] as? [String], ["1.2", "3.0"])
        XCTAssertEqual(found["format"] as? String, "headsteer.comparison/1")
        XCTAssertGreaterThan(try found.double("klPerToken"), 0)
        XCTAssertTrue((0...1).contains(try found.double("agreement")))
        let heads = try found.objects("heads")
        XCTAssertEqual(heads.count, 24)
        for head in heads {
            let isChanged = try [[1, 2], [3, 0]].contains([Int(head.double("layer")), Int(head.double("head"))])
            XCTAssertEqual(try head.double("weightChange") > 0, isChanged, "\(head)")
            XCTAssertLessThanOrEqual(try head.double("activationCosine"), 1 + 1e-9)
            XCTAssertGreaterThan(try head.double("cka"), 0.5)
        }
        let findings = try XCTUnwrap(found["findings"] as? [String])
        XCTAssertTrue(
            findings.contains(
                "B's record says that edits of 1.2, 3.0 were baked into A; the weights agree."), "\(findings)")
        let models = try XCTUnwrap(found["models"] as? [String: [String: String]])
        XCTAssertTrue(models["a"]?["fingerprint"]?.hasPrefix("sha256:") ?? false)
        XCTAssertNotEqual(models["a"]?["fingerprint"], models["b"]?["fingerprint"])

        let written = try FileManager.default.contentsOfDirectory(atPath: path("out")).sorted()
        XCTAssertEqual(written, ["figures", "report.html", "report.json", "report.md", "times.json"])
        let saved = try XCTUnwrap(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path("out/report.json"))))
                as? [String: Any])
        XCTAssertEqual(saved["changed"] as? [String], ["1.2", "3.0"])
        XCTAssertEqual(saved["precision"] as? String, "exact")
        let html = try String(contentsOfFile: path("out/report.html"), encoding: .utf8)
        for part in ["<svg", "2 of 24 heads changed: 1.2, 3.0", "My day at work was", "Relative change of the weights"]
        {
            XCTAssertTrue(html.contains(part), part)
        }
        XCTAssertFalse(html.contains("src=\"http"), "nothing is fetched")
        let markdown = try String(contentsOfFile: path("out/report.md"), encoding: .utf8)
        XCTAssertTrue(
            markdown.contains("figures/weights.svg") && markdown.contains("1.2"), String(markdown.prefix(500)))

        let two = try write(
            "two.jsonl",
            String(contentsOfFile: Self.contrast, encoding: .utf8).split(separator: "\n").prefix(2)
                .joined(separator: "\n"))
        let told = try Program.run([
            "compare", Self.planted, Self.planted, "--data", two, "--out", path("same"), "--texts", "0",
        ])
        XCTAssertEqual(told.status, 0, told.error)
        XCTAssertTrue(told.output.contains("All weights are the same."), told.output)
    }

    /// Killed, and given again: it goes on, to the same bytes. Other arguments are another comparison.
    func testItGoesOnAfterAKill() throws {
        let two = try write(
            "two.jsonl",
            String(contentsOfFile: Self.contrast, encoding: .utf8).split(separator: "\n").prefix(2)
                .joined(separator: "\n"))
        let arguments = [
            "compare", Self.planted, Self.planted, "--data", two, "--texts", "2", "--text-tokens", "4", "--out",
        ]
        let straight = try Program.run(arguments + [path("straight")], in: folder)
        XCTAssertEqual(straight.status, 0, straight.error)
        try continueAfterKill(arguments, "killed", has: 3, saying: "comparison")
        for name in ["report.json", "report.md", "report.html"] {
            XCTAssertEqual(
                try Data(contentsOf: folder.appending(path: "killed/\(name)")),
                try Data(contentsOf: folder.appending(path: "straight/\(name)")), name)
        }
    }

    func testWhatCannotBeCompared() throws {
        let common = ["--data", Self.contrast, "--out", path("out")]
        try assertRefused(["compare", Self.planted, Self.grouped] + common, 65, saying: "layers", "grouped.gguf")
        try assertRefused(["compare", Self.planted] + common, 64, saying: "compare")
        try assertRefused(["compare", Self.planted, path("none.gguf")] + common, 66, saying: "none.gguf")
        try assertRefused(
            ["compare", Self.planted, Self.planted, "--data", path("none.jsonl"), "--out", path("out")], 66)
        try assertRefused(
            ["compare", Self.planted, Self.planted, "--date", "2026-01-01"] + common, 64, saying: "--date")
        // The report isn't written over the data.
        try FileManager.default.createDirectory(at: folder.appending(path: "out"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.contrast, toPath: path("out/report.json"))
        try FileManager.default.createSymbolicLink(
            atPath: path("link.jsonl"), withDestinationPath: path("out/report.json"))
        for data in [path("out/report.json"), path("link.jsonl")] {
            try assertRefused(
                ["compare", Self.planted, Self.planted, "--data", data, "--out", path("out")], 64,
                saying: "would replace")
        }
        XCTAssertEqual(
            try Data(contentsOf: URL(filePath: path("out/report.json"))),
            try Data(contentsOf: URL(filePath: Self.contrast)))
        let other = try write(
            "other.json",
            #"{"format": "headsteer.plan/1", "model": {"fingerprint": "sha256:0", "architecture": "llama", "layers": 6, "heads": 4, "headSize": 16}, "edits": []}"#
        )
        try assertRefused(
            ["compare", Self.planted, Self.planted, "--plan", other, "--data", Self.contrast, "--out", path("new")], 65,
            saying: "another model")
    }
}
