import DataFiles
import Foundation
import Generation
import Intervention
import TensorCore
import Transformer
import XCTest
import _TestSupport

@testable import Monitoring

/// The planted model, where it is known which head was edited.
final class PlantedMonitorTests: XCTestCase {
    private static let fitted = Result<PlantedMonitor, any Error> { try PlantedMonitor(behaviours: true) }
    fileprivate var planted: PlantedMonitor { get throws { try Self.fitted.get() } }

    private func scores(
        _ edits: [Edit], consistency: Bool = true, texts: Int = .max, _ planted: PlantedMonitor
    ) throws -> [TextScoring.Result] {
        var scoring = TextScoring(planted.monitor, planted.model, workers: planted.workers)
        scoring.checksConsistency = consistency
        return try scoring.scores(Array(planted.texts.prefix(texts)), edits: edits)
    }

    func testCleanTextsPassAndThresholdsAreTheirs() throws {
        let planted = try planted
        let results = try scores([], planted)
        let flagged = results.count { $0.answer.flagged }
        // A tenth may be flagged; those that were fitted on too.
        XCTAssertLessThanOrEqual(flagged, results.count / 10 + 1)
        XCTAssertTrue(results.allSatisfy { $0.answer.heads.allSatisfy { $0.reason == .unusual } })
        XCTAssertEqual(planted.monitor.record.fitGroups + planted.monitor.record.calibrationGroups, 36)
        for result in results {
            XCTAssertEqual(result.answer.flagged, result.answer.scores.maximum > planted.monitor.answerThreshold)
            XCTAssertEqual(result.answer.alarms, result.tokens.count { $0.score > planted.monitor.tokenThreshold })
            let mean = result.tokens.reduce(0) { $0 + $1.score } / Double(result.tokens.count)
            XCTAssertEqual(result.answer.scores.mean, mean, accuracy: 1e-9)
        }
    }

    /// Whatever is done with the planted head, however little, it is named, and no other is said to be changed.
    func testEveryOperationOnTheHeadIsSeenAndNamed() throws {
        let planted = try planted
        let head = PlantedMonitor.head
        let direction = planted.direction
        let changes: [(String, Change)] = [
            ("add 0.1 σ", .add(direction.map { $0 * 0.1 * planted.sigma })),
            ("add 8 σ", .add(direction.map { $0 * 8 * planted.sigma })), ("scale", .scale(0.9)), ("zero", .zero),
            ("project out", .projectOut(direction)), ("clamp", .setComponent(direction, 0.5)),
            ("reflect", .reflect(direction)), ("rotate", .rotate(direction, degrees: 3)),
            ("replace", .replace(direction)),
        ]
        for (name, change) in changes {
            let results = try scores([.z(head, positions: .all, change)], texts: 8, planted)
            for (index, result) in results.enumerated() {
                XCTAssertTrue(result.answer.flagged, "\(name), text \(index)")
                let changed = result.answer.heads.filter { $0.reason == .changed }.map(\.head)
                XCTAssertEqual(changed, [head], "\(name), text \(index)")
                XCTAssertTrue(result.answer.sites.isEmpty, "\(name): \(result.answer.sites)")
            }
        }
    }

    /// Changes whose squares, or themselves, are too large for a number are named, and all that is said stays a number.
    func testChangesTooLargeForNumbersAreNamed() throws {
        let planted = try planted
        for strength in [Float(1e15), 1e20, 3e38] {
            let change = Change.add(planted.direction.map { $0 * strength })
            let results = try scores([.z(PlantedMonitor.head, positions: .all, change)], texts: 2, planted)
            for result in results {
                XCTAssertTrue(result.changedHeads.contains(PlantedMonitor.head), "\(strength)")
                XCTAssertNoThrow(try JSONEncoder().encode(result.answer.scores), "\(strength)")
                XCTAssertNoThrow(try JSONEncoder().encode(result.answer.behaviours), "\(strength)")
            }
        }
    }

    /// The range of clean texts alone sees a gross change by what it does, in the layers from the edited one on, and hardly one
    /// that stays within.
    func testTheEnvelopeSeesGrossChangesAlone() throws {
        let planted = try planted
        let clean = try scores([], consistency: false, planted).count { $0.answer.flagged }
        let strong = try scores([planted.edit(40)], consistency: false, planted)
        let weak = try scores([planted.edit(0.2)], consistency: false, planted).count { $0.answer.flagged }
        let flagged = strong.filter { $0.answer.flagged }
        XCTAssertGreaterThan(flagged.count, strong.count * 9 / 10)
        let after = flagged.count { ($0.answer.heads.first?.head.layer ?? 0) >= PlantedMonitor.head.layer }
        XCTAssertGreaterThan(after, strong.count * 9 / 10)
        XCTAssertTrue(flagged.allSatisfy { $0.answer.heads.allSatisfy { $0.reason == .unusual } })
        XCTAssertLessThanOrEqual(weak, clean + 3)
    }

    /// The detector of the behaviour follows the direction both ways.
    func testBehaviourScoresFollowTheDirection() throws {
        let planted = try planted
        func mean(_ strength: Float) throws -> Double {
            let edits = strength == 0 ? [] : [planted.edit(strength)]
            let results = try scores(edits, texts: 24, planted)
            return results.reduce(0) { $0 + $1.answer.behaviours[0].scores.mean } / Double(results.count)
        }
        let (minus, none, plus) = (try mean(-8), try mean(0), try mean(8))
        XCTAssertEqual(none, 0, accuracy: 0.3)
        XCTAssertGreaterThan(plus, none + 2)
        XCTAssertLessThan(minus, none - 2)
        let flagged = try scores([planted.edit(8)], texts: 24, planted).count {
            $0.answer.behaviours[0].flagged.contains("mean")
        }
        XCTAssertGreaterThan(flagged, 18)
    }

    // MARK: - While a text is written

    private func request(_ edits: [Edit], _ planted: PlantedMonitor) throws -> GenerationRequest {
        let prompt = try planted.planted.tokenizer.encode(prompt: "My day at work was", completion: "").prompt
        return GenerationRequest(
            prompt: prompt, edits: edits, maxTokens: 12, endTokens: planted.planted.tokenizer.endOfGenerationTokens)
    }

    private func generate(
        _ edits: [Edit], _ planted: PlantedMonitor, _ response: MonitorResponse = .log
    ) throws -> (generation: WatchedGeneration, scores: [TokenScore]) {
        let generation = try WatchedGeneration(
            request(edits, planted), monitor: planted.monitor, model: planted.model, workers: planted.workers,
            response: response)
        var scores: [TokenScore] = []
        generation.onScore = { score, _ in scores.append(score) }
        while try generation.next() != nil {}
        return (generation, scores)
    }

    /// A watched text is the text that is written without a monitor, and its scores are those of reading it.
    func testWatchingChangesNothingAndAgreesWithScoring() throws {
        let planted = try planted
        for edits in [[], [planted.edit(8)], [planted.edit(3, positions: .all)]] {
            let request = try request(edits, planted)
            let plain = try BatchGenerator([request], model: planted.model, workers: planted.workers).finish()[0]
            let (watched, scores) = try generate(edits, planted)
            XCTAssertEqual(watched.ids, plain.ids)
            XCTAssertEqual(watched.stopReason, plain.stopReason)
            let text = WatchedText(
                tokens: request.prompt + plain.ids.dropLast(), promptCount: request.prompt.count, group: "")
            let read = try TextScoring(planted.monitor, planted.model, workers: planted.workers)
                .scores([text], edits: edits)[0]
            XCTAssertEqual(scores, read.tokens)
            XCTAssertEqual(watched.answer, read.answer)
            XCTAssertEqual(watched.answer.flagged, !edits.isEmpty)
        }
    }

    func testStoppingEndsTheTextBeforeTheTokenThatWasChosen() throws {
        let planted = try planted
        let (untouched, _) = try generate([planted.edit(8, positions: .generated)], planted)
        let (stopped, _) = try generate([planted.edit(8, positions: .generated)], planted, .stop)
        let prompt = try request([], planted).prompt
        XCTAssertTrue(stopped.isStopped)
        let at = try XCTUnwrap(stopped.answer.flaggedAt)
        XCTAssertGreaterThanOrEqual(at, prompt.count)
        // The token at position i chooses that at i + 1: what is kept are the tokens up to the flagged position.
        XCTAssertEqual(stopped.ids, Array(untouched.ids.prefix(at + 1 - prompt.count)))
        let (first, _) = try generate([planted.edit(8)], planted, .stop)
        XCTAssertEqual(first.ids, [])
        XCTAssertEqual(first.answer.flaggedAt, prompt.count - 1)
    }

    /// A head that was pushed out of its range is held within it from the next token on, and the text is then another.
    func testSteeringBackHoldsTheHeadWithinItsRange() throws {
        let planted = try planted
        let edits = [planted.edit(40)]
        let (untouched, _) = try generate(edits, planted)
        let (back, _) = try generate(edits, planted, .steerBack)
        XCTAssertTrue(back.heldHeads.contains(PlantedMonitor.head))
        XCTAssertTrue(untouched.heldHeads.isEmpty)
        // What the clamp leaves is within the radius.
        let (model, monitor) = (planted.model, planted.monitor)
        let prompt = try request([], planted).prompt
        let run = Run(model, workers: planted.workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        let clamped = try run.advance([
            Step(tokens: prompt, edits: edits + monitor.clampingEdits(), reads: [Read(.z(2))])
        ])[0]
        let tracker = HeadTracker(monitor.envelope, smoothing: 0.1, workers: planted.workers)
        let all = (0..<monitor.model.layers).map { layer in
            layer == 2
                ? clamped.reads[0].values : Matrix(rows: 1, columns: monitor.model.heads * monitor.model.headSize)
        }
        var statistics = [Float](repeating: 0, count: 3 * 24)
        statistics.withUnsafeMutableBufferPointer { if let start = $0.baseAddress { tracker.take(all, into: start) } }
        let radius = log(monitor.radii[2 * 4 + 1] / Float(monitor.model.headSize))
        XCTAssertEqual(statistics[2 * 4 + 1], radius, accuracy: 0.02)
    }

    /// Values within the range stay as they are, to the bit.
    func testClampingLeavesCleanValuesAlone() throws {
        let planted = try planted
        let prompt = try request([], planted).prompt
        func logits(_ edits: [Edit]) throws -> [Float] {
            let run = Run(planted.model, workers: planted.workers)
            run.sequences = [planted.model.makeSequence(promptCount: prompt.count)]
            return try run.advance([Step(tokens: prompt, edits: edits)])[0].logits.elements
        }
        XCTAssertEqual(try logits(planted.monitor.clampingEdits()), try logits([]))
    }
}

extension PlantedMonitorTests {
    /// The plan leaves clean texts alone to the bit, holds the mood of a gloomy context, and can be saved.
    func testClampPlansHoldABehaviour() throws {
        let planted = try planted
        let c = planted.model.configuration
        let wide = try planted.monitor.clampPlan(for: "mood", sigmas: 20, in: c)
        let narrow = try planted.monitor.clampPlan(for: "mood", sigmas: 0.05, in: c)
        func z(_ text: String, _ edits: [Edit]) throws -> [Float] {
            let tokens = try planted.planted.tokenizer.encode(prompt: text, completion: "").prompt
            let run = Run(planted.model, workers: planted.workers)
            run.sequences = [planted.model.makeSequence(promptCount: tokens.count)]
            let result = try run.advance([Step(tokens: tokens, edits: edits, reads: [Read(.z(2))])])[0]
            return Array(result.reads[0].values.elements[16..<32])
        }
        func component(_ text: String, _ edits: [Edit]) throws -> Double {
            zip(try z(text, edits), planted.direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let detector = try XCTUnwrap(planted.monitor.detectors.first?.components.first)
        for text in ["everyone cried. the music sounded", "The party was wonderful. We had a"] {
            XCTAssertEqual(try z(text, wide.edits(c)), try z(text, []))
            XCTAssertEqual(
                try component(text, narrow.edits(c)), detector.mean, accuracy: 0.06 * detector.sigma, text)
            XCTAssertGreaterThan(abs(try component(text, []) - detector.mean), 0.5 * detector.sigma, text)
        }
        XCTAssertThrowsError(try planted.monitor.clampPlan(for: "style", in: c)) {
            XCTAssertTrue("\($0)".contains("it has mood"), "\($0)")
        }
        let folder = try makeTemporaryFolder()
        try narrow.write(to: folder)
        let read = try LoadedPlan(
            contentsOf: folder.appending(path: "plan.json"), model: planted.model, workers: planted.workers)
        XCTAssertEqual(read.plan, narrow.plan)
    }
}
