import CausalSearch
import Checkpoints
import DataFiles
import Directions
import Foundation
import Opening
import TensorCore
import Transformer

/// Our side of the comparison: the library as a program uses it, with each piece of work timed.
struct OwnModel {
    let path: String
    let model: LanguageModel
    let workers: WorkerPool
    var configuration: ModelConfiguration { model.configuration }

    /// Opens the model with its tokenizer, as programs and the peers do.
    ///
    /// - Throws: `InputError` if the model can't be opened.
    init(path: String, precision: Precision, threads: Int) throws {
        self.path = path
        var model = try WeightsAndTokenizer(
            Checkpoint(contentsOf: URL(filePath: path)), placement: .automatic, threads: threads
        ).model
        model.precision = precision
        self.model = model
        workers = WorkerPool(count: threads)
    }

    private init(path: String, model: LanguageModel, workers: WorkerPool) {
        self.path = path
        self.model = model
        self.workers = workers
    }

    /// The same model with a different number of threads.
    func with(threads: Int) -> OwnModel { OwnModel(path: path, model: model, workers: WorkerPool(count: threads)) }

    /// The same model in a different precision.
    func with(precision: Precision) -> OwnModel {
        var model = model
        model.precision = precision
        return OwnModel(path: path, model: model, workers: workers)
    }

    // MARK: - Work

    /// The seconds for reading a prompt, up to the logits of its last token.
    func promptSeconds(_ tokens: [Int], edits: [Edit] = []) throws -> Double {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: tokens.count)]
        return try Stopwatch.seconds { try run.advance([Step(tokens: tokens, edits: edits)]) }
    }

    /// The seconds for decoding tokens one at a time after a prompt, for all streams together.
    ///
    /// The prompts are not timed.
    func decodeSeconds(prompt: [Int], tokens: [Int], streams: Int = 1, edits: [Edit] = []) throws -> Double {
        let run = Run(model, workers: workers)
        run.sequences = (0..<streams).map { _ in model.makeSequence(promptCount: prompt.count) }
        let sequences = 0..<streams
        try run.advance(sequences.map { Step(sequence: $0, tokens: prompt, edits: edits) })
        return try Stopwatch.seconds {
            for token in tokens {
                try run.advance(sequences.map { Step(sequence: $0, tokens: [token], edits: edits) })
            }
        }
    }

    /// The seconds for reading z of all heads at each text's last token.
    func collectSeconds(_ texts: [[Int]]) throws -> Double {
        try Stopwatch.seconds { _ = try HeadCollection(texts, model: model, workers: workers) }
    }

    /// The seconds for a causal sweep, including prompts and intervals.
    func sweepSeconds(_ work: SweepWork, onProgress: (Int) -> Void = { _ in }) throws -> Double {
        try Stopwatch.seconds {
            let sweep = try HeadSweep(model, items: work.items, workers: workers)
            _ = try sweep.effects(of: work.edits, onProgress: onProgress)
        }
    }

    // MARK: - Sizes

    /// The size of the weights in the model's file or files, in bytes.
    ///
    /// - Throws: `InputError` if the checkpoint is broken.
    func weightBytes() throws -> Int { try model.checkpoint.tensors().reduce(0) { $0 + $1.range.count } }

    /// The bytes of weights that decoding one token reads: all weights, but the embedding matrix only if it is also the
    /// output matrix.
    ///
    /// - Throws: `InputError` if the checkpoint is broken.
    func bytesReadPerToken() throws -> Int {
        let tensors = try model.checkpoint.tensors()
        return tensors.filter { configuration.tiedEmbeddings || !Self.isEmbedding($0.name) }
            .reduce(0) { $0 + $1.range.count }
    }

    /// - Throws: `InputError` if there are more tokens than the model's context holds.
    func checkContext(_ tokens: Int) throws {
        guard tokens <= configuration.context else {
            throw InputError.usage(
                "\(tokens) tokens, more than the model's context of \(configuration.context)", remedy: "ask for fewer")
        }
    }

    /// The size in bytes of one sequence's key-value cache, with keys and values in float32, or in half
    /// precision if the model's precision is fast.
    func cacheBytes(positions: Int) -> Int {
        (model.precision == .exact ? 8 : 4) * configuration.layers * configuration.kvHeads * configuration.headSize
            * positions
    }

    private static func isEmbedding(_ name: String) -> Bool {
        name == "token_embd.weight" || name == "model.embed_tokens.weight"
    }
}
