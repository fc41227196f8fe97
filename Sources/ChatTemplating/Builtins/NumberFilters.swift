import Foundation

extension Interpreter {
    func applyNumber(_ name: String, _ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter '\(name)'"
        switch name {
        case "abs":
            _ = try arguments.bound(to: construct, [])
            if case .float(let float) = value { return .float(float.magnitude) }
            let number = try integer(value, construct)
            return number < 0 ? try signed(.int(number), isNegative: true) : .int(number)
        case "int":
            let bound = try arguments.bound(to: construct, ["default", "base"])
            let base = try bound[1].map { try integer($0, construct) } ?? 10
            return try converted(toInteger: value, base: base) ?? bound[0] ?? .int(0)
        case "float":
            let bound = try arguments.bound(to: construct, ["default"])
            if case .undefined(let missing) = value { throw missing.failure }
            return converted(toFloat: value).map { .float($0) } ?? bound[0] ?? .float(0)
        default: return try rounded(value, arguments)
        }
    }

    private func converted(toFloat value: Value) -> Double? {
        if case .string(let text) = value { return NumberText.float(text) }
        return Number.double(value)
    }

    private func converted(toInteger value: Value, base: Int) throws -> Value? {
        if case .undefined(let missing) = value { throw missing.failure }
        if let number = Number.int(value) { return .int(number) }
        if case .string(let text) = value {
            guard base == 0 || (2...36).contains(base) else {
                return NumberText.float(text).flatMap(Int.init(exactly:)).map { .int($0) }
            }
            switch NumberText.integer(text, base: base) {
            case .value(let number): return .int(number)
            case .tooLarge:
                throw Failure(.evaluation, "the integer does not fit 64 bits", construct: "filter 'int'")
            case .notANumber: break
            }
        }
        guard let float = converted(toFloat: value), float.isFinite else { return nil }
        guard let number = Int(exactly: float.rounded(.towardZero)) else {
            throw Failure(.evaluation, "the integer does not fit 64 bits", construct: "filter 'int'")
        }
        return .int(number)
    }

    private func rounded(_ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter 'round'"
        let bound = try arguments.bound(to: construct, ["precision", "method"])
        let precision = try bound[0].map { try integer($0, construct) } ?? 0
        let method = try bound[1].map { try text($0, construct).string } ?? "common"
        guard ["common", "ceil", "floor"].contains(method) else {
            throw Failure(.evaluation, "method must be common, ceil or floor", construct: construct)
        }
        if case .undefined(let missing) = value { throw missing.failure }
        guard let number = Number.double(value) else {
            throw Failure(.evaluation, "needs a number, not '\(value.typeName)'", construct: construct)
        }
        guard method == "common" else {
            let scale = pow(10, Double(precision))
            let scaled = number * scale
            guard scaled.isFinite, scale.isFinite, scale > 0 else {
                throw Failure(.evaluation, "the number can't be rounded so", construct: construct)
            }
            return .float((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) / scale)
        }
        if let integer = Number.int(value) { return .int(try rounded(integer, precision)) }
        guard number.isFinite, precision <= 300 else { return value }
        guard precision < 0 else { return .float(Double(FloatText.fixed(number, precision: precision)) ?? number) }
        // Rounds half to even, as Python does for tens and hundreds.
        guard precision > -309 else { return .float(number.sign == .minus ? -0.0 : 0.0) }
        let unit = pow(10, Double(-precision))
        return .float((number / unit).rounded(.toNearestOrEven) * unit)
    }

    /// Rounds half to even, to a power of ten.
    private func rounded(_ number: Int, _ precision: Int) throws -> Int {
        guard precision < 0 else { return number }
        guard precision > -19 else { return 0 }
        let unit = (0..<(-precision)).reduce(1) { product, _ in product * 10 }
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: unit)
        let twice = remainder.magnitude * 2
        let isUp = twice > unit || twice == unit && quotient % 2 != 0
        let (result, overflow) = (isUp ? quotient + number.signum() : quotient).multipliedReportingOverflow(by: unit)
        guard !overflow else {
            throw Failure(.evaluation, "the integer does not fit 64 bits", construct: "filter 'round'")
        }
        return result
    }
}

/// Parses numbers from text as Python does.
enum NumberText {
    enum Result {
        case value(Int)
        case tooLarge
        case notANumber
    }

    static func integer(_ text: Text, base: Int) -> Result {
        var digits = text.trimmed().scalars[...]
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits.removeFirst() }
        var base = base
        var hasPrefix = false
        if digits.count > 1, digits.first == "0" {
            let prefixes: [Unicode.Scalar: Int] = ["x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2]
            if let radix = prefixes[digits[digits.startIndex + 1]], base == radix || base == 0 {
                digits.removeFirst(2)
                (base, hasPrefix) = (radix, true)
            }
        }
        if base == 0 { base = 10 }
        if hasPrefix, digits.first == "_" { digits.removeFirst() }
        var value = 0
        var isTooLarge = false
        var afterDigit = false
        for scalar in digits {
            if scalar == "_", afterDigit {
                afterDigit = false
                continue
            }
            guard let digit = self.digit(scalar), digit < base else { return .notANumber }
            let (product, first) = value.multipliedReportingOverflow(by: base)
            let (sum, second) =
                isNegative
                ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            isTooLarge = isTooLarge || first || second
            value = sum
            afterDigit = true
        }
        if !afterDigit { return .notANumber }
        return isTooLarge ? .tooLarge : .value(value)
    }

    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.isASCII {
            switch scalar {
            case "0"..."9": return Int(scalar.value) - 48
            case "a"..."z": return Int(scalar.value) - 87
            case "A"..."Z": return Int(scalar.value) - 55
            default: return nil
            }
        }
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return Int(exactly: value)
    }

    static func float(_ text: Text) -> Double? {
        let scalars = text.trimmed().scalars
        let lower = Text(scalars).lowercased().string
        let unsigned = lower.drop { $0 == "+" || $0 == "-" }
        if lower.count - unsigned.count <= 1, ["inf", "infinity", "nan"].contains(unsigned) {
            let magnitude = unsigned == "nan" ? Double.nan : Double.infinity
            return lower.first == "-" ? -magnitude : magnitude
        }
        var plain = ""
        for (index, scalar) in scalars.enumerated() {
            if scalar == "_" {
                let isBetween =
                    index > 0 && index + 1 < scalars.count && scalars[index - 1].isASCIIDigit
                    && scalars[index + 1].isASCIIDigit
                guard isBetween else { return nil }
                continue
            }
            guard scalar.isASCIIDigit || "+-.eE".unicodeScalars.contains(scalar) else { return nil }
            plain.unicodeScalars.append(scalar)
        }
        return plain.contains(where: \.isNumber) ? Double(plain) : nil
    }
}
