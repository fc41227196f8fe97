extension Tokenizer {
    /// The ids of a prompt and of a text that goes on from it, as the model would see the two together.
    ///
    /// Both are tokenized as one text, so that a completion's first word gets the id it has after a prompt. Where a token
    /// spans the border between them, the prompt's ids win and the completion is tokenized by itself. Special tokens are
    /// parsed; the beginning-of-sequence token comes first where the model asks for it.
    ///
    /// - Throws: `InputError` where the texts are too long.
    public func encode(prompt: String, completion: String) throws -> (prompt: [Int], completion: [Int]) {
        let first = try encode(prompt, specialTokens: .parsed, addBeginning: addsBeginning)
        let both = try encode(prompt + completion, specialTokens: .parsed, addBeginning: addsBeginning)
        if both.starts(with: first) { return (first, Array(both.dropFirst(first.count))) }
        return (first, try encode(completion, specialTokens: .parsed))
    }
}
