import DataFiles
import XCTest

@testable import Tokenization

final class SplitPatternTests: XCTestCase {
    private func matches(_ pattern: String, _ text: String) throws -> [String] {
        let pattern = try SplitPattern(pattern)
        return try Array(text.utf8).withUnsafeBufferPointer { bytes in
            try ScalarClass.basicPlane.withUnsafeBufferPointer { classes in
                var found: [String] = []
                try pattern.forEachMatch(in: 0..<bytes.count, of: TextScanner(text: bytes, classes: classes)) {
                    found.append(String(decoding: bytes[$0], as: UTF8.self))
                }
                return found
            }
        }
    }

    /// By hand, from what the constructs mean.
    func testConstructs() throws {
        let cases: [(pattern: String, text: String, matches: [String])] = [
            ("a|ab", "abab", ["a", "a"]),
            ("(?:ab|a)(?:c|bcd)", "abcd abcd", ["abc", "abc"]),
            ("a{2,3}", "aaaaaaa", ["aaa", "aaa"]),
            ("(?:ab){2}", "ababab", ["abab"]),
            ("a{2,}b", "ab aaab", ["aaab"]),
            ("a+a", "aaa", ["aaa"]),
            ("a++a", "aaa", []),
            ("(?>a|ab)c", "abc ac", ["ac"]),
            ("a(?=b)", "aab", ["a"]),
            ("a(?!b)", "aab", ["a"]),
            (#"\s+(?!\S)"#, "a   b ", ["  ", " "]),
            (#"x$"#, "x\nxy x", ["x", "x"]),
            ("[a-c-]", "a-d", ["a", "-"]),
            ("[^a&&[^b]]", "abc", ["b", "c"]),
            (#"[\p{L}&&[^a-z]]"#, "aÄB", ["Ä", "B"]),
            (#"[x[yz]]+"#, "xyzw", ["xyz"]),
            (#"\P{L}+"#, "a1é٣", ["1", "٣"]),
            (#"\p{^N}"#, "1a", ["a"]),
            ("(?i:k)(?i:S)", "ks KS \u{212A}\u{17F}", ["ks", "KS", "\u{212A}\u{17F}"]),
            (#"\.\-\["#, ".-[", [".-["]),
            (".", "a\nb", ["a", "b"]),
            ("é+", "e\u{301}éé", ["éé"]),
        ]
        for (pattern, text, expected) in cases {
            // Swift compares strings by canonical equivalence; bytes are what counts.
            let found = try matches(pattern, text).map { Array($0.utf8) }
            XCTAssertEqual(found, expected.map { Array($0.utf8) }, "\(pattern) in \(text.debugDescription)")
        }
    }

    func testWhatIsNotSupportedIsNamed() {
        let faults: [(pattern: String, construct: String)] = [
            ("(a", "a group without its end"), ("a)", "a `)` without a group"), ("[a", "a class without its end"),
            ("[]", "an empty class"), ("[z-a]", "a range that ends before it begins"), ("*a", "`*` here"),
            ("a**", "an unlimited repetition of what may be empty"),
            ("(?:a*)*b", "an unlimited repetition of what may be empty"),
            ("a*", "a pattern that matches the empty text"),
            ("(?=a)", "a pattern that matches the empty text"), ("a*?b", "a lazy quantifier"),
            ("a{1,2}+", "a lazy quantifier"), ("a{2,1}", "this `{`"), ("a{,2}b", "this `{`"),
            ("a{9999999}", "this `{`"), (#"\w+"#, #"`\w`"#),
            (#"a\b"#, #"`\b`"#), (#"\p{Han}"#, #"`\p{Han}`"#), (#"(a)\1"#, #"`\1`"#), ("^a", "`^` here"),
            ("(?<=a)b", "`(?<`"), ("(?i:ß)", "`ß` without case"), ("(?i:ss)", "`ss` without case"),
            ("(?i:[a])", "a class without case"), ("[[:alpha:]]", "a class named `[:…:]`"),
            ("a\\", "a `\\` at the end"),
            (String(repeating: "(", count: 100), "groups nested this deep"),
            (String(repeating: "a", count: 9000), "a pattern this long"),
            ("(?:(?:(?:ab){1000}){1000}){1000}", "a pattern with this many steps"),
        ]
        for (pattern, construct) in faults {
            XCTAssertThrowsError(try SplitPattern(pattern), pattern) { error in
                XCTAssertEqual((error as? PatternError)?.construct, construct, String(pattern.prefix(40)))
            }
        }
    }

    /// Runs that a backtracking engine tries from each of their characters.
    func testLongRunsTakeLinearTime() throws {
        let count = 200_000
        let spaces = String(repeating: " ", count: count) + "x"
        XCTAssertEqual(try matches(#"\s+$"#, spaces), [])
        XCTAssertEqual(try matches(#"\s+[ab]+c"#, spaces), [])
        let capitals = String(repeating: "A", count: count)
        XCTAssertEqual(try matches("[A-Z]*[a-z]+|[A-Z]+[a-z]*", capitals + " b").map(\.count), [count, 1])
        XCTAssertEqual(try matches(#"(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+1"#, "ab cd"), [])
    }

    /// A pattern made to take exponential time ends with an error.
    func testHostilePatternsEnd() throws {
        let text = String(repeating: "a", count: 2000)
        XCTAssertThrowsError(try matches("(?:a|a)+(?:a|a)+(?:a|a)+b", text)) { error in
            XCTAssertTrue(error is PatternMatcher.TooSlow, "\(error)")
        }
        let stage = PreTokenizerStage.pattern(try SplitPattern("(?:a|a)+b"), .isolated, inverts: false)
        let preTokenizer = PreTokenizer(stages: [stage])
        XCTAssertThrowsError(try Array(text.utf8).withUnsafeBufferPointer { try preTokenizer.words(of: $0) }) { error in
            XCTAssertEqual((error as? InputError)?.kind, .usage)
            XCTAssertTrue("\(error)".contains("2000 bytes"), "\(error)")
        }
    }
}
