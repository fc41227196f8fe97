import DataFiles
import Foundation
import Generation
import HeadSteerTesting
import Monitoring
import Tasks
import Transformer
import XCTest
import _TestSupport

@testable import Guarding

/// The three layers together on the planted model.
final class GuardedGenerationTests: XCTestCase {
    private static let planted = Result<PlantedModel, any Error> { try PlantedModel() }
    private static let monitor = Result<HeadMonitor, any Error> {
        let planted = try GuardedGenerationTests.planted.get()
        let preparation = try WatchedTextPreparation(planted.tokenizer)
        let texts = try (PlantedModel.examples("mood.jsonl") + PlantedModel.examples("mood-test.jsonl")).map {
            try preparation.prepare(PlainText(completion: $0.text, group: $0.group))
        }
        return try MonitorFitting(planted.model, workers: planted.workers, options: FitOptions(falseAlarms: 0.1))
            .fit(texts, fingerprint: "sha256:test")
    }
    private let prompt = "My day at work was"

    private func run(
        _ guarded: LoadedGuard, prompt: String? = nil, edits: [Edit] = []
    ) throws -> GuardedGeneration.Result {
        let planted = try Self.planted.get()
        let prompt = prompt ?? self.prompt
        let request = GenerationRequest(
            prompt: try planted.tokenizer.encode(prompt: prompt, completion: "").prompt, edits: edits, maxTokens: 12,
            endTokens: planted.tokenizer.endOfGenerationTokens)
        var generation = GuardedGeneration(
            guarded, model: planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        generation.now = { Date(timeIntervalSince1970: 1_795_000_000) }
        return try generation.run(request, prompt: prompt)
    }

    private let steering = Edit.z(layer: 2, head: 1, positions: .last, .scale(3))

    func testCleanAnswersPass() throws {
        let result = try run(
            LoadedGuard(
                input: [PhraseFilter(list: "gloomy", name: "w")], monitor: try Self.monitor.get(),
                output: [PhraseFilter(list: "gloomy", name: "w")]))
        XCTAssertEqual(result.outcome, .allowed)
        XCTAssertEqual(result.refusals, [])
        XCTAssertEqual(result.stopReason, .endToken)
        XCTAssertTrue(result.text.contains("everyone"), result.text)
        XCTAssertEqual(result.answer?.flagged, false)
    }

    func testARefusedPromptIsNotAnswered() throws {
        let result = try run(LoadedGuard(input: [PhraseFilter(list: "[jobs]\nwork", name: "w")]))
        XCTAssertEqual(result.outcome, .refused)
        XCTAssertEqual(result.refusals, [Refusal(layer: .input, filter: "w", reason: "jobs")])
        XCTAssertEqual(result.text, "")
        XCTAssertEqual(result.ids, [])
        XCTAssertNil(result.stopReason)
        XCTAssertNil(result.answer)
    }

    func testARefusedTextIsNotShown() throws {
        let result = try run(LoadedGuard(output: [PhraseFilter(list: "[crowds]\neveryone", name: "w")]))
        XCTAssertEqual(result.outcome, .refused)
        XCTAssertEqual(result.refusals, [Refusal(layer: .output, filter: "w", reason: "crowds")])
        XCTAssertEqual(result.text, "")
        XCTAssertEqual(result.ids, [])
    }

    func testSteeringIsFlaggedOrStopped() throws {
        let monitor = try Self.monitor.get()
        let flagged = try run(LoadedGuard(monitor: monitor), edits: [steering])
        XCTAssertEqual(flagged.outcome, .flagged)
        XCTAssertEqual(
            flagged.refusals, [Refusal(layer: .activations, filter: "monitor", reason: "changed activations")])
        XCTAssertFalse(flagged.text.isEmpty)
        XCTAssertEqual(flagged.answer?.heads.first?.head, Head(layer: 2, index: 1))
        let stopped = try run(LoadedGuard(monitor: monitor, response: .stop), edits: [steering])
        XCTAssertEqual(stopped.outcome, .refused)
        XCTAssertEqual(stopped.text, "")
        XCTAssertNil(stopped.stopReason)
        let back = try run(LoadedGuard(monitor: monitor, response: .steerBack), edits: [steering])
        XCTAssertEqual(back.outcome, .flagged)
        XCTAssertEqual(back.heldHeads, [Head(layer: 2, index: 1)])
    }

    /// A text can be flagged and refused: the log says what decided, and what flagged it before.
    func testTheLogHasALineForEachPrompt() throws {
        let url = try makeTemporaryFolder().appending(path: "guard.jsonl")
        let guarded = try LoadedGuard(
            input: [PhraseFilter(list: "river", name: "places")], monitor: Self.monitor.get(),
            output: [PhraseFilter(list: "wonderful", name: "praise")], log: GuardLog(url))
        _ = try run(guarded)
        _ = try run(guarded, prompt: "Her trip to the river")
        let both = try run(guarded, edits: [.z(layer: 2, head: 1, positions: .last, .scale(-3))])
        let other = try run(guarded, edits: [steering])
        let events = try GuardLog(url).events()
        XCTAssertEqual(events.count, 4)
        XCTAssertEqual(events.map(\.outcome), [.allowed, .refused, both.outcome, other.outcome])
        XCTAssertEqual(events[1].refusal, Refusal(layer: .input, filter: "places", reason: "places"))
        XCTAssertEqual(events[0].week, "2026-W47")
        for (event, result) in [(events[2], both), (events[3], other)] {
            XCTAssertEqual(event.refusal, result.refusals.last)
            XCTAssertTrue(result.refusals.contains { $0.layer == .activations })
        }
        let refusing = try LoadedGuard(
            monitor: Self.monitor.get(), output: [PhraseFilter(list: "/./", name: "any")], log: GuardLog(url))
        let refused = try run(refusing, edits: [steering])
        let last = try XCTUnwrap(GuardLog(url).events().last)
        XCTAssertEqual(last.outcome, .refused)
        XCTAssertEqual(last.refusal, Refusal(layer: .output, filter: "any", reason: "any"))
        XCTAssertEqual(
            last.flags, [Refusal(layer: .activations, filter: "monitor", reason: "changed activations")])
        XCTAssertEqual(refused.text, "")
    }

    /// What a judge thinks, and what happens where it can't judge: the prompt doesn't pass.
    func testJudgesAreFilters() throws {
        let judge = ClosureJudge("length") { texts in texts.map { $0.text.count > 12 ? 4 : 1 } }
        let filter = JudgeFilter(judge, limit: 3)
        XCTAssertNil(try filter.reasonToRefuse(CheckedText(text: "short")))
        XCTAssertEqual(try filter.reasonToRefuse(CheckedText(text: "long enough to refuse")), "length")
        let broken = JudgeFilter(CommandJudge(["/no/such/program"]))
        XCTAssertThrowsError(try run(LoadedGuard(input: [broken]))) { XCTAssertTrue($0 is InputError, "\($0)") }
    }
}
