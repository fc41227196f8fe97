/// Which tokens end a generation, known by their texts, as llama.cpp knows them: what files say of it is often
/// incomplete (an instruct model's `eos_token_id` may be the base model's).
enum EndOfGeneration {
    /// Ends of a text, a turn or a message.
    static let texts: Set<[UInt8]> = bytes(of: [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>",
        "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
        "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[",
    ])

    /// Tokens of fill-in-the-middle training after which nothing sensible follows: padding, repository, file.
    static let fillInTheMiddleTexts: Set<[UInt8]> = bytes(of: [
        "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>",
        "<REPO>", "<reponame>", "<|file_sep|>",
    ])

    private static func bytes(of texts: [String]) -> Set<[UInt8]> { Set(texts.map { Array($0.utf8) }) }

    /// Finds the tokens that end a generation, and marks those known by their text as control tokens: files forget it.
    ///
    /// - Parameter named: ids that the file itself calls an end (of sequence, turn or message).
    static func mark(in vocabulary: inout Vocabulary, named: [Int?]) -> Set<Int> {
        var ends = Set(named.compactMap { $0 })
        for id in 0..<vocabulary.count {
            let utf8 = vocabulary.texts[id].utf8
            // The longest known text has 27 bytes; the first byte rules out nearly every token.
            guard let first = utf8.first, utf8.count <= 32, first == 0x3C || first == 0x5B || first == 0x5F else {
                continue
            }
            let text = Array(utf8)
            if texts.contains(text) || fillInTheMiddleTexts.contains(text) {
                ends.insert(id)
                vocabulary.setAttribute(.control, of: id)
            }
        }
        return ends
    }
}
