/// The ranked merges of a GGUF file, as llama.cpp reads them: pairs of texts.
///
/// Intermediate steps need not be tokens. If one is left at the end, it becomes the tokens of its bytes, as far as they
/// exist.
struct LlamaCppMerges {
    let tokens: PieceIndex
    /// The token for each byte that is not part of another token; -1 for none.
    var bytes = [Int32](repeating: -1, count: 256)
    private let tokenCount: Int

    init(_ tokens: PieceIndex, tokenCount: Int) {
        self.tokens = tokens
        self.tokenCount = tokenCount
    }

    /// - Parameters:
    ///   - merges: the merges in order of rank, as `LEFT RIGHT`. Merges that can't occur in a text are left out.
    ///   - spell: appends the bytes that one side of a merge stands for; returns false if it stands for none.
    func model(
        _ merges: [String], isByteLevel: Bool, wholeWords: RankedModel.WholeWords,
        spell: (Substring, inout [UInt8]) -> Bool
    ) -> RankedModel {
        var pieces = tokens
        var expansions: [[Int32]] = []
        func symbol(_ piece: UnsafeBufferPointer<UInt8>) -> Int32 {
            let id = pieces.insert(piece, id: Int32(truncatingIfNeeded: tokenCount + expansions.count))
            if Int(id) == tokenCount + expansions.count {
                expansions.append(piece.map { bytes[Int($0)] }.filter { $0 >= 0 })
            }
            return id
        }
        var table = MergeTable(minimumCapacity: merges.count)
        // The bytes of both sides, one after the other, which are the bytes of the merged symbol.
        var joined: [UInt8] = []
        for (rank, merge) in merges.enumerated() {
            let utf8 = merge.utf8
            joined.removeAll(keepingCapacity: true)
            guard let space = utf8.dropFirst().firstIndex(of: 0x20), spell(merge[..<space], &joined) else { continue }
            let length = joined.count
            guard spell(merge[utf8.index(after: space)...], &joined), 0 < length, length < joined.count else {
                continue
            }
            joined.withUnsafeBufferPointer { joined in
                table.add(
                    symbol(UnsafeBufferPointer(rebasing: joined[..<length])),
                    symbol(UnsafeBufferPointer(rebasing: joined[length...])),
                    rank: UInt32(truncatingIfNeeded: rank), merged: symbol(joined), replacing: false)
            }
        }
        var fallback = RankedModel.Fallback(leavesGaps: true)
        if !isByteLevel { fallback.bytes = bytes }
        return RankedModel(
            isByteLevel: isByteLevel, pieces: pieces, merges: table, wholeWords: wholeWords, fallback: fallback,
            tokenCount: Int32(truncatingIfNeeded: tokenCount), expansions: expansions)
    }
}
