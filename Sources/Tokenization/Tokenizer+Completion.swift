extension Tokenizer {
    /// The ids of a prompt and of a text that continues it, as the model would see the two together.
    ///
    /// Both are tokenized as one text, so that a completion's first word gets the id that it has after a prompt. If a
    /// token spans the border between them, the prompt keeps its own ids and the completion is tokenized by itself.
    /// Special tokens are parsed; the beginning-of-sequence token comes first if the model asks for it.
    ///
    /// - Throws: `InputError` if the texts are too long.
    public func encode(prompt: String, completion: String) throws -> (prompt: [Int], completion: [Int]) {
        let first = try encode(prompt, specialTokens: .parsed, addBeginning: addsBeginning)
        let both = try encode(prompt + completion, specialTokens: .parsed, addBeginning: addsBeginning)
        if both.starts(with: first) { return (first, Array(both.dropFirst(first.count))) }
        return (first, try encode(completion, specialTokens: .parsed))
    }
}
