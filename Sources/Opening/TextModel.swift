import Checkpoints
import DataFiles
import Foundation
import Sealing
import TensorCore
import Tokenization
import Transformer

/// A language model with its tokenizer and the threads that it computes on: text in, numbers and text out.
///
/// This is the short way for most work. Everything below stays within reach: ``model`` for passes of your own
/// (``Run``), and ``tokenizer`` for tokens. A text model is a value whose parts never change while it is used, so any
/// number of tasks can share it.
///
/// ```swift
/// let model = try TextModel(contentsOf: URL(filePath: "model.gguf"))
/// let logits = try model.logits(after: "The capital of France is")
/// ```
public struct TextModel: Sendable {
    /// The language model itself.
    public var model: LanguageModel
    /// The tokenizer, which turns text into the model's tokens and back.
    public var tokenizer: Tokenizer
    /// The threads of every pass; results don't depend on their number.
    public let workers: WorkerPool

    /// Combines a model that was opened part by part; the tokenizer must be the model's own.
    public init(model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool) {
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
    }

    /// Opens a `.gguf` file, a Hugging Face folder or a sealed model; the checkpoint is read once for both weights and
    /// tokenizer.
    ///
    /// - Parameters:
    ///   - key: the key of a sealed model; other models don't need it.
    ///   - precision: `exact` by default, with float32's accuracy; `fast` rounds activations to 8 bits.
    ///   - placement: where the weights are kept; results don't depend on it.
    ///   - workers: by default one thread per core.
    /// - Throws: `InputError` if there is no model, it is broken, something in it is not understood, or it has no
    ///   tokenizer.
    public init(
        contentsOf url: URL, key: SealingKey? = nil, precision: Precision = .exact,
        placement: WeightPlacement = .automatic, workers: WorkerPool = WorkerPool()
    ) throws {
        let opened = try WeightsAndTokenizer(
            Checkpoint(contentsOf: url, key: key), placement: placement, threads: workers.count)
        var model = opened.model
        model.precision = precision
        try self.init(model: model, tokenizer: opened.tokenizer.get(), workers: workers)
    }

    /// The model's sizes and the structure of its blocks.
    public var configuration: ModelConfiguration { model.configuration }

    /// The tokens of a text as a prompt: special tokens written in it are parsed, and the beginning-of-sequence token
    /// comes first if the model asks for one.
    ///
    /// - Throws: `InputError` for a text that the tokenizer can't encode.
    public func tokens(of text: String) throws -> [Int] {
        try tokenizer.encode(text, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
    }

    /// The logits of the token that follows a prompt, [vocabulary].
    ///
    /// - Parameter edits: changes of sites during the pass; none by default.
    /// - Throws: `InputError` for an empty prompt, a prompt longer than the model's context, or an edit that doesn't
    ///   fit the model; `CancellationError`.
    /// - Complexity: one pass over the prompt.
    public func logits(after prompt: String, edits: [Edit] = []) throws -> [Float] {
        try logits(after: tokens(of: prompt), edits: edits)
    }

    /// The logit of one continuation minus that of another, at the first token in which they differ: how much the model
    /// prefers the first.
    ///
    /// Logits are natural logarithms of probabilities up to a constant: 1 more makes the first continuation e times as
    /// probable, relative to the second.
    ///
    /// - Parameters:
    ///   - first: a continuation, including the space that begins it: `" wonderful"`.
    ///   - edits: changes of sites during the pass; none by default. Tokens that both continuations begin with count as
    ///     part of the prompt.
    /// - Throws: `InputError` as for ``logits(after:edits:)``, and if one continuation begins with the other.
    /// - Complexity: one pass over the prompt.
    public func logitDifference(
        _ first: String, _ second: String, after prompt: String, edits: [Edit] = []
    ) throws -> Float {
        let texts = try [first, second].map { try tokenizer.encode(prompt: prompt, completion: $0) }
        let common = zip(texts[0].completion, texts[1].completion).prefix { $0 == $1 }.map(\.0)
        let tokens = texts.map { $0.completion.dropFirst(common.count).first }
        guard let ofFirst = tokens[0], let ofSecond = tokens[1] else {
            throw InputError.usage(
                "“\(first)” and “\(second)”, of which one begins with the other",
                remedy: "give continuations that differ in a token")
        }
        let logits = try logits(after: texts[0].prompt + common, edits: edits)
        return logits[ofFirst] - logits[ofSecond]
    }

    /// The logits of the token that follows some tokens, [vocabulary].
    private func logits(after tokens: [Int], edits: [Edit]) throws -> [Float] {
        try model.check(prompt: tokens)
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: tokens.count)]
        return try run.advance([Step(tokens: tokens, edits: edits)])[0].logits.elements
    }
}
