extension Interpreter {
    /// Follows a path like `"function.name"` or `0` from each element, as the `attribute` argument of filters does.
    func getter(_ path: Value, default fallback: Value? = nil) throws -> (Value) throws -> Value {
        var parts: [Value] = []
        if case .string(let text) = path {
            parts = text.string.split(separator: ".", omittingEmptySubsequences: false).map { part in
                part.allSatisfy(\.isNumber)
                    ? Int(part).map { .int($0) } ?? .string(String(part)) : .string(String(part))
            }
        } else if !isSame(path, .none) {
            parts = [path]
        }
        return { element in
            try parts.reduce(element) { value, part in
                try self.charge()
                let found = try self.element(part, of: value)
                return found.isUndefined ? fallback ?? found : found
            }
        }
    }

    func applySelection(_ name: String, _ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter '\(name)'"
        guard isTrue(value) else { return try iterator([]) }
        if name == "map" { return try map(value, arguments) }
        var rest = arguments.positional[...]
        var transform: ((Value) throws -> Value)?
        if name.hasSuffix("attr") {
            guard let path = rest.popFirst() else {
                throw Failure(.evaluation, "needs an attribute's name", construct: construct)
            }
            transform = try getter(path)
        }
        let test = try rest.popFirst().map { try text($0, construct).string }
        guard test != nil || arguments.keyword.isEmpty else {
            throw Failure(.evaluation, "needs a test's name", construct: construct)
        }
        let testArguments = Arguments(positional: Array(rest), keyword: arguments.keyword)
        let isSelecting = name.hasPrefix("select")
        return try iterator(
            elements(of: value).filter { element in
                try charge()
                let tested = try transform?(element) ?? element
                let passes = try test.map { try self.passes(test: $0, tested, testArguments) } ?? isTrue(tested)
                return passes == isSelecting
            })
    }

    private func map(_ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter 'map'"
        if arguments.positional.isEmpty, let path = arguments.keyword["attribute"] {
            let bound = try arguments.bound(to: construct, ["attribute", "default"])
            let fallback = isSame(bound[1] ?? .none, .none) ? nil : bound[1]
            return try iterator(elements(of: value).map(getter(path, default: fallback)))
        }
        guard let first = arguments.positional.first else {
            throw Failure(.evaluation, "needs a filter's name or 'attribute'", construct: construct)
        }
        let filter = try text(first, construct).string
        let rest = Arguments(positional: Array(arguments.positional.dropFirst()), keyword: arguments.keyword)
        return try nested {
            try iterator(
                elements(of: value).map {
                    try charge()
                    return try apply(filter: filter, to: $0, rest)
                })
        }
    }
}
