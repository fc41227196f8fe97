import DataFiles
import Foundation
import Generation
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// Texts as they come, from the planted model, which has a vocabulary.
final class TokenStreamTests: XCTestCase {
    private static let file = FixtureLocation.fixtures.appending(path: "planted/planted.gguf")
    private let workers = WorkerPool(count: 2)

    private func load() throws -> (model: LanguageModel, tokenizer: Tokenizer) {
        (try LanguageModel(contentsOf: Self.file), try Tokenizer(contentsOf: Self.file))
    }

    private func request(_ tokenizer: Tokenizer, maxTokens: Int = 8, endTokens: Set<Int> = []) throws
        -> GenerationRequest
    {
        GenerationRequest(
            prompt: try tokenizer.encode(
                "My day at work was", specialTokens: .parsed, addBeginning: tokenizer.addsBeginning),
            maxTokens: maxTokens, endTokens: endTokens)
    }

    private func text(_ events: [GenerationEvent]) -> String {
        events.map { event in
            switch event {
            case .token(_, let text): text
            case .finished(let text, _): text
            }
        }.joined()
    }

    private func ids(_ events: [GenerationEvent]) -> [Int] {
        events.compactMap { if case .token(let id, _) = $0 { id } else { nil } }
    }

    func testEventsAreTheTokensAndTheirText() throws {
        let (model, tokenizer) = try load()
        let request = try request(tokenizer)
        let stream = try TokenStream(request, model: model, tokenizer: tokenizer, workers: workers)
        let events = Array(stream)
        let expected = try greedyFromScratch(model, request.prompt, count: 8)
        XCTAssertEqual(ids(events), expected)
        XCTAssertEqual(stream.ids, expected)
        XCTAssertEqual(events.count, 9)
        XCTAssertEqual(events.last, .finished(text: "", reason: .tokenLimit))
        XCTAssertEqual(
            try tokenizer.decode(request.prompt) + text(events), try tokenizer.decode(request.prompt + expected))
        XCTAssertNil(stream.next(), "after the end")
    }

    /// What verify.py saw transformers write: `Fixtures/planted/ground-truth.json`.
    func testPlantedModelWritesTheKnownText() throws {
        let (model, tokenizer) = try load()
        let facts = try JSONObject(contentsOf: FixtureLocation.fixtures.appending(path: "planted/ground-truth.json"))
        let texts = try XCTUnwrap(facts.objects("texts"))
        XCTAssertFalse(texts.isEmpty)
        for known in texts.prefix(2) {
            let prompt = try XCTUnwrap(known.string("prompt"))
            let expected = try XCTUnwrap(known.string("neutral"))
            let stream = try TokenStream(
                GenerationRequest(
                    prompt: try tokenizer.encode(
                        prompt, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning), maxTokens: 8),
                model: model, tokenizer: tokenizer, workers: workers)
            let written = text(Array(stream))
            XCTAssertTrue(
                (expected.hasPrefix(prompt) ? expected : prompt + expected).hasPrefix(prompt + written),
                "\"\(prompt)\" goes on with \"\(written)\" instead of \"\(expected)\"")
        }
    }

    func testEndTokenHasNoText() throws {
        let (model, tokenizer) = try load()
        let plain = try request(tokenizer)
        let ids = try greedyFromScratch(model, plain.prompt, count: 3)
        let place = try XCTUnwrap(ids.firstIndex(of: ids[2]))
        let events = Array(
            try TokenStream(
                request(tokenizer, endTokens: [ids[2]]), model: model, tokenizer: tokenizer, workers: workers))
        XCTAssertEqual(events.suffix(2), [.token(id: ids[2], text: ""), .finished(text: "", reason: .endToken)])
        XCTAssertEqual(events.count, place + 2)
    }

    func testNothingToGenerate() throws {
        let (model, tokenizer) = try load()
        let stream = try TokenStream(
            request(tokenizer, maxTokens: 0), model: model, tokenizer: tokenizer, workers: workers)
        XCTAssertEqual(Array(stream), [.finished(text: "", reason: .tokenLimit)])
    }

    func testCancellation() throws {
        let (model, tokenizer) = try load()
        let stream = try TokenStream(request(tokenizer), model: model, tokenizer: tokenizer, workers: workers)
        XCTAssertNotNil(stream.next())
        stream.isCancelled = { true }
        XCTAssertEqual(stream.next(), .finished(text: "", reason: .cancelled))
        XCTAssertNil(stream.next())
        XCTAssertEqual(stream.ids.count, 1)
    }

    func testAsyncStreamHasTheSameEvents() async throws {
        let (model, tokenizer) = try load()
        let request = try request(tokenizer)
        let expected = Array(try TokenStream(request, model: model, tokenizer: tokenizer, workers: workers))
        let stream = try AsyncTokenStream(request, model: model, tokenizer: tokenizer, workers: workers)
        var events: [GenerationEvent] = []
        for await event in stream { events.append(event) }
        XCTAssertEqual(events, expected)
        for await event in stream { XCTFail("\(event) after the end") }
        var tooLong = request
        tooLong.prompt = [Int](repeating: 1, count: model.configuration.context + 1)
        XCTAssertThrowsError(
            try AsyncTokenStream(tooLong, model: model, tokenizer: tokenizer, workers: workers)
        ) { XCTAssertTrue($0 is InputError, "\($0)") }
    }

    /// A cancelled task's text ends within a token, with the reason.
    func testCancelledTask() async throws {
        let (model, tokenizer) = try load()
        let request = try request(tokenizer, maxTokens: 100)
        let stream = try AsyncTokenStream(request, model: model, tokenizer: tokenizer, workers: workers)
        let task = Task {
            var events: [GenerationEvent] = []
            for await event in stream {
                events.append(event)
                if events.count == 3 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return events
        }
        let events = await task.value
        XCTAssertEqual(events.count, 4, "\(events)")
        XCTAssertEqual(events.last, .finished(text: "", reason: .cancelled))
    }

    func testTaskThatWasCancelledBefore() async throws {
        let (model, tokenizer) = try load()
        let stream = try AsyncTokenStream(request(tokenizer), model: model, tokenizer: tokenizer, workers: workers)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            var events: [GenerationEvent] = []
            for await event in stream { events.append(event) }
            return events
        }
        let events = await task.value
        XCTAssertEqual(events, [.finished(text: "", reason: .cancelled)])
    }
}
