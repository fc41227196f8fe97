/// The parts that can follow a value: attributes, elements, calls, filters and tests.
extension Parser {
    /// - Parameter levels: how many levels the expression has grown on the left, which the recursion doesn't count.
    mutating func postfix(_ base: Expression, _ levels: inout Int) throws -> Expression {
        var value = base
        while true {
            let line = line
            if at(".") {
                advance()
                value = try attribute(of: value, line: line)
            } else if at("[") {
                advance()
                value = try element(of: value, line: line)
            } else if at("(") {
                value = .call(value, try callArguments(), line: line)
            } else {
                return value
            }
            levels += 1
            try checkDepth(extra: levels)
        }
    }

    private mutating func attribute(of value: Expression, line: Int) throws -> Expression {
        switch current.kind {
        case .name(let name):
            advance()
            return .attribute(value, name, line: line)
        case .integer(let index):
            advance()
            return .element(value, .literal(.int(index)), line: line)
        default: throw unexpected(expected: "an attribute's name or number")
        }
    }

    private mutating func element(of value: Expression, line: Int) throws -> Expression {
        var indices: [Expression] = []
        while !at("]") {
            if !indices.isEmpty { try expect(",") }
            let start = at(":") ? nil : try expression()
            if at(":") {
                let bounds = try slice(from: start)
                guard indices.isEmpty, at("]") else {
                    throw Failure(.unsupported, "slices in several dimensions", construct: "[…, …]")
                }
                advance()
                return .slice(value, bounds, line: line)
            }
            if let start { indices.append(start) }
        }
        try expect("]")
        return .element(value, indices.count == 1 ? indices[0] : .tuple(indices), line: line)
    }

    private mutating func slice(from start: Expression?) throws -> SliceBounds {
        var bounds = SliceBounds(start: start)
        try expect(":")
        if !at(":"), !at("]"), !at(",") { bounds.stop = try expression() }
        if skip(":"), !at("]"), !at(",") { bounds.step = try expression() }
        return bounds
    }

    mutating func callArguments() throws -> CallArguments {
        try expect("(")
        var arguments = CallArguments()
        var isFirst = true
        while !at(")") {
            if !isFirst { try expect(",") }
            if at(")") { break }
            isFirst = false
            try callArgument(&arguments)
        }
        try expect(")")
        return arguments
    }

    private mutating func callArgument(_ arguments: inout CallArguments) throws {
        let misplaced = Failure(.syntax, "an argument is at the wrong place in the call")
        if skip("**") {
            guard arguments.keywordSpread == nil else { throw misplaced }
            arguments.keywordSpread = try expression()
        } else if skip("*") {
            guard arguments.spread == nil, arguments.keywordSpread == nil else { throw misplaced }
            arguments.spread = try expression()
        } else if case .name(let name) = current.kind, following.kind == .symbol("=") {
            guard arguments.keywordSpread == nil else { throw misplaced }
            advance()
            advance()
            guard !arguments.keyword.contains(where: { $0.name == name }) else {
                throw Failure(.syntax, "the argument '\(name)' is given twice")
            }
            arguments.keyword.append((name, try expression()))
        } else {
            guard arguments.keyword.isEmpty, arguments.spread == nil, arguments.keywordSpread == nil else {
                throw misplaced
            }
            arguments.positional.append(try expression())
        }
    }

    // MARK: Filters and tests

    mutating func filtersAndTests(_ base: Expression, _ levels: inout Int) throws -> Expression {
        var value = base
        while true {
            if skip("|") {
                value = try filter(of: value)
            } else if at(name: "is") {
                value = try test(of: value)
            } else if at("(") {
                let line = line
                value = .call(value, try callArguments(), line: line)
            } else {
                return value
            }
            levels += 1
            try checkDepth(extra: levels)
        }
    }

    /// Reads a filter's name and arguments, after the `|`.
    mutating func filter(of operand: Expression?) throws -> Expression {
        let line = line
        let name = try dottedName()
        let arguments = at("(") ? try callArguments() : CallArguments()
        return .filter(operand, name, arguments, line: line)
    }

    /// Reads a filter and the filters chained to it: `upper | trim`.
    mutating func filterChain() throws -> Expression {
        var value = try filter(of: nil)
        var levels = 0
        while skip("|") {
            value = try filter(of: value)
            levels += 1
            try checkDepth(extra: levels)
        }
        return value
    }

    private mutating func dottedName() throws -> String {
        var name = try expectName()
        while skip(".") { name += "." + (try expectName()) }
        return name
    }

    private mutating func test(of operand: Expression) throws -> Expression {
        let line = line
        try expect(name: "is")
        let isNegated = skip(name: "not")
        let name = try dottedName()
        var arguments = CallArguments()
        if at("(") {
            arguments = try callArguments()
        } else if startsTestArgument {
            if at(name: "is") {
                throw Failure(
                    .syntax, "tests can't be chained with 'is'", construct: "is", remedy: "join them with 'and'")
            }
            arguments.positional = [
                try nested { parser in
                    var levels = 0
                    return try parser.postfix(parser.primary(), &levels)
                }
            ]
        }
        let value = Expression.test(operand, name, arguments, line: line)
        return isNegated ? .not(value) : value
    }

    private var startsTestArgument: Bool {
        switch current.kind {
        case .name(let name): !["else", "or", "and"].contains(name)
        case .string, .integer, .float: true
        case .symbol(let symbol): symbol == "[" || symbol == "{"
        default: false
        }
    }
}
