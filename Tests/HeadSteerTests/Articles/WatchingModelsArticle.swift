import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Watch a model", compiled and run as it stands there.
final class WatchingModelsArticle: XCTestCase {
    func testItRuns() throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let (modelURL, cleanURL) = (Planted.model, Planted.texts)
        let monitorURL = try makeTemporaryFolder().appending(path: "monitor.safetensors")
        // Few groups promise no small rate.
        let rate = 0.2
        let edits = try Planted.edits(sigmas: 8)
        // Article begins
        let model = try TextModel(contentsOf: modelURL)
        let preparation = try WatchedTextPreparation(model.tokenizer)
        let texts = try PlainText.texts(contentsOf: cleanURL).map { try preparation.prepare($0) }
        let fitting = MonitorFitting(
            model.model, workers: model.workers, options: FitOptions(falseAlarms: rate))
        try fitting.fit(texts, fingerprint: model.model.fingerprint(workers: model.workers)).write(to: monitorURL)
        // Article pauses
        // Article goes on
        let monitor = try HeadMonitor(contentsOf: monitorURL)
        try monitor.check(model.model, workers: model.workers)
        let request = GenerationRequest(
            prompt: try model.tokens(of: "My day at work was"), edits: edits, maxTokens: 12)
        let generation = try WatchedGeneration(
            request, monitor: monitor, model: model.model, workers: model.workers, response: .stop)
        generation.onAlarm = { alarm in print("\(alarm.position): \(alarm.heads.map { "\($0.head) \($0.reason)" })") }
        while let token = try generation.next() { print(try model.tokenizer.decode([token])) }
        print("flagged: \(generation.answer.flagged)")
        // Article ends
        XCTAssertEqual(shown.count, 2, "the text ends before its first token: \(shown)")
        XCTAssertTrue(shown[0].hasPrefix("5: [\"2.1 changed\""), shown[0])
        XCTAssertEqual(shown.last, "flagged: true")
    }

    func testTheArticleShowsIt() throws { try assertArticle("WatchingModels") }
}
