import TensorCore
import Tokenization
import Transformer

/// A model and what goes with it, opened once and shared: nothing in it changes.
public struct OpenedModel: Sendable {
    public let model: LanguageModel
    public let tokenizer: Tokenizer
    public let workers: WorkerPool

    public init(_ model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool = WorkerPool()) {
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
    }
}
