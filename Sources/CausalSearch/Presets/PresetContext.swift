import DataFiles
import Foundation
import Intervention
import Tasks
import TensorCore
import Tokenization
import Transformer

/// What presets work with.
public struct PresetContext {
    /// The model that is searched.
    public let model: LanguageModel
    /// Its tokenizer.
    public let tokenizer: Tokenizer
    /// The threads that the work is done on.
    public let workers: WorkerPool
    /// Asked now and then: if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }
    /// Called with the stage, and how much of it is done.
    public var onProgress: (_ stage: String, _ done: Int, _ of: Int) -> Void = { _, _, _ in }

    /// What is done already, of one preset, its data and its options: a preset that was stopped goes on with it; nil keeps nothing.
    public var parts: PartJournal?

    /// A context that reports to nobody and stops when its task is cancelled.
    public init(_ model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool) {
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
    }

    /// A part's result: the one that is kept, or else what `body` gives.
    ///
    /// - Parameter fits: whether what is kept can be a result.
    func result<Result: Codable>(
        of part: String, where fits: (Result) -> Bool = { _ in true }, _ body: () throws -> Result
    ) throws -> Result {
        try parts?.result(of: part, where: fits, body) ?? body()
    }

    func checkCancellation() throws { if isCancelled() { throw CancellationError() } }

    /// A generated text; ids of a padded vocabulary have none.
    func text(_ ids: [Int]) throws -> String {
        try tokenizer.decode(ids.filter { $0 < tokenizer.vocabularyCount }, continuing: true)
    }

    /// The layer, made sure to be one of the model's.
    func checked(layer: Int) throws -> Int {
        guard (0..<model.configuration.layers).contains(layer) else {
            throw InputError.usage(
                "the layer \(layer)", remedy: "the model's layers are 0 to \(model.configuration.layers - 1)")
        }
        return layer
    }

    /// What a plan's edits cost on neutral texts: KL(unedited ‖ edited) in nats, and the largest number where the edits
    /// leave no finite logits.
    func neutralKL(_ edits: [Edit], texts: [String]) throws -> Double {
        let neutral = try NeutralText(
            model, texts: texts, tokenizer: tokenizer, workers: workers, isCancelled: isCancelled)
        neutral.isCancelled = isCancelled
        do {
            return try neutral.cost(edits: edits).mean
        } catch is InputError {
            return .greatestFiniteMagnitude
        }
    }

    /// What a plan's edits do to the next token after the beginnings of the first few neutral texts.
    func effects(of edits: [Edit], after neutral: [String]) throws -> [RecordedEffect] {
        let meter = EffectMeter(model, workers: workers, isCancelled: isCancelled)
        return try neutral.prefix(4).compactMap { text in
            let ids = try tokenizer.encode(text, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
            return ids.isEmpty ? nil : try meter.effect(of: edits, prompt: Array(ids.prefix(12)))
        }
    }
}
