import Foundation
import Tokenization
import XCTest
import _TestSupport

@testable import DataSets

/// Which token is read. The planted model's tokenizer is of SentencePiece's kind, the other one is byte-level.
final class PreparedTextTests: XCTestCase {
    private func tokenizer() throws -> Tokenizer {
        try Tokenizer(contentsOf: FixtureLocation.fixtures.appending(path: "planted/planted.gguf"))
    }

    private let example = LabelledExample(
        prompt: "My day at work was", completion: " wonderful", label: true, group: "a", line: 3, span: 3..<6)

    private func marked(_ positions: ReadPositions, chat: Bool = false, _ example: LabelledExample) throws -> String {
        let tokenizer = try tokenizer()
        return try TextPreparation(tokenizer, positions: positions, usesChatTemplate: chat).prepare(example)
            .marked(tokenizer)
    }

    func testPositions() throws {
        XCTAssertEqual(try marked(.last, example), "<s>| My| day| at| work| was|⟦ wonderful⟧")
        XCTAssertEqual(try marked(.completion, example), "<s>| My| day| at| work| was|⟦ wonderful⟧")
        XCTAssertEqual(try marked(.span, example), "<s>| My|⟦ day⟧| at| work| was| wonderful")
        let all = try TextPreparation(tokenizer(), positions: .all).prepare(example)
        XCTAssertEqual(all.positions, 0..<7)
        XCTAssertEqual([all.line, all.label ? 1 : 0], [3, 1])
        XCTAssertEqual(all.group, "a")
        var wide = example
        wide.span = 3..<9
        XCTAssertEqual(try marked(.span, wide), "<s>| My|⟦ day⟧|⟦ at⟧| work| was| wonderful")
    }

    /// After the completion the template writes more: the last token isn't the completion's.
    func testTheChatTemplateSurroundsTheTexts() throws {
        let folder = FixtureLocation.fixtures.appending(path: "tokenizers/smollm-style")
        let tokenizer = try Tokenizer(contentsOf: folder)
        func marked(_ positions: ReadPositions, _ example: LabelledExample) throws -> (whole: String, read: String) {
            let text = try TextPreparation(tokenizer, positions: positions, usesChatTemplate: true).prepare(example)
            return (try tokenizer.decode(text.tokens), try tokenizer.decode(Array(text.tokens[text.positions])))
        }
        let last = try marked(.last, example)
        XCTAssertTrue(last.whole.contains("user: My day at work was<|end|>"), last.whole)
        XCTAssertTrue(last.whole.hasSuffix("wonderful<|end|>"), last.whole)
        XCTAssertEqual(last.read, "<|end|>", "HSI reads what the template ends with")
        let completion = try marked(.completion, example)
        XCTAssertEqual(completion.whole, last.whole)
        XCTAssertTrue(" wonderful".hasSuffix(completion.read) && !completion.read.isEmpty, completion.read)
        XCTAssertTrue(try marked(.span, example).read.contains("day"), completion.whole)
        // A text alone is what the user says.
        let user = try marked(.completion, LabelledExample(completion: "I feel sad", label: false, group: "b"))
        XCTAssertTrue(user.whole.contains("user: I feel sad<|end|>"), user.whole)
        XCTAssertTrue(" sad".hasSuffix(user.read) && !user.read.isEmpty, user.read)
    }

    func testARowWithoutASpanIsRefusedWithItsLine() throws {
        var plain = example
        plain.span = nil
        XCTAssertThrowsError(try TextPreparation(tokenizer(), positions: .span).prepare(plain, file: "d.jsonl")) {
            XCTAssertTrue("\($0)".contains("d.jsonl: line 3"), "\($0)")
        }
    }

    func testSpansInFiles() throws {
        func spans(_ text: String) throws -> [Range<Int>?] {
            try DataSet(parsing: Data(text.utf8), file: "d.jsonl").labelledExamples.map(\.span)
        }
        let rows = """
            {"text": "Où est le chat ?", "span": "chat", "label": true}
            {"text": "Où est le chat ?", "span": [10, 14], "label": true}
            {"prompt": "The ", "completion": "cat", "span": "he cat", "label": false}
            {"text": "No mark", "label": false}
            """
        // ù takes two bytes.
        XCTAssertEqual(try spans(rows), [11..<15, 11..<15, 1..<7, nil])
        for (span, problem) in [
            ("\"dog\"", "doesn't have"), ("\" \"", "more than once"), ("[3, 3]", "outside"), ("[0, 99]", "outside"),
            ("[0.5, 2]", "outside"), ("7", "`span` is a number"), ("\"\"", "doesn't have"),
        ] {
            let row = "\n{\"text\": \"The cat sat\", \"span\": \(span), \"label\": true}"
            XCTAssertThrowsError(try spans(row), span) {
                XCTAssertTrue("\($0)".contains(problem) && "\($0)".contains("line 2"), "\(span): \($0)")
            }
        }
    }

    func testListsOfTextsAndLazyRows() throws {
        let folder = try makeTemporaryFolder()
        let positive = folder.appending(path: "happy.json")
        let negative = folder.appending(path: "sad.json")
        try Data(#"["A gift.", "A song."]"#.utf8).write(to: positive)
        try Data("[\"A loss.\",\n 3]".utf8).write(to: negative)
        XCTAssertThrowsError(try DataSet(positive: positive, negative: negative)) {
            XCTAssertTrue("\($0)".contains("sad.json: line 2"), "\($0)")
        }
        try Data(#"["A loss."]"#.utf8).write(to: negative)
        let examples = try DataSet(positive: positive, negative: negative).labelledExamples
        XCTAssertEqual(examples.map(\.label), [true, true, false])
        XCTAssertEqual(Set(examples.map(\.group)).count, 3)

        // The rows before a broken one come before its error.
        let file = folder.appending(path: "rows.jsonl")
        try Data("{\"text\": \"a\", \"label\": 1}\r\n{\"text\": \"b\", \"label\": 0}\r\n{\"text\": 3}".utf8).write(
            to: file)
        var texts: [String] = []
        XCTAssertThrowsError(try LabelledRows(contentsOf: file).forEach { texts.append($0.text) }) {
            XCTAssertTrue("\($0)".contains("line 3"), "\($0)")
        }
        XCTAssertEqual(texts, ["a", "b"])
    }
}
