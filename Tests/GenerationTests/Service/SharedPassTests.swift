import Foundation
import Generation
import TensorCore
import Transformer
import XCTest

/// Texts of one service share passes, and each is what it is alone.
final class SharedPassTests: ServiceCase {
    func testSixteenTextsAreEachTheSameAlone() async throws {
        let service = service()
        let requests = try requests(16)
        let expected = try requests.map(alone)
        XCTAssertGreaterThan(Set(expected.map(\.text)).count, 8, "the requests are too much alike to tell")
        // All at once; then each as soon as another one has begun to speak, which then leaves.
        for joinsLate in [false, true] {
            var texts: [Task<StreamedText, Never>] = []
            for (index, request) in requests.enumerated() {
                if joinsLate { for await _ in try service.stream(request) { break } }
                let stream = try service.stream(request, readAhead: index % 4)
                texts.append(Task { await stream.read() })
            }
            for (index, text) in texts.enumerated() {
                let text = await text.value
                XCTAssertEqual(text, expected[index], "joins late: \(joinsLate), text \(index)")
            }
        }
        try await waitUntilIdle(service)
    }

    /// In a pass of one text all layers follow each other; in a shared one the other text's layer comes between.
    func testPassesAreShared() async throws {
        let service = service()
        let log = Counter()
        var requests = try requests(2)
        for (index, name) in ["A", "B"].enumerated() {
            requests[index].edits = [log.edit(name, layer: 0), log.edit(name, layer: 5)]
            requests[index].maxTokens = 30
        }
        let streams = try requests.map { try service.stream($0, readAhead: 30) }
        for stream in streams { _ = await stream.read() }
        XCTAssertEqual(log.all.count, 120)
        let pairs = zip(log.all, log.all.dropFirst()).map { $0 + $1 }
        let shared = pairs.count { $0 == "A0B0" }
        XCTAssertGreaterThan(shared, 15, "of 30 tokens: \(pairs)")
    }

    /// A long prompt goes through in pieces beside a text that goes on, with the same bits.
    func testLongPrompts() async throws {
        let model = try tinyModel("grouped")
        let service = GenerationService(model, tokenizer: nil, workers: workers)
        let long = (0..<200).map { 1 + $0 * 7 % 90 }
        let requests = [[1, 31, 80], long, Array(long.reversed()), [5]].map {
            GenerationRequest(
                prompt: $0, edits: [.z(layer: 1, head: 1, positions: .prompt, .scale(-2))],
                sampling: Sampling(temperature: 1, seed: 3), maxTokens: 30)
        }
        let streams = try requests.map { try service.stream($0, readAhead: 30) }
        for (request, stream) in zip(requests, streams) {
            let text = await stream.read()
            let alone = try TokenStream(request, model: model, tokenizer: nil, workers: workers).read()
            XCTAssertEqual(text, alone, "a prompt of \(request.prompt.count)")
        }
    }

    /// More texts than go together take turns.
    func testTurns() async throws {
        let service = service(GenerationLimits(textsTogether: 3))
        let requests = try requests(8)
        let texts = try requests.map { request in
            let stream = try service.stream(request)
            return Task { await stream.read() }
        }
        for (request, text) in zip(requests, texts) {
            let text = await text.value
            XCTAssertEqual(text, try alone(request))
        }
    }

    func testEnds() async throws {
        let service = service()
        var request = try requests(1)[0]
        let ids = try alone(request).ids
        request.endTokens = [ids[2]]
        let expected = try alone(request)
        XCTAssertEqual(expected.reason, .endToken)
        let ended = try await service.stream(request).read()
        XCTAssertEqual(ended, expected)
        request.maxTokens = 0
        let none = try await service.stream(request).read()
        XCTAssertEqual(none, StreamedText(reason: .tokenLimit))
        request.maxTokens = 5
        request.edits = [Edit(.finalNorm, positions: .generated, .custom { values, _ in values[0] = .nan })]
        let broken = try await service.stream(request).read()
        XCTAssertEqual(broken.reason, .notFinite)
        XCTAssertEqual(broken.ids.count, 1)
        XCTAssertEqual(service.load, GenerationLoad())
    }
}
