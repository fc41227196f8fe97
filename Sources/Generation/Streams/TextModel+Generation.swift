import Opening
import Transformer

extension TextModel {
    /// A request to continue a prompt, which ends where the model ends its turn.
    ///
    /// - Parameters:
    ///   - edits: changes of sites in every pass, at the positions that each one's rule says.
    ///   - sampling: by default the most probable token each time, because that makes texts comparable.
    ///   - maxTokens: the most tokens to generate; 128 is a paragraph.
    /// - Throws: `InputError` for a prompt that the tokenizer can't take.
    public func request(
        after prompt: String, edits: [Edit] = [], sampling: Sampling = .greedy, maxTokens: Int = 128
    ) throws -> GenerationRequest {
        GenerationRequest(
            prompt: try tokens(of: prompt), edits: edits, sampling: sampling, maxTokens: maxTokens,
            endTokens: tokenizer.endOfGenerationTokens)
    }

    /// The model's continuation of a prompt.
    ///
    /// - Throws: `InputError` for a request that the model can't carry out; see ``GenerationRequest/check(_:)``. A text that
    ///   was cancelled or met logits that are no numbers is given as far as it came; ``BatchGenerator`` says why each ended.
    public func text(
        after prompt: String, edits: [Edit] = [], sampling: Sampling = .greedy, maxTokens: Int = 128
    ) throws -> String {
        try texts(after: prompt, edits: [edits], sampling: sampling, maxTokens: maxTokens)[0]
    }

    /// Continuations of a prompt under one set of edits after another, generated together: side by side they show what edits
    /// do.
    ///
    /// Each draws the same random numbers, so that without edits all are the same text.
    public func texts(
        after prompt: String, edits: [[Edit]], sampling: Sampling = .greedy, maxTokens: Int = 128
    ) throws -> [String] {
        let requests = try edits.map { edits in
            var request = try request(after: prompt, edits: edits, sampling: sampling, maxTokens: maxTokens)
            request.stream = 0
            return request
        }
        return try BatchGenerator(requests, model: model, workers: workers).finish().map {
            try tokenizer.decode($0.ids.filter { !tokenizer.endOfGenerationTokens.contains($0) }, continuing: true)
        }
    }

    /// A prompt's continuation, token by token as it is read.
    ///
    /// - Throws: `InputError` for a request that the model can't carry out.
    public func stream(_ request: GenerationRequest) throws -> AsyncTokenStream {
        try AsyncTokenStream(request, model: model, tokenizer: tokenizer, workers: workers)
    }
}
