import DataFiles
import Generation
import TensorCore
import Transformer

/// Lets a model answer prompts, many together, so that a monitor can be fitted on texts like those it will watch.
public struct AnswerWriting {
    /// The model that answers.
    public let model: LanguageModel
    private let workers: WorkerPool
    /// The most tokens of an answer.
    public let maxTokens: Int
    /// Tokens after which an answer ends.
    public let endTokens: Set<Int>
    /// How tokens are chosen; each answer has its own random numbers.
    public let sampling: Sampling
    /// The edits while the model answers; by default none, as a monitor is fitted on clean texts.
    public var edits: [Edit] = []
    /// Keeps finished answers, and has those that are known already.
    public var parts = PartJournal()
    /// Asked before each layer: if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }
    /// How many texts are written together.
    static let together = 16

    /// A way to let the model answer; greedy by default.
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

    /// The texts with the model's answers after them, without the end token.
    ///
    /// Each answer draws from its own random numbers, so that it doesn't depend on what else is written.
    ///
    /// - Parameter onProgress: called with the number of texts done.
    /// - Throws: `InputError` if a prompt is longer than the context; `CancellationError`.
    public func answers(
        to texts: [WatchedText], onProgress: (_ done: Int) throws -> Void = { _ in }
    ) throws -> [WatchedText] {
        var answers = texts
        for start in stride(from: 0, to: texts.count, by: Self.together) {
            let batch = start..<min(start + Self.together, texts.count)
            let written = try parts.result(of: "answers \(batch)", where: { fit($0, batch) }) {
                try write(batch, of: texts)
            }
            for (index, ids) in zip(batch, written) {
                answers[index].tokens = texts[index].tokens + ids
                answers[index].promptCount = texts[index].tokens.count
            }
            try onProgress(batch.upperBound)
        }
        return answers
    }

    /// The answers to some of the texts, without the end token.
    private func write(_ batch: Range<Int>, of texts: [WatchedText]) throws -> [[Int]] {
        let generator = try BatchGenerator(
            batch.map { index in
                GenerationRequest(
                    prompt: texts[index].tokens, edits: edits, sampling: sampling, maxTokens: maxTokens,
                    endTokens: endTokens, stream: UInt64(index))
            }, model: model, workers: workers)
        generator.isCancelled = isCancelled
        return try generator.finish().map { progress in
            if progress.stopReason == .cancelled { throw CancellationError() }
            return progress.stopReason == .endToken ? progress.ids.dropLast() : progress.ids
        }
    }

    /// Whether answers can be those of a batch; what was read from a file may not be.
    private func fit(_ answers: [[Int]], _ batch: Range<Int>) -> Bool {
        let vocabulary = 0..<model.configuration.vocabulary
        return answers.count == batch.count
            && answers.allSatisfy { $0.count <= maxTokens && $0.allSatisfy(vocabulary.contains) }
    }
}
