/// Finds the tokens that end a generation by their texts, as llama.cpp does.
///
/// The information in files is often incomplete: an instruct model's `eos_token_id` may be that of the base model.
enum EndOfGeneration {
    /// Ends of a text, a turn or a message.
    static let texts: Set<[UInt8]> = bytes(of: [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>",
        "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
        "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[",
    ])

    /// Tokens of fill-in-the-middle training after which nothing useful follows: padding, repository, file.
    static let fillInTheMiddleTexts: Set<[UInt8]> = bytes(of: [
        "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>",
        "<REPO>", "<reponame>", "<|file_sep|>",
    ])

    /// Other tokens of fill-in-the-middle training; they are control tokens, whatever files say.
    private static let middleTexts: Set<[UInt8]> = bytes(of: [
        "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>",
        "<|prefix|>", "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>",
        "<|code_suffix|>", "<|suffix|>", "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>",
        "▁<MID>", "<|code_middle|>", "<|middle|>",
    ])

    /// The tokens that structure gpt-oss messages, which llama.cpp finds even if special tokens are plain text.
    private static let messageTexts: Set<[UInt8]> = bytes(of: [
        "<|channel|>", "<|message|>", "<|start|>", "<|constrain|>",
    ])

    private static func bytes(of texts: [String]) -> Set<[UInt8]> { Set(texts.map { Array($0.utf8) }) }

    /// Finds the tokens that end a generation, and corrects the attributes of known texts, since files often don't mark
    /// them as control tokens.
    ///
    /// - Parameters:
    ///   - named: the ids that the file itself calls an end (of a sequence, turn or message).
    ///   - believesAttributes: whether the file is trusted to say which tokens are special, so that a piece of text
    ///     that looks like an end (`</s>` in Qwen's vocabularies, an HTML tag) is not one.
    static func find(in vocabulary: inout Vocabulary, named: [Int?], believesAttributes: Bool = false) -> Set<Int> {
        var ends = Set(named.compactMap { $0 })
        var known: [[UInt8]: Int] = [:]
        for id in 0..<vocabulary.count {
            let utf8 = vocabulary.texts[id].utf8
            // The longest known text has 27 bytes; the first byte rules out nearly every token.
            guard let first = utf8.first, utf8.count <= 32, [0x3C, 0x5B, 0x5F, 0xE2].contains(first) else { continue }
            if believesAttributes, [.normal, .unused, .byte].contains(vocabulary.attributes[id]) { continue }
            let text = Array(utf8)
            if texts.contains(text) || fillInTheMiddleTexts.contains(text) {
                ends.insert(id)
                known[text] = id
                vocabulary.setAttribute(.control, of: id)
            } else if middleTexts.contains(text) {
                vocabulary.setAttribute(.control, of: id)
            } else if messageTexts.contains(text) {
                vocabulary.setAttribute(.userDefined, of: id)
            }
        }
        func id(_ text: String) -> Int? { known[Array(text.utf8)] }
        // If <|end|> ends a message and <|return|> or <|call|> ends the turn, the model continues after <|end|>.
        let hasCall = id("<|call|>") != nil || id("<|calls|>") != nil
        if let end = id("<|end|>"), hasCall, id("<|return|>") != nil || id("<|flush|>") != nil {
            ends.remove(end)
            vocabulary.setAttribute(.userDefined, of: end)
        }
        // Gemma 4's </s> is an HTML tag.
        if let end = id("</s>"), id("<|tool_response>") != nil {
            ends.remove(end)
            vocabulary.setAttribute(.normal, of: end)
        }
        return ends
    }
}
