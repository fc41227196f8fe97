extension Parser {
    /// An expression or, with commas, a tuple of expressions.
    mutating func tupleOrExpression(conditional: Bool = true, isEnd: (Parser) -> Bool = { _ in false }) throws
        -> Expression
    {
        var elements: [Expression] = []
        var isTuple = false
        while true {
            if !elements.isEmpty { try expect(",") }
            if endsTuple || isEnd(self) { break }
            elements.append(try expression(conditional: conditional))
            guard at(",") else { break }
            isTuple = true
        }
        if !isTuple {
            guard let only = elements.first else { throw unexpected(expected: "an expression") }
            return only
        }
        return .tuple(elements)
    }

    private var endsTuple: Bool {
        switch current.kind {
        case .outputEnd, .blockEnd: true
        case .symbol(let symbol): symbol == ")"
        default: false
        }
    }

    mutating func expression(conditional: Bool = true) throws -> Expression {
        try nested { parser in
            var value = try parser.disjunction()
            guard conditional else { return value }
            var count = 0
            while parser.skip(name: "if") {
                count += 1
                try parser.checkDepth(extra: count)
                let condition = try parser.disjunction()
                let otherwise = parser.skip(name: "else") ? try parser.expression() : nil
                value = .conditional(condition: condition, then: value, otherwise: otherwise)
            }
            return value
        }
    }

    private mutating func disjunction() throws -> Expression {
        var terms = [try conjunction()]
        while skip(name: "or") { terms.append(try conjunction()) }
        return terms.count == 1 ? terms[0] : .or(terms)
    }

    private mutating func conjunction() throws -> Expression {
        var terms = [try negation()]
        while skip(name: "and") { terms.append(try negation()) }
        return terms.count == 1 ? terms[0] : .and(terms)
    }

    private mutating func negation() throws -> Expression {
        var count = 0
        while skip(name: "not") { count += 1 }
        let operand = try comparison()
        if count == 0 { return operand }
        return count % 2 == 1 ? .not(operand) : .not(.not(operand))
    }

    private mutating func comparison() throws -> Expression {
        let first = try arithmetic(1)
        let line = line
        var links: [ComparisonLink] = []
        while let operation = comparisonOperator() {
            links.append(ComparisonLink(operation: operation, operand: try arithmetic(1)))
        }
        return links.isEmpty ? first : .comparison(first, links, line: line)
    }

    /// Reads a comparison operator, if there is one at this position.
    private mutating func comparisonOperator() -> ComparisonOperator? {
        switch current.kind {
        case .symbol(let symbol):
            guard let operation = ComparisonOperator(rawValue: symbol) else { return nil }
            advance()
            return operation
        case .name("in"):
            advance()
            return .contained
        case .name("not"):
            guard following.kind == .name("in") else { return nil }
            advance()
            advance()
            return .notContained
        default: return nil
        }
    }

    /// Reads operators of at least this precedence; all of them, including `**`, group from the left as in Jinja.
    private mutating func arithmetic(_ precedence: Int) throws -> Expression {
        var value = try unary()
        while case .symbol(let symbol) = current.kind, let operation = ArithmeticOperator(rawValue: symbol),
            operation.precedence >= precedence
        {
            let line = line
            var links: [ChainLink] = []
            while case .symbol(let symbol) = current.kind, let next = ArithmeticOperator(rawValue: symbol),
                next.precedence == operation.precedence
            {
                advance()
                links.append(ChainLink(operation: next, operand: try arithmetic(next.precedence + 1)))
            }
            value = .chain(value, links, line: line)
        }
        return value
    }

    private mutating func unary() throws -> Expression {
        var signs: [(isMinus: Bool, line: Int)] = []
        while at("-") || at("+") {
            signs.append((at("-"), line))
            advance()
            try checkDepth(extra: signs.count)
        }
        var levels = signs.count
        var value = try postfix(primary(), &levels)
        for sign in signs.reversed() {
            value = sign.isMinus ? .negative(value, line: sign.line) : .positive(value, line: sign.line)
        }
        return try filtersAndTests(value, &levels)
    }

    mutating func primary() throws -> Expression {
        let line = line
        switch current.kind {
        case .name(let name):
            advance()
            return named(name, line: line)
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text.scalars += more.scalars
                advance()
            }
            return .literal(.string(text))
        case .integer(let value):
            advance()
            return .literal(.int(value))
        case .float(let value):
            advance()
            return .literal(.float(value))
        case .symbol("("): return try parenthesized()
        case .symbol("["): return .list(try elements())
        case .symbol("{"): return try dictionary()
        default: throw unexpected(expected: "an expression")
        }
    }

    private mutating func named(_ name: String, line: Int) -> Expression {
        names.insert(name)
        switch name {
        case "true", "True": return .literal(.bool(true))
        case "false", "False": return .literal(.bool(false))
        case "none", "None": return .literal(.none)
        case "caller", "varargs", "kwargs":
            for index in specialNames.indices { specialNames[index].insert(name) }
            return .name(name, line: line)
        default: return .name(name, line: line)
        }
    }
}

// MARK: - Brackets

extension Parser {
    private mutating func parenthesized() throws -> Expression {
        try expect("(")
        if skip(")") { return .tuple([]) }
        let value = try tupleOrExpression()
        try expect(")")
        return value
    }

    private mutating func elements() throws -> [Expression] {
        try expect("[")
        var elements: [Expression] = []
        while !at("]") {
            if !elements.isEmpty { try expect(",") }
            if at("]") { break }
            elements.append(try expression())
        }
        try expect("]")
        return elements
    }

    private mutating func dictionary() throws -> Expression {
        try expect("{")
        var items: [DictionaryItem] = []
        while !at("}") {
            if !items.isEmpty { try expect(",") }
            if at("}") { break }
            let key = try expression()
            try expect(":")
            items.append(DictionaryItem(key: key, value: try expression()))
        }
        try expect("}")
        return .dictionary(items)
    }
}
