import DataFiles
import Foundation
import Generation
import Transformer
import XCTest

/// What a service refuses, and what it makes wait.
final class ServiceLimitTests: ServiceCase {
    private func assertRefused(
        _ service: GenerationService, _ request: GenerationRequest, _ words: String, line: UInt = #line
    ) {
        XCTAssertThrowsError(try service.stream(request), line: line) { error in
            XCTAssertEqual((error as? InputError)?.kind, .tooLong, "\(error)", line: line)
            XCTAssertTrue("\(error)".contains(words), "\(error)", line: line)
        }
        XCTAssertEqual(service.load, GenerationLoad(), line: line)
    }

    func testTokens() async throws {
        var request = try requests(1)[0]
        request.maxTokens = 20 - request.prompt.count
        let service = service(GenerationLimits(tokens: 20))
        let text = try await service.stream(request).read()
        XCTAssertEqual(text.ids.count, request.maxTokens)
        request.maxTokens += 1
        assertRefused(service, request, "20 tokens for both")
        request.maxTokens = .max
        assertRefused(service, request, "20 tokens for both")
    }

    /// More context than memory allows is refused before any is taken.
    func testMemory() async throws {
        var request = try requests(1)[0]
        request.maxTokens = 8
        let bytes = model.cacheBytes(positions: request.prompt.count + 7)
        assertRefused(service(GenerationLimits(cacheBytes: bytes - 1)), request, "keys and values")
        let service = service(GenerationLimits(waiting: 1, cacheBytes: bytes))
        let first = try service.stream(request)
        XCTAssertEqual(service.load, GenerationLoad(texts: 1, waiting: 0, cacheBytes: bytes))
        let second = try service.stream(request)
        XCTAssertEqual(service.load, GenerationLoad(texts: 1, waiting: 1, cacheBytes: bytes))
        XCTAssertThrowsError(try service.stream(request)) { XCTAssertEqual($0 as? ServiceBusyError, .init(waiting: 1)) }
        let expected = try alone(request)
        async let other = second.read()
        let text = await first.read()
        XCTAssertEqual(text, expected)
        let later = await other
        XCTAssertEqual(later, expected, "the text that waited")
        XCTAssertEqual(service.load, GenerationLoad())
    }

    /// Batches are held to what the system has.
    func testMemoryOfABatch() throws {
        let bytes = model.cacheBytes(positions: 50)
        XCTAssertNoThrow(try model.checkMemory(positions: [50, 50], available: 2 * bytes))
        XCTAssertNoThrow(try model.checkMemory(positions: [50, 50], available: nil))
        XCTAssertThrowsError(try model.checkMemory(positions: [50, 50], available: 2 * bytes - 1)) {
            XCTAssertEqual(($0 as? InputError)?.kind, .tooLong, "\($0)")
        }
    }

    func testTime() async throws {
        var request = try requests(1)[0]
        request.maxTokens = 8
        let none = try await service(GenerationLimits(time: .zero)).stream(request).read()
        XCTAssertEqual(none, StreamedText(reason: .timeLimit))

        // A text that nobody reads ends, and so does one that waits for its memory.
        let bytes = model.cacheBytes(positions: request.prompt.count + 7)
        let service = service(GenerationLimits(cacheBytes: bytes, time: .milliseconds(300)))
        let unread = try service.stream(request)
        let waiting = try service.stream(request)
        let text = await waiting.read()
        XCTAssertEqual(text.reason, .timeLimit)
        try await waitUntilIdle(service)
        let rest = await unread.read()
        XCTAssertLessThanOrEqual(rest.ids.count, 1)
        XCTAssertEqual(rest.reason, .timeLimit)
    }

    /// A text that isn't read is generated as far as it is to be read ahead, and holds up no other.
    func testUnreadText() async throws {
        let service = service()
        let log = Counter()
        var request = try requests(1)[0]
        request.maxTokens = 40
        request.edits = [log.edit("token", layer: 5)]
        let unread = try service.stream(request, readAhead: 3)
        let others = try requests(6)
        for other in others {
            let text = try await service.stream(other).read()
            XCTAssertEqual(text, try alone(other))
        }
        XCTAssertEqual(log.all.count, 3)
        XCTAssertEqual(service.load.texts, 1)
        let text = await unread.read()
        request.edits = []
        XCTAssertEqual(text, try alone(request), "read late, it is the same")
        XCTAssertEqual(service.load, GenerationLoad())
    }

    /// Memory stays flat over many short texts.
    func testManyShortTexts() async throws {
        let service = service()
        let requests = try requests(16)
        func resident() throws -> Int {
            let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return try XCTUnwrap(Int(words[1])) * 4096
        }
        func generate(_ rounds: Int) async throws {
            for _ in 0..<rounds {
                let texts = try requests.map { request in
                    let stream = try service.stream(request)
                    return Task { await stream.read().ids.count }
                }
                for text in texts { _ = await text.value }
            }
        }
        try await generate(2)
        #if os(Linux)
            let before = try resident()
            try await generate(4)
            let growth = try resident() - before
            // Each text's keys and values are 0.15 MB: 64 that were kept would be 9 MB.
            XCTAssertLessThan(growth, 4 << 20, "64 texts left \(growth) bytes")
        #endif
        XCTAssertEqual(service.load, GenerationLoad())
    }
}
