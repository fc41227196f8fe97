/// The ranked merges of a GGUF file, as llama.cpp reads them: pairs of texts. Steps that are no tokens are allowed; what
/// is left of one at the end becomes the tokens of its bytes, as far as there are any.
struct LlamaCppMerges {
    let tokens: PieceIndex
    /// The token that stands for each byte which is no part of a token; -1 for none.
    var bytes = [Int32](repeating: -1, count: 256)
    private let tokenCount: Int

    init(_ tokens: PieceIndex, tokenCount: Int) {
        self.tokens = tokens
        self.tokenCount = tokenCount
    }

    /// - Parameters:
    ///   - merges: by rank, `LEFT RIGHT`. What can't occur in a text is left out.
    ///   - spelling: the bytes that a part of a merge stands for; nil for none.
    func model(
        _ merges: [String], isByteLevel: Bool, wholeWords: RankedModel.WholeWords, spelling: (Substring) -> [UInt8]?
    ) -> RankedModel {
        var pieces = tokens
        var expansions: [[Int32]] = []
        func symbol(_ piece: [UInt8]) -> Int32 {
            let id = pieces.insert(piece, id: Int32(truncatingIfNeeded: tokenCount + expansions.count))
            if Int(id) == tokenCount + expansions.count {
                expansions.append(piece.map { bytes[Int($0)] }.filter { $0 >= 0 })
            }
            return id
        }
        var table = MergeTable(minimumCapacity: merges.count)
        for (rank, merge) in merges.enumerated() {
            let utf8 = merge.utf8
            guard let second = utf8.dropFirst().firstIndex(of: 0x20), let left = spelling(merge[..<second]),
                let right = spelling(merge[utf8.index(after: second)...]), !left.isEmpty, !right.isEmpty
            else { continue }
            table.add(
                symbol(left), symbol(right), rank: UInt32(truncatingIfNeeded: rank), merged: symbol(left + right),
                replacing: false)
        }
        var fallback = RankedModel.Fallback(leavesGaps: true)
        if !isByteLevel { fallback.bytes = bytes }
        return RankedModel(
            isByteLevel: isByteLevel, pieces: pieces, merges: table, wholeWords: wholeWords, fallback: fallback,
            tokenCount: Int32(truncatingIfNeeded: tokenCount), expansions: expansions)
    }
}
