extension Interpreter {
    /// `value is name(arguments)`.
    func passes(test name: String, _ value: Value, _ arguments: Arguments) throws -> Bool {
        let construct = "test '\(name)'"
        if let operation = Tests.comparisons[name] {
            return try compare(operation, value, argument(arguments, construct))
        }
        switch name {
        case "sameas": return isSame(value, try argument(arguments, construct))
        case "divisibleby":
            return try equal(arithmetic(.modulo, value, argument(arguments, construct)), .int(0))
        default: break
        }
        guard arguments.isEmpty else { throw Failure(.evaluation, "takes no argument", construct: construct) }
        switch name {
        case "odd": return try equal(arithmetic(.modulo, value, .int(2)), .int(1))
        case "even": return try equal(arithmetic(.modulo, value, .int(2)), .int(0))
        case "upper": return try text(of: value).isUppercase
        case "lower": return try text(of: value).isLowercase
        case "filter", "test":
            guard case .string(let text) = value else { return false }
            return name == "filter" ? Filters.names.contains(text.string) : Tests.names.contains(text.string)
        default: break
        }
        if let result = hasType(name, value) { return result }
        throw Failure(.syntax, "there is no test of this name", construct: construct)
    }

    private func argument(_ arguments: Arguments, _ construct: String) throws -> Value {
        guard arguments.positional.count == 1, arguments.keyword.isEmpty else {
            throw Failure(.evaluation, "takes one argument", construct: construct)
        }
        return arguments.positional[0]
    }

    /// Tests that depend only on the type; `nil` for other names.
    private func hasType(_ name: String, _ value: Value) -> Bool? {
        switch (name, value) {
        case ("defined", _): !value.isUndefined
        case ("undefined", _): value.isUndefined
        case ("none", .none), ("true", .bool(true)), ("false", .bool(false)), ("boolean", .bool): true
        case ("integer", .int), ("float", .float), ("number", .int), ("number", .float), ("number", .bool): true
        case ("string", .string), ("mapping", .dictionary): true
        case ("sequence", .string), ("sequence", .list), ("sequence", .tuple), ("sequence", .dictionary): true
        case ("sequence", .range), ("sequence", .undefined): true
        case ("iterable", .string), ("iterable", .list), ("iterable", .tuple), ("iterable", .dictionary): true
        case ("iterable", .range), ("iterable", .view), ("iterable", .iterator), ("iterable", .undefined): true
        case ("iterable", .loop): true
        case ("callable", .function), ("callable", .method), ("callable", .macro), ("callable", .joiner): true
        case ("callable", .loop), ("callable", .undefined): true
        case ("escaped", .string(let text)): text.isMarkup
        default: Tests.types.contains(name) ? false : nil
        }
    }
}

enum Tests {
    static let types: Set = [
        "none", "true", "false", "boolean", "integer", "float", "number", "string", "mapping", "sequence", "iterable",
        "callable", "escaped",
    ]
    static let comparisons: [String: ComparisonOperator] = [
        "==": .equal, "eq": .equal, "equalto": .equal, "!=": .notEqual, "ne": .notEqual, ">": .greater, "gt": .greater,
        "greaterthan": .greater, ">=": .greaterOrEqual, "ge": .greaterOrEqual, "<": .less, "lt": .less,
        "lessthan": .less, "<=": .lessOrEqual, "le": .lessOrEqual, "in": .contained,
    ]
    static let names = types.union(comparisons.keys).union([
        "sameas", "divisibleby", "odd", "even", "upper", "lower", "filter", "test", "defined", "undefined",
    ])
}

extension Text {
    /// Python's `str.isupper`: cased letters, all of them capitals.
    var isUppercase: Bool {
        scalars.contains { $0.properties.isUppercase }
            && !scalars.contains { $0.properties.isLowercase || $0.properties.generalCategory == .titlecaseLetter }
    }

    /// Python's `str.islower`.
    var isLowercase: Bool {
        scalars.contains { $0.properties.isLowercase }
            && !scalars.contains { $0.properties.isUppercase || $0.properties.generalCategory == .titlecaseLetter }
    }
}
