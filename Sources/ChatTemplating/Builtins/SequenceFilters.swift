extension Interpreter {
    func applySequence(_ name: String, _ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter '\(name)'"
        switch name {
        case "default", "d":
            let bound = try arguments.bound(to: construct, ["default_value", "boolean"])
            let isReplaced = value.isUndefined || flag(bound[1]) && !isTrue(value)
            return isReplaced ? bound[0] ?? .string(Text([])) : value
        case "join":
            let bound = try arguments.bound(to: construct, ["d", "attribute"])
            var parts = try elements(of: value)
            if let path = bound[1], !isSame(path, .none) { parts = try parts.map(try getter(path)) }
            let separator = try bound[0].map { try text(of: $0) } ?? Text([])
            return try string(joined(parts.map { try text(of: $0) }, separator: separator))
        case "sum":
            let bound = try arguments.bound(to: construct, ["attribute", "start"])
            var parts = try elements(of: value)
            if let path = bound[0], !isSame(path, .none) { parts = try parts.map(try getter(path)) }
            if case .string = bound[1] ?? .none {
                throw Failure(.evaluation, "can't sum strings", construct: construct)
            }
            return try parts.reduce(bound[1] ?? .int(0)) { try arithmetic(.add, $0, $1) }
        case "batch", "slice": return try cut(name, value, arguments)
        case "attr":
            let name = try text(arguments.bound(to: construct, ["name"], required: 1)[0], construct).string
            if case .undefined(let missing) = value { throw missing.failure }
            return try ownAttribute(name, of: value) ?? .undefined(.attribute(of: value.typeName, name))
        default:
            _ = try arguments.bound(to: construct, [])
            return try unarySequence(name, value)
        }
    }

    private func unarySequence(_ name: String, _ value: Value) throws -> Value {
        switch name {
        case "count", "length": return .int(try length(of: value))
        case "list": return try list(elements(of: value))
        case "first":
            if case .iterator(let number) = value, let first = iterators[number].elements.popFirst() { return first }
            return try elements(of: value).first ?? .undefined(.hint("No first item, sequence was empty."))
        case "last":
            if case .iterator = value { throw notReversible(value) }
            return try elements(of: value).last ?? .undefined(.hint("No last item, sequence was empty."))
        case "items":
            if value.isUndefined { return try iterator([]) }
            guard case .dictionary(let mapping) = value else {
                throw Failure(.evaluation, "can only get item pairs from a mapping", construct: "filter 'items'")
            }
            return try iterator(pairs(of: mapping))
        default:
            if case .string(let text) = value { return try string(text.scalars.reversed(), markup: text.isMarkup) }
            return try iterator(elements(of: value).reversed())
        }
    }

    private func notReversible(_ value: Value) -> Failure {
        Failure(
            .evaluation, "'\(value.typeName)' object is not reversible", construct: "filter 'last'",
            remedy: "make it a list with the filter 'list' first")
    }

    /// `batch` makes rows of a given length, `slice` a given number of columns.
    private func cut(_ name: String, _ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter '\(name)'"
        let bound = try arguments.bound(
            to: construct, [name == "batch" ? "linecount" : "slices", "fill_with"], required: 1)
        let size = try integer(bound[0], construct)
        let filler = isSame(bound[1] ?? .none, .none) ? nil : bound[1]
        let elements = try elements(of: value)
        guard size > 0 else { throw Failure(.evaluation, "needs a positive number", construct: construct) }
        var rows: [Value] = []
        if name == "batch" {
            var start = 0
            while start < elements.count {
                var row = Array(elements[start..<min(start + min(size, elements.count), elements.count)])
                if let filler, row.count < size {
                    try charge(size - row.count)
                    row += [Value](repeating: filler, count: size - row.count)
                }
                start += row.count
                rows.append(try list(row))
            }
            return try iterator(rows)
        }
        try charge(size)
        let (count, longer) = elements.count.quotientAndRemainder(dividingBy: size)
        var start = 0
        for index in 0..<size {
            let end = start + count + (index < longer ? 1 : 0)
            var row = Array(elements[start..<end])
            if let filler, index >= longer { row.append(filler) }
            start = end
            rows.append(try list(row))
        }
        return try iterator(rows)
    }
}
