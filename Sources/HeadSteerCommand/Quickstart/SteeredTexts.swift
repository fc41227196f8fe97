import CausalSearch
import DataFiles
import Foundation
import Generation

/// The same prompts, continued with the heads that were found pushed down, left alone and pushed up.
struct SteeredTexts {
    struct Row: Encodable {
        var prompt: String
        /// At −strength.
        var minus: String
        /// Without an edit.
        var zero: String
        /// At +strength.
        var plus: String
    }

    let rows: [Row]

    /// The maximum number of tokens in each text: a long sentence.
    private static let maximumTokens = 28

    /// Generates all texts together, greedily.
    init(
        _ prompts: [String], _ result: SearchResult, _ opened: OpenedModel, _ environment: CommandEnvironment
    ) throws {
        let tokenizer = try opened.tokenizer
        let edits = [-1.0, 0, 1].map { $0 == 0 ? [] : result.edits(scale: $0) }
        let requests = try prompts.flatMap { prompt in
            let ids = try opened.promptTokens(prompt, specialTokens: .parsed)
            guard !ids.isEmpty else {
                throw InputError.badData("an empty prompt", in: "the prompts' file", remedy: "give each prompt a text")
            }
            return edits.map {
                GenerationRequest(
                    prompt: ids, edits: $0, maxTokens: Self.maximumTokens,
                    endTokens: tokenizer.endOfGenerationTokens)
            }
        }
        let generator = try BatchGenerator(requests, model: opened.model, workers: opened.workers)
        generator.isCancelled = { environment.interruption.isRequested }
        try environment.stage("Writing texts", total: Self.maximumTokens) { progress in
            var done = 0
            while !generator.advance().isEmpty {
                done += 1
                try progress(min(done, Self.maximumTokens))
            }
        }
        try environment.interruption.check()
        let texts = try zip(requests, generator.progress).map { request, progress in
            try tokenizer.decode(progress.ids.filter { !request.endTokens.contains($0) }, continuing: true)
        }
        rows = prompts.enumerated().map { index, prompt in
            Row(prompt: prompt, minus: texts[3 * index], zero: texts[3 * index + 1], plus: texts[3 * index + 2])
        }
    }

    /// Writes the texts as a JSON array.
    func write(to url: URL) throws {
        try AtomicOutput.write(try JSONEncoder.indented.encode(rows), to: url)
    }
}
