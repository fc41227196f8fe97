extension TextScanner {
    /// Separates `\p{N}{1,LIMIT}` from the text between.
    func splitNumbers(_ region: Range<Int>, digits: Int, into words: inout WordList) {
        let end = region.upperBound
        var offset = region.lowerBound
        while offset < end {
            if element(at: offset, end: end).isNumber {
                offset = endOfNumber(at: offset, end: end, digits: digits)
            } else {
                offset = self.end(ofRunFrom: offset, end: end) { !$0.isNumber }
            }
            words.append(end: offset)
        }
    }

    /// Separates `[0-9][0-9][0-9]` from the text between.
    func splitDigitTriples(_ region: Range<Int>, into words: inout WordList) {
        let end = region.upperBound
        var offset = region.lowerBound
        var wordStart = offset
        var digits = 0
        while offset < end {
            digits = (0x30...0x39).contains(text[offset]) ? digits + 1 : 0
            offset += 1
            if digits == 3 {
                if offset - 3 > wordStart { words.append(end: offset - 3) }
                words.append(end: offset)
                wordStart = offset
                digits = 0
            }
        }
        if wordStart < end { words.append(end: end) }
    }

    /// Separates `[\p{P}$+<=>^~|]+` from the text between.
    func splitPunctuation(_ region: Range<Int>, withBacktick: Bool, into words: inout WordList) {
        let end = region.upperBound
        func isPunctuation(_ element: Element) -> Bool {
            switch element.value {
            case 0x24, 0x2B, 0x3C, 0x3D, 0x3E, 0x5E, 0x7E, 0x7C: true
            case 0x60: withBacktick
            default: element.kind == .punctuation
            }
        }
        var offset = region.lowerBound
        while offset < end {
            let wanted = isPunctuation(element(at: offset, end: end))
            offset = self.end(ofRunFrom: offset, end: end) { isPunctuation($0) == wanted }
            words.append(end: offset)
        }
    }

    /// Splits before each `▁` (E2 96 81).
    func splitBeforeSpaceMark(_ region: Range<Int>, into words: inout WordList) {
        let end = region.upperBound
        var offset = region.lowerBound
        while offset < end {
            var next = element(at: offset, end: end).next
            while next < end, !isSpaceMark(at: next, end: end) { next = element(at: next, end: end).next }
            offset = next
            words.append(end: offset)
        }
    }

    @inline(__always)
    func isSpaceMark(at offset: Int, end: Int) -> Bool {
        offset &+ 3 <= end && text[offset] == 0xE2 && text[offset &+ 1] == 0x96 && text[offset &+ 2] == 0x81
    }
}
