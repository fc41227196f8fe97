import XCTest

@testable import Tokenization

final class CalendarDateTests: XCTestCase {
    func testReading() throws {
        for text in ["2026-11-28", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            let date = try XCTUnwrap(CalendarDate(text), text)
            XCTAssertEqual(date.description, text)
        }
        for text in [
            "2026-11-31", "2025-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "26-11-28",
            "2026-11-28 ",
            "+026-11-28", "2026-11", "2026/11/28", "", "２０２６-11-28", "0000-01-01", "today",
        ] {
            XCTAssertNil(CalendarDate(text), text)
        }
    }

    /// Seconds since 1970 by hand: 20,785 days.
    func testItsStart() throws {
        XCTAssertEqual(try XCTUnwrap(CalendarDate("2026-11-28")).start.timeIntervalSince1970, 20_785 * 86_400)
        XCTAssertEqual(try XCTUnwrap(CalendarDate("1969-12-31")).start.timeIntervalSince1970, -86_400)
    }
}
