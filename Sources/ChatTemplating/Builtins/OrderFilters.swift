extension Interpreter {
    func applyOrder(_ name: String, _ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter '\(name)'"
        switch name {
        case "sort": return try sort(value, arguments)
        case "dictsort": return try dictsort(value, arguments)
        case "groupby": return try groupby(value, arguments)
        case "unique":
            let bound = try arguments.bound(to: construct, ["case_sensitive", "attribute"])
            let key = try sortKey(bound[1] ?? .none, caseSensitive: flag(bound[0]))
            var seen: Set<Key> = []
            return try iterator(elements(of: value).filter { seen.insert(try self.key(key($0))).inserted })
        default:
            let bound = try arguments.bound(to: construct, ["case_sensitive", "attribute"])
            let key = try sortKey(bound[1] ?? .none, caseSensitive: flag(bound[0]))
            let elements = try elements(of: value)
            guard var best = elements.first else {
                return .undefined(.hint("No aggregated item, sequence was empty."))
            }
            var bestKey = try key(best)
            for element in elements.dropFirst() {
                let candidate = try key(element)
                if try name == "min" ? less(candidate, bestKey) : less(bestKey, candidate, ">") {
                    (best, bestKey) = (element, candidate)
                }
            }
            return best
        }
    }

    private func sortKey(
        _ path: Value, caseSensitive: Bool, default fallback: Value? = nil
    ) throws -> (Value) throws -> Value {
        let getter = try getter(path, default: fallback)
        return { element in
            let value = try getter(element)
            if !caseSensitive, case .string(let text) = value { return try self.string(text.lowercased()) }
            return value
        }
    }

    private func sort(_ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "filter 'sort'", ["reverse", "case_sensitive", "attribute"])
        var paths = [bound[2] ?? .none]
        if case .string(let text) = paths[0] {
            paths = text.string.split(separator: ",", omittingEmptySubsequences: false).map { .string(String($0)) }
        }
        let keys = try paths.map { try sortKey($0, caseSensitive: flag(bound[1])) }
        let keyed = try elements(of: value).map { element in
            (key: Value.list(try sequence(keys.map { try $0(element) })), value: element)
        }
        return try list(sorted(keyed, isReversed: flag(bound[0])))
    }

    private func dictsort(_ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter 'dictsort'"
        let bound = try arguments.bound(to: construct, ["case_sensitive", "by", "reverse"])
        let by = try bound[1].map { try text($0, construct).string } ?? "key"
        guard by == "key" || by == "value" else {
            throw Failure(.evaluation, "can only sort by 'key' or 'value'", construct: construct)
        }
        if case .undefined(let missing) = value { throw missing.failure }
        guard case .dictionary(let mapping) = value else {
            throw Failure(.evaluation, "needs a mapping, not '\(value.typeName)'", construct: construct)
        }
        let key = try sortKey(.int(by == "key" ? 0 : 1), caseSensitive: flag(bound[0]))
        let keyed = try pairs(of: mapping).map { (key: try key($0), value: $0) }
        return try list(sorted(keyed, isReversed: flag(bound[2])))
    }

    private func groupby(_ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(
            to: "filter 'groupby'", ["attribute", "default", "case_sensitive"], required: 1)
        let fallback = isSame(bound[1] ?? .none, .none) ? nil : bound[1]
        let path = bound[0] ?? .none
        let key = try sortKey(path, caseSensitive: flag(bound[2]), default: fallback)
        let shown = try getter(path, default: fallback)
        let keyed = try elements(of: value).map { (key: try key($0), value: $0) }
        let order = try sorted(keyed) { try less($0.key, $1.key) }
        var groups: [Value] = []
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, try equal(order[start].key, order[end].key) { end += 1 }
            let members = try list(order[start..<end].map(\.value))
            groups.append(.tuple(try sequence([shown(order[start].value), members], fields: ["grouper", "list"])))
            start = end
        }
        return try list(groups)
    }

    private func sorted(_ keyed: [(key: Value, value: Value)], isReversed: Bool) throws -> [Value] {
        // Equal elements keep their order in both directions, as in Python.
        let order = try sorted(keyed) { isReversed ? try less($1.key, $0.key) : try less($0.key, $1.key) }
        return order.map(\.value)
    }

    /// A stable merge sort.
    ///
    /// It makes no assumption about the comparison, which a template's values may make inconsistent.
    func sorted<Element>(
        _ elements: [Element], by isLess: (Element, Element) throws -> Bool
    ) throws -> [Element] {
        var result = elements
        var width = 1
        while width < result.count {
            var merged: [Element] = []
            merged.reserveCapacity(result.count)
            for start in stride(from: 0, to: result.count, by: 2 * width) {
                let middle = min(start + width, result.count)
                let end = min(start + 2 * width, result.count)
                var (left, right) = (start, middle)
                while left < middle, right < end {
                    if try isLess(result[right], result[left]) {
                        merged.append(result[right])
                        right += 1
                    } else {
                        merged.append(result[left])
                        left += 1
                    }
                }
                merged += result[left..<middle]
                merged += result[right..<end]
            }
            result = merged
            width *= 2
        }
        return result
    }
}
