extension Interpreter {
    func run(_ loop: ForLoop) throws {
        line = loop.line
        let sequence = try evaluate(loop.sequence)
        line = loop.line
        try run(loop, over: sequence, depth: 1, in: scope)
    }

    private func run(_ loop: ForLoop, over sequence: Value, depth: Int, in outer: Scope) throws {
        var elements = try elements(of: sequence)
        if let condition = loop.condition {
            elements = try elements.filter { element in
                try charge()
                return try inScope(outer) {
                    try assign(element, to: loop.target)
                    return try isTrue(evaluate(condition))
                }
            }
        }
        guard !elements.isEmpty else {
            _ = try inScope(outer) { try execute(loop.otherwise) }
            return
        }
        let number = loops.count
        loops.append(LoopState(elements: elements, depth: depth, recursion: loop.isRecursive ? (loop, outer) : nil))
        defer {
            // A loop that was stored in a namespace must not keep its elements alive.
            loops[number].elements = []
            loops[number].isEnded = true
        }
        for (index, element) in elements.enumerated() {
            try charge()
            loops[number].index = index
            let flow = try inScope(outer) {
                line = loop.line
                scope.variables["loop"] = .loop(number)
                try assign(element, to: loop.target)
                return try execute(loop.body)
            }
            if flow == .breakLoop { break }
        }
    }

    /// `loop(children)` in a recursive loop.
    func recurse(_ number: Int, _ arguments: Arguments) throws -> Value {
        let state = loops[number]
        guard let (loop, outer) = state.recursion else {
            throw Failure(
                .evaluation, "the loop is not recursive", construct: "loop(…)", remedy: "end its tag with 'recursive'")
        }
        let children = try arguments.bound(to: "loop", ["iterable"], required: 1)[0] ?? .none
        let (text, _) = try nested {
            try captured {
                try run(loop, over: children, depth: state.depth + 1, in: outer)
                return .next
            }
        }
        return .string(text)
    }

    /// `loop.index` and similar attributes; `nil` for an attribute that loops don't have.
    func loopAttribute(_ number: Int, _ name: String) throws -> Value? {
        let state = loops[number]
        guard !state.isEnded else {
            throw Failure(
                .evaluation, "the loop has ended", construct: "loop.\(name)", remedy: "read it inside the loop")
        }
        let (index, count) = (state.index, state.elements.count)
        switch name {
        case "index": return .int(index + 1)
        case "index0": return .int(index)
        case "revindex": return .int(count - index)
        case "revindex0": return .int(count - index - 1)
        case "first": return .bool(index == 0)
        case "last": return .bool(index == count - 1)
        case "length": return .int(count)
        case "depth": return .int(state.depth)
        case "depth0": return .int(state.depth - 1)
        case "previtem": return index > 0 ? state.elements[index - 1] : .undefined(.hint("there is no previous item"))
        case "nextitem":
            return index + 1 < count ? state.elements[index + 1] : .undefined(.hint("there is no next item"))
        case "cycle", "changed": return .method(BoundMethod(.loop(number), name))
        default: return nil
        }
    }

    func callLoop(_ number: Int, _ name: String, _ arguments: Arguments) throws -> Value {
        let values = arguments.positional
        if name == "cycle" {
            guard !values.isEmpty else {
                throw Failure(.evaluation, "no items for cycling given", construct: "loop.cycle")
            }
            return values[loops[number].index % values.count]
        }
        if let last = loops[number].lastChanged, last.count == values.count,
            try zip(last, values).allSatisfy({ try equal($0, $1) })
        {
            return .bool(false)
        }
        loops[number].lastChanged = values
        return .bool(true)
    }
}
