import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

@testable import Tasks

/// Accuracy, letter preference and paired comparison of choice questions, by hand.
final class ChoiceScoresTests: XCTestCase {
    /// Two versions of each question: (A) matches in the original, (B) in the swapped one.
    private func task(_ rows: Int) -> ChoiceTask {
        ChoiceTask(
            items: (0..<rows).flatMap { row in
                [false, true].map { swapped in
                    ChoiceItem(
                        prompt: [1], answers: [[2, 3], [4]],
                        answerTexts: swapped ? [" (B)", " (A)"] : [" (A)", " (B)"],
                        matching: [0], group: "q\(row)", row: row, isSwapped: swapped)
                }
            })
    }

    /// - Parameter pairs: ln p of the matching and of the other answer.
    private func scores(_ pairs: [(Double, Double)]) -> ChoiceScores {
        ChoiceScores(task(pairs.count / 2), logProbabilities: pairs.map { [[$0.0 - 0.25, 0.25], [$0.1]] })
    }

    /// A model that always says (A): right as written, wrong when swapped, no better than chance over both.
    func testALetterLoverGainsNothing() throws {
        let lover = scores((0..<20).map { $0 % 2 == 0 ? (-1, -2) : (-2, -1) })
        XCTAssertEqual(lover.original.accuracy.share, 1)
        XCTAssertEqual(lover.swapped?.accuracy.share, 0)
        let both = try XCTUnwrap(lover.both)
        XCTAssertEqual(both.accuracy.share, 0.5)
        XCTAssertEqual(both.questions, 10)
        XCTAssertEqual(both.logitDifference.mean, 0, accuracy: 1e-12)
        XCTAssertEqual(lover.letters?["A"]?.share, 1)
        XCTAssertEqual(lover.letters?["B"]?.share, 0)
        XCTAssertEqual(lover.consistency?.share, 0)
        XCTAssertEqual(lover.original.logitDifference.mean, 1, accuracy: 1e-12)
    }

    func testOneWhoReadsTheOptions() throws {
        let reader = scores((0..<20).map { $0 < 15 ? (-1, -2) : (-2, -1) })
        XCTAssertEqual(try XCTUnwrap(reader.both).accuracy.share, 0.75)
        XCTAssertEqual(reader.letters?["A"]?.share, 0.55)
        XCTAssertEqual(reader.consistency?.share, 0.9)
        // Wilson for 8 and 7 of 10, from scipy.stats.binomtest(k, 10).proportion_ci(method="wilson").
        XCTAssertEqual(reader.original.accuracy.share, 0.8)
        XCTAssertEqual(reader.original.accuracy.ciLow, 0.4901625, accuracy: 1e-6)
        XCTAssertEqual(reader.original.accuracy.ciHigh, 0.9433178, accuracy: 1e-6)
    }

    func testATieDoesNotCount() {
        XCTAssertEqual(scores([(-1, -1), (-1, -1)]).original.accuracy.share, 0)
    }

    /// Several answers of a side: the best one decides, and the difference is of the sums of probabilities.
    func testSeveralAnswers() {
        let item = ChoiceItem(prompt: [1], answers: [[1], [2], [3]], matching: [0, 2], group: "q")
        let scores = ChoiceScores(
            ChoiceTask(items: [item]), logProbabilities: [[[log(0.2)], [log(0.3)], [log(0.25)]]])
        XCTAssertFalse(scores.items[0].matches)
        XCTAssertEqual(scores.items[0].logitDifference, log(0.45 / 0.3), accuracy: 1e-12)
        XCTAssertNil(scores.items[0].letter)
        XCTAssertNil(scores.swapped)
        XCTAssertNil(scores.both)
        XCTAssertNil(scores.letters)
    }

    func testComparison() throws {
        let before = scores((0..<20).map { _ in (-2, -1) })
        let after = scores((0..<20).map { $0 < 16 ? (-1, -2) : (-2.5, -1) })
        let comparison = ChoiceComparison(before: before, after: after)
        XCTAssertEqual(comparison.original.accuracy.mean, 0.8)
        XCTAssertEqual(comparison.original.newcombe?.difference, 0.8)
        XCTAssertEqual(comparison.original.mcNemar?.gained, 8)
        XCTAssertEqual(try XCTUnwrap(comparison.original.mcNemar?.p), 2.0 / 256, accuracy: 1e-15)
        let both = try XCTUnwrap(comparison.both)
        XCTAssertEqual(both.logitDifference.change.mean, (8 * 2 - 2 * 0.5) / 10, accuracy: 1e-12)
        XCTAssertEqual(both.logitDifference.movedWrongWay.share, 0.2)
        XCTAssertEqual(both.logitDifference.items, 10)
        XCTAssertNil(both.mcNemar)
        let same = ChoiceComparison(before: before, after: before)
        XCTAssertEqual(same.original.logitDifference.signFlip.p, 1)
        XCTAssertEqual(same.original.mcNemar?.p, 1)
    }

    /// With a model: what the scorer gives is what adds up.
    func testWithAScorer() throws {
        let model = try tinyModel("grouped")
        let task = task(3)
        let scorer = try TeacherForcedScorer(
            model, prompts: task.prompts, completions: task.completions, workers: WorkerPool(count: 2))
        let scores = try ChoiceScores(task, scorer: scorer)
        let run = Run(model, workers: WorkerPool(count: 1))
        let expected = try task.items[0].answers.map {
            try run.score(completion: $0, after: [1]).reduce(0, +)
        }
        XCTAssertEqual(scores.items[0].answers, expected)
        XCTAssertEqual(scores.items[0].logitDifference, expected[0] - expected[1], accuracy: 1e-12)
    }
}
