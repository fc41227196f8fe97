import DataFiles

/// Encodes text as Hugging Face's `tokenizers` does.
///
/// The steps are: find added tokens in the raw text, normalize the text between them, find added tokens in the
/// normalized text, pre-tokenize, merge.
struct HuggingFacePipeline: EncodingPipeline {
    /// The text that is put before a text to be tokenized.
    enum Prefix: Sendable, Equatable {
        case none
        /// A space before every stretch of text that doesn't begin with one (`ByteLevel` with `add_prefix_space`).
        case space
        /// Replaces spaces with the mark (`Metaspace`), and puts one mark before every stretch, or only before the
        /// first of the text, unless it begins with one.
        case mark([UInt8], MarkScheme)
    }

    enum MarkScheme: String, Sendable {
        case always, first, never
    }

    /// The added tokens that are found in the raw text.
    var rawMatcher: LeftmostLongestMatcher
    /// The added tokens that are found in the normalized text.
    var normalizedMatcher: LeftmostLongestMatcher
    var normalizers: [TextNormalizer]
    var prefix: Prefix
    var preTokenizer: PreTokenizer
    var model: RankedModel
    /// Whether a text without a pre-tokenizer may still be merged word by word, because no merge crosses a word
    /// boundary.
    var splitsBeforeSpaceMark: Bool

    func encode(_ text: UnsafeBufferPointer<UInt8>, parsing: Bool) throws -> [Int] {
        var ids: [Int] = []
        ids.reserveCapacity(text.count / 3)
        var merger = SymbolMerger()
        for segment in rawMatcher.segments(of: 0..<text.count, in: text, parsing: parsing) {
            switch segment {
            case .token(let id): ids.append(id)
            case .text(let range):
                let normalized = try normalize(Array(text[range]))
                try normalized.withUnsafeBufferPointer { part in
                    let inner = normalizedMatcher.segments(of: 0..<part.count, in: part, parsing: parsing)
                    for segment in inner {
                        switch segment {
                        case .token(let id): ids.append(id)
                        case .text(let inside):
                            let isStart = range.lowerBound == 0 && inside.lowerBound == 0
                            try encode(part[inside], isTextStart: isStart, with: &merger, into: &ids)
                        }
                    }
                }
            }
        }
        return ids
    }

    private func normalize(_ text: [UInt8]) throws -> [UInt8] {
        var text = text
        for normalizer in normalizers {
            text = normalizer.apply(to: text)
            guard text.count <= Tokenizer.longestText else {
                throw InputError.usage(
                    "a text of \(text.count) bytes once normalized",
                    remedy: "split it: at most \(Tokenizer.longestText) are tokenized at once")
            }
        }
        return text
    }

    private func encode(
        _ stretch: Slice<UnsafeBufferPointer<UInt8>>, isTextStart: Bool, with merger: inout SymbolMerger,
        into ids: inout [Int]
    ) throws {
        guard prefix != .none else {
            return try encode(UnsafeBufferPointer(rebasing: stretch), with: &merger, into: &ids)
        }
        try prefixed(Array(stretch), isTextStart: isTextStart).withUnsafeBufferPointer {
            try encode($0, with: &merger, into: &ids)
        }
    }

    private func prefixed(_ stretch: [UInt8], isTextStart: Bool) -> [UInt8] {
        switch prefix {
        case .none: return stretch
        case .space: return stretch.first == 0x20 ? stretch : [0x20] + stretch
        case .mark(let mark, let scheme):
            let marked = ByteReplacement.replace([0x20], by: mark, in: stretch)
            guard scheme == .always || scheme == .first && isTextStart, !marked.starts(with: mark) else {
                return marked
            }
            return mark + marked
        }
    }

    private func encode(
        _ text: UnsafeBufferPointer<UInt8>, with merger: inout SymbolMerger, into ids: inout [Int]
    ) throws {
        guard preTokenizer.stages.isEmpty, preTokenizer.byteStages.isEmpty else {
            for word in try preTokenizer.words(of: text) {
                model.encode(word, of: text, with: &merger, into: &ids)
            }
            return
        }
        SpaceMark.forEachWord(of: text, splitting: splitsBeforeSpaceMark) { word in
            model.encode(word, of: text, with: &merger, into: &ids)
        }
    }
}
