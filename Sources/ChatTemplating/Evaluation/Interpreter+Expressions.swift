import OrderedCollections

extension Interpreter {
    func evaluate(_ expression: Expression) throws -> Value {
        try enter()
        defer { leave() }
        try charge()
        switch expression {
        case .literal(let literal): return Value(literal)
        case .name(let name, let line): return lookUp(name, line)
        case .list(let elements): return try list(evaluateAll(elements))
        case .tuple(let elements): return try tuple(evaluateAll(elements))
        case .dictionary(let items): return try evaluate(items)
        case .attribute(let base, let name, let line): return try attribute(base, name, line)
        case .element(let base, let index, let line): return try element(base, index, line)
        case .slice(let base, let bounds, let line): return try slice(base, bounds, line)
        case .call(let callee, let arguments, let line): return try call(callee, arguments, line)
        case .filter(let operand, let name, let arguments, let line):
            return try filter(operand, name, arguments, line)
        case .test(let operand, let name, let arguments, let line): return try test(operand, name, arguments, line)
        case .not(let operand): return .bool(!(try isTrue(evaluate(operand))))
        case .negative(let operand, let line): return try signed(operand, isNegative: true, line)
        case .positive(let operand, let line): return try signed(operand, isNegative: false, line)
        case .chain(let first, let links, let line): return try chain(first, links, line)
        case .comparison(let first, let links, let line): return try comparison(first, links, line)
        case .and(let terms): return try firstTerm(terms, whoseTruthIs: false)
        case .or(let terms): return try firstTerm(terms, whoseTruthIs: true)
        case .conditional(let condition, let then, let otherwise):
            return try conditional(condition, then, otherwise)
        }
    }

    private func evaluateAll(_ expressions: [Expression]) throws -> [Value] { try expressions.map { try evaluate($0) } }

    private func lookUp(_ name: String, _ line: Int) -> Value {
        self.line = line
        if let value = scope.value(of: name) { return value }
        return Globals.names.contains(name) ? .function(name) : .undefined(.name(name))
    }

    private func evaluate(_ items: [DictionaryItem]) throws -> Value {
        var entries = OrderedDictionary<Key, Value>(minimumCapacity: items.count)
        for item in items { entries[try key(evaluate(item.key))] = try evaluate(item.value) }
        return try dictionary(entries)
    }

    private func conditional(_ condition: Expression, _ then: Expression, _ otherwise: Expression?) throws -> Value {
        if try isTrue(evaluate(condition)) { return try evaluate(then) }
        if let otherwise { return try evaluate(otherwise) }
        return .undefined(.hint("the inline if-expression evaluated to false and no else section was defined"))
    }

    /// The first term with this truth value, or otherwise the last term.
    private func firstTerm(_ terms: [Expression], whoseTruthIs truth: Bool) throws -> Value {
        var value = Value.none
        for term in terms {
            value = try evaluate(term)
            if isTrue(value) == truth { break }
        }
        return value
    }

    // MARK: Operators

    private func signed(_ operand: Expression, isNegative: Bool, _ line: Int) throws -> Value {
        let value = try evaluate(operand)
        self.line = line
        return try signed(value, isNegative: isNegative)
    }

    private func chain(_ first: Expression, _ links: [ChainLink], _ line: Int) throws -> Value {
        var value = try evaluate(first)
        for link in links {
            let operand = try evaluate(link.operand)
            self.line = line
            value = try arithmetic(link.operation, value, operand)
        }
        return value
    }

    private func comparison(_ first: Expression, _ links: [ComparisonLink], _ line: Int) throws -> Value {
        var left = try evaluate(first)
        for link in links {
            let right = try evaluate(link.operand)
            self.line = line
            guard try compare(link.operation, left, right) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    // MARK: Parts

    private func attribute(_ base: Expression, _ name: String, _ line: Int) throws -> Value {
        let value = try evaluate(base)
        self.line = line
        return try attribute(name, of: value)
    }

    private func element(_ base: Expression, _ index: Expression, _ line: Int) throws -> Value {
        let value = try evaluate(base)
        let index = try evaluate(index)
        self.line = line
        return try element(index, of: value)
    }

    private func slice(_ base: Expression, _ bounds: SliceBounds, _ line: Int) throws -> Value {
        let value = try evaluate(base)
        let start = try bounds.start.map { try evaluate($0) }
        let stop = try bounds.stop.map { try evaluate($0) }
        let step = try bounds.step.map { try evaluate($0) }
        self.line = line
        return try slice(value, start, stop, step)
    }

    // MARK: Calls

    func evaluated(_ arguments: CallArguments) throws -> Arguments {
        var result = Arguments()
        result.positional = try evaluateAll(arguments.positional)
        for (name, value) in arguments.keyword { result.keyword[name] = try evaluate(value) }
        if let spread = arguments.spread { result.positional += try elements(of: evaluate(spread)) }
        if let spread = arguments.keywordSpread {
            guard case .dictionary(let mapping) = try evaluate(spread) else {
                throw Failure.type("argument after ** must be a mapping")
            }
            for (key, value) in mapping.entries {
                guard case .string(let name) = key.value, result.keyword[name.string] == nil else {
                    throw Failure.type("the names after ** must be strings and new")
                }
                result.keyword[name.string] = value
            }
        }
        return result
    }

    private func call(_ callee: Expression, _ arguments: CallArguments, _ line: Int) throws -> Value {
        let function = try evaluate(callee)
        let evaluated = try evaluated(arguments)
        self.line = line
        return try call(function, evaluated)
    }

    func call(_ function: Value, _ arguments: Arguments) throws -> Value {
        switch function {
        case .function(let name): return try callGlobal(name, arguments)
        case .method(let method): return try callMethod(method.name, of: method.receiver, arguments)
        case .macro(let number): return try callMacro(number, arguments)
        case .loop(let number): return try recurse(number, arguments)
        case .joiner(let number): return joined(number)
        case .undefined(let missing): throw missing.failure
        default: throw Failure.type("'\(function.typeName)' object is not callable")
        }
    }

    private func filter(_ operand: Expression?, _ name: String, _ arguments: CallArguments, _ line: Int) throws -> Value
    {
        let value = try operand.map { try evaluate($0) } ?? .none
        let evaluated = try evaluated(arguments)
        self.line = line
        return try apply(filter: name, to: value, evaluated)
    }

    private func test(_ operand: Expression, _ name: String, _ arguments: CallArguments, _ line: Int) throws -> Value {
        let value = try evaluate(operand)
        let evaluated = try evaluated(arguments)
        self.line = line
        return .bool(try passes(test: name, value, evaluated))
    }
}
