/// Python's `str.format`.
extension Interpreter {
    func formatted(_ format: Text, _ arguments: Arguments) throws -> Text {
        var fields = BraceFields(interpreter: self, arguments: arguments)
        return try fields.formatted(format.scalars, nesting: 0)
    }
}

private struct BraceFields {
    let interpreter: Interpreter
    let arguments: Arguments
    private var nextIndex = 0
    private var usesNumbers: Bool?

    init(interpreter: Interpreter, arguments: Arguments) {
        self.interpreter = interpreter
        self.arguments = arguments
    }

    private func failure(_ message: String) -> Failure { Failure(.evaluation, message, construct: "str.format") }

    mutating func formatted(_ format: [Unicode.Scalar], nesting: Int) throws -> Text {
        guard nesting < 2 else { throw failure("fields nest too deep") }
        var reader = FormatReader(format)
        var result: [Unicode.Scalar] = []
        while let scalar = reader.next() {
            if scalar == "{" {
                if nesting == 0, reader.skip("{") {
                    result.append("{")
                    continue
                }
                let field = try field(&reader, nesting)
                try interpreter.charge(characters: field.count)
                result += field.scalars
            } else if scalar == "}" {
                guard nesting == 0, reader.skip("}") else { throw failure("single '}' encountered in format string") }
                result.append("}")
            } else {
                result.append(scalar)
            }
        }
        return Text(result)
    }

    /// Reads `{name!conversion:spec}`, after its opening brace.
    private mutating func field(_ reader: inout FormatReader, _ nesting: Int) throws -> Text {
        var name: [Unicode.Scalar] = []
        while let scalar = reader.current, scalar != "}", scalar != "!", scalar != ":" {
            guard scalar != "{" else { throw failure("unexpected '{' in field name") }
            name.append(scalar)
            reader.index += 1
        }
        var value = try value(name)
        if reader.skip("!") {
            switch reader.next() {
            case "r", "a": value = .string(try interpreter.representation(of: value))
            case "s": value = .string(try interpreter.text(of: value))
            default: throw failure("unknown conversion")
            }
        }
        var spec: [Unicode.Scalar] = []
        if reader.skip(":") {
            var open = 0
            while let scalar = reader.current, open > 0 || scalar != "}" {
                if scalar == "{" { open += 1 } else if scalar == "}" { open -= 1 }
                spec.append(scalar)
                reader.index += 1
            }
        }
        guard reader.skip("}") else { throw failure("expected '}' before end of string") }
        if spec.contains("{") || spec.contains("}") { spec = try formatted(spec, nesting: nesting + 1).scalars }
        return try BraceSpec(spec).formatted(value, interpreter)
    }

    /// The value that a field's name stands for: an argument, then its attributes and elements.
    private mutating func value(_ name: [Unicode.Scalar]) throws -> Value {
        var reader = FormatReader(name)
        var first: [Unicode.Scalar] = []
        while let scalar = reader.current, scalar != ".", scalar != "[" {
            first.append(scalar)
            reader.index += 1
        }
        var value = try argument(Text(first).string)
        while let mark = reader.next() {
            var part: [Unicode.Scalar] = []
            if mark == "." {
                while let scalar = reader.current, scalar != ".", scalar != "[" {
                    part.append(scalar)
                    reader.index += 1
                }
                value = try interpreter.attribute(Text(part).string, of: value)
            } else {
                guard mark == "[" else { throw failure("only '.' or '[' may follow ']' in a field name") }
                while let scalar = reader.next(), scalar != "]" { part.append(scalar) }
                let text = Text(part).string
                value = try interpreter.element(Int(text).map { .int($0) } ?? .string(text), of: value)
            }
        }
        return value
    }

    private mutating func argument(_ name: String) throws -> Value {
        let isNumber = name.isEmpty || name.allSatisfy(\.isNumber)
        guard isNumber else {
            guard let value = arguments.keyword[name] else { throw failure("no value named '\(name)'") }
            return value
        }
        guard usesNumbers == nil || usesNumbers == !name.isEmpty else {
            throw failure("numbered and unnumbered fields can't be mixed")
        }
        usesNumbers = !name.isEmpty
        let index = name.isEmpty ? nextIndex : Int(name) ?? .max
        if name.isEmpty { nextIndex += 1 }
        guard index < arguments.positional.count else { throw failure("there is no argument \(index)") }
        return arguments.positional[index]
    }
}

/// `[[fill]align][sign][#][0][width][,][.precision][type]`.
private struct BraceSpec {
    private var layout = FieldLayout()
    private var hasAlignment = false
    private var sign: Unicode.Scalar = "-"
    private var isAlternate = false
    private var grouping: Unicode.Scalar?
    private var precision: Int?
    private var type: Unicode.Scalar?
    private let isEmpty: Bool

    private static func failure(_ message: String) -> Failure { Failure(.evaluation, message, construct: "str.format") }

    init(_ spec: [Unicode.Scalar]) throws {
        isEmpty = spec.isEmpty
        var reader = FormatReader(spec)
        let aligners = "<>^=".unicodeScalars
        if spec.count > 1, aligners.contains(spec[1]) {
            (layout.fill, layout.alignment, hasAlignment) = (spec[0], spec[1], true)
            reader.index = 2
        } else if let first = spec.first, aligners.contains(first) {
            (layout.alignment, hasAlignment) = (first, true)
            reader.index = 1
        }
        if let mark = reader.current, "+- ".unicodeScalars.contains(mark) {
            sign = mark
            reader.index += 1
        }
        isAlternate = reader.skip("#")
        if reader.skip("0"), !hasAlignment { (layout.fill, layout.alignment, hasAlignment) = ("0", "=", true) }
        layout.width = try reader.number() ?? 0
        if let mark = reader.current, mark == "," || mark == "_" {
            grouping = mark
            reader.index += 1
        }
        if reader.skip(".") {
            guard let digits = try reader.number() else {
                throw BraceSpec.failure("format specifier missing precision")
            }
            precision = digits
        }
        type = reader.next()
        guard reader.current == nil else { throw BraceSpec.failure("invalid format specifier") }
    }

    func formatted(_ value: Value, _ interpreter: Interpreter) throws -> Text {
        if isEmpty { return try interpreter.text(of: value) }
        switch value {
        case .string(let text):
            guard type == nil || type == "s" else {
                throw BraceSpec.failure("unknown format code for an object of type 'str'")
            }
            var layout = layout
            if !hasAlignment { layout.alignment = "<" }
            return layout.laidOut(Text(Array(text.scalars.prefix(precision ?? .max))))
        case .int, .float, .bool: return try number(value, interpreter)
        case .undefined(let missing): throw missing.failure
        default: throw BraceSpec.failure("unsupported format of an object of type '\(value.typeName)'")
        }
    }

    private func number(_ value: Value, _ interpreter: Interpreter) throws -> Text {
        let type = type ?? (Number.int(value) == nil ? "g" : "d")
        let digits: String
        let isNegative: Bool
        if let number = Number.int(value), let radix = BraceSpec.radices[type] {
            digits = integer(number, radix, type)
            isNegative = number < 0
        } else if "eEfFgG%".unicodeScalars.contains(type), let number = Number.double(value) {
            digits = try float(number.magnitude, type)
            isNegative = number.sign == .minus
        } else {
            throw BraceSpec.failure("unknown format code '\(type)' for an object of type '\(value.typeName)'")
        }
        let mark = isNegative ? "-" : sign == "-" ? "" : String(sign)
        return layout.laidOut(Text(digits), sign: mark)
    }

    private static let radices: [Unicode.Scalar: Int] = ["d": 10, "x": 16, "X": 16, "o": 8, "b": 2, "n": 10]

    private func integer(_ number: Int, _ radix: Int, _ type: Unicode.Scalar) -> String {
        let digits = grouped(String(number.magnitude, radix: radix, uppercase: type == "X"), radix == 10 ? 3 : 4)
        return isAlternate && radix != 10 ? "0\(type)" + digits : digits
    }

    private func float(_ number: Double, _ type: Unicode.Scalar) throws -> String {
        guard precision ?? 0 <= 1000 else { throw BraceSpec.failure("precision too big") }
        if self.type == nil, precision == nil {
            let text = FloatText.shortest(number)
            let parts = text.split(separator: ".", maxSplits: 1)
            return grouped(String(parts[0]), 3) + (parts.count > 1 ? "." + parts[1] : "")
        }
        let isPercent = type == "%"
        let text = FloatText.formatted(
            isPercent ? number * 100 : number, precision ?? 6, isPercent ? "f" : String(type), alternate: isAlternate)
        let parts = text.split(separator: ".", maxSplits: 1)
        return grouped(String(parts[0]), 3) + (parts.count > 1 ? "." + parts[1] : "") + (isPercent ? "%" : "")
    }

    private func grouped(_ digits: String, _ size: Int) -> String {
        guard let grouping, digits.allSatisfy({ $0.isHexDigit }) else { return digits }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % size == 0 { result.unicodeScalars.append(grouping) }
            result.append(digit)
        }
        return result
    }
}
