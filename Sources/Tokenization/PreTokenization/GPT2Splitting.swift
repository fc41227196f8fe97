extension TextScanner {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    func splitGPT2(_ region: Range<Int>, into words: inout WordList) {
        let end = region.upperBound
        var offset = region.lowerBound
        while offset < end {
            if let contraction = contraction(at: offset, end: end, ignoringCase: false, foldsLongS: false) {
                offset = contraction
            } else {
                offset = endOfGPT2Word(at: offset, end: end)
            }
            words.append(end: offset)
        }
    }

    @inline(__always)
    private func endOfGPT2Word(at offset: Int, end: Int) -> Int {
        let first = element(at: offset, end: end)
        var body = first
        if first.value == 0x20 { body = element(at: first.next, end: end) }
        if body.isLetter { return self.end(ofRunFrom: body.next, end: end) { $0.isLetter } }
        if body.isNumber { return self.end(ofRunFrom: body.next, end: end) { $0.isNumber } }
        if body.isOther { return self.end(ofRunFrom: body.next, end: end) { $0.isOther } }
        return endOfWhiteSpace(at: offset, end: end)
    }

    /// Matches `\s+(?!\S)|\s+` at white space.
    ///
    /// This is the whole run if the region ends with it. Otherwise it is all but the last scalar, which goes with the
    /// next word; a single scalar is a word of its own.
    @inline(__always)
    func endOfWhiteSpace(at offset: Int, end: Int) -> Int {
        var last = offset
        var runEnd = offset
        while runEnd < end {
            let element = element(at: runEnd, end: end)
            if !element.isWhiteSpace { break }
            last = runEnd
            runEnd = element.next
        }
        return runEnd < end && last > offset ? last : runEnd
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d` at `offset`: the offset after the contraction, nil if there is none.
    @inline(__always)
    func contraction(at offset: Int, end: Int, ignoringCase: Bool, foldsLongS: Bool) -> Int? {
        guard text[offset] == 0x27, offset &+ 1 < end else { return nil }
        let caseBit: UInt8 = ignoringCase ? 0x20 : 0
        let second = text[offset &+ 1] | caseBit
        switch second {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return offset &+ 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            guard offset &+ 2 < end else { return nil }
            let third = text[offset &+ 2] | caseBit
            let isContraction = second == UInt8(ascii: "l") ? third == second : third == UInt8(ascii: "e")
            return isContraction ? offset &+ 3 : nil
        default:
            // U+017F, the long s, is C5 BF.
            guard foldsLongS, offset &+ 2 < end, text[offset &+ 1] == 0xC5, text[offset &+ 2] == 0xBF else {
                return nil
            }
            return offset &+ 3
        }
    }
}
