import Tasks
import XCTest

/// Repetition and length of generated texts, counted by hand.
final class TextMeasuresTests: XCTestCase {
    func testRepetition() {
        // Runs of two: 12 21 12 21 13: three different ones among five.
        XCTAssertEqual(TextMeasures.repetition(2, [1, 2, 1, 2, 1, 3]), 0.4, accuracy: 1e-15)
        XCTAssertEqual(TextMeasures.repetition(4, [1, 2, 3, 4, 5]), 0)
        XCTAssertEqual(TextMeasures.repetition(4, [7, 7, 7, 7, 7, 7]), 1 - 1.0 / 3, accuracy: 1e-15)
        XCTAssertEqual(TextMeasures.repetition(4, [1, 2]), 0)
    }

    func testLoops() {
        XCTAssertEqual(TextMeasures.loopLength([]), 0)
        XCTAssertEqual(TextMeasures.loopLength([1]), 0)
        XCTAssertEqual(TextMeasures.loopLength([1, 2, 3]), 0)
        XCTAssertEqual(TextMeasures.loopLength([9, 1, 1]), 2)
        XCTAssertEqual(TextMeasures.loopLength([9, 1, 2, 1, 2, 1]), 5)
        XCTAssertEqual(TextMeasures.loopLength([1, 1, 1, 2]), 0)
        XCTAssertEqual(TextMeasures.loopLength([4, 4, 4, 4]), 4)
    }

    func testSummary() {
        let summary = TextSummary(
            ids: [[1, 2, 3, 4], [5, 5, 5, 5, 5, 5]], texts: ["It isn't so.", "no no no no no no"], groups: ["a", "b"])
        XCTAssertEqual(summary.texts, 2)
        XCTAssertEqual(summary.tokens.mean, 5)
        XCTAssertEqual(summary.tokens.ciLow, 4)
        XCTAssertEqual(summary.tokens.ciHigh, 6)
        XCTAssertEqual(summary.words.mean, 4.5)
        XCTAssertEqual(summary.distinct1.mean, (1 + 1.0 / 6) / 2, accuracy: 1e-15)
        XCTAssertEqual(summary.distinct2.mean, (1 + 1.0 / 5) / 2, accuracy: 1e-15)
        XCTAssertEqual(summary.repetition4.mean, (0 + 2.0 / 3) / 2, accuracy: 1e-15)
        XCTAssertEqual(summary.loopShare.mean, 0.5)
    }
}
