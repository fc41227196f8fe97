import DataFiles

/// The steps of a pre-tokenizer, each applied to the regions that the previous step produced.
struct PreTokenizer: Sendable, Equatable {
    /// Steps that read the text.
    var stages: [PreTokenizerStage]
    /// Later steps, which read each byte as its scalar in the byte-level alphabet.
    var byteStages: [PreTokenizerStage] = []

    /// Splits a text into the words that are tokenized separately.
    ///
    /// - Returns: the words' byte offsets, in order. They cover the whole text unless a step drops its matches.
    /// - Throws: `InputError` if a pattern would take too long for the text.
    /// - Complexity: O(text · stages); a constructed pattern may take O(text²) up to a limit.
    func words(of text: UnsafeBufferPointer<UInt8>) throws -> [Range<Int>] {
        guard !text.isEmpty else { return [] }
        return try ScalarClass.basicPlane.withUnsafeBufferPointer { classes in
            var words = [0..<text.count]
            for (stages, readsBytes) in [(stages, false), (byteStages, true)] {
                let scanner = TextScanner(text: text, classes: classes, readsBytes: readsBytes)
                for stage in stages {
                    var next = WordList(capacity: max(words.count, text.count / 5))
                    do {
                        for word in words { try stage.split(word, of: scanner, into: &next) }
                    } catch {
                        throw InputError.usage(
                            "a text of \(text.count) bytes on which the tokenizer's pattern takes too long",
                            remedy: "split the text, or use a tokenizer with a simpler pattern")
                    }
                    words = next.words
                }
            }
            return words
        }
    }
}
