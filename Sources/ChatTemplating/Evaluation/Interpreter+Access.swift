extension Interpreter {
    /// `value.name`: an attribute or method if there is one, otherwise an element of that name.
    func attribute(_ name: String, of value: Value) throws -> Value {
        if let found = try ownAttribute(name, of: value) { return found }
        if case .dictionary(let mapping) = value, let found = mapping[name] { return found }
        if case .undefined(let missing) = value { throw missing.failure }
        return .undefined(.attribute(of: value.typeName, name))
    }

    /// `value[index]`: an element if there is one, otherwise an attribute of that name.
    func element(_ index: Value, of value: Value) throws -> Value {
        switch value {
        case .undefined(let missing): throw missing.failure
        case .dictionary(let mapping):
            if isHashable(index), let found = mapping.entries[try key(index)] { return found }
        case .list(let sequence), .tuple(let sequence):
            if let index = Number.int(index) {
                return position(index, sequence.elements.count).map { sequence.elements[$0] } ?? missing(index, value)
            }
        case .string(let text):
            if let index = Number.int(index) {
                guard let place = position(index, text.count) else { return missing(index, value) }
                return .string(Text([text.scalars[place]]))
            }
        case .range(let range):
            if let index = Number.int(index) {
                return position(index, range.count).map { .int(range[$0]) } ?? missing(index, value)
            }
        default: break
        }
        guard case .string(let name) = index else {
            return .undefined(.hint("'\(value.typeName)' has no such element"))
        }
        return try ownAttribute(name.string, of: value) ?? .undefined(.attribute(of: value.typeName, name.string))
    }

    private func missing(_ index: Int, _ value: Value) -> Value {
        .undefined(.hint("'\(value.typeName)' has no element \(index)"))
    }

    private func position(_ index: Int, _ count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return (0..<count).contains(place) ? place : nil
    }

    private func isHashable(_ value: Value) -> Bool {
        switch value {
        case .string, .none, .bool, .int, .float: true
        case .tuple(let tuple): tuple.elements.allSatisfy(isHashable)
        default: false
        }
    }

    /// The attribute that Python's `getattr` finds, without elements.
    func ownAttribute(_ name: String, of value: Value) throws -> Value? {
        switch value {
        case .undefined: return nil
        case .loop(let number):
            if let found = try loopAttribute(number, name) { return found }
        case .namespace(let number):
            if let found = namespaces[number][name] { return found }
        case .macro(let number) where name == "name": return .string(macros[number].definition.name)
        case .cycler(let number) where name == "current":
            return cyclers[number].elements[cyclers[number].index]
        case .tuple(let tuple):
            if let index = tuple.fields.firstIndex(of: name) { return tuple.elements[index] }
        default: break
        }
        if name.hasPrefix("__"), name.hasSuffix("__"), !isNamespace(value) {
            return .undefined(.forbidden(of: value.typeName, name))
        }
        if Methods.forbidden(of: value).contains(name) { return .undefined(.forbidden(of: value.typeName, name)) }
        if Methods.unsupported(of: value).contains(name) {
            throw Failure(.unsupported, "this method is not supported", construct: "\(value.typeName).\(name)")
        }
        guard Methods.names(of: value).contains(name) else { return nil }
        guard value.depth < limits.depth else {
            throw Failure(.limitExceeded, "values nest more than \(limits.depth) levels deep")
        }
        return .method(BoundMethod(value, name))
    }

    private func isNamespace(_ value: Value) -> Bool {
        if case .namespace = value { return true }
        return false
    }

    // MARK: Elements

    /// The elements that a loop over the value visits.
    func elements(of value: Value) throws -> [Value] {
        switch value {
        case .undefined: return []
        case .list(let sequence), .tuple(let sequence): return sequence.elements
        case .string(let text):
            try charge(text.count)
            return text.scalars.map { .string(Text([$0])) }
        case .dictionary(let mapping):
            try charge(mapping.entries.count)
            return mapping.entries.keys.map(\.value)
        case .view(let view): return view.elements.elements
        case .range(let range):
            try charge(range.count)
            return (0..<range.count).map { .int(range[$0]) }
        case .iterator(let number):
            defer { iterators[number].elements = [] }
            return Array(iterators[number].elements)
        case .loop:
            throw Failure(.unsupported, "walking through a loop variable", construct: "loop")
        default: throw Failure.type("'\(value.typeName)' object is not iterable")
        }
    }

    /// Python's `len(value)`.
    func length(of value: Value) throws -> Int {
        switch value {
        case .undefined: return 0
        case .string(let text): return text.count
        case .list(let sequence), .tuple(let sequence): return sequence.elements.count
        case .dictionary(let mapping): return mapping.entries.count
        case .view(let view): return view.elements.elements.count
        case .range(let range): return range.count
        case .loop(let number): return loops[number].elements.count
        case .iterator:
            throw Failure(
                .evaluation, "object of type 'generator' has no len()", construct: "filter 'length'",
                remedy: "make it a list with the filter 'list' first")
        default: throw Failure.type("object of type '\(value.typeName)' has no len()")
        }
    }

    // MARK: Slices

    func slice(_ value: Value, _ start: Value?, _ stop: Value?, _ step: Value?) throws -> Value {
        if case .undefined(let missing) = value { throw missing.failure }
        let bounds = try [start, stop, step].map { bound -> Int? in
            guard let bound else { return nil }
            if case .none = bound { return nil }
            guard let index = Number.int(bound) else { throw Failure.type("slice indices must be integers or none") }
            return index
        }
        let step = bounds[2] ?? 1
        guard step != 0 else { throw Failure.type("slice step cannot be zero") }
        switch value {
        case .string(let text):
            let indices = sliced(text.count, bounds[0], bounds[1], step)
            return try string(indices.map { text.scalars[$0] }, markup: text.isMarkup)
        case .list(let sequence):
            return try list(sliced(sequence.elements.count, bounds[0], bounds[1], step).map { sequence.elements[$0] })
        case .tuple(let sequence):
            return try tuple(sliced(sequence.elements.count, bounds[0], bounds[1], step).map { sequence.elements[$0] })
        case .range(let range):
            let (from, to) = sliceEnds(range.count, bounds[0], bounds[1], step)
            let count = sliced(range.count, bounds[0], bounds[1], step).count
            return .range(IntegerRange(start: range[from], count: count, step: range.step &* step, stop: range[to]))
        default: throw Failure.type("'\(value.typeName)' object can't be sliced")
        }
    }

    /// The indices that Python's `[start:stop:step]` selects from `count` elements.
    private func sliced(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> [Int] {
        let (from, to) = sliceEnds(count, start, stop, step)
        return Array(stride(from: from, to: to, by: min(max(step, -count - 1), count + 1)))
    }

    /// The index at which a slice starts, and the index before which it stops.
    private func sliceEnds(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> (from: Int, to: Int) {
        let (lowest, highest) = step > 0 ? (0, count) : (-1, count - 1)
        func clamped(_ index: Int?, _ missing: Int) -> Int {
            guard let index else { return missing }
            return min(max(index < 0 ? index + count : index, lowest), highest)
        }
        return (clamped(start, step > 0 ? lowest : highest), clamped(stop, step > 0 ? highest : lowest))
    }
}
