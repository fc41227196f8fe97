import DataFiles
import DataSets
import Foundation
import Gradients
import HeadSteerTesting
import Tasks
import Transformer
import XCTest
import _TestSupport

@testable import LearnedEdits

/// The gradient of the loss of every kind of item, against differences of the loss itself.
final class LossGradientTests: XCTestCase {
    private struct Setting {
        let planted: PlantedModel
        let items: [LearningItem]
        let unedited: [Double]
        let gradient: LossGradient
        let context: LearningContext
        let loss = PreferenceLoss(beta: 0.5, isRelative: true)

        init(
            _ data: DataSet, positions: LearningOptions.Positions, pastBytes: Int = 1 << 30, startBytes: Int = 1 << 28
        ) throws {
            planted = try PlantedModel()
            context = try LearningContext(
                planted.model, tokenizer: planted.tokenizer, workers: planted.workers,
                options: LearningOptions(method: .lofit, positions: positions), neutral: MoodInContext.neutral,
                isCancelled: { false })
            items = try LearningItem.items(data, tokenizer: planted.tokenizer, file: "rows")
            unedited = try context.differences(of: items).differences([]).map { $0 - 0.3 }
            let run = GradientRun(planted.model, workers: planted.workers)
            gradient = LossGradient(
                items, unedited: unedited, loss: loss, positions: context.positions, neutral: context.neutralLogits,
                run: run, pasts: PromptPasts(run, positions: context.positions, bytes: pastBytes),
                startBytes: startBytes)
        }

        /// The mean loss and the weighted divergence of a neutral text, by forward passes alone.
        func value(_ edits: [Edit], divergenceWeight: Double) throws -> Double {
            let differences = try context.differences(of: items).differences(edits)
            let losses = zip(differences, unedited).map { loss.value($0, unedited: $1).loss }
            return mean(losses) + (divergenceWeight == 0 ? 0 : divergenceWeight * (try divergence(edits)))
        }

        private func divergence(_ edits: [Edit]) throws -> Double {
            let run = Run(planted.model, workers: planted.workers)
            run.sequences = [planted.model.makeSequence(promptCount: 1)]
            let tokens = context.neutralLogits.texts[1]
            let logits = try run.advance([Step(tokens: tokens, edits: edits, logits: .all)])[0].logits
            let values = (0..<logits.rows).map { row in
                NextTokenDistribution(context.neutralLogits.logits[1].row(row))
                    .divergence(to: logits.row(row), LogitSummary(logits.row(row)))
            }
            return mean(values)
        }
    }

    private func check(
        _ data: DataSet, positions: LearningOptions.Positions = .last, _ what: String, line: UInt = #line
    ) throws {
        let setting = try Setting(data, positions: positions)
        let heads = [Head(layer: 2, index: 1), Head(layer: 4, index: 2), Head(layer: 4, index: 3)]
        let parameters = GatedEdits(heads: heads, size: 16, layers: 6, headsOfLayer: 4)
        var random = SeededGenerator(seed: 3, stream: 1 << 32 | 1)
        // Edits that are large enough for float32 to tell differences apart.
        let values = parameters.initial(&random).map { $0 * 100 }.enumerated().map { $0 % 34 < 32 ? $1 : 0.5 }
        func edits(_ values: [Double]) -> [Edit] { parameters.runEdits(values, at: setting.context.positions) }
        let weight = 0.7
        let found = try setting.gradient.gradient(
            of: Array(setting.items.indices), neutral: 1, divergenceWeight: weight, heads: heads, edits: edits(values))
        XCTAssertEqual(
            found.loss, try setting.value(edits(values), divergenceWeight: 0), accuracy: 1e-5, what, line: line)
        let slopes = parameters.gradient(values, noise: nil, of: found.gradients)
        // Along the gradient of each head's part and of each gate, and along directions that know nothing of it.
        let size = norm(slopes)
        XCTAssertGreaterThan(size, 0, what, line: line)
        for (index, head) in heads.enumerated() {
            let start = 34 * index
            for part in [start..<start + 16, start + 16..<start + 32, start + 32..<start + 34] {
                let own = part.map { slopes[$0] }
                let any = part.map { _ in random.gaussian() }
                for direction in [own, any] where norm(direction) > 1e-3 * size {
                    let along = direction.map { $0 / norm(direction) }
                    let expected = zip(own, along).reduce(0) { $0 + $1.0 * $1.1 }
                    let step = 0.02
                    func moved(_ sign: Double) -> [Double] {
                        var moved = values
                        for (index, slope) in zip(part, along) { moved[index] += sign * step * slope }
                        return moved
                    }
                    let up = try setting.value(edits(moved(1)), divergenceWeight: weight)
                    let down = try setting.value(edits(moved(-1)), divergenceWeight: weight)
                    XCTAssertEqual(
                        (up - down) / (2 * step), expected, accuracy: 0.01 * abs(expected) + 2e-4,
                        "\(what): \(head), \(part)", line: line)
                }
            }
        }
    }

    func testOfContrastPrompts() throws {
        try check(.contrast(Array(MoodInContext.contrasts.prefix(3))), "contrast")
    }

    func testOfAnswersOfSeveralTokens() throws {
        try check(.choice(Array(MoodInContext.choices.prefix(2))), "answers")
    }

    func testOfAnswersThatDifferInTheLastToken() throws {
        try check(
            .choice([
                ChoiceQuestion(
                    question: "My day was wonderful and everyone felt", matching: [" so cheerful", " so joyful"],
                    notMatching: [" so gloomy"])
            ]), "last tokens")
    }

    func testOfLabelledTexts() throws {
        try check(
            .labelled([
                LabelledExample(prompt: "My day at work was", completion: " wonderful", label: true, group: "a"),
                LabelledExample(completion: "our trip was dreadful.", label: false, group: "b"),
            ]), "labelled")
    }

    func testAtAllPositions() throws {
        try check(.contrast(Array(MoodInContext.contrasts.suffix(2))), positions: .all, "all positions")
    }

    /// Texts that come by again go through the later blocks alone, and bring the same bits.
    func testTextsThatComeByAgain() throws {
        let choices = DataSet.choice(Array(MoodInContext.choices.prefix(2)))
        for (data, positions) in [
            (DataSet.contrast(Array(MoodInContext.contrasts.prefix(3))), LearningOptions.Positions.last),
            (choices, .last), (choices, .all),
            (.labelled([LabelledExample(completion: "our trip was dreadful.", label: false, group: "b")]), .last),
        ] {
            let setting = try Setting(data, positions: positions)
            func ask(_ layers: [Int], _ gradient: LossGradient) throws -> (LossGradient.Result, multiplications: Int) {
                let heads = layers.map { Head(layer: $0, index: 1) }
                let edits = heads.map {
                    Edit.z(layer: $0.layer, head: 1, positions: setting.context.positions, .scale(1.5))
                }
                let before = setting.planted.workers.multiplications
                let found = try gradient.gradient(
                    of: Array(setting.items.indices), neutral: 1, divergenceWeight: 0.7, heads: heads, edits: edits)
                return (found, setting.planted.workers.multiplications - before)
            }
            let first = try ask([4, 5], setting.gradient)
            let again = try ask([4, 5], setting.gradient)
            XCTAssertLessThan(again.multiplications, first.multiplications)
            XCTAssertEqual(again.0.loss, first.0.loss)
            XCTAssertEqual(again.0.gradients.map(\.factors), first.0.gradients.map(\.factors))
            XCTAssertEqual(again.0.gradients.map(\.offset), first.0.gradients.map(\.offset))
            // From an earlier block, and from the first one; without room for what was before, for all of it and for a part.
            for layers in [[2, 4], [0, 4], [4, 5]] {
                let other = try ask(layers, setting.gradient).0
                for (pastBytes, startBytes) in [(1 << 30, 1 << 28), (1 << 30, 0), (0, 0), (0, 1 << 28), (3000, 300)] {
                    let fresh = try ask(
                        layers,
                        Setting(data, positions: positions, pastBytes: pastBytes, startBytes: startBytes).gradient
                    ).0
                    XCTAssertEqual(other.loss, fresh.loss, "\(pastBytes), \(startBytes)")
                    XCTAssertEqual(other.gradients.map(\.factors), fresh.gradients.map(\.factors))
                    XCTAssertEqual(other.gradients.map(\.offset), fresh.gradients.map(\.offset))
                }
            }
        }
    }
}
