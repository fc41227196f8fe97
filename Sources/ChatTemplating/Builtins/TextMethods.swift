/// The methods of Python's `str`.
extension Interpreter {
    /// The result of the method; `nil` if there is no such method.
    func callText(_ name: String, _ text: Text, _ arguments: Arguments) throws -> Value? {
        if let result = try searchText(name, text, arguments) { return result }
        if let result = try splitText(name, text, arguments) { return result }
        if let result = try changedText(name, text, arguments) { return try string(result) }
        if let result = hasOnly(name, text) {
            _ = try arguments.bound(to: name, [])
            return .bool(result)
        }
        return nil
    }

    /// The text in an argument.
    func text(_ value: Value?, _ construct: String) throws -> Text {
        if case .string(let text) = value { return text }
        if case .undefined(let missing) = value { throw missing.failure }
        throw Failure(
            .evaluation, "needs a string, not '\(value?.typeName ?? "nothing")'", construct: construct)
    }

    func integer(_ value: Value?, _ construct: String) throws -> Int {
        if case .undefined(let missing) = value { throw missing.failure }
        guard let value, let number = Number.int(value) else {
            throw Failure(.evaluation, "needs an integer, not '\(value?.typeName ?? "nothing")'", construct: construct)
        }
        return number
    }

    private func isNone(_ value: Value?) -> Bool {
        if case .some(.none) = value { return true }
        return value == nil
    }

    // MARK: Search

    private func searchText(_ name: String, _ text: Text, _ arguments: Arguments) throws -> Value? {
        guard ["startswith", "endswith", "find", "rfind", "index", "rindex", "count"].contains(name) else { return nil }
        let bound = try arguments.bound(to: name, ["sub", "start", "end"], required: 1)
        let count = text.count
        func place(_ value: Value?, _ missing: Int) throws -> Int {
            if isNone(value) { return missing }
            let index = try integer(value, name)
            return index < 0 ? max(index + count, 0) : index
        }
        let start = try place(bound[1], 0)
        let end = min(try place(bound[2], count), count)
        let part = Text(start <= end ? Array(text.scalars[start..<end]) : [])
        if name == "startswith" || name == "endswith" {
            var candidates = [bound[0]]
            if case .tuple(let tuple) = bound[0] { candidates = tuple.elements }
            return .bool(
                try candidates.contains {
                    let other = try self.text($0, name).scalars
                    return start <= end && (name == "startswith" ? part.hasPrefix(other) : part.hasSuffix(other))
                })
        }
        let needle = try self.text(bound[0], name).scalars
        if name == "count" {
            return .int(start > end ? 0 : needle.isEmpty ? part.count + 1 : part.indices(of: needle).count)
        }
        let found =
            start > end ? nil : name.hasPrefix("r") ? lastIndex(of: needle, in: part) : part.firstIndex(of: needle)
        guard let found else {
            guard name.hasSuffix("index") else { return .int(-1) }
            throw Failure(.evaluation, "substring not found", construct: name)
        }
        return .int(start + found)
    }

    private func lastIndex(of needle: [Unicode.Scalar], in text: Text) -> Int? {
        Text(text.scalars.reversed()).firstIndex(of: needle.reversed()).map { text.count - $0 - needle.count }
    }

    // MARK: Changes

    private func changedText(_ name: String, _ text: Text, _ arguments: Arguments) throws -> Text? {
        switch name {
        case "strip", "lstrip", "rstrip":
            let characters = try arguments.bound(to: name, ["chars"])[0]
            let set = isNone(characters) ? nil : try self.text(characters, name).scalars
            return text.trimmed(start: name != "rstrip", end: name != "lstrip", of: set)
        case "removeprefix", "removesuffix":
            let part = try self.text(arguments.bound(to: name, ["part"], required: 1)[0], name).scalars
            if name == "removeprefix" {
                return text.hasPrefix(part) ? Text(Array(text.scalars.dropFirst(part.count))) : text
            }
            return text.hasSuffix(part) ? Text(Array(text.scalars.dropLast(part.count))) : text
        case "replace":
            let bound = try arguments.bound(to: name, ["old", "new", "count"], required: 2)
            let count = try bound[2].map { try integer($0, name) } ?? -1
            return try replaced(text, self.text(bound[0], name), self.text(bound[1], name), count)
        case "join":
            let parts = try elements(of: arguments.bound(to: name, ["iterable"], required: 1)[0] ?? .none)
            return try joined(parts.map { try self.text($0, name) }, separator: text)
        case "format": return try formatted(text, arguments)
        case "ljust", "rjust", "center", "zfill":
            let bound = try arguments.bound(to: name, ["width", "fillchar"], required: 1)
            let fill = try bound[1].map { try self.text($0, name).scalars } ?? [name == "zfill" ? "0" : " "]
            guard fill.count == 1 else { throw Failure(.evaluation, "fills with one character", construct: name) }
            return try padded(text, to: integer(bound[0], name), fill[0], name)
        case "upper", "lower", "title", "capitalize", "swapcase":
            _ = try arguments.bound(to: name, [])
            return recased(name, text)
        default: return nil
        }
    }

    private func recased(_ name: String, _ text: Text) -> Text {
        switch name {
        case "upper": text.uppercased()
        case "lower": text.lowercased()
        case "title": text.titled()
        case "capitalize": text.capitalized()
        default: text.caseSwapped()
        }
    }

    func replaced(_ text: Text, _ old: Text, _ new: Text, _ count: Int) throws -> Text {
        let maximum = count < 0 ? Int.max : count
        var result: [Unicode.Scalar] = []
        var start = 0
        let places =
            old.scalars.isEmpty
            ? Array((0...text.count).prefix(maximum)) : text.indices(of: old.scalars, maximum: maximum)
        let (added, overflow) = places.count.multipliedReportingOverflow(by: new.count)
        try charge(characters: overflow ? .max : added)
        for place in places {
            result += text.scalars[start..<place]
            result += new.scalars
            start = place + old.count
        }
        return Text(result + text.scalars[start...])
    }

    func joined(_ parts: [Text], separator: Text) throws -> Text {
        var result: [Unicode.Scalar] = []
        for (index, part) in parts.enumerated() {
            try charge(characters: part.count + (index > 0 ? separator.count : 0))
            if index > 0 { result += separator.scalars }
            result += part.scalars
        }
        return Text(result)
    }

    func padded(_ text: Text, to width: Int, _ fill: Unicode.Scalar, _ name: String) throws -> Text {
        guard width > text.count else { return text }
        let count = width - text.count
        try charge(characters: count)
        func padding(_ count: Int) -> [Unicode.Scalar] { [Unicode.Scalar](repeating: fill, count: count) }
        switch name {
        case "ljust": return Text(text.scalars + padding(count))
        case "rjust": return Text(padding(count) + text.scalars)
        case "zfill":
            let sign = text.scalars.first == "-" || text.scalars.first == "+" ? 1 : 0
            return Text(text.scalars.prefix(sign) + padding(count) + text.scalars.dropFirst(sign))
        default:
            let left = count / 2 + (count & width & 1)
            return Text(padding(left) + text.scalars + padding(count - left))
        }
    }

    // MARK: Kinds of characters

    private func hasOnly(_ name: String, _ text: Text) -> Bool? {
        func all(_ holds: (Unicode.Scalar) -> Bool) -> Bool { !text.scalars.isEmpty && text.scalars.allSatisfy(holds) }
        return switch name {
        case "isspace": all(\.isPythonSpace)
        case "isalpha": all(\.isPythonAlphabetic)
        case "isalnum": all { $0.isPythonAlphabetic || $0.isPythonNumeric }
        case "isnumeric": all(\.isPythonNumeric)
        case "isdecimal": all { $0.properties.numericType == .decimal }
        case "isdigit": all { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }
        case "isascii": text.scalars.allSatisfy(\.isASCII)
        case "isupper": text.isUppercase
        case "islower": text.isLowercase
        default: nil
        }
    }
}
