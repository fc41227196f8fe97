import XCTest

@testable import Reporting

final class TextWrappingTests: XCTestCase {
    func testLinesBreakAtSpacesAndInsideLongWords() {
        XCTAssertEqual(TextWrapping.wrap("the cat sat on the mat", width: 8), ["the cat", "sat on", "the mat"])
        XCTAssertEqual(TextWrapping.wrap("a extraordinary b", width: 5), ["a", "extra", "ordin", "ary b"])
        XCTAssertEqual(TextWrapping.wrap("日本語の文", width: 4), ["日本", "語の", "文"])
        XCTAssertEqual(TextWrapping.wrap("one\ntwo\n", width: 10), ["one", "two", ""])
        XCTAssertEqual(TextWrapping.wrap("", width: 10), [""])
    }

    func testEveryLineFitsAndNothingIsLost() {
        let text = "Some heads carry one thing, e\u{301}tude 日本語テキスト supercalifragilistic 🙂🙂🙂🙂 end."
        for width in 2...40 {
            let lines = TextWrapping.wrap(text, width: width)
            for line in lines { XCTAssertLessThanOrEqual(DisplayWidth.of(line), width, "\(line) at \(width)") }
            XCTAssertEqual(
                lines.joined().filter { $0 != " " }, text.filter { $0 != " " }, "characters were lost at \(width)")
        }
    }

    func testWhatAModelWritesCannotMoveTheCursor() {
        XCTAssertEqual(TextWrapping.printable("a\u{1B}[2Jb\tc\r\nd\u{8}"), "a\u{FFFD}[2Jb    c\nd\u{FFFD}")
    }
}
