import Foundation
import XCTest

@testable import Reporting

final class ProgressBarTests: XCTestCase {
    private final class Screen {
        var written: [String] = []
    }

    func testALineTellsRateAndTimeLeft() {
        XCTAssertEqual(
            ProgressBar.line(stage: "Sweeping", done: 90, total: 270, elapsed: 1.5, width: 80),
            "Sweeping  ━━━━━━━━━━────────────────────  90/270  60/s  3 s left")
        XCTAssertEqual(
            ProgressBar.line(stage: "Probing", done: 2, total: 10, elapsed: 20, width: 80),
            "Probing  ━━━━━━────────────────────────  2/10  10.0 s each  1 min 20 s left")
        XCTAssertEqual(
            ProgressBar.line(stage: "Reading", done: 0, total: 4, elapsed: 3, width: 30),
            "Reading  ────────────────  0/4"
        )
        XCTAssertEqual(
            ProgressBar.line(stage: "Reading", done: 4, total: 4, elapsed: 2, width: 14), "Reading  4/4 …")
        for width in 10...90 {
            let line = ProgressBar.line(stage: "Sweeping", done: 7, total: 270, elapsed: 9, width: width)
            XCTAssertLessThanOrEqual(DisplayWidth.of(line), width, line)
        }
    }

    func testShortWorkShowsNothing() {
        let screen = Screen()
        let start = Date(timeIntervalSince1970: 0)
        var bar = ProgressBar("Short", total: 10, start: start) { screen.written.append($0) }
        for done in 1...10 { bar.update(done, now: start.addingTimeInterval(Double(done) * 0.19)) }
        bar.finish()
        XCTAssertEqual(screen.written, [])
    }

    func testLongWorkShowsEarlyAndCleansUp() {
        let screen = Screen()
        let start = Date(timeIntervalSince1970: 0)
        var bar = ProgressBar("Long", total: 100, width: 60, start: start) { screen.written.append($0) }
        bar.update(1, now: start.addingTimeInterval(0.2))
        XCTAssertEqual(screen.written, [], "too early to tell")
        bar.update(5, now: start.addingTimeInterval(0.6))
        bar.update(6, now: start.addingTimeInterval(0.65))
        bar.update(7, now: start.addingTimeInterval(0.8))
        XCTAssertEqual(screen.written.count, 2, "not more than ten lines a second: \(screen.written)")
        XCTAssertTrue(screen.written.allSatisfy { $0.hasPrefix("\rLong  ") }, "\(screen.written)")
        bar.finish()
        let last = screen.written.removeLast()
        XCTAssertEqual(last.filter { $0 == "\r" }.count, 2, last.debugDescription)
        XCTAssertEqual(Set(last), ["\r", " "], last.debugDescription)
        let longest = screen.written.map { DisplayWidth.of($0) }.max() ?? 0
        XCTAssertGreaterThanOrEqual(DisplayWidth.of(last), longest, "the whole line is wiped")
    }
}
