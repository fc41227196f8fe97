import DataFiles
import Statistics
import XCTest

final class RankedAreaTests: XCTestCase {
    func testRankedAreasAreExactWithTies() throws {
        var generator = SeededGenerator(seed: 5)
        let ranking = RankedArea()
        for rows in [2, 7, 128, 129, 300, 1000] {
            for levels in [1, 3, 50, 1_000_000] {
                let scores = (0..<rows).map { _ in Float(generator.integer(below: levels)) / 7 - 2 }
                let labels = (0..<rows).map { $0 == 0 || ($0 > 1 && generator.uniform() < 0.3) }
                let area = ranking.area(scores, labels.map { $0 ? 1 : 0 }, count: rows)
                let expected = try XCTUnwrap(AreaUnderROC(scores: scores.map(Double.init), labels: labels)).value
                XCTAssertEqual(area, expected, accuracy: 1e-12, "\(rows) rows, \(levels) levels")
            }
        }
        XCTAssertEqual(ranking.area([1, 2], [1, 1], count: 2), 0.5, "one class")
        XCTAssertEqual(ranking.area([-0.0, 0.0], [1, 0], count: 2), 0.5, "zeros are equal")
    }
}
