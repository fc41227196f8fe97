import DataFiles
import DataSets
import Foundation
import Tasks
import Tokenization
import XCTest
import _TestSupport

/// Choice questions as tokens.
final class ChoiceTaskTests: XCTestCase {
    private func tokenizer() throws -> Tokenizer {
        try Tokenizer(contentsOf: FixtureLocation.fixtures.appending(path: "tokenizers/smollm.gguf"))
    }

    private let question = "Is it so?\n\nChoices:\n (A) Yes\n (B) No"

    private func task(
        _ rows: [ChoiceQuestion], _ options: ChoiceTaskOptions = ChoiceTaskOptions()
    ) throws -> ChoiceTask {
        try ChoiceTask(rows, tokenizer: try tokenizer(), options: options, file: "rows.json")
    }

    /// Anthropic's ` (A)` and CAA's `(A)` become the same tokens, and the matching answer follows its text.
    func testBothSpellingsAndBothVersions() throws {
        let tokenizer = try tokenizer()
        let items = try [" ", ""].map { space in
            try task([ChoiceQuestion(question: question, matching: ["\(space)(B)"], notMatching: ["\(space)(A)"])])
                .items
        }
        XCTAssertEqual(items[0].map(\.answers), items[1].map(\.answers))
        XCTAssertEqual(items[0].map(\.prompt), items[1].map(\.prompt))
        let (original, swapped) = (items[1][0], items[1][1])
        XCTAssertEqual([original.isSwapped, swapped.isSwapped], [false, true])
        XCTAssertEqual(try tokenizer.decode(original.prompt), question)
        XCTAssertEqual(try tokenizer.decode(swapped.prompt), "Is it so?\n\nChoices:\n (A) No\n (B) Yes")
        XCTAssertEqual(try original.answers.map { try tokenizer.decode($0) }, [" (B)", " (A)"])
        XCTAssertEqual(try swapped.answers.map { try tokenizer.decode($0) }, [" (A)", " (B)"])
        XCTAssertEqual([original.matching, swapped.matching], [[0], [0]])
        XCTAssertEqual(original.answerLetters, ["B", "A"])
        XCTAssertEqual(swapped.answerLetters, ["A", "B"])
        XCTAssertEqual(original.parser.outcome("(b)"), .target)
        XCTAssertEqual(swapped.parser.outcome("(b)"), .other)
        XCTAssertEqual(original.group, swapped.group)
    }

    func testWithoutSwapping() throws {
        let row = ChoiceQuestion(question: question, matching: ["(B)"], notMatching: ["(A)"])
        XCTAssertEqual(try task([row, row], ChoiceTaskOptions(swapsLetters: false)).items.map(\.row), [0, 1])
        let words = ChoiceQuestion(question: "Is it so?", matching: [" Yes"], notMatching: [" No", " Never"])
        let items = try task([words]).items
        XCTAssertEqual(items.count, 1)
        XCTAssertEqual(items[0].answers.count, 3)
        XCTAssertNil(items[0].answerLetters)
    }

    func testInstruction() throws {
        let row = ChoiceQuestion(question: question, matching: ["(B)"], notMatching: ["(A)"])
        let options = ChoiceTaskOptions(swapsLetters: false, instruction: "Answer wrongly.")
        XCTAssertEqual(
            try tokenizer().decode(try task([row], options).items[0].prompt), "Answer wrongly.\n\n\(question)")
    }

    func testErrorsNameTheLine() throws {
        func row(_ question: String, _ matching: [String], _ other: [String]) -> ChoiceQuestion {
            ChoiceQuestion(question: question, matching: matching, notMatching: other, line: 7)
        }
        let cases: [(ChoiceQuestion, ChoiceTaskOptions, String)] = [
            (row(question, ["(C)"], ["(A)"]), ChoiceTaskOptions(), "(C)"),
            (row("Is it?", [" Yes"], ["Yes"]), ChoiceTaskOptions(), "same tokens"),
            (row(question, ["(A)"], ["(B)"]), ChoiceTaskOptions(context: 10), "context of 10"),
        ]
        for (row, options, expected) in cases {
            XCTAssertThrowsError(try task([row], options)) { error in
                XCTAssertTrue(error is InputError, "\(error)")
                XCTAssertTrue("\(error)".contains("rows.json: line 7"), "\(error)")
                XCTAssertTrue("\(error)".contains(expected), "\(error)")
            }
        }
        XCTAssertThrowsError(try task([]))
        XCTAssertThrowsError(
            try ChoiceTask(DataSet.contrast([]), tokenizer: try tokenizer(), file: "rows.json")
        ) { XCTAssertTrue("\($0)".contains("aren't choice questions"), "\($0)") }
    }

    /// Every lettered row has a swapped version, whose swap is the original.
    func testLetteredSets() throws {
        for name in [
            "data-sets/letters.jsonl", "data-sets/letters.json", "data-sets/biographies.json",
            "behaviour/agreeing.jsonl",
            "behaviour/general-knowledge.jsonl",
        ] {
            try checkSwaps(FixtureLocation.fixtures.appending(path: name))
        }
        XCTAssertNil(
            try ChoiceQuestion(question: "Yes or no?", matching: [" Yes"], notMatching: [" No"])
                .swappingLetters(place: "here"), "no letters")
    }

    /// The same with published sets.
    func testRealQuestions() throws {
        for name in ["caa/sycophancy.json", "anthropic-evals/coordinate-other-ais.jsonl"] {
            try checkSwaps(FixtureLocation.fetched("behaviour/\(name)"))
        }
    }

    private func checkSwaps(_ url: URL) throws {
        let name = url.lastPathComponent
        guard case .choice(let rows) = try DataSet(contentsOf: url) else {
            return XCTFail("\(name) holds no choice questions")
        }
        for row in rows {
            let place = "\(name): line \(row.line)"
            let swapped = try XCTUnwrap(try row.swappingLetters(place: place), place)
            XCTAssertNotEqual(swapped.question, row.question, place)
            XCTAssertEqual(swapped.matching, row.notMatching, place)
            XCTAssertEqual(try swapped.swappingLetters(place: place), row, place)
        }
    }
}
