extension Interpreter {
    /// Python's `bool(value)`.
    func isTrue(_ value: Value) -> Bool {
        switch value {
        case .undefined, .none: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.scalars.isEmpty
        case .list(let sequence), .tuple(let sequence): !sequence.elements.isEmpty
        case .dictionary(let mapping): !mapping.entries.isEmpty
        case .view(let view): !view.elements.elements.isEmpty
        case .range(let range): range.count > 0
        case .iterator, .namespace, .loop, .macro, .cycler, .joiner, .function, .method: true
        }
    }

    func compare(_ operation: ComparisonOperator, _ left: Value, _ right: Value) throws -> Bool {
        switch operation {
        case .equal: try equal(left, right)
        case .notEqual: !(try equal(left, right))
        case .less: try less(left, right, "<")
        case .greater: try less(right, left, ">")
        case .lessOrEqual: try ordered(left, right, "<=")
        case .greaterOrEqual: try ordered(right, left, ">=")
        case .contained: try contains(right, left)
        case .notContained: !(try contains(right, left))
        }
    }

    func equal(_ left: Value, _ right: Value) throws -> Bool {
        try charge()
        switch (left, right) {
        case (.string(let left), .string(let right)):
            try charge(scanned: min(left.count, right.count))
            return left == right
        case (.none, .none), (.undefined, .undefined): return true
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            return try equal(left.elements, right.elements)
        case (.dictionary(let left), .dictionary(let right)): return try equal(left, right)
        case (.view(let left), .view(let right)) where left.kind == right.kind:
            return try equal(left.elements.elements, right.elements.elements)
        case (.range(let left), .range(let right)):
            return left.count == right.count
                && (left.count == 0 || left.start == right.start && (left.count == 1 || left.step == right.step))
        case (.iterator(let left), .iterator(let right)), (.namespace(let left), .namespace(let right)),
            (.loop(let left), .loop(let right)), (.macro(let left), .macro(let right)),
            (.cycler(let left), .cycler(let right)), (.joiner(let left), .joiner(let right)):
            return left == right
        case (.function(let left), .function(let right)): return left == right
        default: return Number.equal(left, right) ?? false
        }
    }

    private func equal(_ left: [Value], _ right: [Value]) throws -> Bool {
        guard left.count == right.count else { return false }
        return try zip(left, right).allSatisfy { try equal($0, $1) }
    }

    private func equal(_ left: Mapping, _ right: Mapping) throws -> Bool {
        guard left.entries.count == right.entries.count else { return false }
        for (key, value) in left.entries {
            guard let other = right.entries[key], try equal(value, other) else { return false }
        }
        return true
    }

    func less(_ left: Value, _ right: Value, _ spelling: String = "<") throws -> Bool {
        try charge()
        switch (left, right) {
        case (.undefined(let missing), _), (_, .undefined(let missing)): throw missing.failure
        case (.string(let left), .string(let right)):
            try charge(scanned: min(left.count, right.count))
            return left.scalars.lexicographicallyPrecedes(right.scalars)
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            for (left, right) in zip(left.elements, right.elements) where !(try equal(left, right)) {
                return try less(left, right, spelling)
            }
            return left.elements.count < right.elements.count
        default:
            if let result = Number.less(left, right) { return result }
            throw Failure(
                .evaluation, "'\(left.typeName)' and '\(right.typeName)' have no order",
                construct: "operator \(spelling)")
        }
    }

    /// `left <= right`; for a float that is NaN, this differs from `not right < left`.
    private func ordered(_ left: Value, _ right: Value, _ spelling: String) throws -> Bool {
        if try less(left, right, spelling) { return true }
        return try equal(left, right)
    }

    // MARK: in

    func contains(_ container: Value, _ element: Value) throws -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let needle) = element else {
                if case .undefined(let missing) = element { throw missing.failure }
                throw Failure(
                    .evaluation, "a string can only contain a string, not '\(element.typeName)'",
                    construct: "operator in")
            }
            try charge(scanned: text.count + needle.count)
            return text.firstIndex(of: needle.scalars) != nil
        case .dictionary(let mapping): return mapping.entries[try key(element)] != nil
        case .range(let range):
            guard let value = Number.int(element) ?? Number.double(element).flatMap({ Int(exactly: $0) }) else {
                return false
            }
            try charge(range.count)
            return (0..<range.count).contains { range[$0] == value }
        case .none, .bool, .int, .float, .namespace, .macro, .function, .method, .cycler, .joiner:
            throw Failure(
                .evaluation, "argument of type '\(container.typeName)' is not iterable", construct: "operator in")
        case .undefined, .list, .tuple, .view, .iterator, .loop:
            return try elements(of: container).contains { try equal($0, element) }
        }
    }

    /// Python's `is`: the same object.
    func isSame(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.none, .none): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.float(let left), .float(let right)): left == right
        case (.string(let left), .string(let right)): left == right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)): left === right
        case (.dictionary(let left), .dictionary(let right)): left === right
        case (.namespace(let left), .namespace(let right)), (.loop(let left), .loop(let right)),
            (.macro(let left), .macro(let right)), (.iterator(let left), .iterator(let right)):
            left == right
        default: false
        }
    }
}
