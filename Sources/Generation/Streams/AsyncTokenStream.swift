import Foundation
import TensorCore
import Tokenization
import Transformer

/// One text, generated as it is read: an `AsyncSequence`. Each token is computed on a thread of its own, away from the
/// threads that Swift's tasks share, and only when it is asked for.
///
/// Cancelling the task that reads it ends the text within one token.
public struct AsyncTokenStream: AsyncSequence, Sendable {
    public typealias Element = GenerationEvent
    private let request: GenerationRequest
    private let model: LanguageModel
    private let tokenizer: Tokenizer
    private let workers: WorkerPool

    /// - Throws: `InputError` for a request that the model can't carry out; see ``GenerationRequest/check(_:)``.
    public init(
        _ request: GenerationRequest, model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool
    ) throws {
        try request.check(model)
        self.request = request
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(Worker(request, model: model, tokenizer: tokenizer, workers: workers))
    }

    /// One pass over the stream: the text is written as it is asked for, and cancelled with the task.
    public struct Iterator: AsyncIteratorProtocol {
        private let worker: Worker

        fileprivate init(_ worker: Worker) { self.worker = worker }

        public mutating func next() async throws -> GenerationEvent? {
            let worker = worker
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    worker.queue.async { continuation.resume(with: Result { try worker.next() }) }
                }
            } onCancel: {
                worker.cancel()
            }
        }
    }

    /// The stream and the queue that it lives on.
    fileprivate final class Worker: @unchecked Sendable {
        // Unchecked: `stream` is used on `queue` alone, `cancelled` under its lock.
        let queue = DispatchQueue(label: "headsteer.generation")
        private let make: () throws -> TokenStream
        private var stream: TokenStream?
        private let lock = NSLock()
        private var cancelled = false

        init(_ request: GenerationRequest, model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool) {
            make = { try TokenStream(request, model: model, tokenizer: tokenizer, workers: workers) }
        }

        func cancel() { lock.withLock { cancelled = true } }

        private var isCancelled: Bool { lock.withLock { cancelled } }

        func next() throws -> GenerationEvent? {
            let stream = try self.stream ?? make()
            if self.stream == nil {
                stream.isCancelled = { [weak self] in self?.isCancelled ?? true }
                self.stream = stream
            }
            return stream.next()
        }
    }
}
