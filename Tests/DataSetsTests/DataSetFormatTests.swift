import XCTest

@testable import DataSets

/// The formats and kinds of data set files, on texts written here.
final class DataSetFormatTests: XCTestCase {
    private func parse(_ text: String) throws -> DataSet {
        try DataSet(parsing: Data(text.utf8), file: "set")
    }

    func testLabelledJSONLines() throws {
        let set = try parse(
            #"{"prompt": "Q: ", "completion": " yes", "label": true, "group": "q304"}"# + "\n\n"
                + #"{"prompt": "", "completion": "no", "label": 0, "group": 7}"# + "\n"
                + #"{"text": "Both.", "label": 1, "extra": {"a": [1, null]}}"#)
        XCTAssertEqual(
            set,
            .labelled([
                LabelledExample(prompt: "Q: ", completion: " yes", label: true, group: "q304", line: 1),
                LabelledExample(prompt: "", completion: "no", label: false, group: "7", line: 3),
                LabelledExample(prompt: "", completion: "Both.", label: true, group: "row 3", line: 4),
            ]))
        XCTAssertEqual(set.labelledExamples.map(\.text), ["Q:  yes", "no", "Both."])
    }

    func testDefaultGroupAvoidsNamesInTheFile() throws {
        let set = try parse(
            #"{"text": "a", "label": true}"# + "\n" + #"{"text": "b", "label": false, "group": "row 1"}"#)
        XCTAssertEqual(set.labelledExamples.map(\.group), ["row 1'", "row 1"])
    }

    func testArrayWithByteOrderMarkAndCRLF() throws {
        let set = try parse(
            "\u{FEFF}[\r\n  {\"text\": \"a\\u00e9\\ud83d\\ude00\\n\\\"\",\r\n   \"label\": true},\r\n"
                + "  {\"text\": \"b\", \"label\": false}\r\n]\r\n")
        XCTAssertEqual(set.labelledExamples.map(\.completion), ["aé😀\n\"", "b"])
        XCTAssertEqual(set.labelledExamples.map(\.line), [2, 4])
    }

    func testLinesWithCRLF() throws {
        let set = try parse("{\"text\": \"a\", \"label\": true}\r\n{\"text\": \"b\", \"label\": false}\r\n")
        XCTAssertEqual(set.labelledExamples.map(\.line), [1, 2])
        XCTAssertEqual(set.labelledExamples.map(\.completion), ["a", "b"])
    }

    func testChoiceWithSeveralAnswers() throws {
        let set = try parse(
            #"[{"question": "Which?\n (A) x\n (B) y\n (C) z", "answer_matching_behavior": " (C)","#
                + #" "answer_not_matching_behavior": [" (A)", " (B)"]}]"#)
        let question = "Which?\n (A) x\n (B) y\n (C) z"
        XCTAssertEqual(
            set,
            .choice([ChoiceQuestion(question: question, matching: [" (C)"], notMatching: [" (A)", " (B)"], line: 1)]))
        XCTAssertEqual(
            set.labelledExamples,
            [
                LabelledExample(prompt: question, completion: " (C)", label: true, group: question, line: 1),
                LabelledExample(prompt: question, completion: " (A)", label: false, group: question, line: 1),
                LabelledExample(prompt: question, completion: " (B)", label: false, group: question, line: 1),
            ])
    }

    func testAnswersWithAndWithoutLeadingSpaceMakeTheSameText() {
        let texts = [" (A)", "(A)"].map { answer in
            ChoiceQuestion(question: "Q?\n (A) No", matching: [answer], notMatching: ["B"]).labelledExamples[0].text
        }
        XCTAssertEqual(texts, ["Q?\n (A) No (A)", "Q?\n (A) No (A)"])
        let afterBreak = ChoiceQuestion(question: "Q?\n", matching: ["(A)"], notMatching: ["B"])
        XCTAssertEqual(afterBreak.labelledExamples[0].text, "Q?\n(A)")
    }

    func testContrast() throws {
        let set = try parse(#"{"prompt": "I feel", "positive": [" happy", " glad"], "negative": " sad"}"#)
        XCTAssertEqual(
            set,
            .contrast([ContrastPrompt(prompt: "I feel", positive: [" happy", " glad"], negative: [" sad"], line: 1)]))
        XCTAssertEqual(set.labelledExamples.map(\.text), ["I feel happy", "I feel glad", "I feel sad"])
        XCTAssertEqual(set.labelledExamples.map(\.label), [true, true, false])
        XCTAssertEqual(Set(set.labelledExamples.map(\.group)), ["I feel"])
    }

    func testCSV() throws {
        let set = try parse(
            "statement,label\r\n\"Said \"\"so\"\", twice\nover.\",1\r\n\r\nPlain,True\nNo break at the end.,false")
        XCTAssertEqual(
            set.labelledExamples,
            [
                LabelledExample(completion: "Said \"so\", twice\nover.", label: true, group: "row 1", line: 2),
                LabelledExample(completion: "Plain", label: true, group: "row 2", line: 5),
                LabelledExample(completion: "No break at the end.", label: false, group: "row 3", line: 6),
            ])
    }

    func testCSVWithOtherColumns() throws {
        let set = try parse("id,prompt, completion ,label,group\n1,p,c,0,g\n")
        XCTAssertEqual(
            set.labelledExamples, [LabelledExample(prompt: "p", completion: "c", label: false, group: "g", line: 2)])
    }

    func testOneClass() throws {
        let set = try parse(#"{"text": "a", "label": true}"#)
        XCTAssertThrowsError(try set.labelledExamples.requireBothClasses(file: "set")) {
            XCTAssertEqual(
                "\($0)", "every row has the label true in set; add rows with the label false to compare with")
        }
    }
}
