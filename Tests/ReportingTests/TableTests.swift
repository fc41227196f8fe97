import XCTest

@testable import Reporting

final class TableTests: XCTestCase {
    func testColumnsAreAsWideAsTheirWidestText() {
        var table = TextTable([.init("head", .right), .init("text"), .init("p", .right)])
        table.add(["2.1", "日本", "0.01"])
        table.add(["12.10", "a\nb", "1"])
        XCTAssertEqual(
            table.rendered(),
            """
             head  text     p
              2.1  日本  0.01
            12.10  a⏎b      1
            """)
        XCTAssertEqual(
            table.rendered(TerminalStyle(width: 10)).split(separator: "\n").map { DisplayWidth.of($0) }, [10, 10, 10])
    }

    func testTextsStandSideBySideWhereTheyFit() {
        let table = SideBySide(titles: ["−8", "0", "+8"], smallestColumn: 6)
        XCTAssertEqual(
            table.rendered(["gloomy day", "a day", "bright"], TerminalStyle(width: 27)),
            """
            −8      │ 0       │ +8
            ────────┼─────────┼────────
            gloomy  │ a day   │ bright
            day     │         │
            """)
    }

    func testTextsStandBelowEachOtherWhereTheyDoNot() {
        let table = SideBySide(titles: ["−8", "+8"], smallestColumn: 20)
        XCTAssertEqual(
            table.rendered(["gloomy day at work", "bright"], TerminalStyle(width: 20)),
            """
            −8  gloomy day at
                work
            +8  bright
            """)
    }
}
