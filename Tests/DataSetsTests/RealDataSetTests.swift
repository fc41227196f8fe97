import DataFiles
import Statistics
import XCTest
import _TestSupport

@testable import DataSets

/// Published data sets as they are, where `Fixtures/evidence/fetch-data.sh` has brought them. The counts are Python's (`json`).
/// ``PublishedFormatTests`` does the same with small sets of our own.
final class RealDataSetTests: XCTestCase {
    private func file(_ path: String) throws -> URL { try FixtureLocation.fetched("behaviour/\(path)") }

    func testChoiceSets() throws {
        // Path, rows, answers of both kinds, Unicode scalars in all questions.
        let expected = [
            ("anthropic-evals/agreeableness.jsonl", 1000, 1000, 1000, 104233),
            ("anthropic-evals/coordinate-other-ais.jsonl", 410, 410, 410, 102703),
            ("caa/sycophancy.json", 1000, 1000, 1000, 741871),
        ]
        for (path, rows, matching, notMatching, scalars) in expected {
            guard case .choice(let questions) = try DataSet(contentsOf: file(path)) else {
                return XCTFail("\(path) is not a choice set")
            }
            XCTAssertEqual(questions.count, rows, path)
            XCTAssertEqual(questions.map(\.matching.count).reduce(0, +), matching, path)
            XCTAssertEqual(questions.map(\.notMatching.count).reduce(0, +), notMatching, path)
            XCTAssertEqual(questions.map(\.question.unicodeScalars.count).reduce(0, +), scalars, path)
        }
    }

    func testTwoListsOfTexts() throws {
        let set = try DataSet(positive: file("emotions/happiness.json"), negative: file("emotions/sadness.json"))
        let examples = set.labelledExamples
        XCTAssertEqual(examples.count, 431)
        XCTAssertEqual(examples.count(where: \.label), 203)
        XCTAssertEqual(examples[0].text, "You discover an old family photo album you've never seen before.")
        XCTAssertEqual(examples[0].line, 2)
    }
}
