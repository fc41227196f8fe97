/// Byte-pair encoding by ranked merges: byte-level (GPT-2, Llama 3, Qwen 2) or over characters.
///
/// Over characters (Llama 2 in its `tokenizer.json`), bytes stand in for characters that the vocabulary lacks.
struct RankedModel: Sendable {
    /// What happens to a character that the vocabulary lacks.
    struct Fallback: Sendable {
        /// The tokens of the 256 bytes, -1 for none; nil if bytes are not used.
        var bytes: [Int32]?
        var unknown: Int32?
        /// Whether neighbouring unknown characters become one unknown token.
        var fusesUnknown = false
        /// Whether bytes that get no token keep their neighbours from merging (llama.cpp) or not (Hugging Face).
        var leavesGaps = false
    }

    /// Which words become one token if the vocabulary has the whole word, whatever the merges say.
    enum WholeWords: Sendable {
        case none
        /// Words that consist only of line feeds (Gemma 4 in llama.cpp).
        case lineFeeds
        case all
    }

    /// Whether words are first split into bytes rather than characters.
    var isByteLevel: Bool
    var pieces: PieceIndex
    var merges: MergeTable
    var wholeWords: WholeWords
    var fallback: Fallback
    /// Symbols from this number on are not tokens, but intermediate steps of merges.
    var tokenCount: Int32
    /// For each symbol from `tokenCount` on: the tokens that replace it if it is left at the end.
    var expansions: [[Int32]] = []
    /// The symbols of single bytes (byte-level), or of ASCII characters; -1 for none.
    private var byteSymbols: [Int32]

    init(
        isByteLevel: Bool, pieces: PieceIndex, merges: MergeTable, wholeWords: WholeWords, fallback: Fallback,
        tokenCount: Int32, expansions: [[Int32]] = []
    ) {
        self.isByteLevel = isByteLevel
        self.pieces = pieces
        self.merges = merges
        self.wholeWords = wholeWords
        self.fallback = fallback
        self.tokenCount = tokenCount
        self.expansions = expansions
        byteSymbols = (0...255).map { pieces.id(of: [$0]) }
    }

    func encode(
        _ word: Range<Int>, of text: UnsafeBufferPointer<UInt8>, with merger: inout SymbolMerger, into ids: inout [Int]
    ) {
        if wholeWords == .all || wholeWords == .lineFeeds && text[word].allSatisfy({ $0 == 0x0A }) {
            let id = pieces.id(of: UnsafeBufferPointer(rebasing: text[word]))
            if id >= 0, id < tokenCount {
                ids.append(Int(id))
                return
            }
        }
        merger.symbols.removeAll(keepingCapacity: true)
        if isByteLevel {
            addBytes(word, of: text, to: &merger.symbols)
        } else {
            addCharacters(word, of: text, to: &merger.symbols)
        }
        merger.merge(by: self)
        for symbol in merger.symbols {
            if symbol.id < 0 { continue }
            if symbol.id < tokenCount {
                ids.append(Int(symbol.id))
            } else {
                ids.append(contentsOf: expansions[Int(symbol.id - tokenCount)].lazy.map { Int($0) })
            }
        }
    }

    @inline(__always)
    private func addBytes(_ word: Range<Int>, of text: UnsafeBufferPointer<UInt8>, to symbols: inout [MergeSymbol]) {
        var unknownStart: Int?
        for offset in word {
            let id = byteSymbols[Int(text[offset])]
            if id >= 0 {
                unknownStart = nil
                symbols.append(MergeSymbol(id: id, start: offset, end: offset &+ 1))
            } else if fallback.unknown == nil {
                if fallback.leavesGaps { symbols.append(MergeSymbol(id: -1, start: offset, end: offset &+ 1)) }
            } else if fallback.fusesUnknown, unknownStart != nil {
                symbols[symbols.count - 1].end = UInt32(truncatingIfNeeded: offset &+ 1)
            } else {
                unknownStart = offset
                symbols.append(MergeSymbol(id: fallback.unknown ?? -1, start: offset, end: offset &+ 1))
            }
        }
    }

    private func addCharacters(_ word: Range<Int>, of text: UnsafeBufferPointer<UInt8>, to symbols: inout [MergeSymbol])
    {
        // A pending unknown token is added when the next character with a token comes, after the byte tokens in
        // between. This is the order in Hugging Face's library.
        var unknown: MergeSymbol?
        var offset = word.lowerBound
        while offset < word.upperBound {
            let first = text[offset]
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            let end = min(offset &+ length, word.upperBound)
            let id =
                first < 0x80
                ? byteSymbols[Int(first)] : pieces.id(of: UnsafeBufferPointer(rebasing: text[offset..<end]))
            if id >= 0 {
                if let pending = unknown { symbols.append(pending) }
                unknown = nil
                symbols.append(MergeSymbol(id: id, start: offset, end: end))
            } else if let bytes = fallback.bytes, (offset..<end).allSatisfy({ bytes[Int(text[$0])] >= 0 }) {
                for index in offset..<end {
                    symbols.append(MergeSymbol(id: bytes[Int(text[index])], start: index, end: index &+ 1))
                }
            } else if let token = fallback.unknown {
                if let pending = unknown, fallback.fusesUnknown {
                    unknown = MergeSymbol(id: token, start: Int(pending.start), end: end)
                } else {
                    if let pending = unknown { symbols.append(pending) }
                    unknown = MergeSymbol(id: token, start: offset, end: end)
                }
            }
            offset = end
        }
        if let pending = unknown { symbols.append(pending) }
    }
}

extension RankedModel: MergeRule {
    @inline(__always)
    func merge(_ left: MergeSymbol, _ right: MergeSymbol) -> Merge? { merges.merge(left.id, right.id) }
}
