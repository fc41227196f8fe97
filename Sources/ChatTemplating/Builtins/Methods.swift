/// The methods of values, by Python type.
enum Methods {
    private static let string: Set = [
        "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "replace", "upper",
        "lower", "title", "capitalize", "swapcase", "find", "rfind", "index", "rindex", "count", "join", "format",
        "isdigit", "isdecimal", "isnumeric", "isalpha", "isalnum", "isspace", "isupper", "islower", "isascii",
        "removeprefix", "removesuffix", "zfill", "ljust", "rjust", "center", "partition", "rpartition",
    ]
    private static let unsupportedString: Set = [
        "encode", "expandtabs", "format_map", "isidentifier", "isprintable", "istitle", "maketrans", "translate",
        "casefold",
    ]
    private static let mutatingList: Set = [
        "append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove",
    ]
    private static let mutatingDictionary: Set = ["clear", "pop", "popitem", "setdefault", "update"]
    private static let unsupportedNumber: Set = [
        "real", "imag", "numerator", "denominator", "conjugate", "bit_length", "bit_count", "is_integer", "hex",
        "as_integer_ratio", "to_bytes", "from_bytes", "fromhex",
    ]

    static func names(of value: Value) -> Set<String> {
        switch value {
        case .string: string
        case .list: ["index", "count", "copy"]
        case .tuple: ["index", "count"]
        case .dictionary: ["items", "keys", "values", "get", "copy"]
        case .cycler: ["next", "reset"]
        default: []
        }
    }

    /// The attributes that the sandbox hides from templates.
    static func forbidden(of value: Value) -> Set<String> {
        switch value {
        case .list: mutatingList
        case .dictionary: mutatingDictionary
        default: []
        }
    }

    /// The methods that Python has and this interpreter lacks.
    static func unsupported(of value: Value) -> Set<String> {
        switch value {
        case .string: unsupportedString
        case .dictionary: ["fromkeys"]
        case .int, .float, .bool: unsupportedNumber
        case .range: ["start", "stop", "step", "index", "count"]
        case .macro: ["arguments", "catch_kwargs", "catch_varargs", "caller"]
        default: []
        }
    }
}

extension Interpreter {
    func callMethod(_ name: String, of receiver: Value, _ arguments: Arguments) throws -> Value {
        guard arguments.keyword.isEmpty || ["split", "rsplit", "splitlines", "format"].contains(name) else {
            throw Failure(.evaluation, "takes no keyword arguments", construct: "\(receiver.typeName).\(name)")
        }
        switch receiver {
        case .string(let text):
            try charge(scanned: text.count)
            guard let result = try callText(name, text, arguments) else { break }
            return text.isMarkup ? markup(result) : result
        case .list(let sequence), .tuple(let sequence):
            if name == "copy" { return try list(sequence.elements) }
            return try search(name, sequence.elements, arguments)
        case .dictionary(let mapping): return try callDictionary(name, mapping, arguments)
        case .loop(let number): return try callLoop(number, name, arguments)
        case .cycler(let number):
            let state = cyclers[number]
            cyclers[number].index = name == "next" ? (state.index + 1) % state.elements.count : 0
            return name == "next" ? state.elements[state.index] : .none
        default: break
        }
        throw Failure(.unsupported, "this method is not supported", construct: "\(receiver.typeName).\(name)")
    }

    /// A method's result for text that is marked as markup; text in the result is marked too.
    private func markup(_ result: Value) -> Value {
        func marked(_ sequence: ValueSequence) -> ValueSequence {
            ValueSequence(sequence.elements.map(markup), fields: sequence.fields, depth: sequence.depth)
        }
        switch result {
        case .string(var text):
            text.isMarkup = true
            return .string(text)
        case .list(let sequence): return .list(marked(sequence))
        case .tuple(let sequence): return .tuple(marked(sequence))
        default: return result
        }
    }

    private func search(_ name: String, _ elements: [Value], _ arguments: Arguments) throws -> Value {
        guard let wanted = try arguments.bound(to: name, ["value"], required: 1)[0] else { return .none }
        if name == "count" { return .int(try elements.reduce(0) { try equal($1, wanted) ? $0 + 1 : $0 }) }
        guard let index = try elements.firstIndex(where: { try equal($0, wanted) }) else {
            throw Failure(.evaluation, "the value is not in the list", construct: "index")
        }
        return .int(index)
    }

    private func callDictionary(_ name: String, _ mapping: Mapping, _ arguments: Arguments) throws -> Value {
        if name == "get" {
            let bound = try arguments.bound(to: name, ["key", "default"], required: 1)
            return mapping.entries[try key(bound[0] ?? .none)] ?? bound[1] ?? .none
        }
        _ = try arguments.bound(to: name, [])
        switch name {
        case "copy": return try dictionary(mapping.entries)
        case "keys":
            return .view(DictionaryView(kind: .keys, elements: try sequence(mapping.entries.keys.map(\.value))))
        case "values":
            return .view(DictionaryView(kind: .values, elements: try sequence(Array(mapping.entries.values))))
        default: return .view(DictionaryView(kind: .items, elements: try sequence(pairs(of: mapping))))
        }
    }

    /// A dictionary's keys with their values.
    func pairs(of mapping: Mapping) throws -> [Value] {
        try mapping.entries.map { try tuple([$0.key.value, $0.value]) }
    }
}
