import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Guarding

final class GuardLogTests: XCTestCase {
    private func time(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    /// Weeks by ISO 8601's own examples: the first of January may lie in the last week of the year before, and the other way
    /// round.
    func testWeeks() throws {
        for (day, week) in [
            ("2005-01-01", "2004-W53"), ("2005-01-02", "2004-W53"), ("2005-12-31", "2005-W52"),
            ("2006-01-01", "2005-W52"),
            ("2007-01-01", "2007-W01"), ("2008-12-29", "2009-W01"), ("2010-01-03", "2009-W53"),
            ("2026-11-28", "2026-W48"), ("2026-11-29", "2026-W48"), ("2026-11-30", "2026-W49"),
        ] {
            XCTAssertEqual(GuardEvent(time: try time("\(day)T00:00:01Z"), outcome: .allowed).week, week, day)
            XCTAssertEqual(GuardEvent(time: try time("\(day)T23:59:59Z"), outcome: .allowed).week, week, day)
        }
    }

    private func event(
        _ day: String, _ outcome: GuardEvent.Outcome, _ layer: GuardLayer? = nil, _ reason: String = ""
    ) throws -> GuardEvent {
        GuardEvent(
            time: try time("\(day)T10:00:00Z"), outcome: outcome,
            refusal: layer.map { Refusal(layer: $0, filter: "f", reason: reason) })
    }

    func testEventsAreKeptAndCounted() throws {
        let log = GuardLog(try makeTemporaryFolder().appending(path: "guard.jsonl"))
        let events = try [
            event("2026-11-28", .refused, .input, "insults"), event("2026-11-28", .allowed),
            event("2026-11-29", .refused, .input, "insults"), event("2026-11-29", .flagged, .activations, "heads"),
            event("2026-11-29", .refused, .output, "a \"quoted\"\nreason"), event("2026-11-30", .allowed),
        ]
        for event in events { try log.append(event) }
        XCTAssertEqual(try log.events(), events)
        let text = try String(contentsOf: log.url, encoding: .utf8)
        XCTAssertEqual(text.split(separator: "\n").count, events.count, "one line an event")
        XCTAssertTrue(
            text.hasPrefix("{\"filter\":\"f\",\"layer\":\"input\",\"outcome\":\"refused\",\"reason\":\"insults\","))
        XCTAssertTrue(text.contains("\"week\":\"2026-W48\""), text)

        let weeks = GuardSummary(try log.events()).weeks
        XCTAssertEqual(weeks.map(\.week), ["2026-W48", "2026-W49"])
        XCTAssertEqual(weeks[0].prompts, 5)
        XCTAssertEqual([weeks[0].allowed, weeks[0].flagged, weeks[0].refused], [1, 1, 3])
        XCTAssertEqual(weeks[0].reasons.map(\.count), [2, 1, 1])
        XCTAssertEqual(weeks[0].reasons[0].reason, "insults")
        XCTAssertEqual(Set(weeks[0].reasons.dropFirst().map(\.layer)), [.activations, .output])
        XCTAssertEqual(weeks[1].reasons, [])
    }

    /// A text that was flagged and then refused is one refused prompt and counts under both reasons.
    func testFlagsBeforeARefusalAreKeptAndCounted() throws {
        let log = GuardLog(try makeTemporaryFolder().appending(path: "guard.jsonl"))
        var both = try event("2026-11-28", .refused, .output, "insults")
        both.flags = [Refusal(layer: .activations, filter: "monitor", reason: "heads")]
        let events = try [both, both, event("2026-11-29", .refused, .output, "insults")]
        for event in events { try log.append(event) }
        XCTAssertEqual(try log.events(), events)
        let text = try String(contentsOf: log.url, encoding: .utf8)
        XCTAssertEqual(text.components(separatedBy: "flags").count, 3, "left out where there are none: \(text)")
        let week = try XCTUnwrap(GuardSummary(events).weeks.first)
        XCTAssertEqual([week.prompts, week.allowed, week.flagged, week.refused], [3, 0, 0, 3])
        XCTAssertEqual(
            week.reasons,
            [
                .init(layer: .output, filter: "f", reason: "insults", outcome: .refused, count: 3),
                .init(layer: .activations, filter: "monitor", reason: "heads", outcome: .flagged, count: 2),
            ])
    }

    func testBrokenLinesAreNamed() throws {
        let url = try makeTemporaryFolder().appending(path: "guard.jsonl")
        let good = #"{"outcome":"allowed","time":"2026-11-28T22:04:12Z","week":"2026-W48"}"#
        for (line, words) in [
            ("{", "line 2"), (#"{"outcome":"maybe","time":"2026-11-28T22:04:12Z"}"#, "one of allowed"),
            (#"{"outcome":"allowed","time":"yesterday"}"#, "time"),
            (#"{"outcome":"refused","time":"2026-11-28T22:04:12Z"}"#, "layer"),
            (#"{"outcome":"allowed","time":"2026-11-28T22:04:12Z","more":1}"#, "unknown field more"),
            (#"{"outcome":"allowed","time":"2026-11-28T22:04:12Z","week":"2026-W47"}"#, "2026-W48, the week of"),
            (#"{"outcome":"allowed","time":"2026-11-28T22:04:12Z","reason":"insults"}"#, "allowed where nothing"),
            (#"{"outcome":"refused","time":"2026-11-28T22:04:12Z","layer":"roof"}"#, "one of input"),
            (
                #"{"outcome":"flagged","time":"2026-11-28T22:04:12Z","layer":"activations","filter":"f","reason":"r","flags":[]}"#,
                "allowed where nothing was refused"
            ),
            (
                #"{"outcome":"refused","time":"2026-11-28T22:04:12Z","layer":"output","filter":"f","reason":"r","flags":[{"layer":"input"}]}"#,
                "flags[0]"
            ),
            (#"{"outcome":"refused","time":1e300,"layer":"input"}"#, "time"), ("[1]", "line 2"), ("\0", "line 2"),
        ] {
            try "\(good)\n\(line)\n".write(to: url, atomically: true, encoding: .utf8)
            XCTAssertThrowsError(try GuardLog(url).events(), line) { error in
                let text = "\(error)"
                XCTAssertTrue(error is InputError && text.contains(words), "\(text) without \(words)")
                XCTAssertTrue(text.contains("guard.jsonl: line 2"), text)
            }
        }
        try "\(good)\n\n  \n\(good)".write(to: url, atomically: true, encoding: .utf8)
        XCTAssertEqual(try GuardLog(url).events().count, 2)
        let missing = GuardLog(url.deletingLastPathComponent().appending(path: "no/log"))
        XCTAssertThrowsError(try missing.append(GuardEvent(time: Date(), outcome: .allowed))) {
            XCTAssertEqual(($0 as? InputError)?.kind, .notWritable)
        }
    }
}
