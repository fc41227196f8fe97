import Opening
import Transformer

extension TextModel {
    /// A request to continue a prompt until the model ends its turn.
    ///
    /// - Parameters:
    ///   - edits: changes of sites in every pass, at the positions given by each edit's rule.
    ///   - sampling: by default the most probable token each time, because that makes texts comparable.
    ///   - maxTokens: the most tokens to generate; 128 is about a paragraph.
    /// - Throws: `InputError` for a prompt that the tokenizer can't encode.
    public func request(
        after prompt: String, edits: [Edit] = [], sampling: Sampling = .greedy, maxTokens: Int = 128
    ) throws -> GenerationRequest {
        GenerationRequest(
            prompt: try tokens(of: prompt), edits: edits, sampling: sampling, maxTokens: maxTokens,
            endTokens: tokenizer.endOfGenerationTokens)
    }

    /// The model's continuation of a prompt.
    ///
    /// If the text was cancelled, or some logits weren't finite, it is returned as far as it was generated;
    /// ``BatchGenerator`` says why each text ended.
    ///
    /// - Throws: `InputError` for a request that the model can't carry out; see ``GenerationRequest/check(_:)``.
    public func text(
        after prompt: String, edits: [Edit] = [], sampling: Sampling = .greedy, maxTokens: Int = 128
    ) throws -> String {
        try texts(after: prompt, edits: [edits], sampling: sampling, maxTokens: maxTokens)[0]
    }

    /// Continuations of one prompt under several sets of edits, generated together to show side by side what the edits
    /// do.
    ///
    /// Each text draws the same random numbers, so without edits all texts are the same.
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

    /// A prompt's continuation, generated token by token as it is read.
    ///
    /// - Throws: `InputError` for a request that the model can't carry out.
    public func stream(_ request: GenerationRequest) throws -> AsyncTokenStream {
        try AsyncTokenStream(request, model: model, tokenizer: tokenizer, workers: workers)
    }
}
