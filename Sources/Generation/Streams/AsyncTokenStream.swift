import TensorCore
import Tokenization
import Transformer

/// One text, generated while it is read: an `AsyncSequence` whose end says why it ended. Streams of one
/// ``GenerationService`` share their passes through the model.
///
/// ```swift
/// for await event in try service.stream(request) {
///     if case .token(_, let text) = event { print(text, terminator: "") }
/// }
/// ```
///
/// Tokens are computed away from the threads that Swift's tasks share. Cancelling the task that reads it, ``cancel()`` and
/// letting go of the stream end the text within one token. A stream is read once, by one task at a time.
public final class AsyncTokenStream: AsyncSequence, Sendable {
    public typealias Element = GenerationEvent
    public typealias Failure = Never
    private let text: ServedText
    private let scheduler: GenerationScheduler

    init(_ text: ServedText, scheduler: GenerationScheduler) {
        self.text = text
        self.scheduler = scheduler
    }

    /// A text that shares its passes with no other one, and is generated no further than it is read.
    ///
    /// - Throws: `InputError` for a request that the model can't carry out (see ``GenerationRequest/check(_:)``), and for a text
    ///   that could take more memory than there is.
    public convenience init(
        _ request: GenerationRequest, model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool
    ) throws {
        let service = GenerationService(model, tokenizer: tokenizer, workers: workers)
        try self.init(service.add(request, readAhead: 0), scheduler: service.scheduler)
    }

    deinit { cancel() }

    /// Changes the edits from the next token on whose computation hasn't begun. What the model remembers of the text so far stays
    /// as it was computed.
    ///
    /// - Returns: the index of the first token that is generated under them: the next one where all that was generated has been
    ///   read and nothing is read ahead.
    /// - Throws: `InputError` of the kind `.usage` for edits that the model has no place for; nothing is changed then.
    @discardableResult
    public func setEdits(_ edits: [Edit]) throws -> Int {
        try scheduler.model.check(edits: edits)
        return text.setEdits(edits)
    }

    /// Ends the text as cancelled. What was generated and not read is dropped.
    public func cancel() {
        text.cancel()
        scheduler.wake()
    }

    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    /// What reads the stream.
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
