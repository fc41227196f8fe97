import Foundation
import Generation
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// The planted model and requests of every kind.
class ServiceCase: XCTestCase {
    let workers = WorkerPool(count: 2)
    private(set) var model: LanguageModel!
    private(set) var tokenizer: Tokenizer!

    override func setUpWithError() throws {
        let file = FixtureLocation.fixtures.appending(path: "planted/planted.gguf")
        model = try LanguageModel(contentsOf: file)
        tokenizer = try Tokenizer(contentsOf: file)
    }

    func service(_ limits: GenerationLimits = GenerationLimits()) -> GenerationService {
        GenerationService(model, tokenizer: tokenizer, workers: workers, limits: limits)
    }

    /// Requests that differ in prompt, length, edits and sampling.
    func requests(_ count: Int) throws -> [GenerationRequest] {
        let prompts = ["My day at work was", "I", "The soup tasted", "When I came home, my family"]
        return try (0..<count).map { index in
            let edit = Edit.z(layer: 2, head: 1, positions: .last, .scale(Float(index) - 2))
            return GenerationRequest(
                prompt: try tokenizer.encode(
                    prompts[index % 4], specialTokens: .parsed, addBeginning: tokenizer.addsBeginning),
                edits: index % 3 == 0 ? [] : [edit],
                sampling: index % 2 == 0 ? .greedy : Sampling(temperature: 1.5, topP: 0.98, seed: UInt64(index)),
                maxTokens: 4 + index % 7)
        }
    }

    /// The same request by itself.
    func alone(_ request: GenerationRequest) throws -> StreamedText {
        try TokenStream(request, model: model, tokenizer: tokenizer, workers: workers).read()
    }

    /// Waits until a service has nothing to do.
    func waitUntilIdle(_ service: GenerationService, file: StaticString = #filePath, line: UInt = #line) async throws {
        for _ in 0..<500 where service.load != GenerationLoad() { try await Task.sleep(for: .milliseconds(10)) }
        XCTAssertEqual(service.load, GenerationLoad(), file: file, line: line)
    }
}

/// Counts, from any thread.
final class Counter: @unchecked Sendable {
    // Unchecked: the entries are used under the lock.
    private let lock = NSLock()
    private var entries: [String] = []

    func note(_ entry: String) { lock.withLock { entries.append(entry) } }
    var all: [String] { lock.withLock { entries } }

    /// An edit that changes nothing and notes each position that a layer computes.
    func edit(_ name: String, layer: Int) -> Edit {
        Edit(.residualPost(layer), positions: .last, .custom { [self] _, _ in note("\(name)\(layer)") })
    }
}
