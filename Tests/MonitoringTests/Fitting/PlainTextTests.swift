import DataFiles
import Foundation
import XCTest

@testable import Monitoring

final class PlainTextTests: XCTestCase {
    private func read(_ text: String) throws -> [PlainText] {
        try PlainText.texts(parsing: Data(text.utf8), file: "t")
    }

    func testTextsInEveryForm() throws {
        let expected = [
            PlainText(completion: "One.", group: "text 1", line: 1),
            PlainText(prompt: "Two?", completion: " Yes.", group: "g", line: 1),
            PlainText(completion: "Three.", group: "text 3", line: 1), PlainText(prompt: "Four", group: "7", line: 1),
        ]
        let rows = [
            #""One.""#, #"{"prompt": "Two?", "completion": " Yes.", "group": "g", "label": true}"#,
            #"{"text": "Three."}"#, #"{"prompt": "Four", "group": 7}"#,
        ]
        XCTAssertEqual(try read("[\(rows.joined(separator: ", "))]"), expected)
        let lines = try read(rows.joined(separator: "\n") + "\n\n")
        XCTAssertEqual(lines.map(\.line), [1, 2, 3, 4])
        XCTAssertEqual(lines.map(\.completion), expected.map(\.completion))
        XCTAssertEqual(lines.map(\.group), expected.map(\.group))
        XCTAssertEqual(try read("\u{FEFF}[\"a\"]").map(\.completion), ["a"])
        // A group that is called as the third text would be.
        XCTAssertEqual(
            try read(#"[{"text": "a", "group": "text 2"}, "b"]"#).map(\.group), ["text 2", "text 2'"])
    }

    func testWhatIsWrongIsNamed() {
        for (text, words) in [
            ("", "nothing"), ("[]", "no texts"), ("plain words", "neither a JSON array"), ("[1]", "a number"),
            ("[\"\"]", "an empty text"), ("[{}]", "no text"), ("[{\"prompt\": \"\"}]", "no text"),
            (#"[{"text": 3}]"#, "`text` is a number"), (#"[{"text": "a", "completion": "b"}]"#, "both `text`"),
            (#"[{"text": "a", "group": []}]"#, "`group` is an array"), ("\"a\"\n{", "line 2"),
            ("\"a\" \"b\"", "after the end"), ("[\"a\"] x", "after the end"),
        ] {
            XCTAssertThrowsError(try read(text), text) { error in
                XCTAssertTrue(error is InputError && "\(error)".contains(words), "\(text): \(error) without \(words)")
            }
        }
    }
}
