import DataFiles

/// A strict reader of JSON (RFC 8259) that counts lines, made for files of any size: it builds nothing but what it is
/// asked for. Nesting is limited, so no input can exhaust the stack.
struct JSONScanner {
    static let deepest = 128

    let bytes: UnsafeBufferPointer<UInt8>
    let file: String
    private(set) var position = 0
    /// The line that `position` is on, from 1.
    private(set) var line: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, file: String, line: Int = 1) {
        self.bytes = bytes
        self.file = file
        self.line = line
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    func failure(
        _ problem: String, remedy: String = "write JSON Lines, a JSON array of objects, or CSV"
    ) -> InputError {
        .badData(problem, in: "\(file): line \(line)", remedy: remedy)
    }

    // MARK: - Bytes

    /// The next byte that isn't white space, not consumed; nil at the end.
    mutating func peek() -> UInt8? {
        while position < bytes.count, Self.isSpace(bytes[position]) {
            if bytes[position] == 0x0A { line += 1 }
            position += 1
        }
        return position < bytes.count ? bytes[position] : nil
    }

    /// Consumes `byte` if it comes next (after white space).
    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    /// Consumes one byte, which must not be a line feed.
    mutating func advance() { position += 1 }

    mutating func expect(_ byte: Unicode.Scalar) throws {
        guard take(byte) else { throw unexpected(wanted: "`\(byte)`") }
    }

    mutating func unexpected(wanted: String) -> InputError {
        guard let found = peek() else { return failure("the text ends where \(wanted) should follow") }
        let name = found > 0x20 && found < 0x7F ? "`\(Unicode.Scalar(found))`" : "the byte \(found)"
        return failure("\(name) where \(wanted) should stand")
    }

    // MARK: - Strings

    mutating func string() throws -> String {
        try expect("\"")
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return try text(bytes[start..<position])
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw failure("a control character in a string", remedy: "escape it, as in \\n")
            default: position += 1
            }
        }
        throw failure("a string that has no end")
    }

    private func text(_ slice: some Collection<UInt8>) throws -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw failure("text that is not UTF-8", remedy: "save the file as UTF-8")
        }
        return text
    }

    private mutating func escapedString(from start: Int) throws -> String {
        var content = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(content)
            case UInt8(ascii: "\\"): content.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw failure("a control character in a string", remedy: "escape it, as in \\n")
            default: content.append(byte)
            }
        }
        throw failure("a string that has no end")
    }

    private mutating func escape() throws -> Unicode.Scalar {
        guard position < bytes.count else { throw failure("a string that has no end") }
        let byte = bytes[position]
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
        if unit < 0xDC00, bytes.dropFirst(position).starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
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
            switch position < bytes.count ? bytes[position] : 0 {
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
