extension JSONReader {
    /// The next value, with everything in it.
    ///
    /// - Throws: `InputError` of the kind `.badData`.
    /// - Complexity: O(bytes of the value).
    package mutating func value() throws -> JSONValue { try value(depth: 0) }

    /// Reads the next value, which must be an object, and keeps the fields whose names are in `names`; the others are
    /// checked and skipped.
    ///
    /// - Throws: `InputError` of the kind `.badData`.
    /// - Complexity: O(bytes of the object), and memory for the fields that are kept.
    package mutating func fields(named names: Set<String>) throws -> JSONFields {
        var fields = JSONFields()
        try forEachField(depth: 1) { reader, name in
            if names.contains(name) {
                let line = reader.line
                try reader.add(name, try reader.value(depth: 1), to: &fields, line: line)
            } else {
                try reader.skipValue(depth: 1)
            }
        }
        return fields
    }

    // MARK: - Building

    /// - Parameter depth: how many arrays and objects are around the value.
    private mutating func value(depth: Int) throws -> JSONValue {
        let first = peek()
        let line = line
        switch first {
        case UInt8(ascii: "\""): return JSONValue(.string(try string()), line: line)
        case UInt8(ascii: "{"):
            var fields = JSONFields()
            try forEachField(depth: depth + 1) { reader, name in
                let line = reader.line
                try reader.add(name, try reader.value(depth: depth + 1), to: &fields, line: line)
            }
            return JSONValue(.object(fields), line: line)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try forEachElement(depth: depth + 1) { elements.append(try $0.value(depth: depth + 1)) }
            return JSONValue(.array(elements), line: line)
        default: return JSONValue(try scalar(), line: line)
        }
    }

    private func add(_ name: String, _ value: JSONValue, to fields: inout JSONFields, line: Int) throws {
        guard fields.append(name, value) else {
            var place = self
            place.line = line
            throw place.failure("the field `\(name)` twice in an object", remedy: "keep one of them")
        }
    }

    /// Anything but a string, an array or an object.
    private mutating func scalar() throws -> JSONValue.Content {
        switch peek() {
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        default:
            let text = String(decoding: bytes[try number()], as: UTF8.self)
            guard let number = JSONNumber(text) else {
                throw failure("the number \(text.prefix(20)), which is too large", remedy: "write a smaller one")
            }
            return .number(number)
        }
    }

    // MARK: - Passing over

    private mutating func skipValue(depth: Int) throws {
        switch peek() {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"):
            try forEachField(depth: depth + 1) { reader, _ in try reader.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["): try forEachElement(depth: depth + 1) { try $0.skipValue(depth: depth + 1) }
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: _ = try number()
        }
    }

    // MARK: - Structure

    /// Consumes an object; `body` consumes each field's value.
    private mutating func forEachField(depth: Int, _ body: (inout JSONReader, String) throws -> Void) throws {
        try check(depth)
        try expect("{")
        if take("}") { return }
        repeat {
            let name = try string()
            try expect(":")
            try body(&self, name)
        } while try !takeEnd("}")
    }

    /// Consumes an array; `body` consumes each element.
    private mutating func forEachElement(depth: Int, _ body: (inout JSONReader) throws -> Void) throws {
        try check(depth)
        try expect("[")
        if take("]") { return }
        repeat { try body(&self) } while try !takeEnd("]")
    }

    private func check(_ depth: Int) throws {
        guard depth <= Self.deepest else {
            throw failure(
                "values nested more than \(Self.deepest) deep",
                remedy: "flatten them: \(Self.deepest) levels of nesting are read")
        }
    }

    private mutating func literal(_ word: StaticString) throws {
        for offset in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[offset] else { throw unexpected(wanted: "`\(word)`") }
            position += 1
        }
    }

    // MARK: - Numbers

    /// Consumes a number.
    ///
    /// - Returns: where its bytes are.
    private mutating func number() throws -> Range<Int> {
        guard let first = peek(), first == UInt8(ascii: "-") || Self.isDigit(first) else {
            throw unexpected(wanted: "a value")
        }
        let start = position
        if first == UInt8(ascii: "-") { position += 1 }
        let hasLeadingZero = current == UInt8(ascii: "0")
        let count = try digits()
        if hasLeadingZero, count > 1 { throw failure("a number that begins with 0") }
        if current == UInt8(ascii: ".") {
            position += 1
            _ = try digits()
        }
        if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            _ = try digits()
        }
        return start..<position
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func digits() throws -> Int {
        let start = position
        while let byte = current, Self.isDigit(byte) { position += 1 }
        guard position > start else { throw unexpected(wanted: "a digit") }
        return position - start
    }
}
