import XCTest

@testable import HeadSteerBench

/// How results are written, and when a goal counts as met.
final class ResultTableTests: XCTestCase {
    private func table() -> ResultTable {
        ResultTable(
            rows: [
                CompareRow(
                    "decode | one", Pairing(own: [150, 180, 90], peer: [100, 90, 100]), unit: "tokens/s", peer: "rival",
                    goal: .atLeast(exact: 1.6, fast: 2)),
                CompareRow(
                    "cost", own: "9.00 tokens/s", result: Spread([1.004, 0.998, 1.02]), scale: .percent,
                    goal: .atMost(1.01)),
                CompareRow("memory", own: "", result: Spread([118e6]), scale: .megabytes, goal: nil),
            ], precision: .exact)
    }

    func testMarkdown() {
        XCTAssertEqual(
            table().markdown(),
            """
            | work | HeadSteer | peer | result | spread | goal |  |
            | --- | --- | --- | ---: | ---: | --- | --- |
            | decode \\| one | 150 tokens/s | rival: 100 tokens/s | 1.50 | 0.90 … 2.00 | ≥ 1.60 | ✗ |
            | cost | 9.00 tokens/s |  | +0.4% | -0.2% … +2.0% | ≤ +1.0% | ✓ |
            | memory |  |  | 118 MB |  |  |  |
            """)
    }

    func testTextHoldsTheSameCells() {
        let lines = table().text().split(separator: "\n")
        XCTAssertEqual(lines.count, 4)
        for cell in ["decode | one", "150 tokens/s", "rival: 100 tokens/s", "1.50", "0.90 … 2.00", "≥ 1.60", "✗"] {
            XCTAssertTrue(lines[1].contains(cell), "\(cell) in \(lines[1])")
        }
    }

    func testPrecisionsStandSideBySide() {
        let done = { (ratio: Double) in
            CompareRow(
                "decode", Pairing(own: [100 * ratio], peer: [100]), unit: "tokens/s", peer: "rival",
                goal: .atLeast(exact: 1.15, fast: 1.5))
        }
        let missing = CompareRow(
            "sweep", peer: "older", notRun: .missingFile("x", remedy: "build it"), goal: .atLeast(exact: 1.5, fast: 1.5)
        )
        XCTAssertEqual(
            ResultTable.markdown(sideBySide: [
                ResultTable(rows: [done(1.2), missing], precision: .exact),
                ResultTable(rows: [done(1.4), missing], precision: .fast),
            ]),
            """
            | work | peer | exact | result | goal | fast | result | goal |
            | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
            | decode | rival: 100 tokens/s | 120 tokens/s | 1.20 | ≥ 1.15 ✓ | 140 tokens/s | 1.40 | ≥ 1.50 ✗ |
            | sweep | older: no readable file in x; build it |  | not run | ≥ 1.50 ? |  | not run | ≥ 1.50 ? |
            """)
    }

    func testGoals() {
        let least = Goal.atLeast(exact: 0.6, fast: 0.75)
        XCTAssertTrue(least.isMet(by: 0.6, .exact))
        XCTAssertFalse(least.isMet(by: 0.59, .exact))
        let most = Goal.atMost(0.5)
        XCTAssertTrue(most.isMet(by: 0.5, .exact))
        XCTAssertFalse(most.isMet(by: 0.51, .exact))
    }
}
