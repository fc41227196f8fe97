import XCTest

@testable import DataSets

final class DiscriminatingTokensTests: XCTestCase {
    /// z scores computed by the formula in Python (`Fixtures/statistics/reference.py`, `log_odds`).
    func testRankingAndScores() throws {
        let texts = [[1, 2, 3, 3], [3, 4, 1], [5, 5, 1], [2, 6, 5, 1]]
        let result = try DiscriminatingTokens(of: texts, labels: [true, true, false, false], count: 2)
        XCTAssertEqual(result.positive.map(\.token), [3, 4])
        XCTAssertEqual(result.negative.map(\.token), [5, 6])
        let reference = [1.2380997617995342, 0.6078331024988427, -1.2380997617995342, -0.6078331024988427]
        for (entry, z) in zip(result.positive + result.negative, reference) {
            XCTAssertEqual(entry.z, z, accuracy: 1e-12)
        }
    }

    func testTiesAreOrderedByToken() throws {
        let texts = [[9, 4, 7], [8, 3, 6]]
        let result = try DiscriminatingTokens(of: texts, labels: [true, false], count: 2)
        XCTAssertEqual(result.positive.map(\.token), [4, 7])
        XCTAssertEqual(result.negative.map(\.token), [3, 6])
    }

    func testExcludedTokensAreNotChosen() throws {
        let texts = [["good", "day", "x"], ["bad", "day", "y"]]
        let result = try DiscriminatingTokens(of: texts, labels: [true, false], count: 3, excluding: ["x", "bad"])
        XCTAssertEqual(result.positive.map(\.token), ["good"])
        XCTAssertEqual(result.negative.map(\.token), ["y"])
    }

    func testClassesThatDoNotDifferAreAnError() {
        XCTAssertThrowsError(try DiscriminatingTokens(of: [[1, 2], [2, 1]], labels: [true, false], count: 1))
        XCTAssertThrowsError(try DiscriminatingTokens(of: [[1], [2]], labels: [true, true], count: 1))
        XCTAssertThrowsError(try DiscriminatingTokens(of: [[1], [1, 1]], labels: [true, false], count: 1))
    }
}
