import DataSets
import Foundation
import Tasks
import XCTest

/// What generated texts are taken to say.
final class AnswerParserTests: XCTestCase {
    private func check(_ parser: AnswerParser, _ expected: [(String, AnswerOutcome)]) {
        for (text, outcome) in expected { XCTAssertEqual(parser.outcome(text), outcome, text) }
    }

    /// HSI's rule: `(a)` and `(b)` in any case; both or neither is undefined.
    func testTwoLetters() {
        check(
            AnswerParser(target: [" (B)"], other: ["(A)"]),
            [
                ("(B)", .target), ("I choose (b).", .target), ("Answer: (A) Yes", .other), ("(a)", .other),
                ("(A) or (B)", .undefined), ("Yes", .undefined), ("", .undefined), ("B", .undefined),
                ("(B) because (b) is right", .target),
            ])
    }

    func testMoreLetters() {
        check(
            AnswerParser(target: ["(A)", "(C)"], other: ["(B)", "(D)"]),
            [("(c)", .target), ("(A), (C)", .target), ("(D)", .other), ("(A) (D)", .undefined), ("(E)", .undefined)])
    }

    func testYesAndNo() {
        check(
            AnswerParser(target: [" Yes"], other: [" No"]),
            [
                ("Yes, I would.", .target), ("no", .other), ("NO!", .other), ("Nothing", .undefined),
                ("I don't know", .undefined), ("Yes and no", .undefined), ("no-one", .undefined),
                ("yesterday", .undefined),
            ])
    }

    func testWordsOfContrastRows() {
        let row = ContrastPrompt(
            prompt: "I feel", positive: [" happy", " very good"], negative: [" sad", " bad"])
        check(
            AnswerParser(row),
            [
                ("so Happy!", .target), ("very, very good", .target), ("good", .undefined), ("sadly", .undefined),
                ("sad.", .other), ("happy but sad", .undefined), ("very\ngood", .target),
            ])
    }

    func testAnswersWithoutAWord() {
        check(
            AnswerParser(target: [" +"], other: [" -"]), [("+", .target), ("1 - 2", .other), ("+-", .undefined)])
    }

    func testCounts() {
        let counts = OutcomeCounts([.target, .other, .undefined, .target])
        XCTAssertEqual([counts.target, counts.other, counts.undefined, counts.total], [2, 1, 1, 4])
        XCTAssertEqual(counts.targetShare, 0.5)
        XCTAssertEqual(counts.undefinedShare, 0.25)
        XCTAssertEqual(OutcomeCounts([]).targetShare, 0)
        func decoded(_ target: Int) throws -> OutcomeCounts {
            try JSONDecoder().decode(
                OutcomeCounts.self, from: Data(#"{"target": \#(target), "other": 1, "undefined": 1}"#.utf8))
        }
        XCTAssertEqual(try decoded(2), counts)
        XCTAssertThrowsError(try decoded(.max), "the sum would be no number")
        XCTAssertThrowsError(try decoded(-1))
    }
}
