import DataFiles
import Foundation
import Intervention
import Tasks
import TensorCore
import Tokenization
import Transformer

/// The model, the tokenizer and the threads that a preset works with.
public struct PresetContext {
    /// The model that is searched.
    public let model: LanguageModel
    /// Its tokenizer.
    public let tokenizer: Tokenizer
    /// The threads that the work is done on.
    public let workers: WorkerPool
    /// Called now and then; if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }
    /// Called with the stage, the number of its parts that are done, and the number of all its parts.
    public var onProgress: (_ stage: String, _ done: Int, _ of: Int) -> Void = { _, _, _ in }

    /// The saved results of one preset with its data and its options, from which a stopped preset continues; nil saves
    /// nothing.
    public var parts: PartJournal?

    /// Makes a context that doesn't report progress and stops when its task is cancelled.
    public init(_ model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool) {
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
    }

    /// A part's result: the saved one, or else the result of `body`.
    ///
    /// - Parameter fits: whether the saved value can be the result.
    func result<Result: Codable>(
        of part: String, where fits: (Result) -> Bool = { _ in true }, _ body: () throws -> Result
    ) throws -> Result {
        try parts?.result(of: part, where: fits, body) ?? body()
    }

    func checkCancellation() throws { if isCancelled() { throw CancellationError() } }

    /// A generated text; ids of a padded vocabulary have no text and are left out.
    func text(_ ids: [Int]) throws -> String {
        try tokenizer.decode(ids.filter { $0 < tokenizer.vocabularyCount }, continuing: true)
    }

    /// The layer, if the model has it.
    func checked(layer: Int) throws -> Int {
        guard (0..<model.configuration.layers).contains(layer) else {
            throw InputError.usage(
                "there is no layer \(layer)", remedy: "the model's layers are 0 to \(model.configuration.layers - 1)")
        }
        return layer
    }

    /// The cost of a plan's edits on neutral texts, KL(unedited ‖ edited) in nats; the largest finite number if the
    /// edits leave no finite logits.
    func neutralKL(_ edits: [Edit], texts: [String]) throws -> Double {
        let neutral = try NeutralText(
            model, texts: texts, tokenizer: tokenizer, workers: workers, isCancelled: isCancelled)
        neutral.isCancelled = isCancelled
        return try neutral.cost(edits: edits).mean
    }

    /// The effects of a plan's edits on the next token after the beginnings of the first few neutral texts.
    func effects(of edits: [Edit], after neutral: [String]) throws -> [RecordedEffect] {
        let meter = EffectMeter(model, workers: workers, isCancelled: isCancelled)
        return try neutral.prefix(4).compactMap { text in
            let ids = try tokenizer.encode(text, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
            return ids.isEmpty ? nil : try meter.effect(of: edits, prompt: Array(ids.prefix(12)))
        }
    }
}
