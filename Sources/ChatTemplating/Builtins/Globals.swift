import OrderedCollections

/// The functions that every template can call.
enum Globals {
    static let names: Set = [
        "raise_exception", "strftime_now", "namespace", "range", "dict", "cycler", "joiner", "lipsum",
    ]
}

extension Interpreter {
    func callGlobal(_ name: String, _ arguments: Arguments) throws -> Value {
        switch name {
        case "raise_exception":
            let message = try text(of: arguments.bound(to: name, ["message"], required: 1)[0] ?? .none).string
            throw Failure(.raisedByTemplate(message: message), message, construct: "raise_exception")
        case "strftime_now":
            guard case .string(let format) = try arguments.bound(to: name, ["format"], required: 1)[0] else {
                throw Failure(.evaluation, "the format must be a string", construct: name)
            }
            return try string(Text(clock.formatted(format.scalars)))
        case "namespace":
            var attributes: OrderedDictionary<String, Value> = [:]
            for (key, value) in try pairs(arguments, name) {
                guard case .string(let text) = key.value else { throw Failure.type("attribute names must be strings") }
                try checkNamespace(text.string)
                attributes[text.string] = value
            }
            namespaces.append(attributes)
            return .namespace(namespaces.count - 1)
        case "range": return .range(try range(arguments))
        case "dict": return try dictionary(pairs(arguments, name))
        case "cycler":
            guard !arguments.positional.isEmpty, arguments.keyword.isEmpty else {
                throw Failure(.evaluation, "at least one item has to be provided", construct: name)
            }
            cyclers.append(CyclerState(elements: arguments.positional))
            return .cycler(cyclers.count - 1)
        case "joiner":
            let separator = try arguments.bound(to: name, ["sep"])[0]
            joiners.append(JoinerState(separator: try separator.map { try text(of: $0) } ?? Text(", ")))
            return .joiner(joiners.count - 1)
        default: throw Failure(.unsupported, "this function is not supported", construct: name)
        }
    }

    func joined(_ number: Int) -> Value {
        defer { joiners[number].isUsed = true }
        return .string(joiners[number].isUsed ? joiners[number].separator : Text([]))
    }

    /// The entries that Python's `dict(…)` makes: first those of a mapping or of pairs, then the named arguments.
    private func pairs(_ arguments: Arguments, _ name: String) throws -> OrderedDictionary<Key, Value> {
        var entries: OrderedDictionary<Key, Value> = [:]
        guard arguments.positional.count <= 1 else {
            throw Failure(.evaluation, "takes at most one unnamed argument", construct: name)
        }
        if let first = arguments.positional.first {
            if case .dictionary(let mapping) = first {
                entries = mapping.entries
            } else {
                for element in try elements(of: first) {
                    let pair = try elements(of: element)
                    guard pair.count == 2 else { throw Failure.type("a dictionary is made of pairs") }
                    entries[try key(pair[0])] = pair[1]
                }
            }
        }
        for (name, value) in arguments.keyword { entries[Key(.string(Text(name)))] = value }
        return entries
    }

    private func range(_ arguments: Arguments) throws -> IntegerRange {
        let numbers = try arguments.positional.map { value in
            if case .undefined(let missing) = value { throw missing.failure }
            guard let number = Number.int(value) else {
                throw Failure(.evaluation, "'\(value.typeName)' is not an integer", construct: "range")
            }
            return number
        }
        guard (1...3).contains(numbers.count), arguments.keyword.isEmpty else {
            throw Failure(.evaluation, "takes one to three integers", construct: "range")
        }
        let start = numbers.count == 1 ? 0 : numbers[0]
        let stop = numbers.count == 1 ? numbers[0] : numbers[1]
        let step = numbers.count == 3 ? numbers[2] : 1
        guard step != 0 else { throw Failure(.evaluation, "the step must not be zero", construct: "range") }
        var range = IntegerRange(start: start, count: 0, step: step, stop: stop)
        guard step > 0 ? start < stop : start > stop else { return range }
        let distance = step > 0 ? UInt(bitPattern: stop &- start) : UInt(bitPattern: start &- stop)
        let count = (distance - 1) / step.magnitude + 1
        guard count <= UInt(max(limits.rangeCount, 0)) else {
            throw Failure(.limitExceeded, "the range has more than \(limits.rangeCount) elements", construct: "range")
        }
        range.count = Int(count)
        return range
    }
}
