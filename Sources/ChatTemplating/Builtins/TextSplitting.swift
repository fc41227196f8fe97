/// `split` and related methods.
extension Interpreter {
    func splitText(_ name: String, _ text: Text, _ arguments: Arguments) throws -> Value? {
        let parts: [Text]
        switch name {
        case "split", "rsplit":
            let bound = try arguments.bound(to: name, ["sep", "maxsplit"])
            let limit = try bound[1].map { try integer($0, name) } ?? -1
            parts = try split(text, bound[0], limit < 0 ? .max : limit, fromEnd: name == "rsplit")
        case "splitlines":
            let keeps = try arguments.bound(to: name, ["keepends"])[0].map { isTrue($0) } ?? false
            parts = lines(of: text, keepsEnds: keeps)
        case "partition", "rpartition":
            let separator = try self.text(arguments.bound(to: name, ["sep"], required: 1)[0], name)
            return try tuple(partition(text, separator, fromEnd: name == "rpartition").map { try string($0) })
        default: return nil
        }
        return try list(parts.map { try string($0) })
    }

    private func split(_ text: Text, _ separator: Value?, _ limit: Int, fromEnd: Bool) throws -> [Text] {
        // Splitting from the end is splitting the reversed text from the start.
        let source = fromEnd ? Text(text.scalars.reversed()) : text
        var parts: [[Unicode.Scalar]]
        if case .string(let separator) = separator {
            guard separator.count > 0 else { throw Failure(.evaluation, "empty separator", construct: "split") }
            parts = split(source, fromEnd ? separator.scalars.reversed() : separator.scalars, limit)
        } else if case .undefined(let missing) = separator {
            throw missing.failure
        } else if separator == nil || isSame(separator ?? .none, .none) {
            parts = words(source, limit)
        } else {
            throw Failure(.evaluation, "the separator must be a string or none", construct: "split")
        }
        if fromEnd { parts = parts.reversed().map { $0.reversed() } }
        return parts.map { Text($0) }
    }

    private func split(_ text: Text, _ separator: [Unicode.Scalar], _ limit: Int) -> [[Unicode.Scalar]] {
        var parts: [[Unicode.Scalar]] = []
        var start = 0
        for place in text.indices(of: separator, maximum: limit) {
            parts.append(Array(text.scalars[start..<place]))
            start = place + separator.count
        }
        return parts + [Array(text.scalars[start...])]
    }

    private func words(_ text: Text, _ limit: Int) -> [[Unicode.Scalar]] {
        var parts: [[Unicode.Scalar]] = []
        var rest = text.scalars[...].drop(while: \.isPythonSpace)
        while !rest.isEmpty {
            if parts.count >= limit { return parts + [Array(rest)] }
            let word = rest.prefix { !$0.isPythonSpace }
            parts.append(Array(word))
            rest = rest.dropFirst(word.count).drop(while: \.isPythonSpace)
        }
        return parts
    }

    func lines(of text: Text, keepsEnds: Bool = false) -> [Text] {
        var lines: [Text] = []
        var start = 0
        var index = 0
        while index < text.count {
            guard text.scalars[index].isPythonLineEnd else {
                index += 1
                continue
            }
            let end = index
            index += text.scalars[index] == "\r" && index + 1 < text.count && text.scalars[index + 1] == "\n" ? 2 : 1
            lines.append(Text(Array(text.scalars[start..<(keepsEnds ? index : end)])))
            start = index
        }
        if start < text.count { lines.append(Text(Array(text.scalars[start...]))) }
        return lines
    }

    private func partition(_ text: Text, _ separator: Text, fromEnd: Bool) throws -> [Text] {
        guard separator.count > 0 else { throw Failure(.evaluation, "empty separator", construct: "partition") }
        let source = fromEnd ? Text(text.scalars.reversed()) : text
        guard let found = source.firstIndex(of: fromEnd ? separator.scalars.reversed() : separator.scalars) else {
            return fromEnd ? [Text([]), Text([]), text] : [text, Text([]), Text([])]
        }
        let start = fromEnd ? text.count - found - separator.count : found
        return [
            Text(Array(text.scalars[..<start])), separator, Text(Array(text.scalars[(start + separator.count)...])),
        ]
    }
}
