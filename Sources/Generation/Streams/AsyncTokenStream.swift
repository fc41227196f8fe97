import TensorCore
import Tokenization
import Transformer

/// One text, generated while it is read: an `AsyncSequence` whose last event says why the text ended.
///
/// Streams of one ``GenerationService`` share their passes through the model.
///
/// ```swift
/// for await event in try service.stream(request) {
///     if case .token(_, let text) = event { print(text, terminator: "") }
/// }
/// ```
///
/// Tokens are computed away from the threads that Swift's tasks share. The text ends within one token if the reading
/// task is cancelled, ``cancel()`` is called, or the stream is released. A stream can be read once, by one task at a
/// time.
public final class AsyncTokenStream: AsyncSequence, Sendable {
    public typealias Element = GenerationEvent
    public typealias Failure = Never
    private let text: ServedText
    private let scheduler: GenerationScheduler

    init(_ text: ServedText, scheduler: GenerationScheduler) {
        self.text = text
        self.scheduler = scheduler
    }

    /// Begins a text that shares its passes with no other text, and is generated only as far as it is read.
    ///
    /// - Throws: `InputError` for a request that the model can't carry out (see ``GenerationRequest/check(_:)``), and
    ///   for a text that could take more memory than there is.
    public convenience init(
        _ request: GenerationRequest, model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool
    ) throws {
        let service = GenerationService(model, tokenizer: tokenizer, workers: workers)
        try self.init(service.add(request, readAhead: 0), scheduler: service.scheduler)
    }

    deinit { cancel() }

    /// Changes the edits, starting with the next token whose computation hasn't begun.
    ///
    /// The keys and values of the text so far stay as they were computed.
    ///
    /// - Returns: the index of the first token that is generated under these edits. It is the next token if everything
    ///   generated has been read and nothing is read ahead.
    /// - Throws: `InputError` of the kind `.usage` for edits that don't fit the model; nothing is changed in that case.
    @discardableResult
    public func setEdits(_ edits: [Edit]) throws -> Int {
        try scheduler.model.check(edits: edits)
        return text.setEdits(edits)
    }

    /// Ends the text as cancelled, and drops what was generated but not read.
    public func cancel() {
        text.cancel()
        scheduler.wake()
    }

    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    /// Reads the stream.
    public struct Iterator: AsyncIteratorProtocol {
        let stream: AsyncTokenStream

        public mutating func next() async -> GenerationEvent? {
            await withTaskCancellationHandler {
                await stream.text.next { stream.scheduler.wake() }
            } onCancel: { [stream] in
                stream.cancel()
            }
        }
    }
}
