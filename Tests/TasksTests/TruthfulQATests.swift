import DataFiles
import Foundation
import Tokenization
import XCTest
import _TestSupport

@testable import Tasks

/// TruthfulQA's file and scores.
final class TruthfulQATests: XCTestCase {
    private func questions(_ csv: String) throws -> [TruthfulQAQuestion] {
        let file = try makeTemporaryFolder().appending(path: "TruthfulQA.csv")
        try Data(csv.utf8).write(to: file)
        return try TruthfulQAQuestion.questions(contentsOf: file)
    }

    private let header = "Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source\n"

    func testReading() throws {
        let all = try questions(
            "\u{FEFF}" + header
                + "A,Plants,\"Is it, so?\",Yes,\"Yes; It \"\"is\"\".; \",No;Never.,http://x\n"
                + "A,,Q,B,\"B\nC\",D;,\n")
        XCTAssertEqual(
            all,
            [
                TruthfulQAQuestion(
                    question: "Is it, so?", bestAnswer: "Yes.", correctAnswers: ["Yes.", "It \"is\"."],
                    incorrectAnswers: ["No.", "Never."], category: "Plants", line: 2),
                TruthfulQAQuestion(
                    question: "Q", bestAnswer: "B.", correctAnswers: ["B\nC."], incorrectAnswers: ["D."], line: 3),
            ])
    }

    func testErrors() throws {
        let cases = [
            ("", "nothing"), ("Question,Best Answer\na,b\n", "Correct Answers"), (header, "without rows"),
            (header + "a,b\n", "line 2"), (header + "A,C,Q,B, ; ,D,S\n", "`Correct Answers` without a text"),
            (header + "A,C,,B,C,D,S\n", "`Question` without a text"), (header + "\"a", "no end"),
        ]
        for (csv, expected) in cases {
            XCTAssertThrowsError(try questions(csv), expected) { error in
                XCTAssertTrue(error is InputError, "\(error)")
                XCTAssertTrue("\(error)".contains(expected), "\(error)")
                XCTAssertTrue("\(error)".contains("TruthfulQA.csv"), "\(error)")
            }
        }
    }

    /// MC1, MC2 and MC3 by hand.
    func testScores() {
        let question = TruthfulQAQuestion(
            question: "Q", bestAnswer: "a", correctAnswers: ["a", "b"], incorrectAnswers: ["c", "d", "e"])
        func item(_ p: [Double]) -> TruthfulQAScores.Item { .init(question, sums: ([p[0]] + p).map { log($0) }) }
        let first = item([0.3, 0.1, 0.2, 0.05, 0.05])
        XCTAssertTrue(first.mc1)
        XCTAssertEqual(first.mc2, 0.4 / 0.7, accuracy: 1e-12)
        XCTAssertEqual(first.mc3, 0.5)
        let second = item([0.1, 0.4, 0.1, 0.1, 0.1])
        XCTAssertFalse(second.mc1, "A tie doesn't count.")
        XCTAssertEqual(second.mc2, 0.5 / 0.8, accuracy: 1e-12)
        // Sums so small that their exponentials are 0.
        let tiny = TruthfulQAScores.Item(question, sums: [-2000, -2000, -2003, -2001, -2005, -2005])
        XCTAssertEqual(
            tiny.mc2, (1 + exp(-3.0)) / (1 + exp(-3.0) + exp(-1.0) + 2 * exp(-5.0)), accuracy: 1e-12)
    }

    func testTokens() throws {
        let tokenizer = try Tokenizer(contentsOf: FixtureLocation.fixtures.appending(path: "tokenizers/smollm.gguf"))
        let question = TruthfulQAQuestion(
            question: "Is it so?", bestAnswer: "Yes.", correctAnswers: ["Yes."], incorrectAnswers: ["No.", "Never."],
            line: 4)
        let task = try TruthfulQATask([question], tokenizer: tokenizer, preamble: "Q: Why?\nA: So.\n\n")
        XCTAssertEqual(try tokenizer.decode(task.items[0].prompt), "Q: Why?\nA: So.\n\nQ: Is it so?\nA:")
        XCTAssertEqual(
            try task.items[0].answers.map { try tokenizer.decode($0) }, [" Yes.", " Yes.", " No.", " Never."])
        let scores = TruthfulQAScores(
            task, logProbabilities: [task.items[0].answers.enumerated().map { $1.map { _ in -1 } + [-Double($0)] }])
        XCTAssertEqual(scores.mc1.share, 1)
        XCTAssertEqual(scores.mc2.mean, scores.items[0].mc2)
        XCTAssertThrowsError(try TruthfulQATask([question], tokenizer: tokenizer, context: 5)) {
            XCTAssertTrue("\($0)".contains("line 4"), "\($0)")
        }
        XCTAssertThrowsError(try TruthfulQATask([], tokenizer: tokenizer))
    }

    /// A file in the published one's form, with its oddities (semicolons at an end, doubled quotes, answers on both sides), as
    /// Python's `csv` reads it: `Fixtures/data-sets/make.py`.
    func testAFileOfThePublishedForm() throws {
        struct Row: Decodable {
            var category, question, best: String
            var correct, incorrect: [String]
        }
        struct Expected: Decodable {
            var truthful: [Row]
        }
        let folder = FixtureLocation.fixtures.appending(path: "data-sets")
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: folder.appending(path: "expected.json"))
        ).truthful
        let questions = try TruthfulQAQuestion.questions(contentsOf: folder.appending(path: "truthful.csv"))
        XCTAssertEqual(
            questions,
            expected.enumerated().map { index, row in
                TruthfulQAQuestion(
                    question: row.question, bestAnswer: row.best, correctAnswers: row.correct,
                    incorrectAnswers: row.incorrect, category: row.category, line: index + 2)
            })
        XCTAssertTrue(questions.allSatisfy { $0.correctAnswers.contains($0.bestAnswer) })
    }
}
