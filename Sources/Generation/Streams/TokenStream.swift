import Foundation
import TensorCore
import Tokenization
import Transformer

/// One piece of a text's generation.
public enum GenerationEvent: Sendable, Equatable {
    /// A token, and the text that it completes: never half a UTF-8 sequence, so sometimes empty.
    case token(id: Int, text: String)
    /// The end, with any text that was still held back, and the reason.
    case finished(text: String, reason: StopReason)
}

/// One text, generated as it is read: a plain `Sequence` whose iterator does the work.
///
/// ```swift
/// for event in try TokenStream(request, model: model, tokenizer: tokenizer, workers: workers) {
///     if case .token(_, let text) = event { print(text, terminator: "") }
/// }
/// ```
///
/// Cancelling the task that reads the stream ends the text within one token.
public final class TokenStream: Sequence, IteratorProtocol {
    private let generator: BatchGenerator
    private var decoder: StreamingDecoder?
    private let endTokens: Set<Int>
    private var isFinished = false

    /// - Parameter tokenizer: nil for a model without a tokenizer; the text of its events is then empty.
    /// - Throws: `InputError` for a request that the model can't carry out; see ``GenerationRequest/check(_:)``.
    public init(
        _ request: GenerationRequest, model: LanguageModel, tokenizer: Tokenizer?, workers: WorkerPool
    ) throws {
        generator = try BatchGenerator([request], model: model, workers: workers)
        decoder = tokenizer.map { StreamingDecoder($0, continuing: true) }
        endTokens = request.endTokens
    }

    /// The tokens generated so far.
    public var ids: [Int] { generator.progress[0].ids }

    /// Called before each layer; if it returns true, the text ends as cancelled.
    public var isCancelled: () -> Bool {
        get { generator.isCancelled }
        set { generator.isCancelled = newValue }
    }

    /// The edits under which the next token is generated.
    public var edits: [Edit] { generator.requests[0].edits }

    /// Changes the edits from the next token on: another strength, another plan, or none.
    ///
    /// - Throws: `InputError` of the kind `.usage` for edits that don't fit the model; nothing is changed in that case.
    public func setEdits(_ edits: [Edit]) throws { try generator.setEdits(edits, of: 0) }

    public func next() -> GenerationEvent? {
        guard !isFinished else { return nil }
        if generator.progress[0].stopReason == nil, !generator.advance().isEmpty, let id = ids.last {
            return .token(id: id, text: endTokens.contains(id) ? "" : text(of: id))
        }
        isFinished = true
        return .finished(text: decoder?.finish() ?? "", reason: generator.progress[0].stopReason ?? .cancelled)
    }

    /// The text that a token completes; empty for a token that the tokenizer lacks (in a padded vocabulary).
    private func text(of id: Int) -> String { (try? decoder?.text(for: id)) ?? "" }
}
