import OrderedCollections

/// One rendering of a template: its variables, its output so far and its use of the limits.
final class Interpreter {
    let limits: TemplateLimits
    let clock: Clock
    /// The line that is being evaluated, for errors.
    var line = 1
    var output: [Unicode.Scalar] = []
    var scope = Scope(inside: nil)

    var namespaces: [OrderedDictionary<String, Value>] = []
    var loops: [LoopState] = []
    var macros: [MacroClosure] = []
    var iterators: [IteratorState] = []
    var cyclers: [CyclerState] = []
    var joiners: [JoinerState] = []

    private var steps = 0
    private var characters = 0
    private var depth = 0

    init(limits: TemplateLimits, clock: Clock) {
        self.limits = limits
        self.clock = clock
    }

    func render(_ body: [Statement], _ variables: OrderedDictionary<String, TemplateValue>) throws -> String {
        for (name, value) in variables { scope.variables[name] = try converted(value, depth: 1) }
        _ = try execute(body)
        return String(String.UnicodeScalarView(output))
    }

    private func converted(_ value: TemplateValue, depth: Int) throws -> Value {
        guard depth <= limits.depth else {
            throw Failure(.limitExceeded, "a variable nests more than \(limits.depth) levels deep")
        }
        switch value {
        case .null: return .none
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .float(let value): return .float(value)
        case .string(let value): return .string(Text(value))
        case .list(let elements): return try list(elements.map { try converted($0, depth: depth + 1) })
        case .dictionary(let entries):
            var result = OrderedDictionary<Key, Value>(minimumCapacity: entries.count)
            for (name, value) in entries { result[Key(.string(Text(name)))] = try converted(value, depth: depth + 1) }
            return try dictionary(result)
        }
    }

    // MARK: Limits

    func charge(_ count: Int = 1) throws {
        let (total, overflow) = steps.addingReportingOverflow(count)
        guard !overflow, total <= limits.steps else {
            throw Failure(
                .limitExceeded, "the template takes more than \(limits.steps) steps",
                remedy: "shorten the conversation or raise TemplateLimits.steps")
        }
        steps = total
    }

    /// Counts newly made text towards the limits.
    func charge(characters count: Int) throws {
        let (total, overflow) = characters.addingReportingOverflow(count)
        guard !overflow, total <= limits.characters else {
            throw Failure(
                .limitExceeded, "the template makes more than \(limits.characters) characters of text",
                remedy: "shorten the conversation or raise TemplateLimits.characters")
        }
        characters = total
    }

    /// Counts scanned text towards the limits.
    func charge(scanned count: Int) throws { try charge(count / 64 + 1) }

    func nested<Result>(_ evaluate: () throws -> Result) throws -> Result {
        try enter()
        defer { leave() }
        return try evaluate()
    }

    func enter() throws {
        depth += 1
        guard depth <= limits.depth else {
            depth -= 1
            throw Failure(.limitExceeded, "evaluation nests more than \(limits.depth) levels deep")
        }
    }

    func leave() { depth -= 1 }

    // MARK: Making values

    func string(_ scalars: [Unicode.Scalar], markup: Bool = false) throws -> Value {
        try charge(characters: scalars.count)
        var text = Text(scalars)
        text.isMarkup = markup
        return .string(text)
    }

    func string(_ text: Text) throws -> Value {
        try charge(characters: text.count)
        return .string(text)
    }

    func sequence(_ elements: [Value], fields: [String] = []) throws -> ValueSequence {
        try charge(elements.count)
        return ValueSequence(elements, fields: fields, depth: try depth(around: elements))
    }

    func list(_ elements: [Value]) throws -> Value { .list(try sequence(elements)) }
    func tuple(_ elements: [Value]) throws -> Value { .tuple(try sequence(elements)) }

    func dictionary(_ entries: OrderedDictionary<Key, Value>) throws -> Value {
        try charge(entries.count)
        let depth = max(try depth(around: entries.values), try depth(around: entries.keys.lazy.map(\.value)))
        return .dictionary(Mapping(entries, depth: depth))
    }

    func iterator(_ elements: [Value]) throws -> Value {
        try charge(elements.count)
        _ = try depth(around: elements)
        iterators.append(IteratorState(elements: elements[...]))
        return .iterator(iterators.count - 1)
    }

    private func depth(around elements: some Swift.Sequence<Value>) throws -> Int {
        let depth = elements.reduce(0) { max($0, $1.depth) } + 1
        guard depth <= limits.depth else {
            throw Failure(.limitExceeded, "lists nest more than \(limits.depth) levels deep")
        }
        return depth
    }

    /// A value as a dictionary's key.
    func key(_ value: Value) throws -> Key {
        try charge()
        switch value {
        case .string(let text): try charge(scanned: text.count)
        case .none, .bool, .int, .float: break
        case .tuple(let tuple): for element in tuple.elements { _ = try key(element) }
        default: throw Failure.type("unhashable type: '\(value.typeName)'")
        }
        return Key(value)
    }
}
