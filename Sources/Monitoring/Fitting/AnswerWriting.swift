import Generation
import TensorCore
import Transformer

/// Lets a model answer prompts, many together: texts to fit a monitor on that are what it will watch.
public struct AnswerWriting {
    /// The model that answers.
    public let model: LanguageModel
    private let workers: WorkerPool
    /// The most tokens of an answer.
    public let maxTokens: Int
    /// Tokens after which an answer ends.
    public let endTokens: Set<Int>
    /// How tokens are chosen; each answer has random numbers of its own.
    public let sampling: Sampling
    /// What is edited while it answers; by default nothing, as a monitor is fitted on clean texts.
    public var edits: [Edit] = []
    /// Asked before each layer: if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }
    /// How many texts are written together.
    static let together = 16

    /// A way to let the model answer; greedy unless said otherwise.
    public init(
        _ model: LanguageModel, workers: WorkerPool, maxTokens: Int, endTokens: Set<Int>,
        sampling: Sampling = .greedy
    ) {
        self.model = model
        self.workers = workers
        self.maxTokens = maxTokens
        self.endTokens = endTokens
        self.sampling = sampling
    }

    /// The texts with the model's answers after them; an end token is left out. Each draws from random numbers of its own,
    /// so that an answer doesn't depend on what else is written.
    ///
    /// - Parameter onProgress: called with the number of texts done.
    /// - Throws: `InputError` if a prompt is longer than the context; `CancellationError`.
    public func answers(
        to texts: [WatchedText], onProgress: (_ done: Int) throws -> Void = { _ in }
    ) throws -> [WatchedText] {
        var answers = texts
        for start in stride(from: 0, to: texts.count, by: Self.together) {
            let batch = start..<min(start + Self.together, texts.count)
            let generator = try BatchGenerator(
                batch.map { index in
                    GenerationRequest(
                        prompt: texts[index].tokens, edits: edits, sampling: sampling, maxTokens: maxTokens,
                        endTokens: endTokens, stream: UInt64(index))
                }, model: model, workers: workers)
            generator.isCancelled = isCancelled
            for (index, progress) in zip(batch, generator.finish()) {
                if progress.stopReason == .cancelled { throw CancellationError() }
                let ids = progress.stopReason == .endToken ? progress.ids.dropLast() : progress.ids[...]
                answers[index].tokens = texts[index].tokens + ids
                answers[index].promptCount = texts[index].tokens.count
            }
            try onProgress(batch.upperBound)
        }
        return answers
    }
}
