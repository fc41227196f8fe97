import XCTest

@testable import Reporting

final class TextWrappingTests: XCTestCase {
    /// Whatever the pieces that a text comes in, its lines are those of the whole text.
    func testATextThatComesInPiecesHasTheSameLines() {
        let texts = [
            "The quick brown fox jumps over the lazy dog.", "one\ntwo three\n\nfour", "a verylongwordthatfitsnoline b",
            "日本の 山は high", "ends with spaces   ", " begins with one", "control \u{1B}[31m more",
        ]
        for text in texts {
            for width in 4...30 {
                let whole = TextWrapping.wrap(text, width: width).map { $0.trimmingTrailingSpaces() }
                for size in 1...5 {
                    var stream = WrappedStream(width: width)
                    var shown = ""
                    var rest = Array(text)[...]
                    while !rest.isEmpty {
                        shown += stream.take(String(rest.prefix(size)))
                        rest = rest.dropFirst(size)
                    }
                    shown += stream.finish()
                    let lines = shown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                    XCTAssertTrue(lines.allSatisfy { DisplayWidth.of($0) <= width }, "\(width): \(lines)")
                    XCTAssertEqual(
                        lines.map { $0.trimmingTrailingSpaces() }.filter { !$0.isEmpty }, whole.filter { !$0.isEmpty },
                        "width \(width), pieces of \(size)")
                }
            }
        }
    }

    func testAWordIsShownWhenItIsComplete() {
        var stream = WrappedStream(width: 12)
        XCTAssertEqual(["Hel", "lo wor", "ld aga", "in"].map { stream.take($0) }, ["", "Hello", " world", ""])
        XCTAssertEqual(stream.finish(), "\nagain")
    }

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
