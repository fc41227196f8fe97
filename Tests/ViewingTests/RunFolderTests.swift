import DataFiles
import Directions
import Foundation
import Intervention
import Statistics
import Transformer
import XCTest
import _TestSupport

@testable import Viewing

/// What is taken from a folder's files, and what is refused.
final class RunFolderTests: XCTestCase {
    private func folder(_ files: [String: String]) throws -> URL {
        let folder = try makeTemporaryFolder()
        for (name, text) in files {
            let url = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return folder
    }

    private let plan = """
        {"format": "headsteer.plan/1", "model": {"fingerprint": "sha256:0", "architecture": "llama", "layers": 3, "heads": 2,
         "headSize": 2}, "edits": [{"layer": 2, "head": 1, "operation": "add", "direction": [1, 0], "strength": 4,
         "positions": "last"}, {"layer": 0, "head": 0, "operation": "zero", "positions": "all"}]}
        """

    func testColumnsComeFromWhateverHasHeads() throws {
        let url = try folder([
            "plan.json": plan,
            "report.json": """
            {"format": "headsteer.search/2", "provenance": {"data": "mood.jsonl", "model": "/models/m.gguf"},
             "heads": ["2.1"], "sweep": [{"layer": 2, "head": 1, "effect": 1.5, "q": 0.01, "nullEffects": [1]},
             {"layer": 0, "head": 1, "effect": -0.5, "q": null}],
             "tokens": [{"layer": 2, "head": 1, "raised": [{"token": 5, "piece": " good", "weight": 2}], "lowered": []}]}
            """,
            "sweeps/sweep.json": #"{"heads": [{"layer": 1, "head": 0, "effect": 0.25}]}"#,
            "notes.txt": "nothing to show", "other.json": #"{"a": 1}"#,
            "mood.jsonl": #"{"text": "It was good.", "label": true}"#,
        ])
        let run = try RunFolder(contentsOf: url)
        XCTAssertEqual([run.layers, run.heads], [3, 2])
        XCTAssertEqual(run.columns.map(\.key), ["search/effect", "search/q", "sweeps/sweep/effect"])
        XCTAssertEqual(run.columns[0].values, [nil, -0.5, nil, nil, nil, 1.5], "in the order of layers and heads")
        XCTAssertEqual(run.columns[1].values, [nil, nil, nil, nil, nil, 0.01])
        XCTAssertTrue(run.columns[1].test && run.columns[1].ascending)
        XCTAssertEqual(run.notShown, ["mood.jsonl", "notes.txt", "other.json"])
        let contents = ViewContents(run)
        XCTAssertEqual(contents.chosen, [5, 0])
        XCTAssertEqual(contents.defaults.column, "search/effect")
        XCTAssertEqual(contents.writes?[5].raised.map { contents.pieces.pieces[$0.piece] }, [" good"])
        XCTAssertEqual(contents.writes?[0].raised.count, 0)
        XCTAssertEqual(
            contents.facts.first { $0.term == "model" }?.text, "m.gguf", "folders of a machine are nobody's business")
        XCTAssertEqual(contents.facts.first { $0.term == "plan" }?.text, "2.1 add +4, 0.0 zero")
    }

    /// A short file can name any head, and many columns of one head each.
    func testHeadsThatNoModelHasAreRefused() throws {
        let entries = [
            #"{"layer": 9223372036854775807, "head": 0, "effect": 1}"#, #"{"layer": 0, "head": 65536, "effect": 1}"#,
            #"{"head": "0.9223372036854775807", "effect": 1}"#,
        ]
        for entry in entries {
            XCTAssertThrowsError(try RunFolder(contentsOf: folder(["r.json": #"{"heads": [\#(entry)]}"#])), entry) {
                XCTAssertTrue("\($0)".contains("r.json"), "\($0)")
                XCTAssertTrue("\($0)".contains("heads[0]"), "\($0)")
            }
        }
        let line = #"{"position": 0, "score": 1, "heads": ["9223372036854775807.0"]}"#
        XCTAssertThrowsError(try RunFolder(contentsOf: folder(["r.jsonl": line])))
        let columns = (0..<100).map { #""c\#($0)": 1"# }.joined(separator: ", ")
        let many = #"{"heads": [{"layer": 255, "head": 255, \#(columns)}]}"#
        XCTAssertThrowsError(try RunFolder(contentsOf: folder(["r.json": many]))) {
            XCTAssertTrue("\($0)".contains("100 columns of 256 × 256 heads"), "\($0)")
        }
    }

    func testAnAuditShowsItsScreenAndItsFirstLook() throws {
        let look = #""firstLook": {"heads": [{"layer": 0, "head": 0, "cosine": 0.25}]}"#
        let url = try folder([
            "report.json": """
            {"protocol": {"version": 1}, "heads": ["1.0"],
             "screen": [{"layer": 1, "head": 0, "effect": 2, "q": 0.01}, {"layer": 0, "head": 1, "effect": 0.5, "q": 0.9}],
             \(look)}
            """,
            "stages.json": "{\(look)}",
        ])
        let columns = try RunFolder(contentsOf: url).columns
        XCTAssertEqual(columns.map(\.key), ["audit/effect", "audit/q", "first look/cosine"])
        XCTAssertEqual(columns[0].values, [nil, 0.5, 2, nil])
        XCTAssertEqual(columns[2].values, [0.25, nil, nil, nil])
    }

    func testTextsUnderDosesAreThoseOfAnEvaluation() throws {
        func point(_ factor: Double, _ text: String) -> String {
            #"{"factor": \#(factor), "texts": {"texts": ["\#(text) 1", "\#(text) 2"]}}"#
        }
        let url = try folder([
            "report.json": """
            {"doses": {"strength": 8, "unit": "sigma", "points": [\(point(-1, "sad")), \(point(0, "plain")),
             \(point(1, "glad"))]}, "prompts": ["A", "B"]}
            """
        ])
        let steering = try XCTUnwrap(RunFolder(contentsOf: url).steering)
        XCTAssertEqual(steering.labels, ["−8 σ", "none", "+8 σ"])
        XCTAssertEqual(steering.texts[2], ["glad 1", "glad 2"])
        XCTAssertEqual([steering.base, steering.preferred], [1, 2])
        XCTAssertEqual(steering.prompts, ["A", "B"])
    }

    func testLogsAreReadLineByLine() throws {
        let url = try folder([
            "watch.jsonl": """
            {"position": 4, "score": 1.5, "threshold": 3}
            {"position": 5, "score": 3.5, "threshold": 3, "alarm": true, "heads": ["2.1", {"head": "0.0", "reason": "changed"}]}

            {"position": 6, "score": 2}
            """,
            "guard.jsonl": """
            {"time": "2026-11-28T22:04:12Z", "week": "2026-W48", "outcome": "allowed"}
            {"time": "2026-11-29T22:04:12Z", "week": "2026-W48", "outcome": "refused", "layer": "input", "filter": "words",
            """.replacing("\n                ", with: "\n").trimmingCharacters(in: .newlines)
                + #" "reason": "insults", "flags": [{"layer": "activations", "filter": "monitor", "reason": "heads"}]}"#,
            "once.json": #"{"text": "t", "flagged": true, "alarms": [{"position": 3, "score": 9, "heads": ["1.0"]}]}"#,
        ])
        let logs = try RunFolder(contentsOf: url).logs
        XCTAssertEqual(logs.count, 3)
        guard case .events(let events) = logs[0], case .watch(let once) = logs[1], case .watch(let watch) = logs[2]
        else {
            return XCTFail("\(logs)")
        }
        XCTAssertEqual(events.spans.map(\.name), ["2026-W48"])
        XCTAssertEqual(events.spans[0].counts, [1, 0, 1])
        XCTAssertEqual(events.reasons.map(\.reason), ["heads", "insults"])
        XCTAssertEqual(events.reasons.map(\.outcome), ["flagged", "refused"])
        XCTAssertEqual(watch.points.map(\.position), [4, 5, 6])
        XCTAssertEqual(watch.threshold, 3)
        XCTAssertEqual(watch.alarms.map(\.named), [[Head(layer: 2, index: 1), Head(layer: 0, index: 0)]])
        XCTAssertEqual(watch.alarms[0].other, "changed")
        XCTAssertEqual(once.alarms.map(\.position), [3])
    }

    func testWhatIsWrongIsRefusedByName() throws {
        let cases: [(files: [String: String], message: String)] = [
            ([:], "nothing that a page could show"),
            (["report.json": #"{"heads": [{"layer": 1, "hea"#], "report.json"),
            (
                ["sweep.json": #"{"heads": [{"layer": "1", "head": 0, "effect": 1}]}"#],
                "heads[0].layer is not a whole number from 0"
            ),
            (["sweep.json": #"{"heads": [{"head": 0, "effect": 1}]}"#], "no field heads[0].layer"),
            (
                [
                    "sweep.json": """
                    {"heads": [{"layer": 1, "head": 0, "effect": 1},
                     {"layer": 1, "head": 1, "effect": "big"}]}
                    """
                ], "sweep.json, line 2"
            ),
            (
                [
                    "r.json":
                        #"{"format": "headsteer.search/2", "tokens": [{"layer": 0, "head": 0, "raised": [{"piece": 5}]}]}"#
                ],
                "tokens[0].raised[0].piece is not a string"
            ),
            (
                ["e.json": #"{"doses": {"points": [{"factor": 1, "texts": {"texts": ["a"]}}]}}"#],
                "no point of doses.points with the factor 0"
            ),
            (
                ["e.json": #"{"doses": {"points": [{"factor": 0, "texts": {"texts": [1]}}]}}"#],
                "doses.points[0].texts.texts is not an array of strings"
            ),
            (
                ["w.json": #"{"flagged": true, "alarms": [{"position": 1}]}"#],
                "alarms[0] is not an object with position and score"
            ),
            (["w.jsonl": #"{"position": 1, "score": 2, "heads": ["x"]}"#], "line 1: heads[0] is not a head"),
            (["sweep.json": #"{"heads": [{"layer": 9, "head": 0, "effect": 1}]}"#, "plan.json": plan], "the head 9.0"),
            (
                ["sweep.json": #"{"heads": [{"layer": 60000, "head": 60000, "effect": 1}]}"#],
                "view runs of up to 65536 heads"
            ),
            (["watch.jsonl": "{\"position\": 1, \"score\": 2}\n{\"position\": 2}"], "line 2"),
            (["guard.jsonl": #"{"time": "now", "outcome": "maybe"}"#], "line 1"),
            (
                ["e.json": #"{"textsBase": {"texts": ["a"]}, "textsSteered": {"texts": ["b", "c"]}}"#],
                "numbers of texts and prompts that don't match"
            ),
            (["plan.json": #"{"format": "headsteer.plan/1", "edits": [{"layer": 1}]}"#], "plan.json"),
            (["p.safetensors": "nonsense"], "p.safetensors"),
        ]
        for test in cases {
            XCTAssertThrowsError(try RunFolder(contentsOf: folder(test.files)), test.message) { error in
                XCTAssertTrue(error is InputError, "\(error)")
                XCTAssertTrue("\(error)".contains(test.message), "\(error)")
            }
        }
        XCTAssertThrowsError(try RunFolder(contentsOf: URL(filePath: "/nowhere/at/all"))) { error in
            XCTAssertEqual((error as? InputError)?.kind, .missingFile)
        }
        var run = try RunFolder(contentsOf: folder(["plan.json": plan]))
        XCTAssertThrowsError(try run.require(fingerprint: "sha256:1", "probes.safetensors")) { error in
            XCTAssertEqual((error as? InputError)?.kind, .otherModel)
        }
    }

    func testWhatIsNoFindingOfHeadsIsLeftAlone() throws {
        let url = try folder([
            "plan.json": plan,
            "twice.json": #"{"heads": [{"layer": 0, "head": 0, "effect": 1}, {"layer": 0, "head": 0, "effect": 2}]}"#,
            "inspect.json": #"{"heads": 9, "layers": 30}"#, "names.json": #"{"heads": ["2.1"], "strength": 4}"#,
            "more/deeper/sweep.json": "{",
        ])
        XCTAssertEqual(mkfifo(url.appending(path: "endless.json").path(percentEncoded: false), 0o600), 0)
        let run = try RunFolder(contentsOf: url)
        XCTAssertEqual(run.columns, [])
        XCTAssertEqual(run.notShown, ["inspect.json", "names.json", "twice.json"])
    }
}
