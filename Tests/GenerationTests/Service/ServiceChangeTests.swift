import Foundation
import Generation
import Transformer
import XCTest

/// Texts that are cancelled, let go of, or get other edits while they are generated.
final class ServiceChangeTests: ServiceCase {
    private let edit = Edit.z(layer: 2, head: 1, positions: .last, .scale(-4))

    private func longRequest() throws -> GenerationRequest {
        var request = try requests(1)[0]
        request.maxTokens = 100
        return request
    }

    /// The text of a batch of one whose edits change when it has so many tokens.
    private func changed(_ request: GenerationRequest, to edits: [Edit], after count: Int) throws -> [Int] {
        let generator = try BatchGenerator([request], model: model, workers: workers)
        if count == 0 { try generator.setEdits(edits, of: 0) }
        while !generator.advance().isEmpty {
            if generator.progress[0].ids.count == count { try generator.setEdits(edits, of: 0) }
        }
        return generator.progress[0].ids
    }

    func testEditsThatChange() async throws {
        let service = service()
        var request = try requests(2)[1]
        request.maxTokens = 24
        let unchanged = try alone(request).ids
        for readAhead in [0, 4] {
            let stream = try service.stream(request, readAhead: readAhead)
            var ids: [Int] = []
            var first: Int?
            for await event in stream {
                guard case .token(let id, _) = event else { continue }
                ids.append(id)
                if ids.count == 3 { first = try stream.setEdits([edit]) }
            }
            let place = try XCTUnwrap(first)
            if readAhead == 0 { XCTAssertEqual(place, 3) } else { XCTAssertTrue((3...8).contains(place), "\(place)") }
            XCTAssertEqual(ids, try changed(request, to: [edit], after: place), "read ahead \(readAhead)")
            XCTAssertNotEqual(ids, unchanged, "the edit changed nothing")
            XCTAssertEqual(ids.prefix(place), unchanged.prefix(place))
        }
        let stream = try service.stream(request, readAhead: 0)
        XCTAssertEqual(try stream.setEdits([edit]), 0, "before it has begun")
        let text = await stream.read()
        request.edits = [edit]
        XCTAssertEqual(text, try alone(request))
    }

    /// Edits that are changed all the time by somebody else disturb nobody.
    func testEditsThatChangeFromAnotherTask() async throws {
        let service = service()
        let requests = try requests(8)
        let streams = try requests.map { try service.stream($0) }
        var restless = requests[1]
        restless.maxTokens = 60
        let changing = try service.stream(restless)
        let edit = edit
        let changes = Task {
            var count = 0
            while !Task.isCancelled {
                try changing.setEdits(count % 2 == 0 ? [edit] : [])
                count += 1
                await Task.yield()
            }
            return count
        }
        async let changed = changing.read()
        for (request, stream) in zip(requests, streams) {
            let text = await stream.read()
            XCTAssertEqual(text, try alone(request))
        }
        let length = await changed.ids.count
        changes.cancel()
        XCTAssertEqual(length, 60)
        let count = try await changes.value
        XCTAssertGreaterThan(count, 0)
    }

    /// A cancelled text ends at once, and the others go on.
    func testCancellation() async throws {
        let service = service()
        let requests = try requests(5)
        let long = try longRequest()
        let streams = try requests.map { try service.stream($0) }
        let stream = try service.stream(long)
        var text = StreamedText()
        for await event in stream {
            text.take(event)
            if text.ids.count == 2 { stream.cancel() }
        }
        XCTAssertEqual(text.ids.count, 2)
        XCTAssertEqual(text.reason, .cancelled)
        for (request, stream) in zip(requests, streams) {
            let text = await stream.read()
            XCTAssertEqual(text, try alone(request))
        }
        try await waitUntilIdle(service)
    }

    /// A reader that waits is let go within the pass, not after it.
    func testCancelledWhileWaiting() async throws {
        let service = service()
        let gate = DispatchSemaphore(value: 0)
        var request = try requests(1)[0]
        request.edits = [Edit(.residualPost(0), positions: .last, .custom { _, _ in gate.wait() })]
        let stream = try service.stream(request)
        let reader = Task { await stream.read() }
        try await Task.sleep(for: .milliseconds(50))
        reader.cancel()
        let text = await reader.value
        XCTAssertEqual(text, StreamedText(reason: .cancelled))
        gate.signal()
        try await waitUntilIdle(service)
    }

    /// A stream that nobody holds gives its memory back, begun or not.
    func testStreamsThatAreLetGo() async throws {
        let service = service()
        let request = try longRequest()
        // A function of its own: a loop's iterator may live until the end of what it stands in.
        func begin() async throws {
            for await event in try service.stream(request) {
                guard case .token = event else { return XCTFail("\(event)") }
                break
            }
        }
        try await begin()
        try await waitUntilIdle(service)
        _ = try service.stream(request, readAhead: 0)
        try await waitUntilIdle(service)
    }
}
