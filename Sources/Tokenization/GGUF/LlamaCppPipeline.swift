/// Encodes text as llama.cpp does, for vocabularies in GGUF files.
struct LlamaCppPipeline: EncodingPipeline {
    enum Model: Sendable {
        /// `escapesSpaces`: whether pieces have `▁` in place of spaces.
        case ranked(RankedModel, PreTokenizer, escapesSpaces: Bool)
        case scored(ScoredModel, addsSpacePrefix: Bool, splitsBeforeSpaceMark: Bool)
    }

    var matcher: LongestFirstMatcher
    var model: Model

    func encode(_ text: UnsafeBufferPointer<UInt8>, parsing: Bool) throws -> [Int] {
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
                case .ranked(let model, let preTokenizer, false):
                    for word in try preTokenizer.words(of: part) {
                        model.encode(word, of: part, with: &merger, into: &ids)
                    }
                case .ranked(let model, let preTokenizer, true):
                    try SpaceMark.escape(part, prefixed: false).withUnsafeBufferPointer { escaped in
                        for word in try preTokenizer.words(of: escaped) {
                            model.encode(word, of: escaped, with: &merger, into: &ids)
                        }
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
