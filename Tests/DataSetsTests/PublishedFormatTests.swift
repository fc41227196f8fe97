import DataFiles
import Statistics
import XCTest
import _TestSupport

@testable import DataSets

/// Small sets of our own in the forms of published ones: Anthropic's evals, CAA's questions, statements as CSV, lists of texts.
/// What they hold is told by Python (`Fixtures/data-sets/make.py`).
final class PublishedFormatTests: XCTestCase {
    private struct Expected: Decodable {
        struct Choices: Decodable {
            var file: String
            var rows, scalars: Int
            var answers: [String]
        }
        struct Facts: Decodable {
            var rows, `true`, scalars, withCommas, withQuotes: Int
        }
        struct Lists: Decodable {
            var pleasant, dull: [String]
        }
        var choices: [Choices]
        var facts: Facts
        var lists: Lists
    }

    private func file(_ name: String) -> URL { FixtureLocation.fixtures.appending(path: "data-sets/\(name)") }

    private func expected() throws -> Expected {
        try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file("expected.json")))
    }

    func testChoiceSets() throws {
        let sets = try expected().choices
        XCTAssertEqual(sets.count, 4)
        for set in sets {
            guard case .choice(let questions) = try DataSet(contentsOf: file(set.file)) else {
                return XCTFail("\(set.file) is not a choice set")
            }
            XCTAssertEqual(questions.count, set.rows, set.file)
            XCTAssertTrue(questions.allSatisfy { $0.matching.count == 1 && $0.notMatching.count == 1 }, set.file)
            XCTAssertEqual(questions.map(\.question.unicodeScalars.count).reduce(0, +), set.scalars, set.file)
        }
    }

    /// Question and answer, with one space between them whether the file has it (Anthropic's) or not (CAA's).
    func testChoicesBecomeLabelledRows() throws {
        for expected in try expected().choices {
            let path = expected.file
            let set = try DataSet(contentsOf: file(path))
            let examples = set.labelledExamples
            XCTAssertEqual(examples.count, 2 * expected.rows, path)
            XCTAssertEqual(Set(examples.map(\.completion)).sorted(), expected.answers, path)
            XCTAssertEqual(examples.count(where: \.label), expected.rows, path)
            let rows = GroupedLabels(examples)
            XCTAssertEqual(rows.groups.rowsOfGroup.count, set.count, "\(path): one group a question")
            XCTAssertTrue(rows.groups.rowsOfGroup.indices.allSatisfy { rows.composition(ofGroup: $0) == .both }, path)
        }
    }

    /// Both spellings of one set give the same rows.
    func testBothSpellingsGiveTheSameRows() throws {
        let (lines, array) = (
            try DataSet(contentsOf: file("letters.jsonl")), try DataSet(contentsOf: file("letters.json"))
        )
        XCTAssertEqual(lines.labelledExamples.map(\.text), array.labelledExamples.map(\.text))
        XCTAssertEqual(lines.labelledExamples.map(\.label), array.labelledExamples.map(\.label))
    }

    func testFacts() throws {
        let expected = try expected().facts
        guard case .labelled(let rows) = try DataSet(contentsOf: file("facts.csv")) else {
            return XCTFail("not a labelled set")
        }
        XCTAssertEqual(rows.count, expected.rows)
        XCTAssertEqual(rows.count(where: \.label), expected.true)
        XCTAssertEqual(rows.map(\.completion.unicodeScalars.count).reduce(0, +), expected.scalars)
        XCTAssertEqual(Set(rows.map(\.group)).count, expected.rows)
    }

    /// The file has line breaks of two bytes, and statements with commas and doubled quotes, in quotes.
    func testQuotedFieldsAndLineBreaks() throws {
        let expected = try expected().facts
        let url = file("facts.csv")
        let rows = try DataSet(contentsOf: url).labelledExamples
        XCTAssertEqual(rows.count { $0.text.contains(",") }, expected.withCommas)
        XCTAssertEqual(rows.count { $0.text.contains("\"") }, expected.withQuotes)
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

    func testTwoListsOfTexts() throws {
        let lists = try expected().lists
        let set = try DataSet(positive: file("pleasant.json"), negative: file("dull.json"))
        let examples = set.labelledExamples
        XCTAssertEqual(examples.map(\.text), lists.pleasant + lists.dull)
        XCTAssertEqual(examples.map(\.label), lists.pleasant.map { _ in true } + lists.dull.map { _ in false })
        XCTAssertEqual(examples[0].line, 2)
    }

    func testListsOfStringsAreRefused() throws {
        XCTAssertThrowsError(try DataSet(contentsOf: file("dull.json"))) { error in
            guard let error = error as? InputError else { return XCTFail("\(error)") }
            XCTAssertEqual(error.place, "dull.json: line 2")
            XCTAssertTrue(error.remedy.contains(#"{"text": "…", "label": true}"#), error.remedy)
        }
    }

    func testUnknownColumnsAreRefused() throws {
        XCTAssertThrowsError(try DataSet(contentsOf: file("truthful.csv"))) {
            XCTAssertTrue("\($0)".contains("line 1"), "\($0)")
        }
    }
}
