/// Python's `json.dumps`.
struct JSONText {
    var ensuresASCII = false
    /// The indentation of one level; without it, everything is on one line.
    var indent: [Unicode.Scalar]?
    var itemSeparator = Text(", ")
    var keySeparator = Text(": ")
    var sortsKeys = false
    let interpreter: Interpreter
    private(set) var result: [Unicode.Scalar] = []

    init(_ interpreter: Interpreter) { self.interpreter = interpreter }

    mutating func write(_ value: Value, level: Int = 0) throws {
        try interpreter.charge()
        guard result.count <= interpreter.limits.characters else { return try interpreter.charge(characters: .max) }
        switch value {
        case .none: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .int(let value): append(String(value))
        case .float(let value): append(JSONText.number(value))
        case .string(let text): try quote(text)
        case .list(let sequence), .tuple(let sequence):
            try write(Array(sequence.elements), "[", "]", level) { json, element in
                try json.write(element, level: level + 1)
            }
        case .dictionary(let mapping): try write(mapping, level)
        default:
            throw Failure(
                .evaluation, "an object of type \(value.typeName) is not JSON serializable",
                construct: "filter 'tojson'")
        }
    }

    private mutating func write(_ mapping: Mapping, _ level: Int) throws {
        var entries: [(key: Value, value: Value)] = []
        for entry in mapping.entries { entries.append((entry.key.value, entry.value)) }
        if sortsKeys { entries = try interpreter.sorted(entries) { try interpreter.less($0.key, $1.key) } }
        try write(entries, "{", "}", level) { json, entry in
            try json.quote(try json.name(entry.key))
            json.result += json.keySeparator.scalars
            try json.write(entry.value, level: level + 1)
        }
    }

    private mutating func write<Element>(
        _ elements: [Element], _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ level: Int,
        _ writeElement: (inout JSONText, Element) throws -> Void
    ) throws {
        result.append(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { result += itemSeparator.scalars }
            try breakLine(level + 1)
            try writeElement(&self, element)
        }
        if !elements.isEmpty { try breakLine(level) }
        result.append(close)
    }

    private mutating func breakLine(_ level: Int) throws {
        guard let indent else { return }
        try interpreter.charge(characters: level * indent.count)
        result.append("\n")
        for _ in 0..<level { result += indent }
    }

    private func name(_ key: Value) throws -> Text {
        switch key {
        case .string(let text): return text
        case .none: return Text("null")
        case .bool(let value): return Text(value ? "true" : "false")
        case .int(let value): return Text(String(value))
        case .float(let value): return Text(JSONText.number(value))
        default: throw Failure(.evaluation, "a key must be a string or a number", construct: "filter 'tojson'")
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return FloatText.shortest(value)
    }

    private mutating func append(_ text: String) { result += text.unicodeScalars }

    private mutating func quote(_ text: Text) throws {
        try interpreter.charge(scanned: text.count)
        result.append("\"")
        for scalar in text.scalars {
            switch scalar {
            case "\"", "\\": result += ["\\", scalar]
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "\u{8}": append("\\b")
            case "\u{C}": append("\\f")
            default:
                if scalar.value < 32 || ensuresASCII && scalar.value > 126 {
                    for unit in UTF16.encode(scalar) ?? .init() { append(JSONText.escape(unit)) }
                } else {
                    result.append(scalar)
                }
            }
        }
        result.append("\"")
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
