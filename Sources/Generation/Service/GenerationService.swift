import DataFiles
import TensorCore
import Tokenization
import Transformer

/// Generates any number of texts of one model at once: texts join and leave at token boundaries, and share every pass
/// in between (continuous batching; Yu et al. 2022, Orca, OSDI).
///
/// ```swift
/// let service = GenerationService(model, tokenizer: tokenizer, workers: workers)
/// for await event in try service.stream(request) {
///     if case .token(_, let text) = event { … }
/// }
/// ```
///
/// Each text has its own edits, sampling and end, and gets the same tokens as if it were generated alone. One pass runs
/// at a time, on a thread of its own and on the workers. So the texts take no more threads than `workers` has, however
/// many texts there are. Long prompts go through in pieces between the tokens of other texts.
///
/// Memory: ``LanguageModel/cacheBytes(positions:)`` for each text, set aside before the text begins and given back when
/// it ends, and the scratch memory of one pass, which is kept. A text that nobody reads stops and keeps its memory, but
/// doesn't hold up other texts; a time limit ends it.
public final class GenerationService: Sendable {
    /// The model that all texts share.
    public let model: LanguageModel
    /// How much the texts may take.
    public let limits: GenerationLimits
    let scheduler: GenerationScheduler

    /// - Parameter tokenizer: nil for a model without a tokenizer; the text of its events is then empty.
    public init(
        _ model: LanguageModel, tokenizer: Tokenizer?, workers: WorkerPool,
        limits: GenerationLimits = GenerationLimits()
    ) {
        self.model = model
        self.limits = limits
        scheduler = GenerationScheduler(model, tokenizer: tokenizer, workers: workers, limits: limits)
    }

    /// Begins a text.
    ///
    /// - Parameters:
    ///   - request: its reads are ignored. If it names no stream of random numbers, it draws from the first one.
    ///   - readAhead: how many tokens are generated before they are asked for. The default, 1, lets a reader work while
    ///     the next token is computed. Use 0 for a reader that changes the edits depending on what it has read.
    /// - Throws: `InputError` for a request that the model can't carry out (see ``GenerationRequest/check(_:)``), and
    ///   for a text that could become longer, or take more memory, than the limits allow; ``ServiceBusyError`` if too
    ///   many texts wait.
    public func stream(_ request: GenerationRequest, readAhead: Int = 1) throws -> AsyncTokenStream {
        AsyncTokenStream(try add(request, readAhead: readAhead), scheduler: scheduler)
    }

    func add(_ request: GenerationRequest, readAhead: Int) throws -> ServedText {
        try request.check(model)
        guard readAhead >= 0 else {
            throw InputError.usage("\(readAhead) tokens to read ahead", remedy: "give 0 or more")
        }
        let positions = request.mostPositions(in: model)
        if let most = limits.tokens, request.maxTokens > most - request.prompt.count {
            throw InputError(
                .tooLong, "a prompt of \(request.prompt.count) tokens and a text of \(request.maxTokens)",
                in: model.checkpoint.path, remedy: "the service's limit is \(most) tokens for both")
        }
        try model.checkMemory(positions: [positions], available: limits.cacheBytes)
        let text = ServedText(
            request, bytes: model.cacheBytes(positions: positions), readAhead: readAhead,
            deadline: limits.time.map { .now + $0 })
        if request.maxTokens == 0 {
            text.finish(text: "", reason: .tokenLimit)
        } else {
            try scheduler.submit(text)
        }
        return text
    }

    /// The service's current load.
    public var load: GenerationLoad { scheduler.load }
}
