extension TextScanner {
    /// The pattern of Llama 3 and Qwen 2; see `PreTokenizerStage.modern`.
    func splitModern(_ region: Range<Int>, digits: Int, foldsLongS: Bool, into words: inout WordList) {
        let end = region.upperBound
        var offset = region.lowerBound
        while offset < end {
            if let contraction = contraction(at: offset, end: end, ignoringCase: true, foldsLongS: foldsLongS) {
                offset = contraction
            } else {
                offset = endOfModernWord(at: offset, end: end, digits: digits)
            }
            words.append(end: offset)
        }
    }

    @inline(__always)
    private func endOfModernWord(at offset: Int, end: Int, digits: Int) -> Int {
        let first = element(at: offset, end: end)
        // [^\r\n\p{L}\p{N}]?\p{L}+
        if first.isLetter { return self.end(ofRunFrom: first.next, end: end) { $0.isLetter } }
        if first.isNumber { return endOfNumber(at: offset, end: end, digits: digits) }
        let second = element(at: first.next, end: end)
        if !first.isLineEnd, second.isLetter {
            return self.end(ofRunFrom: second.next, end: end) { $0.isLetter }
        }
        // ` ?[^\s\p{L}\p{N}]+[\r\n]*`
        if first.isOther || first.value == 0x20 && second.isOther {
            let symbols = self.end(ofRunFrom: first.next, end: end) { $0.isOther }
            return self.end(ofRunFrom: symbols, end: end) { $0.isLineEnd }
        }
        return endOfLinesOrWhiteSpace(at: offset, end: end)
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line end in the run of white space, if it has one.
    @inline(__always)
    private func endOfLinesOrWhiteSpace(at offset: Int, end: Int) -> Int {
        var lastLineEnd: Int?
        var runEnd = offset
        while runEnd < end {
            let element = element(at: runEnd, end: end)
            if !element.isWhiteSpace { break }
            runEnd = element.next
            if element.isLineEnd { lastLineEnd = runEnd }
        }
        return lastLineEnd ?? endOfWhiteSpace(at: offset, end: end)
    }

    /// `\p{N}{1,LIMIT}`
    @inline(__always)
    func endOfNumber(at offset: Int, end: Int, digits: Int) -> Int {
        var left = digits
        return self.end(ofRunFrom: offset, end: end) { element in
            guard left > 0, element.isNumber else { return false }
            left &-= 1
            return true
        }
    }
}
