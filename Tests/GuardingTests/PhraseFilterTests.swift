import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Guarding

final class PhraseFilterTests: XCTestCase {
    private let list = """
        # what nobody should say
        fool
        [insults]
        you clown
        /stupid(ly)?/

        [private data]
        /\\b\\d{3}-\\d{2}-\\d{4}\\b/
        """

    func testWordsPhrasesAndPatterns() throws {
        let filter = try PhraseFilter(list: list, name: "words")
        for (text, reason) in [
            ("You are a fool.", "words"), ("A FOOL!", "words"), ("Foolish of me", nil), ("you, clown", "insults"),
            ("You   clown!", "insults"), ("you are a clown", nil), ("How STUPIDLY done", "insults"),
            ("My number is 123-45-6789.", "private data"), ("1123-45-6789", nil), ("All is well.", nil), ("", nil),
            // What hides words from a plain comparison: full-width letters, and characters without a width.
            ("ｆｏｏｌ", "words"), ("f\u{200B}oo\u{00AD}l", "words"), ("stu\u{200D}pid", "insults"),
        ] as [(String, String?)] {
            XCTAssertEqual(try filter.reasonToRefuse(CheckedText(text: text)), reason, text)
        }
    }

    /// Backtracking over 2²⁸ ways to divide the letters: an error instead of minutes.
    func testAnExpressionThatTakesTooLong() throws {
        let filter = try PhraseFilter(list: "fool\n/(a+)+$/", name: "w", file: "words.txt")
        let text = CheckedText(text: String(repeating: "a", count: 28) + "!")
        XCTAssertThrowsError(try filter.reasonToRefuse(text)) { error in
            XCTAssertTrue("\(error)".contains("words.txt: line 2; write it without repetitions"), "\(error)")
        }
    }

    /// The first line that matches gives the reason.
    func testTheFirstReasonCounts() throws {
        let filter = try PhraseFilter(list: "[a]\nsun\n[b]\nsun rises\nmoon", name: "w")
        XCTAssertEqual(try filter.reasonToRefuse(CheckedText(text: "moon, then the sun rises")), "a")
    }

    func testWhatIsWrongInAListIsNamed() throws {
        for (list, words) in [
            ("", "no phrases"), ("# only a comment\n[a]", "no phrases"), ("good\n/a(b/", "line 2"),
            ("[secret] password", "line 1"), ("good\n/stupid/i", "line 2"),
            ("[ ]\nword", "without a name"), ("?!", "a phrase without words"),
        ] {
            XCTAssertThrowsError(try PhraseFilter(list: list, name: "w", file: "w.txt"), list) { error in
                XCTAssertTrue(error is InputError && "\(error)".contains(words), "\(list): \(error)")
                XCTAssertTrue("\(error)".contains("w.txt"), "\(error)")
            }
        }
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "bad.txt")
        try Data([0xFF, 0xFE, 0x41]).write(to: url)
        XCTAssertThrowsError(try PhraseFilter(contentsOf: url)) { XCTAssertTrue("\($0)".contains("UTF-8"), "\($0)") }
        XCTAssertThrowsError(try PhraseFilter(contentsOf: folder.appending(path: "none.txt"))) {
            XCTAssertEqual(($0 as? InputError)?.kind, .missingFile)
        }
    }
}
