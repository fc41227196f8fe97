import DataFiles

extension JSONScanner {
    /// Any value; only strings, arrays of strings, numbers and booleans are kept.
    mutating func fieldValue(depth: Int = 0) throws -> DataFieldValue {
        switch peek() {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "{"):
            try skipObject(depth: depth)
            return .other("an object")
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        default: return .number(try number())
        }
    }

    private func checked(_ depth: Int) throws -> Int {
        guard depth < Self.deepest else {
            throw failure("values nested more than \(Self.deepest) deep", remedy: "flatten the rows")
        }
        return depth + 1
    }

    private mutating func array(depth: Int) throws -> DataFieldValue {
        let inner = try checked(depth)
        try expect("[")
        var texts: [String] = []
        var isText = true
        if take("]") { return .strings([]) }
        repeat {
            if case .string(let text) = try fieldValue(depth: inner) {
                if isText { texts.append(text) }
            } else {
                isText = false
            }
        } while take(",")
        guard take("]") else { throw unexpected(wanted: "`,` or `]`") }
        return isText ? .strings(texts) : .other("an array of other things than strings")
    }

    private mutating func skipObject(depth: Int) throws {
        let inner = try checked(depth)
        try expect("{")
        if take("}") { return }
        repeat {
            _ = try string()
            try expect(":")
            _ = try fieldValue(depth: inner)
        } while take(",")
        guard take("}") else { throw unexpected(wanted: "`,` or `}`") }
    }

    /// The next object's fields, those with a name in `names`.
    mutating func object(keeping names: Set<String>) throws -> [String: DataFieldValue] {
        try expect("{")
        var fields: [String: DataFieldValue] = [:]
        if take("}") { return fields }
        repeat {
            let name = try string()
            try expect(":")
            let value = try fieldValue(depth: 1)
            guard names.contains(name) else { continue }
            guard fields.updateValue(value, forKey: name) == nil else {
                throw failure("the field `\(name)` twice in a row", remedy: "keep one of them")
            }
        } while take(",")
        guard take("}") else { throw unexpected(wanted: "`,` or `}`") }
        return fields
    }

    private mutating func literal(_ word: StaticString) throws {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[offset] else {
                throw unexpected(wanted: "`\(word)`")
            }
            advance()
        }
    }

    private mutating func number() throws -> String {
        guard let first = peek(), first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
            throw unexpected(wanted: "a value")
        }
        let start = position
        if first == UInt8(ascii: "-") { advance() }
        let leadingZero = position < bytes.count && bytes[position] == 0x30
        let digits = try digits()
        if leadingZero && digits > 1 { throw failure("a number that begins with 0") }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            advance()
            _ = try self.digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            advance()
            if position < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[position]) { advance() }
            _ = try self.digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws -> Int {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { advance() }
        guard position > start else { throw unexpected(wanted: "a digit") }
        return position - start
    }
}
