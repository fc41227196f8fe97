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
    }

    func testTitlesAndLongTextsTakeSeveralLinesWhereColumnsDoNotFit() {
        var table = TextTable([
            .init(""), .init("logit difference", .right), .init("95% interval"), .init("what it says"),
        ])
        table.add(["without", "-0.79", "-0.87 … -0.71", "nothing that anybody would want to read twice"])
        table.add(["with", "+8.55", "+6.99 … +9.05", "much"])
        XCTAssertEqual(
            table.rendered(TerminalStyle(width: 60)),
            """
                          logit
                     difference  95% interval   what it says
            without       -0.79  -0.87 … -0.71  nothing that anybody
                                                would want to read twice
            with          +8.55  +6.99 … +9.05  much
            """)
    }

    func testColumnsStandBelowEachOtherWhereNothingElseHelps() {
        var table = TextTable([.init("head", .right), .init("effect", .right), .init("interval"), .init("q", .right)])
        table.add(["2.1", "+27.35", "+25.78 … +28.96", "0.002"])
        table.add(["4.2", "+12.59", "+11.74 … +13.54", "0.000"])
        XCTAssertEqual(
            table.rendered(TerminalStyle(width: 24)),
            """
            head  effect
             2.1  +27.35
             4.2  +12.59

            head  interval
             2.1  +25.78 … +28.96
             4.2  +11.74 … +13.54

            head      q
             2.1  0.002
             4.2  0.000
            """)
    }

    func testNothingOfATableIsLost() {
        var table = TextTable((0..<11).map { .init("column number \($0)", $0 % 2 == 0 ? .left : .right) })
        for row in 0..<3 { table.add((0..<11).map { "r\(row)c\($0) and more" }) }
        for width in 20...200 {
            let text = table.rendered(TerminalStyle(width: width))
            for line in text.split(separator: "\n") { XCTAssertLessThanOrEqual(DisplayWidth.of(line), width, text) }
            for row in 0..<3 {
                for column in 0..<11 { XCTAssertTrue(text.contains("r\(row)c\(column) "), "\(width): \(text)") }
            }
        }
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
