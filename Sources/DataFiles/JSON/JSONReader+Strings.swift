extension JSONReader {
    /// The next value, which must be a string.
    package mutating func string() throws -> String {
        try expect("\"")
        let start = position
        passPlainBytes()
        if current == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try text(bytes[start..<position])
        }
        return try escapedString(from: start)
    }

    /// Goes to the next byte that ends a string, begins an escape or must not be in a string.
    private mutating func passPlainBytes() {
        var position = position
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            position += 1
        }
        self.position = position
    }

    private func text(_ content: some Collection<UInt8>) throws -> String {
        guard let text = String(validating: content, as: UTF8.self) else {
            throw failure("text that is not UTF-8", remedy: "save the file as UTF-8")
        }
        guard !CombiningMarks.areTooMany(in: text) else {
            throw failure("more than \(CombiningMarks.most) combining marks in a row", remedy: "correct the text")
        }
        return text
    }

    private mutating func escapedString(from start: Int) throws -> String {
        var content = Array(bytes[start..<position])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try text(content)
            case UInt8(ascii: "\\"):
                position += 1
                content.append(contentsOf: try escape().utf8)
            case 0..<0x20: throw failure("a control character in a string", remedy: "escape it, as in \\n")
            default:
                let start = position
                passPlainBytes()
                content.append(contentsOf: bytes[start..<position])
            }
        }
        throw failure("a string that has no end")
    }

    // MARK: - Escapes

    /// The scalar that an escape stands for, read after its backslash.
    private mutating func escape() throws -> Unicode.Scalar {
        guard let byte = current else { throw failure("a string that has no end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("an unknown escape in a string", remedy: "write \\\\ for a backslash")
        }
    }

    private mutating func unicodeEscape() throws -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        if unit < 0xDC00, end - position >= 2, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let second = try hexadecimal()
            if (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00))
            {
                return scalar
            }
        }
        throw failure("half of a surrogate pair in a string", remedy: "write the character itself")
    }

    private mutating func hexadecimal() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch current ?? 0 {
            case let byte where (0x30...0x39).contains(byte): digit = byte - 0x30
            case let byte where (0x61...0x66).contains(byte | 0x20): digit = (byte | 0x20) - 0x57
            default: throw failure("\\u without four hexadecimal digits in a string")
            }
            value = (value << 4) + UInt32(digit)
            position += 1
        }
        return value
    }
}
