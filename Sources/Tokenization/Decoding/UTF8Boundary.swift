/// Finds where a stream of bytes can be cut without splitting a character.
enum UTF8Boundary {
    /// The length of the part that can be shown: everything except an incomplete but so far well-formed sequence at the
    /// end.
    ///
    /// See Unicode, table 3-7. Bytes that can no longer become well-formed are shown at once (as U+FFFD).
    ///
    /// - Returns: at most `bytes.count`, at least `bytes.count - 3`.
    static func completePrefix(of bytes: some RandomAccessCollection<UInt8>) -> Int {
        for length in 1...3 where length <= bytes.count {
            let tail = bytes.suffix(length)
            guard let first = tail.first else { break }
            if first & 0xC0 == 0x80 { continue }
            return isIncomplete(first, Array(tail.dropFirst())) ? bytes.count - length : bytes.count
        }
        return bytes.count
    }

    /// Whether a lead byte and the continuation bytes after it are the beginning of a longer well-formed sequence.
    private static func isIncomplete(_ lead: UInt8, _ rest: [UInt8]) -> Bool {
        let length: Int
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return false
        }
        guard rest.count + 1 < length else { return false }
        guard let second = rest.first else { return true }
        switch lead {
        case 0xE0: return second >= 0xA0
        case 0xED: return second < 0xA0
        case 0xF0: return second >= 0x90
        case 0xF4: return second < 0x90
        default: return true
        }
    }
}
