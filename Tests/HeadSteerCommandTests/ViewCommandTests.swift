import Foundation
import XCTest
import _TestSupport

/// What `view` makes of a run's folder, and what it refuses.
final class ViewCommandTests: ProgramTestCase {
    private let mood = ProgramTestCase.fixture("planted/mood.jsonl")

    /// A folder `run` with probes of the planted model and a plan of its head 2.1.
    private func makeRun() throws {
        try FileManager.default.createDirectory(
            at: folder.appending(path: "run"), withIntermediateDirectories: true)
        _ = try json(
            "probe", Self.planted, "--data", mood, "--permutations", "0", "--repeats", "1", "--out",
            path("run/probes.safetensors"))
        _ = try json(
            "plan", "make", Self.planted, "--probes", path("run/probes.safetensors"), "--heads", "2.1", "--strength",
            "8",
            "--positions", "last", "--out", path("run/plan"))
    }

    private func view(_ arguments: [String]) throws -> [String: Any] {
        try Program.run(["view", "run", "--out", "page.html", "--json"] + arguments, in: folder).json()
    }

    private func page() throws -> String {
        try String(contentsOf: folder.appending(path: "page.html"), encoding: .utf8)
    }

    func testAPageWithAndWithoutTheModel() throws {
        try makeRun()
        let plain = try view([])
        XCTAssertEqual(plain["columns"] as? [String], Self.columns.map { "probes/\($0)" })
        XCTAssertEqual([try plain.double("layers"), try plain.double("heads")], [6, 4])
        XCTAssertEqual([try plain.double("texts"), try plain.double("strengths")], [0, 0])
        let first = try page()
        XCTAssertEqual(Double(first.utf8.count), try plain.double("bytes"))
        XCTAssertTrue(first.contains("2.1 add +8 σ"), "the plan is told")
        _ = try view([])
        XCTAssertEqual(try page(), first, "the same folder gives the same page")

        let full = try view([
            "--model", Self.planted, "--data", mood, "--texts", "8", "--prompt", "My day at work was", "--max-tokens",
            "4",
        ])
        XCTAssertEqual(try full.double("texts"), 8)
        XCTAssertEqual(try full.double("patterns"), 3)
        XCTAssertEqual(try full.double("strengths"), 5)
        XCTAssertEqual(full["notes"] as? [String], ["8 of the data's 48 texts are shown."])
        XCTAssertTrue(try page().contains("My day at work was"))
        XCTAssertEqual(try names(), ["page.html", "run"])
    }

    /// Those that a probe without relabellings has.
    private static let columns = ["auroc", "ciLow", "ciHigh", "accuracy", "balancedAccuracy", "selectivity"]

    func testWhatIsRefused() throws {
        try makeRun()
        for (name, text) in [("empty/none.txt", ""), ("broken/report.json", #"{"heads": [{"layer": 1,"#)] {
            let url = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        try FileManager.default.createSymbolicLink(
            atPath: path("link"), withDestinationPath: path("run/probes.safetensors"))
        try assertRefused(["view", "run"], 64)
        try assertRefused(["view", "none", "--out", "page.html"], 66, saying: "none")
        try assertRefused(["view", "run/plan/plan.json", "--out", "page.html"], 64, saying: "the folder that it is in")
        try assertRefused(["view", "empty", "--out", "page.html"], 65, saying: "nothing that a page could show")
        try assertRefused(["view", "broken", "--out", "page.html"], 65, saying: "report.json")
        try assertRefused(["view", "run", "--out", "none/page.html"], 66)
        for output in ["run/probes.safetensors", "run/plan/plan.json", "link"] {
            try assertRefused(["view", "run", "--out", output], 64, saying: "--out")
        }
        try assertRefused(["view", "run", "--data", mood, "--out", "page.html"], 64, saying: "--data")
        try assertRefused(["view", "run", "--texts", "1", "--out", "page.html"], 64, saying: "--texts")
        try assertRefused(
            ["view", "run", "--model", Self.grouped, "--out", "page.html"], 65, saying: "own model")
    }
}
