/// SentencePiece's byte-pair encoding: neighbours merge if together they are a piece, those with the highest score
/// first.
///
/// See Kudo & Richardson, "SentencePiece", 2018. Characters without a piece become bytes.
struct ScoredModel: Sendable {
    var pieces: PieceIndex
    /// The merge priority of each id: its place in the order of scores, 0 for the highest.
    private var priorities: [UInt32]
    /// The tokens of the 256 bytes; -1 if there is no byte token, no piece and no unknown token.
    private var byteTokens: [Int32]

    /// - Parameters:
    ///   - scores: the scores, by id.
    ///   - byteTokens: the tokens of the 256 bytes, -1 for none.
    ///   - unknown: the token for a byte that has none.
    init(pieces: PieceIndex, scores: [Float], byteTokens: [Int32], unknown: Int32?) {
        self.pieces = pieces
        priorities = scores.map(Self.priority(of:))
        self.byteTokens = byteTokens.enumerated().map { byte, token in
            if token >= 0 { return token }
            let piece = pieces.id(of: [UInt8(truncatingIfNeeded: byte)])
            return piece >= 0 ? piece : unknown ?? -1
        }
    }

    /// A number that is lower for a higher score, equal for equal scores, and below `UInt32.max`.
    static func priority(of score: Float) -> UInt32 {
        if score.isNaN { return .max - 1 }
        let bits = (score == 0 ? 0 : score).bitPattern
        let ascending = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
        return min(~ascending, .max - 1)
    }

    func encode(
        _ word: Range<Int>, of text: UnsafeBufferPointer<UInt8>, with merger: inout SymbolMerger, into ids: inout [Int]
    ) {
        merger.symbols.removeAll(keepingCapacity: true)
        var offset = word.lowerBound
        while offset < word.upperBound {
            let first = text[offset]
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            let end = min(offset &+ length, word.upperBound)
            merger.symbols.append(MergeSymbol(id: -1, start: offset, end: end))
            offset = end
        }
        merger.merge(by: Rule(model: self, text: text))
        for symbol in merger.symbols {
            let bytes = UnsafeBufferPointer(rebasing: text[Int(symbol.start)..<Int(symbol.end)])
            let id = symbol.id >= 0 ? symbol.id : pieces.id(of: bytes)
            if id >= 0 {
                ids.append(Int(id))
            } else {
                for byte in bytes where byteTokens[Int(byte)] >= 0 { ids.append(Int(byteTokens[Int(byte)])) }
            }
        }
    }

    private struct Rule: MergeRule {
        var model: ScoredModel
        var text: UnsafeBufferPointer<UInt8>

        @inline(__always)
        func merge(_ left: MergeSymbol, _ right: MergeSymbol) -> Merge? {
            let id = model.pieces.id(of: UnsafeBufferPointer(rebasing: text[Int(left.start)..<Int(right.end)]))
            return id < 0 ? nil : Merge(priority: model.priorities[Int(id)], merged: id)
        }
    }
}
