import Foundation

/// Python's `format % values`.
extension Interpreter {
    func formatted(_ format: Text, with values: Value) throws -> Text {
        if case .undefined(let missing) = values { throw missing.failure }
        var remaining = [values][...]
        if case .tuple(let tuple) = values { remaining = tuple.elements[...] }
        var result: [Unicode.Scalar] = []
        var reader = FormatReader(format.scalars)
        while let scalar = reader.next() {
            guard scalar == "%" else {
                result.append(scalar)
                continue
            }
            let spec = try PercentSpec(&reader, &remaining, values, self)
            if spec.type == "%" {
                result.append("%")
                continue
            }
            let value: Value
            if let name = spec.name {
                guard case .dictionary(let mapping) = values else { throw Failure.type("format requires a mapping") }
                guard let found = mapping.entries[Key(.string(name))] else {
                    throw Failure(.evaluation, "no value named '\(name.string)'", construct: "format %")
                }
                value = found
            } else {
                guard let next = remaining.popFirst() else {
                    throw Failure(.evaluation, "not enough arguments for format string", construct: "format %")
                }
                value = next
            }
            let field = try spec.field(value, self)
            try charge(characters: field.count)
            result += field.scalars
        }
        try checkUse(of: values, remaining)
        try charge(characters: result.count)
        return Text(result)
    }

    private func checkUse(of values: Value, _ remaining: ArraySlice<Value>) throws {
        switch values {
        case .dictionary, .list, .range: return
        default:
            guard remaining.isEmpty else {
                throw Failure(
                    .evaluation, "not all arguments converted during string formatting", construct: "format %")
            }
        }
    }
}

/// A format string, and how far it has been read.
struct FormatReader {
    let scalars: [Unicode.Scalar]
    var index = 0

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    mutating func next() -> Unicode.Scalar? {
        guard let scalar = current else { return nil }
        index += 1
        return scalar
    }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        index += 1
        return true
    }

    /// The number at this position, if there are digits.
    mutating func number() throws -> Int? {
        var value: Int?
        while let scalar = current, scalar.isASCIIDigit {
            value = (value ?? 0) * 10 + Int(scalar.value - 48)
            guard value ?? 0 <= 1_000_000 else { throw Failure(.evaluation, "a number in the format is too large") }
            index += 1
        }
        return value
    }
}

/// The layout of a number or text in a field, for `%` formats and `str.format`.
struct FieldLayout {
    var fill: Unicode.Scalar = " "
    /// `<`, `>`, `^` or `=` (padding after the sign).
    var alignment: Unicode.Scalar = ">"
    var width = 0

    func laidOut(_ text: Text, sign: String = "") -> Text {
        let signed = Array(sign.unicodeScalars)
        let missing = max(0, width - text.count - signed.count)
        func padding(_ count: Int) -> [Unicode.Scalar] { [Unicode.Scalar](repeating: fill, count: count) }
        switch alignment {
        case "<": return Text(signed + text.scalars + padding(missing))
        case "^": return Text(padding(missing / 2) + signed + text.scalars + padding(missing - missing / 2))
        case "=": return Text(signed + padding(missing) + text.scalars)
        default: return Text(padding(missing) + signed + text.scalars)
        }
    }
}

/// One `%…` of a format.
private struct PercentSpec {
    var name: Text?
    var flags: Set<Unicode.Scalar> = []
    var width = 0
    var precision: Int?
    var type: Unicode.Scalar

    init(
        _ reader: inout FormatReader, _ remaining: inout ArraySlice<Value>, _ values: Value, _ interpreter: Interpreter
    ) throws {
        let incomplete = Failure(.evaluation, "incomplete format", construct: "format %")
        if reader.skip("(") {
            var name: [Unicode.Scalar] = []
            while let scalar = reader.next(), scalar != ")" { name.append(scalar) }
            self.name = Text(name)
        }
        while let flag = reader.current, "-+ #0".unicodeScalars.contains(flag) {
            flags.insert(flag)
            reader.index += 1
        }
        func star() throws -> Int {
            let number = try interpreter.integer(remaining.popFirst(), "format %")
            guard number.magnitude <= 1_000_000 else {
                throw Failure(.evaluation, "a width in the format is too large")
            }
            return number
        }
        if reader.skip("*") {
            width = try star()
            if width < 0 {
                flags.insert("-")
                width = -width
            }
        } else {
            width = try reader.number() ?? 0
        }
        if reader.skip(".") { precision = try reader.skip("*") ? max(star(), 0) : reader.number() ?? 0 }
        while let modifier = reader.current, "hlL".unicodeScalars.contains(modifier) { reader.index += 1 }
        guard let type = reader.next() else { throw incomplete }
        self.type = type
    }

    func field(_ value: Value, _ interpreter: Interpreter) throws -> Text {
        var layout = FieldLayout(alignment: flags.contains("-") ? "<" : ">", width: width)
        switch type {
        case "s", "r", "a":
            var text = try type == "s" ? interpreter.text(of: value) : interpreter.representation(of: value)
            if let precision { text = Text(Array(text.scalars.prefix(precision))) }
            return layout.laidOut(text)
        case "c":
            if case .string(let text) = value, text.count == 1 { return layout.laidOut(text) }
            guard let number = Number.int(value), let code = UInt32(exactly: number), let scalar = Unicode.Scalar(code)
            else { throw Failure(.evaluation, "%c requires a character", construct: "format %") }
            return layout.laidOut(Text([scalar]))
        default: break
        }
        if flags.contains("0"), !flags.contains("-") {
            layout.fill = "0"
            layout.alignment = "="
        }
        if case .undefined(let missing) = value { throw missing.failure }
        let (digits, isNegative) = try number(value)
        let sign = isNegative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : ""
        return layout.laidOut(Text(digits), sign: sign)
    }

    private func number(_ value: Value) throws -> (digits: String, isNegative: Bool) {
        let wrong = Failure(
            .evaluation, "%\(type) format: a number is required, not \(value.typeName)", construct: "format %")
        switch type {
        case "d", "i", "u", "x", "X", "o":
            var number = Number.int(value)
            if number == nil, "diu".unicodeScalars.contains(type), case .float(let float) = value {
                number = Int(exactly: float.rounded(.towardZero))
            }
            guard let number else { throw wrong }
            let radix = type == "o" ? 8 : type == "x" || type == "X" ? 16 : 10
            var digits = String(number.magnitude, radix: radix, uppercase: type == "X")
            if let precision { digits = String(repeating: "0", count: max(0, precision - digits.count)) + digits }
            if flags.contains("#"), radix != 10 { digits = (radix == 8 ? "0o" : "0\(type)") + digits }
            return (digits, number < 0)
        case "f", "F", "e", "E", "g", "G":
            guard let number = Number.double(value) else { throw wrong }
            let precision = precision ?? 6
            guard precision <= 1000 else { throw Failure(.evaluation, "precision too big", construct: "format %") }
            let digits = FloatText.formatted(
                number.magnitude, precision, String(type), alternate: flags.contains("#"))
            return (digits, number.sign == .minus && !number.isNaN)
        default:
            throw Failure(.evaluation, "unsupported format character '\(type)'", construct: "format %")
        }
    }
}
