import Foundation
import XCTest

/// What commands say against their own results: after these, and in what they write.
final class WarningCommandTests: ProgramTestCase {
    private let labelled = ProgramTestCase.fixture("planted/mood.jsonl")
    private let contrast = ProgramTestCase.fixture("planted/mood-contrast.jsonl")

    private func rows(_ path: String, _ range: Range<Int>) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")[range].map(String.init)
    }

    /// What a command says as JSON, whatever it warns of on standard error.
    private func told(_ arguments: [String]) throws -> [String: Any] { try Program.run(arguments + ["--json"]).json() }

    private func told(_ arguments: String...) throws -> [String: Any] { try told(arguments) }

    private func search(_ data: String, _ contrast: String, _ out: String) throws -> Program.Result {
        let result = try Program.run(
            [
                "search", Self.planted, "--data", data, "--contrast", contrast, "--heads", "1", "--check", "2",
                "--null-directions", "1", "--max-kl", "50", "--neutral",
                try write("neutral.txt", "My day at work was\nour trip was\n"),
                "--out", out,
            ])
        XCTAssertEqual(result.status, 0, result.error)
        return result
    }

    /// Texts are recognised in whatever file they are, with other spaces and capitals.
    func testEvaluateTellsTextsThatTheSearchHasSeen() throws {
        let seen = try rows(contrast, 0..<8)
        _ = try search(labelled, write("seen.jsonl", seen.joined(separator: "\n")), path("run"))
        let others = try rows(contrast, 8..<12)
        func warnings(_ rows: [String], _ name: String) throws -> (warnings: [String], shared: Int?) {
            let told = try self.told(
                "evaluate", Self.planted, "--plan", path("run/plan.json"), "--data",
                write(name, rows.joined(separator: "\n")), "--texts", "0", "--repetitions", "1", "--neutral",
                path("neutral.txt"))
            let shared = (told["sharedWithPlan"] as? [String: Any])?["shared"] as? Int
            return (told["warnings"] as? [String] ?? [], shared)
        }
        XCTAssertNil(try warnings(others, "others.jsonl").shared)
        let respelled = seen[0].replacing(#""prompt": ""#, with: #""prompt": "  "#)
        let mixed = try warnings([respelled, seen[3]] + others, "mixed.jsonl")
        XCTAssertEqual(mixed.shared, 2)
        XCTAssertTrue(mixed.warnings.contains { $0.hasPrefix("2 of 6 rows of mixed.jsonl are among") }, "\(mixed)")

        // After the result, and in the report's files.
        let result = try Program.run([
            "evaluate", Self.planted, "--plan", path("run/plan.json"), "--data", path("seen.jsonl"), "--texts", "0",
            "--repetitions", "1", "--neutral", path("neutral.txt"), "--report", path("report"),
        ])
        XCTAssertTrue(result.error.contains("warning: all 8 rows of seen.jsonl are among"), result.error)
        XCTAssertTrue(result.output.contains("sign-flip p = "), "p over the items: \(result.output)")
        let report = try String(contentsOfFile: path("report/report.md"), encoding: .utf8)
        XCTAssertTrue(report.contains("All 8 rows of seen.jsonl are among"), report)
        // The record in the plan knows the training file where the report is gone.
        try FileManager.default.removeItem(atPath: path("run/report.json"))
        let byFile = try self.told(
            "evaluate", Self.planted, "--plan", path("run/plan.json"), "--data", labelled, "--texts", "0",
            "--repetitions", "1", "--neutral", path("neutral.txt"))
        XCTAssertEqual((byFile["sharedWithPlan"] as? [String: Any])?["shared"] as? Int, 48)
    }

    func testASearchOnLittleSaysSoAfterItsResultAndInItsReport() throws {
        let two = try write("two.jsonl", try rows(labelled, 0..<2).joined(separator: "\n"))
        let one = try write("one.jsonl", try rows(contrast, 0..<1).joined(separator: "\n"))
        let result = try search(two, one, path("run"))
        let data = try Data(contentsOf: folder.appending(path: "run/report.json"))
        let report = try XCTUnwrap(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let warnings = try XCTUnwrap(report["warnings"] as? [String])
        for part in ["rest on 1 text with the label and 1 without", "only one prompt, which gives no interval"] {
            XCTAssertTrue(warnings.contains { $0.contains(part) }, "\(part) in \(warnings)")
            XCTAssertTrue(result.error.contains(part), result.error)
        }
        XCTAssertTrue(result.output.contains("no interval: one item"), result.output)
        XCTAssertTrue(result.output.contains("--prompt \"My day at work was\" --scale"), result.output)
    }

    func testOneItemGivesNoInterval() throws {
        let one = try write("one.jsonl", try rows(contrast, 0..<1).joined(separator: "\n"))
        _ = try self.told(
            "probe", Self.planted, "--data", labelled, "--permutations", "0", "--estimator", "lda", "--out",
            path("lda.safetensors"))
        let swept = try self.told("sweep", Self.planted, "--contrast", one, "--directions", path("lda.safetensors"))
        let best = try swept.objects("heads")[0]
        XCTAssertTrue(best["ciLow"] is NSNull && best["ciHigh"] is NSNull, "\(best)")
        let warnings = try XCTUnwrap(swept["warnings"] as? [String])
        XCTAssertTrue(warnings.contains { $0.contains("fitted by lda") }, "\(warnings)")
        XCTAssertTrue(warnings.contains { $0.contains("one item") }, "\(warnings)")

        let told = try Program.run([
            "sweep", Self.planted, "--data", one, "--directions", path("lda.safetensors"), "--rows", "3", "--svg",
            path("map.svg"),
        ])
        XCTAssertEqual(told.output.components(separatedBy: "no interval: one item").count, 4, told.output)
        XCTAssertTrue(told.output.contains(path("map.svg")), told.output)
        XCTAssertTrue(try String(contentsOfFile: path("map.svg"), encoding: .utf8).hasPrefix("<svg"))

        let plan = ["--plan", path("run/plan.json")]
        _ = try search(labelled, contrast, path("run"))
        let evaluated = try self.told(
            [
                "evaluate", Self.planted, "--data", one, "--texts", "0", "--repetitions", "1", "--neutral",
                path("neutral.txt"),
            ] + plan)
        let change = try XCTUnwrap(evaluated["change"] as? [String: Any])
        XCTAssertTrue(change["ciLow"] is NSNull, "\(change)")
    }
}
