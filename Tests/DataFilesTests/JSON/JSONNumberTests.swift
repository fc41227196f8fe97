import XCTest

@testable import DataFiles

final class JSONNumberTests: XCTestCase {
    func testWholeNumbersAreExact() {
        for (text, expected) in [
            ("0", 0), ("-0", 0), ("9007199254740993", 9_007_199_254_740_993), ("9223372036854775807", Int.max),
            ("-9223372036854775808", Int.min), ("9223372036854775808", nil), ("2.0", 2), ("-2e3", -2000), ("1.5e1", 15),
            ("2.5", nil), ("1e-1", nil), ("9007199254740993.0", 9_007_199_254_740_992), ("9007199254740994.5", nil),
            ("1e300", nil), ("123456789012345678901234567890", nil), ("0.0", 0), ("1e-999", 0),
        ] as [(String, Int?)] {
            XCTAssertEqual(JSONNumber(text)?.integer, expected, text)
        }
    }

    func testDoubles() {
        XCTAssertEqual(JSONNumber("0.1")?.double, 0.1)
        XCTAssertEqual(JSONNumber("1.7976931348623157e308")?.double, .greatestFiniteMagnitude)
        XCTAssertEqual(JSONNumber("123456789012345678901234567890")?.double, 0x1.8ee90ff6c373ep+96)
        for text in ["1e309", "-1e309", "1e99999999999999999999", String(repeating: "9", count: 310)] {
            XCTAssertNil(JSONNumber(text), text)
        }
    }

    func testLiterals() {
        for (text, isInteger) in [("2", true), ("-2", true), ("2.0", false), ("2e0", false)] {
            XCTAssertEqual(JSONNumber(text)?.isIntegerLiteral, isInteger, text)
        }
    }
}
