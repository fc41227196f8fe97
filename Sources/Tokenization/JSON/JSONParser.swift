import DataFiles
import Foundation

/// Parses JSON (RFC 8259) from bytes, in one pass, with a bound on nesting.
struct JSONParser {
    private static let deepest = 200
    private let bytes: UnsafeBufferPointer<UInt8>
    private let file: String
    private var offset = 0

    /// Parses a file.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` with the byte at which the file is wrong.
    static func parse(contentsOf url: URL) throws -> JSONField {
        let path = url.path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path) else { throw InputError.missingFile(path) }
        return try parse(Array(data), file: path)
    }

    /// - Parameter file: what to call it in messages.
    static func parse(_ bytes: [UInt8], file: String) throws -> JSONField {
        try bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer, file: file)
            if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { parser.offset = 3 }
            let node = try parser.value(depth: 0)
            parser.skipSpace()
            guard parser.offset == buffer.count else { throw parser.error("something after the end of the value") }
            return JSONField(node, file: file)
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, file: String) {
        self.bytes = bytes
        self.file = file
    }

    private func error(_ problem: String) -> InputError {
        .badData("no valid JSON: \(problem) at byte \(offset)", in: file, remedy: "correct the file or fetch it again")
    }

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func value(depth: Int) throws -> JSONNode {
        guard depth < Self.deepest else { throw error("more than \(Self.deepest) levels of nesting") }
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return .bool(try literal("true", true))
        case UInt8(ascii: "f"): return .bool(try literal("false", false))
        case UInt8(ascii: "n"):
            _ = try literal("null", true)
            return .null
        case nil: throw error("the end of the file where a value should be")
        case let byte?:
            guard byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                throw error("an unexpected character")
            }
            return try number()
        }
    }

    private mutating func literal(_ text: StaticString, _ value: Bool) throws -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset + length <= bytes.count,
            (0..<length).allSatisfy({ bytes[offset + $0] == text.utf8Start[$0] })
        else { throw error("an unknown word") }
        offset += length
        return value
    }

    private mutating func object(depth: Int) throws -> [(key: String, value: JSONNode)] {
        var fields: [(key: String, value: JSONNode)] = []
        offset += 1
        skipSpace()
        if current == UInt8(ascii: "}") {
            offset += 1
            return fields
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw error("no field name") }
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw error("no colon after a field name") }
            offset += 1
            fields.append((key, try value(depth: depth + 1)))
            if try isEnd(UInt8(ascii: "}")) { return fields }
        }
    }

    private mutating func array(depth: Int) throws -> [JSONNode] {
        var elements: [JSONNode] = []
        offset += 1
        skipSpace()
        if current == UInt8(ascii: "]") {
            offset += 1
            return elements
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try isEnd(UInt8(ascii: "]")) { return elements }
        }
    }

    /// Passes over a comma, or the closing bracket.
    private mutating func isEnd(_ close: UInt8) throws -> Bool {
        skipSpace()
        guard let byte = current, byte == close || byte == UInt8(ascii: ",") else {
            throw error("neither a comma nor a closing bracket")
        }
        offset += 1
        return byte == close
    }

    private mutating func number() throws -> JSONNode {
        let start = offset
        var isInteger = true
        while let byte = current {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isInteger = false
            default:
                return try number(bytes[start..<offset], isInteger: isInteger)
            }
            offset += 1
        }
        return try number(bytes[start..<offset], isInteger: isInteger)
    }

    private func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>, isInteger: Bool) throws -> JSONNode {
        let text = String(decoding: digits, as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw error("a number that can't be read") }
        return .number(value)
    }

    private mutating func string() throws -> String {
        offset += 1
        let start = offset
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { offset += 1 }
        if current == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return try text(bytes[start..<offset])
        }
        var result = Array(bytes[start..<offset])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return try text(result[...])
            case UInt8(ascii: "\\"): result += try escape()
            case 0..<0x20: throw error("a control character in a string")
            default:
                result.append(byte)
                offset += 1
            }
        }
        throw error("a string without an end")
    }

    private func text(_ bytes: some Sequence<UInt8>) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw error("a string that is not UTF-8") }
        return text
    }

    private mutating func escape() throws -> [UInt8] {
        offset += 1
        guard let byte = current else { throw error("a string without an end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var value = try hexadecimal()
            if (0xD800..<0xDC00).contains(value), current == UInt8(ascii: "\\") {
                offset += 1
                guard current == UInt8(ascii: "u") else { throw error("half a surrogate pair") }
                offset += 1
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw error("half a surrogate pair") }
            return Array(String(Character(scalar)).utf8)
        default: throw error("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        guard offset + 4 <= bytes.count else { throw error("a string without an end") }
        var value: UInt32 = 0
        for byte in bytes[offset..<offset + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw error("an unknown escape") }
            value = value << 4 | UInt32(digit)
        }
        offset += 4
        return value
    }
}
