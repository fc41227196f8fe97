import DataFiles
import Statistics
import XCTest
import _TestSupport

@testable import DataSets

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

    /// The file has line breaks of two bytes and 72 statements with commas, in quotes.
    func testQuotedFieldsAndLineBreaks() throws {
        let url = try file("emotions/facts_true_false.csv")
        let rows = try load("emotions/facts_true_false.csv").labelledExamples
        XCTAssertEqual(rows.count { $0.text.contains(",") }, 72)
        XCTAssertFalse(rows.contains { $0.text.contains("\r") || $0.text.contains("\"\"") })
        XCTAssertEqual(rows[1].line, 3)
        // The same with a byte order mark, and read one row at a time.
        let folder = try makeTemporaryFolder()
        let marked = folder.appending(path: "facts.csv")
        try (Data([0xEF, 0xBB, 0xBF]) + Data(contentsOf: url)).write(to: marked)
        XCTAssertEqual(try DataSet(contentsOf: marked), try DataSet(contentsOf: url))
        var texts: [String] = []
        try LabelledRows(contentsOf: marked).forEach { texts.append($0.text) }
        XCTAssertEqual(texts, rows.map(\.text))
    }

    /// Question and answer, with one space between them whether the file has it (Anthropic's) or not (CAA's).
    func testChoicesBecomeLabelledRows() throws {
        for (path, answers) in [
            ("anthropic-evals/coordinate-other-ais.jsonl", [" (A)", " (B)"]),
            ("caa/coordinate-other-ais.json", [" (A)", " (B)"]),
            ("anthropic-evals/agreeableness.jsonl", [" No", " Yes"]),
        ] {
            let set = try load(path)
            let examples = set.labelledExamples
            XCTAssertEqual(examples.count, 2 * set.count, path)
            XCTAssertEqual(Set(examples.map(\.completion)).sorted(), answers, path)
            XCTAssertEqual(examples.count(where: \.label), set.count, path)
            let rows = GroupedLabels(examples)
            XCTAssertEqual(rows.groups.rowsOfGroup.count, set.count, "\(path): one group a question")
            XCTAssertTrue(rows.groups.rowsOfGroup.indices.allSatisfy { rows.composition(ofGroup: $0) == .both }, path)
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
