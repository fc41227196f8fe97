import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Steer generation", compiled and run as it stands there.
final class SteerGenerationArticle: XCTestCase {
    func testItRuns() async throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let model = try TextModel(contentsOf: Planted.model)
        let dataURL = Planted.texts
        let chosen = Head(layer: 2, index: 1)
        // Article begins
        let examples = try DataSet(contentsOf: dataURL).labelledExamples
        let directions = try model.z(of: examples.map(\.text)).directions(labels: examples.map(\.label))
        let direction = try directions[head: chosen]
        let edits = [-8.0, 0, 8].map { [direction.edit(sigmas: $0)] }
        for text in try model.texts(after: "My day at work was", edits: edits, maxTokens: 24) { print(text) }
        // Article pauses
        // Article goes on
        let knockOut = Edit(.z(2), head: 1, positions: .all, .zero)
        let onlyWrites = direction.edit(sigmas: 8, at: .generated)
        var fading = direction.edit(sigmas: 8)
        fading.schedule = .decay(rate: 0.8)
        // Article pauses
        // Article goes on
        let request = try model.request(
            after: "My day at work was", edits: [direction.edit(sigmas: 8)],
            sampling: Sampling(temperature: 0.8, topP: 0.95, seed: 1), maxTokens: 24)
        for await event in try model.stream(request) {
            switch event {
            case .token(_, let text): print(text)
            case .finished(let text, let reason): print("\(text)(\(reason.rawValue))")
            }
        }
        // Article pauses
        // Article goes on
        let stream = try TokenStream(request, model: model.model, tokenizer: model.tokenizer, workers: model.workers)
        var turned = ""
        for case .token(_, let piece) in stream {
            turned += piece
            if stream.ids.count == 4 { try stream.setEdits([direction.edit(sigmas: -8)]) }
        }
        // Article ends
        XCTAssertTrue(shown[0].contains("gloomy"), shown[0])
        XCTAssertTrue(shown[1].contains("ordinary"), shown[1])
        XCTAssertTrue(shown[2].contains("cheerful"), shown[2])
        let last = try XCTUnwrap(shown.last)
        XCTAssertTrue(last.hasSuffix("(length)") || last.hasSuffix("(end)"), last)
        XCTAssertFalse(turned.isEmpty)
        XCTAssertEqual(stream.edits.count, 1)
        // What the article says of these edits: a knocked-out head writes nothing, and `generated` leaves the first token.
        let plain = try model.logits(after: "My day at work was")
        XCTAssertNotEqual(try model.logits(after: "My day at work was", edits: [knockOut]), plain)
        XCTAssertEqual(try model.logits(after: "My day at work was", edits: [onlyWrites]), plain)
        XCTAssertNotEqual(try model.text(after: "My day at work was", edits: [fading], maxTokens: 24), shown[1])
    }

    func testTheArticleShowsIt() throws { try assertArticle("SteerGeneration") }
}
