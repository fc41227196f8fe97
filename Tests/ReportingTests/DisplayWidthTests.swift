import Foundation
import XCTest
import _TestSupport

@testable import Reporting

final class DisplayWidthTests: XCTestCase {
    private struct Reference: Decodable {
        var columns: [String: [UInt32]]
    }

    func testCharactersTakeTheColumnsOfTheUnicodeDatabase() throws {
        let url = FixtureLocation.fixtures.appending(path: "reporting/widths.json")
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
        var wrong: [String] = []
        var count = 0
        for (columns, codes) in reference.columns {
            let expected = try XCTUnwrap(Int(columns))
            for code in codes {
                let scalar = try XCTUnwrap(Unicode.Scalar(code))
                let actual = DisplayWidth.of(String(Character(scalar)))
                count += 1
                if actual != expected { wrong.append("U+\(String(code, radix: 16)): \(actual), not \(expected)") }
            }
        }
        XCTAssertGreaterThan(count, 2000)
        // Newer databases than the reference's move a handful of characters between the classes.
        XCTAssertLessThanOrEqual(wrong.count, count / 200, wrong.prefix(20).joined(separator: "; "))
    }

    func testMarksJoinTheirLettersAndColourTakesNoRoom() {
        for (text, expected) in [
            ("abc", 3), ("e\u{301}", 1), ("日本", 4), ("🙂", 2), ("👨‍👩‍👧", 2), ("❤\u{FE0F}", 2), ("🇩🇪", 2), ("", 0),
            ("\u{1B}[1;38;5;16mab\u{1B}[0m", 2), ("a\u{7}b", 2), ("−8 σ │", 6),
        ] {
            XCTAssertEqual(DisplayWidth.of(text), expected, "\(text.debugDescription)")
        }
    }

    func testTextIsCutAndFilledToColumnsNotCharacters() {
        XCTAssertEqual("日本語".fitted(to: 5), "日本…")
        XCTAssertEqual("日本語".fitted(to: 4), "日… ")
        XCTAssertEqual("ab".fitted(to: 4), "ab  ")
        XCTAssertEqual("ab".fitted(to: 4, rightAligned: true), "  ab")
        XCTAssertEqual("abc".truncated(to: 0), "")
    }
}
