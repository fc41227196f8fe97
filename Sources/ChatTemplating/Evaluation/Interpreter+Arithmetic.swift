import Foundation

extension Interpreter {
    func arithmetic(_ operation: ArithmeticOperator, _ left: Value, _ right: Value) throws -> Value {
        if operation == .concatenate { return try concatenated(left, right) }
        if operation == .modulo, case .string(let format) = left {
            return .string(try formatted(format, with: right))
        }
        if case .undefined(let missing) = left { throw missing.failure }
        if case .undefined(let missing) = right { throw missing.failure }
        if let left = Number.int(left), let right = Number.int(right) { return try integers(operation, left, right) }
        if let left = Number.double(left), let right = Number.double(right) {
            return .float(try floats(operation, left, right))
        }
        switch operation {
        case .add: return try joined(left, right)
        case .multiply: return try repeated(left, right)
        default: throw unsupported(operation, left, right)
        }
    }

    func signed(_ value: Value, isNegative: Bool) throws -> Value {
        if case .undefined(let missing) = value { throw missing.failure }
        if let int = Number.int(value) {
            guard isNegative else { return .int(int) }
            return try integers(.subtract, 0, int)
        }
        if case .float(let float) = value { return .float(isNegative ? -float : float) }
        throw Failure.type("bad operand type for unary \(isNegative ? "-" : "+"): '\(value.typeName)'")
    }

    private func unsupported(_ operation: ArithmeticOperator, _ left: Value, _ right: Value) -> Failure {
        Failure(
            .evaluation, "unsupported operand types: '\(left.typeName)' and '\(right.typeName)'",
            construct: "operator \(operation.rawValue)")
    }

    // MARK: Text and lists

    private func concatenated(_ left: Value, _ right: Value) throws -> Value {
        let (left, right) = (try text(of: left), try text(of: right))
        return try string(left.scalars + right.scalars)
    }

    private func joined(_ left: Value, _ right: Value) throws -> Value {
        switch (left, right) {
        case (.string(let left), .string(let right)):
            guard left.isMarkup || right.isMarkup else { return try string(left.scalars + right.scalars) }
            let escaped = [left, right].flatMap { $0.isMarkup ? $0.scalars : $0.escaped().scalars }
            return try string(escaped, markup: true)
        case (.list(let left), .list(let right)): return try list(left.elements + right.elements)
        case (.tuple(let left), .tuple(let right)): return try tuple(left.elements + right.elements)
        case (.string, _):
            throw Failure(
                .evaluation, "can only concatenate str (not '\(right.typeName)') to str", construct: "operator +",
                remedy: "use ~ or the filter 'string'")
        default: throw unsupported(.add, left, right)
        }
    }

    private func repeated(_ left: Value, _ right: Value) throws -> Value {
        guard let count = Number.int(left) ?? Number.int(right) else { throw unsupported(.multiply, left, right) }
        let times = max(count, 0)
        switch Number.int(left) == nil ? left : right {
        case .string(let text):
            let (total, overflow) = text.count.multipliedReportingOverflow(by: times)
            try charge(characters: overflow ? .max : total)
            var result = Text(Array(repeatElement(text.scalars, count: text.count == 0 ? 0 : times).joined()))
            result.isMarkup = text.isMarkup
            return .string(result)
        case .list(let sequence): return try list(repeated(sequence, times))
        case .tuple(let sequence): return try tuple(repeated(sequence, times))
        default: throw unsupported(.multiply, left, right)
        }
    }

    private func repeated(_ sequence: ValueSequence, _ times: Int) throws -> [Value] {
        let count = sequence.elements.count
        let (total, overflow) = count.multipliedReportingOverflow(by: times)
        try charge(overflow ? .max : total)
        return Array(repeatElement(sequence.elements, count: count == 0 ? 0 : times).joined())
    }

    // MARK: Numbers

    private func integers(_ operation: ArithmeticOperator, _ left: Int, _ right: Int) throws -> Value {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .floorDivide, .modulo:
            guard right != 0 else { throw divisionByZero(operation) }
            let quotient = left.dividedReportingOverflow(by: right)
            let remainder = right == -1 ? 0 : left % right
            let isRounded = remainder != 0 && (remainder < 0) != (right < 0)
            if operation == .modulo { return .int(isRounded ? remainder + right : remainder) }
            result = (isRounded ? quotient.partialValue - 1 : quotient.partialValue, quotient.overflow)
        case .power where right >= 0: result = power(left, right)
        case .power:
            guard left != 0 else { throw divisionByZero(operation) }
            return .float(pow(Double(left), Double(right)))
        default: return .float(try floats(operation, Double(left), Double(right)))
        }
        guard !result.overflow else {
            throw Failure(
                .evaluation, "the integer result does not fit 64 bits", construct: "operator \(operation.rawValue)")
        }
        return .int(result.partialValue)
    }

    private func power(_ base: Int, _ exponent: Int) -> (partialValue: Int, overflow: Bool) {
        if exponent == 0 || base == 1 { return (1, false) }
        if base == 0 { return (0, false) }
        if base == -1 { return (exponent % 2 == 0 ? 1 : -1, false) }
        var result = 1
        for _ in 0..<exponent {
            let (product, overflow) = result.multipliedReportingOverflow(by: base)
            if overflow { return (0, true) }
            result = product
        }
        return (result, false)
    }

    private func floats(_ operation: ArithmeticOperator, _ left: Double, _ right: Double) throws -> Double {
        switch operation {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide, .floorDivide, .modulo:
            guard right != 0 else { throw divisionByZero(operation) }
            if operation == .divide { return left / right }
            return try floorDivision(left, right, operation)
        case .power, .concatenate:
            if left == 0, right < 0 { throw divisionByZero(operation) }
            let result = pow(left, right)
            guard !result.isNaN || left.isNaN || right.isNaN, result.isFinite || !left.isFinite || !right.isFinite
            else {
                throw Failure(.evaluation, "the power is not a finite real number", construct: "operator **")
            }
            return result
        }
    }

    /// Python's quotient and remainder; the remainder has the sign of the divisor.
    private func floorDivision(_ left: Double, _ right: Double, _ operation: ArithmeticOperator) throws -> Double {
        var remainder = fmod(left, right)
        var quotient = (left - remainder) / right
        if remainder != 0 {
            if (right < 0) != (remainder < 0) {
                remainder += right
                quotient -= 1
            }
        } else {
            remainder = right < 0 ? -0.0 : 0.0
        }
        if operation == .modulo { return remainder }
        if quotient == 0 { return (left / right).sign == .minus ? -0.0 : 0.0 }
        let floored = quotient.rounded(.down)
        return quotient - floored > 0.5 ? floored + 1 : floored
    }

    private func divisionByZero(_ operation: ArithmeticOperator) -> Failure {
        Failure(.evaluation, "division by zero", construct: "operator \(operation.rawValue)")
    }
}
