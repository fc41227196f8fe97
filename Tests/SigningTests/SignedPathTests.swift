import XCTest

@testable import Signing

final class SignedPathTests: XCTestCase {
    func testReading() {
        for text in [".", "a", "a/b.c", ".hidden", "a b/ü"] { XCTAssertEqual(SignedPath(text)?.text, text) }
        for text in ["", "/a", "a/", "a//b", "./a", "a/./b", "..", "a/../b", "a\0b"] {
            XCTAssertNil(SignedPath(text), text)
        }
    }

    /// The order that sorted() of Python gives for PurePosixPath.
    func testOrder() {
        let ordered = ["a", "a/b", "a/b.c", "a/b/c", "a-b", "a.txt", "ab", "b", "é", "ü"].compactMap { SignedPath($0) }
        let expected = ["a", "a/b", "a/b/c", "a/b.c", "a-b", "a.txt", "ab", "b", "é", "ü"]
        XCTAssertEqual(ordered.shuffled().sorted().map(\.text), expected)
    }

    /// Names that differ in their bytes are two files.
    func testSpellings() {
        XCTAssertNotEqual(SignedPath("\u{E9}"), SignedPath("e\u{301}"))
        XCTAssertEqual(Set([SignedPath("\u{E9}"), SignedPath("e\u{301}")]).count, 2)
    }
}
