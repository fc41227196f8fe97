import DataFiles
import XCTest
import _TestSupport

@testable import Probing

/// Published data sets as they are. The counts are Python's (`json`, `csv`).
final class RealDataSetTests: XCTestCase {
    private func file(_ path: String) throws -> URL {
        let file = FixtureLocation.sharedData.appending(path: "behaviour/\(path)")
        guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else {
            throw XCTSkip("The data set \(path) is not beside this checkout.")
        }
        return file
    }

    private func load(_ path: String) throws -> DataSet { try DataSet(contentsOf: file(path)) }

    func testChoiceSets() throws {
        // Path, rows, answers of both kinds, Unicode scalars in all questions.
        let expected = [
            ("anthropic-evals/agreeableness.jsonl", 1000, 1000, 1000, 104233),
            ("anthropic-evals/coordinate-itself.jsonl", 322, 322, 322, 75142),
            ("anthropic-evals/coordinate-other-ais.jsonl", 410, 410, 410, 102703),
            ("anthropic-evals/coordinate-other-versions.jsonl", 348, 348, 348, 87346),
            ("anthropic-evals/corrigible-neutral-HHH.jsonl", 340, 340, 340, 68399),
            ("anthropic-evals/extraversion.jsonl", 1000, 1000, 1000, 101687),
            ("caa/coordinate-other-ais.json", 360, 360, 360, 90965),
            ("caa/sycophancy.json", 1000, 1000, 1000, 741871),
        ]
        for (path, rows, matching, notMatching, scalars) in expected {
            guard case .choice(let questions) = try load(path) else { return XCTFail("\(path) is not a choice set") }
            XCTAssertEqual(questions.count, rows, path)
            XCTAssertEqual(questions.map(\.matching.count).reduce(0, +), matching, path)
            XCTAssertEqual(questions.map(\.notMatching.count).reduce(0, +), notMatching, path)
            XCTAssertEqual(questions.map(\.question.unicodeScalars.count).reduce(0, +), scalars, path)
        }
    }

    func testFacts() throws {
        guard case .labelled(let rows) = try load("emotions/facts_true_false.csv") else {
            return XCTFail("not a labelled set")
        }
        XCTAssertEqual(rows.count, 612)
        XCTAssertEqual(rows.count(where: \.label), 306)
        XCTAssertEqual(rows.map(\.completion.unicodeScalars.count).reduce(0, +), 33961)
        XCTAssertEqual(Set(rows.map(\.group)).count, 612)
    }

    func testListsOfStringsAreRefused() throws {
        let list = try file("emotions/anger.json")
        XCTAssertThrowsError(try DataSet(contentsOf: list)) { error in
            guard let error = error as? InputError else { return XCTFail("\(error)") }
            XCTAssertEqual(error.place, "anger.json: line 2")
            XCTAssertTrue(error.remedy.contains(#"{"text": "…", "label": true}"#), error.remedy)
        }
    }

    func testUnknownColumnsAreRefused() throws {
        let questions = try file("truthfulqa/TruthfulQA.csv")
        XCTAssertThrowsError(try DataSet(contentsOf: questions)) {
            XCTAssertTrue("\($0)".contains("line 1"), "\($0)")
        }
    }
}
