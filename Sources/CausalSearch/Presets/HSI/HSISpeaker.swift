import DataFiles
import Generation
import Tasks
import Transformer

/// Sampled answers to some questions, under one set of edits after another.
struct HSISpeaker {
    private let context: PresetContext
    private let questions: [HSIQuestion]
    private let texts: PromptTexts
    private let options: HSIOptions
    /// The number of variants whose outcomes are saved together.
    private static let variantsOfPart = 64

    init(
        _ context: PresetContext, _ texts: HSITexts, _ questions: [HSIQuestion], options: HSIOptions, file: String
    ) throws {
        self.context = context
        self.questions = questions
        self.options = options
        self.texts = try PromptTexts(
            context.model, prompts: questions.map { try texts.promptTokens($0, file: file) },
            maxTokens: options.maxTokens, endTokens: context.tokenizer.endOfGenerationTokens, workers: context.workers,
            isCancelled: context.isCancelled)
    }

    /// The outcomes of `samples` texts for each variant, dealt to the questions in turn.
    ///
    /// - Parameter draw: the number of the draw; each draw has its own random numbers.
    func outcomes(_ variants: [[Edit]], samples: Int, draw: UInt64, stage: String) throws -> [OutcomeCounts] {
        texts.sampling = Sampling(
            temperature: options.temperature, topP: options.topP, seed: options.seed &* 16 &+ draw)
        let counts = questions.indices.map { samples / questions.count + ($0 < samples % questions.count ? 1 : 0) }
        let total = variants.count * samples
        return try stride(from: 0, to: variants.count, by: Self.variantsOfPart).flatMap { start in
            let part = Array(variants[start..<min(start + Self.variantsOfPart, variants.count)])
            return try context.result(
                of: "\(stage) \(start)",
                where: { $0.count == part.count && $0.allSatisfy { $0.total == samples } }
            ) {
                let written = try texts.samples(part, counts: counts) { done, _ in
                    context.onProgress(stage, start * samples + done, total)
                }
                return try written.map { variant in
                    OutcomeCounts(
                        try zip(questions, variant).flatMap { question, samples in
                            try samples.map { question.parser.outcome(try context.text($0)) }
                        })
                }
            }
        }
    }
}
