import DataFiles
import Generation
import TensorCore
import Transformer

/// Texts that continue some prompts, under one set of edits after another.
///
/// The prompts without their last tokens go through the model once, unedited, as far as their keys and values fit into
/// 1 GiB. Texts whose edits leave those positions alone
/// (``TeacherForcedScorer/touchesOnlyLastAndLater(_:prompt:)``) continue from there; other texts start at the
/// beginning. Texts are greedy unless `sampling` says otherwise.
public final class PromptTexts {
    /// The maximum number of bytes of keys and values for the texts that are generated together, of which there are at
    /// most 64.
    private static let batchBytes = 1 << 30
    private static let mostTogether = 64

    /// The model that writes.
    public let model: LanguageModel
    /// The prompts as tokens.
    public let prompts: [[Int]]
    /// The maximum number of tokens in each text.
    public let maxTokens: Int
    /// Tokens after which a text ends.
    public let endTokens: Set<Int>
    /// How tokens are chosen; greedy by default, so that differences come from the edits.
    public var sampling = Sampling.greedy
    /// Called before each layer; if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }

    private let workers: WorkerPool
    private var prefixes: [SequenceState?]

    /// Runs the model over the prompts, except their last tokens.
    ///
    /// - Throws: `InputError` if a prompt has a token that the model doesn't have, or is too long; `CancellationError`.
    /// - Precondition: each prompt has at least one token.
    public init(
        _ model: LanguageModel, prompts: [[Int]], maxTokens: Int, endTokens: Set<Int>, workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        precondition(prompts.allSatisfy { !$0.isEmpty }, "A prompt needs at least one token.")
        for prompt in prompts { try model.check(prompt: prompt) }
        self.model = model
        self.prompts = prompts
        self.maxTokens = maxTokens
        self.endTokens = endTokens
        self.workers = workers
        self.isCancelled = isCancelled
        prefixes = prompts.map { _ in nil }
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        var room = Self.batchBytes
        for (index, prompt) in prompts.enumerated() where prompt.count > 1 {
            room -= model.cacheBytes(positions: prompt.count)
            if room < 0 { break }
            run.sequences = [model.makeSequence(promptCount: prompt.count)]
            try run.advance([Step(tokens: Array(prompt.dropLast()), logits: nil)])
            prefixes[index] = run.sequences[0]
        }
    }

    /// The tokens of one text for each prompt, [variant][prompt][token], without an end token.
    ///
    /// - Parameters:
    ///   - variants: the edits of each variant; none for the unedited model.
    ///   - onProgress: called after each batch with the number of texts done and the number of all texts.
    /// - Throws: `InputError` if an edit doesn't fit the model; `CancellationError`.
    public func texts(
        _ variants: [[Edit]], onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [[[Int]]] {
        try samples(variants, counts: prompts.map { _ in 1 }, onProgress: onProgress).map { $0.map { $0[0] } }
    }

    /// The tokens of several texts for each prompt, [variant][prompt][sample][token], without end tokens.
    ///
    /// A text draws from the random numbers of its prompt and sample (``GenerationRequest/stream``), whatever else is
    /// generated at the same time. All variants draw from the same random numbers. Two variants with the same logits
    /// therefore write the same texts, and differences between variants are not due to chance alone.
    ///
    /// - Parameters:
    ///   - variants: the edits of each variant; none for the unedited model.
    ///   - counts: the number of texts for each prompt, [prompts].
    ///   - onProgress: called after each batch with the number of texts done and the number of all texts.
    /// - Throws: `InputError` if an edit doesn't fit the model; `CancellationError`.
    /// - Precondition: there is a number of texts for each prompt.
    public func samples(
        _ variants: [[Edit]], counts: [Int], onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [[[[Int]]]] {
        precondition(counts.count == prompts.count, "Each prompt needs its number of texts.")
        var texts = variants.map { _ in counts.map { [[Int]](repeating: [], count: $0) } }
        let work = variants.indices.flatMap { variant in
            prompts.indices.flatMap { prompt in
                (0..<counts[prompt]).map { Text(variant: variant, prompt: prompt, sample: $0) }
            }
        }
        var start = 0
        while start < work.count {
            var room = Self.batchBytes
            var batch: [Text] = []
            for item in work[start...].prefix(Self.mostTogether) {
                room -= model.cacheBytes(positions: prompts[item.prompt].count + maxTokens)
                if room < 0 && !batch.isEmpty { break }
                batch.append(item)
            }
            let generator = try BatchGenerator(
                batch.map { request($0, edits: variants[$0.variant]) }, model: model, workers: workers)
            generator.isCancelled = isCancelled
            for (item, text) in zip(batch, generator.finish()) {
                if text.stopReason == .cancelled { throw CancellationError() }
                let ended = text.stopReason == .endToken
                texts[item.variant][item.prompt][item.sample] = ended ? text.ids.dropLast() : text.ids
            }
            start += batch.count
            onProgress(start, work.count)
        }
        return texts
    }

    /// One text to generate.
    private struct Text {
        var variant: Int
        var prompt: Int
        var sample: Int
    }

    private func request(_ text: Text, edits: [Edit]) -> GenerationRequest {
        let prompt = prompts[text.prompt]
        let reuses = TeacherForcedScorer.touchesOnlyLastAndLater(edits, prompt: prompt)
        return GenerationRequest(
            prompt: prompt, edits: edits, sampling: sampling, maxTokens: maxTokens, endTokens: endTokens,
            prefix: reuses ? prefixes[text.prompt] : nil,
            stream: UInt64(text.sample) << 32 | UInt64(text.prompt))
    }
}
