/// The way of llama.cpp, for vocabularies in GGUF files.
struct LlamaCppPipeline: EncodingPipeline {
    enum Model: Sendable {
        case ranked(RankedModel, PreTokenizer)
        case scored(ScoredModel, addsSpacePrefix: Bool, splitsBeforeSpaceMark: Bool)
    }

    var matcher: LongestFirstMatcher
    var model: Model

    func encode(_ text: UnsafeBufferPointer<UInt8>, parsing: Bool) -> [Int] {
        var ids: [Int] = []
        ids.reserveCapacity(text.count / 3)
        var merger = SymbolMerger()
        var isAfterToken = true
        for segment in matcher.segments(of: text, parsing: parsing) {
            switch segment {
            case .token(let id):
                ids.append(id)
                isAfterToken = true
            case .text(let range):
                let part = UnsafeBufferPointer(rebasing: text[range])
                switch model {
                case .ranked(let model, let preTokenizer):
                    var start = 0
                    for end in preTokenizer.wordEnds(of: part) {
                        model.encode(start..<end, of: part, with: &merger, into: &ids)
                        start = end
                    }
                case .scored(let model, let addsSpacePrefix, let splits):
                    let escaped = SpaceMark.escape(part, prefixed: addsSpacePrefix && isAfterToken)
                    escaped.withUnsafeBufferPointer { escaped in
                        SpaceMark.forEachWord(of: escaped, splitting: splits) { word in
                            model.encode(word, of: escaped, with: &merger, into: &ids)
                        }
                    }
                }
                isAfterToken = false
            }
        }
        return ids
    }
}
