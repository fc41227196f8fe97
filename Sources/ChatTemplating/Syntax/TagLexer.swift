/// The words inside `{{ … }}` and `{% … %}`.
extension Lexer {
    mutating func tag(_ begin: Token.Kind, _ end: Token.Kind) throws {
        let isBlock = begin == .blockBegin
        result.append(Token(kind: begin, line: line))
        var open: [Unicode.Scalar] = []
        while true {
            advance(to: skippingSpace(from: position))
            guard let next = peek() else { return }
            if open.isEmpty, let after = close(isBlock: isBlock) {
                result.append(Token(kind: end, line: line))
                return advance(to: after)
            }
            let start = (position, line)
            let kind = try word(next)
            if case .symbol(let symbol) = kind { try balance(symbol, &open) }
            result.append(Token(kind: kind, line: start.1))
        }
    }

    private func close(isBlock: Bool) -> Int? {
        if isBlock { return tagEnd(position, "%}") }
        return tagEnd(position, "}}", trimsNewline: false)
    }

    private func balance(_ symbol: String, _ open: inout [Unicode.Scalar]) throws {
        switch symbol {
        case "(": open.append(")")
        case "[": open.append("]")
        case "{": open.append("}")
        case ")", "]", "}":
            guard let expected = open.popLast() else { throw Failure(.syntax, "unexpected '\(symbol)'") }
            guard String(expected) == symbol else {
                throw Failure(.syntax, "unexpected '\(symbol)', expected '\(expected)'")
            }
        default: break
        }
    }

    private mutating func word(_ first: Unicode.Scalar) throws -> Token.Kind {
        if first.isASCIIDigit { return try number() }
        if first == "_" || first.properties.isXIDContinue { return try identifier() }
        if first == "'" || first == "\"" { return try string(quote: first) }
        for symbol in ["//", "**", "==", "!=", ">=", "<="] as [StaticString] where matches(symbol, at: position) {
            advance(to: position + 2)
            return .symbol("\(symbol)")
        }
        guard "+-/*%~[](){}><=.:|,;".unicodeScalars.contains(first) else {
            throw Failure(.syntax, "unexpected character '\(first)'")
        }
        advance(to: position + 1)
        return .symbol(String(first))
    }

    private mutating func identifier() throws -> Token.Kind {
        var index = position
        while index < source.count, source[index] == "_" || source[index].properties.isXIDContinue { index += 1 }
        let name = String(String.UnicodeScalarView(source[position..<index]))
        guard source[position] == "_" || source[position].properties.isXIDStart else {
            throw Failure(.syntax, "'\(name)' can't be a name")
        }
        advance(to: index)
        return .name(name)
    }

    private mutating func string(quote: Unicode.Scalar) throws -> Token.Kind {
        var index = position + 1
        while index < source.count, source[index] != quote { index += source[index] == "\\" ? 2 : 1 }
        guard index < source.count else { throw Failure(.syntax, "the string is not closed") }
        let value = try StringEscapes.decode(source[(position + 1)..<index])
        advance(to: index + 1)
        return .string(value)
    }
}

// MARK: - Numbers

extension Lexer {
    private mutating func number() throws -> Token.Kind {
        if let float = try floatLiteral() { return float }
        var index = position
        var radix = 10
        if peek() == "0", let mark = peek(1) {
            switch mark {
            case "x", "X": radix = 16
            case "o", "O": radix = 8
            case "b", "B": radix = 2
            default: break
            }
        }
        let digits: String
        if radix != 10, let after = digitRun(from: position + 2, radix: radix, leadingUnderscore: true) {
            digits = text(position + 2, after)
            index = after
        } else if peek() == "0" {
            radix = 10
            index += 1
            while index < source.count, source[index] == "0" || source[index] == "_" && isZero(index + 1) { index += 1 }
            digits = "0"
        } else {
            index = digitRun(from: position, radix: 10, leadingUnderscore: false) ?? position + 1
            digits = text(position, index)
        }
        guard let value = Int(digits, radix: radix) else {
            throw Failure(.evaluation, "the integer \(digits.prefix(40)) does not fit 64 bits")
        }
        advance(to: index)
        return .integer(value)
    }

    private func isZero(_ index: Int) -> Bool { index < source.count && source[index] == "0" }

    private func text(_ start: Int, _ end: Int) -> String {
        String(String.UnicodeScalarView(source[start..<end].filter { $0 != "_" }))
    }

    /// The end of a run of digits with single underscores between them; `nil` if there is no digit.
    private func digitRun(from start: Int, radix: Int, leadingUnderscore: Bool) -> Int? {
        func isDigit(_ index: Int) -> Bool {
            guard index < source.count, source[index].isASCII else { return false }
            return Character(source[index]).hexDigitValue.map { $0 < radix } ?? false
        }
        var index = start
        if leadingUnderscore, index < source.count, source[index] == "_" { index += 1 }
        guard isDigit(index) else { return nil }
        while true {
            if isDigit(index) {
                index += 1
            } else if index < source.count, source[index] == "_", isDigit(index + 1) {
                index += 2
            } else {
                return index
            }
        }
    }

    private mutating func floatLiteral() throws -> Token.Kind? {
        // `x.1.2` is two subscripts, not a float.
        if position > 0, source[position - 1] == "." { return nil }
        guard var index = digitRun(from: position, radix: 10, leadingUnderscore: false) else { return nil }
        var isFloat = false
        if index < source.count, source[index] == ".",
            let fraction = digitRun(from: index + 1, radix: 10, leadingUnderscore: false)
        {
            index = fraction
            isFloat = true
        }
        if index < source.count, source[index] == "e" || source[index] == "E" {
            let signed = index + 1 < source.count && (source[index + 1] == "+" || source[index + 1] == "-")
            if let exponent = digitRun(from: index + (signed ? 2 : 1), radix: 10, leadingUnderscore: false) {
                index = exponent
                isFloat = true
            }
        }
        guard isFloat, let value = Double(text(position, index)) else { return nil }
        advance(to: index)
        return .float(value)
    }
}
