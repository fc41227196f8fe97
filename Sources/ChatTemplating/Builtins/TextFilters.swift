import Foundation

extension Interpreter {
    func applyText(_ name: String, _ value: Value, _ arguments: Arguments) throws -> Value {
        switch name {
        case "tojson": return try json(value, arguments)
        case "format": return try format(value, arguments)
        case "indent": return try indented(value, arguments)
        case "truncate": return try truncated(value, arguments)
        case "urlencode": return try urlEncoded(value, arguments)
        case "replace":
            let bound = try arguments.bound(to: "filter 'replace'", ["old", "new", "count"], required: 2)
            var count = -1
            if case .int(let given) = bound[2] { count = given }
            let (old, new) = (try text(of: bound[0] ?? .none), try text(of: bound[1] ?? .none))
            return try string(replaced(text(of: value), old, new, count))
        case "trim":
            let characters = try arguments.bound(to: "filter 'trim'", ["chars"])[0]
            return try callText("strip", text(of: value), Arguments(positional: characters.map { [$0] } ?? [])) ?? .none
        case "center":
            let width = try arguments.bound(to: "filter 'center'", ["width"])[0].map { try integer($0, name) } ?? 80
            return try string(padded(text(of: value), to: width, " ", "center"))
        default:
            _ = try arguments.bound(to: "filter '\(name)'", [])
            return try unaryText(name, value)
        }
    }

    private func unaryText(_ name: String, _ value: Value) throws -> Value {
        let text = try text(of: value)
        try charge(scanned: text.count)
        switch name {
        case "capitalize": return try string(text.capitalized())
        case "lower": return try string(text.lowercased())
        case "upper": return try string(text.uppercased())
        case "title": return try string(titled(text))
        case "escape", "e", "forceescape":
            if text.isMarkup, name != "forceescape" { return .string(text) }
            return try string(text.escaped().scalars, markup: true)
        case "safe":
            var text = text
            text.isMarkup = true
            return .string(text)
        case "wordcount":
            let isWord = text.scalars.map { $0 == "_" || $0.isPythonAlphabetic || $0.isPythonNumeric }
            return .int(zip(isWord, [false] + isWord).count { $0 && !$1 })
        default: return .string(text)
        }
    }

    /// The text with a capital at the start of each word, including after hyphens and opening brackets.
    private func titled(_ text: Text) -> Text {
        var result: [Unicode.Scalar] = []
        var startsWord = true
        for scalar in text.scalars {
            let properties = scalar.properties
            result += (startsWord ? properties.uppercaseMapping : properties.lowercaseMapping).unicodeScalars
            startsWord = scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
        }
        return Text(result)
    }

    private func format(_ value: Value, _ arguments: Arguments) throws -> Value {
        guard arguments.positional.isEmpty || arguments.keyword.isEmpty else {
            throw Failure(
                .evaluation, "can't take named and unnamed arguments at the same time", construct: "filter 'format'")
        }
        var values = try tuple(arguments.positional)
        if !arguments.keyword.isEmpty {
            values = try dictionary(.init(uniqueKeysWithValues: arguments.keyword.map { (Key(.string($0)), $1) }))
        }
        return .string(try formatted(text(of: value), with: values))
    }

    private func indented(_ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter 'indent'"
        let bound = try arguments.bound(to: construct, ["width", "first", "blank"])
        var indent = Text("    ")
        if case .string(let text) = bound[0] {
            indent = text
        } else if let width = bound[0] {
            indent = try padded(Text([]), to: integer(width, construct), " ", "ljust")
        }
        let lines = lines(of: Text(try text(value, construct).scalars + ["\n"]))
        try charge(characters: min(lines.count, limits.characters) * indent.count)
        var result: [Unicode.Scalar] = []
        for (index, line) in lines.enumerated() {
            if index > 0 { result.append("\n") }
            let isIndented = index == 0 ? flag(bound[1]) : flag(bound[2]) || line.count > 0
            if isIndented { result += indent.scalars }
            result += line.scalars
        }
        return try string(result)
    }

    private func truncated(_ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter 'truncate'"
        let bound = try arguments.bound(to: construct, ["length", "killwords", "end", "leeway"])
        let length = try bound[0].map { try integer($0, construct) } ?? 255
        let end = try bound[2].map { try self.text($0, construct) } ?? Text("...")
        let leeway = try bound[3].map { try integer($0, construct) } ?? 5
        guard length >= end.count, leeway >= 0 else {
            throw Failure(
                .evaluation, "the length must hold the end and the leeway not be negative", construct: construct)
        }
        let (limit, overflow) = length.addingReportingOverflow(leeway)
        if try overflow || self.length(of: value) <= limit { return value }
        let text = try text(value, construct)
        var kept = text.scalars.prefix(length - end.count)
        if !flag(bound[1]), let space = kept.lastIndex(of: " ") { kept = kept[..<space] }
        return try string(kept + end.scalars)
    }

    private func urlEncoded(_ value: Value, _ arguments: Arguments) throws -> Value {
        _ = try arguments.bound(to: "filter 'urlencode'", [])
        switch value {
        case .dictionary, .list, .tuple, .view, .iterator:
            var pairs = try elements(of: value)
            if case .dictionary(let mapping) = value { pairs = try self.pairs(of: mapping) }
            let parts = try pairs.map { pair in
                let pair = try elements(of: pair)
                guard pair.count == 2 else { throw Failure.type("a query is made of pairs") }
                return try quoted(pair[0], isQuery: true) + "=" + quoted(pair[1], isQuery: true)
            }
            return try string(Text(parts.joined(separator: "&")))
        default: return try string(Text(quoted(value, isQuery: false)))
        }
    }

    private func quoted(_ value: Value, isQuery: Bool) throws -> String {
        let text = try text(of: value).string
        try charge(characters: text.utf8.count)
        return text.utf8.reduce(into: "") { result, byte in
            let scalar = Unicode.Scalar(byte)
            let isKept = byte < 128 && (scalar.isPythonAlphabetic || scalar.isASCIIDigit)
            if isKept || "_.-~".unicodeScalars.contains(scalar) || !isQuery && scalar == "/" {
                result.unicodeScalars.append(scalar)
            } else if isQuery, scalar == " " {
                result += "+"
            } else {
                result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }

    private func json(_ value: Value, _ arguments: Arguments) throws -> Value {
        let construct = "filter 'tojson'"
        let bound = try arguments.bound(to: construct, ["ensure_ascii", "indent", "separators", "sort_keys"])
        var json = JSONText(self)
        json.ensuresASCII = flag(bound[0])
        json.sortsKeys = flag(bound[3])
        switch bound[1] {
        case nil, .some(.none): break
        case .string(let text): json.indent = text.scalars
        case .some(let width):
            json.indent = try padded(Text([]), to: integer(width, construct), " ", "ljust").scalars
        }
        if json.indent != nil { json.itemSeparator = Text(",") }
        if let separators = bound[2], !isSame(separators, .none) {
            let pair = try elements(of: separators)
            guard pair.count == 2 else { throw Failure(.evaluation, "needs two separators", construct: construct) }
            json.itemSeparator = try text(pair[0], construct)
            json.keySeparator = try text(pair[1], construct)
        }
        try json.write(value)
        return try string(json.result)
    }
}

extension Text {
    /// The text with the special characters of HTML replaced.
    func escaped() -> Text {
        let entities: [Unicode.Scalar: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", "\"": "&#34;"]
        return Text(scalars.flatMap { entities[$0].map { Array($0.unicodeScalars) } ?? [$0] })
    }
}
