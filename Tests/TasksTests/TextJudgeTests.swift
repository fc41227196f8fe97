import DataFiles
import Foundation
import HeadSteerTesting
import Tasks
import XCTest

/// Judges that need no other program.
final class TextJudgeTests: XCTestCase {
    private func texts(_ texts: String...) -> [JudgedText] { texts.map { JudgedText(prompt: "", text: $0) } }

    func testKeywords() throws {
        let judge = KeywordJudge(for: ["happy", "very glad"], against: ["sad"])
        let scores = try judge.scores(
            texts("Nothing.", "I am Happy!", "happy, happy", "sad", "sadly unhappy", "very\nglad", "glad", "happy sad"))
        let expected = [2.5, 3.75, 2.5 + 2.5 * 2 / 3, 1.25, 2.5, 3.75, 2.5, 2.5]
        for (score, value) in zip(scores, expected) { XCTAssertEqual(score, value, accuracy: 1e-12) }
        XCTAssertEqual(try judge.scores([]), [])
    }

    func testWeights() throws {
        let judge = KeywordJudge(weights: ["good": 3, "bad": -0.5])
        let scores = try judge.scores(texts("good", "bad bad", "good bad"))
        XCTAssertEqual(scores[0], 2.5 + 2.5 * 3 / 4, accuracy: 1e-12)
        XCTAssertEqual(scores[1], 2.5 - 2.5 / 2, accuracy: 1e-12)
        XCTAssertEqual(scores[2], 2.5 + 2.5 * 2.5 / 4.5, accuracy: 1e-12)
    }

    func testClosures() throws {
        let judge = ClosureJudge("length") { $0.map { Double($0.text.count) } }
        XCTAssertEqual(try judge.scores(texts("abc", "")), [3, 0])
        XCTAssertThrowsError(try judge.scores(texts("abcdef"))) { error in
            XCTAssertTrue("\(error)".contains("length") && "\(error)".contains("0 to 5"), "\(error)")
        }
        for wrong in [ClosureJudge("few") { _ in [] }, ClosureJudge("nan") { $0.map { _ in Double.nan } }] {
            XCTAssertThrowsError(try wrong.scores(texts("a"))) { XCTAssertTrue($0 is InputError, "\($0)") }
        }
    }
}
