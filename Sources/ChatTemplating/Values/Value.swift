import OrderedCollections

/// A value during rendering.
///
/// Anything that can refer to other values and change later (namespaces, loops, macros, iterators) is kept by the
/// interpreter, and a value holds only its number. This avoids reference cycles and chains of unbounded depth.
enum Value {
    case undefined(Missing)
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(Text)
    case list(ValueSequence)
    case tuple(ValueSequence)
    case dictionary(Mapping)
    case view(DictionaryView)
    case range(IntegerRange)
    /// An iterator, as returned by `map`, `select` and similar filters.
    ///
    /// It can be traversed once.
    case iterator(Int)
    case namespace(Int)
    case loop(Int)
    case macro(Int)
    case cycler(Int)
    case joiner(Int)
    case function(String)
    case method(BoundMethod)
}

/// The origin of an undefined value, for the message of the error that its use raises.
enum Missing {
    case name(String)
    case attribute(of: String, String)
    case hint(String)
    /// The sandbox forbids it; calling it is an error of its own kind.
    case forbidden(of: String, String)

    var message: String {
        switch self {
        case .name(let name): "'\(name)' is undefined"
        case .attribute("NoneType", let name): "'None' has no attribute '\(name)'"
        case .attribute(let type, let name): "'\(type) object' has no attribute '\(name)'"
        case .hint(let text): text
        case .forbidden(let type, let name): "access to attribute '\(name)' of '\(type)' object is unsafe"
        }
    }

    var failure: Failure {
        if case .forbidden(_, let name) = self { return Failure(.forbidden, message, construct: name) }
        return Failure(.undefinedValue, message, remedy: "test it with 'is defined' or give it a default")
    }
}

/// The elements of a list or a tuple.
///
/// Templates can't change them.
final class ValueSequence {
    let elements: [Value]
    /// Names of the elements, for the pairs that `groupby` makes.
    let fields: [String]
    let depth: Int

    init(_ elements: [Value], fields: [String] = [], depth: Int) {
        self.elements = elements
        self.fields = fields
        self.depth = depth
    }
}

/// An ordered dictionary.
///
/// Templates can't change it.
final class Mapping {
    let entries: OrderedDictionary<Key, Value>
    let depth: Int

    init(_ entries: OrderedDictionary<Key, Value>, depth: Int) {
        self.entries = entries
        self.depth = depth
    }

    subscript(name: String) -> Value? { entries[Key(.string(Text(name)))] }
}

/// The result of a dictionary's `keys()`, `values()` or `items()`.
struct DictionaryView {
    enum Kind: String {
        case keys = "dict_keys"
        case values = "dict_values"
        case items = "dict_items"
    }

    var kind: Kind
    var elements: ValueSequence
}

struct IntegerRange: Equatable {
    var start: Int
    var count: Int
    var step: Int
    /// The end as given, for printing.
    var stop: Int

    /// The element at `index`; past the ends, the value that it would have.
    subscript(index: Int) -> Int { start &+ index &* step }
}

final class BoundMethod {
    let receiver: Value
    let name: String

    init(_ receiver: Value, _ name: String) {
        self.receiver = receiver
        self.name = name
    }
}

extension Value {
    static func string(_ text: String) -> Value { .string(Text(text)) }

    init(_ literal: Literal) {
        switch literal {
        case .none: self = .none
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .float(let value): self = .float(value)
        case .string(let value): self = .string(value)
        }
    }

    /// The nesting depth of lists and dictionaries in the value.
    var depth: Int {
        switch self {
        case .list(let sequence), .tuple(let sequence): sequence.depth
        case .dictionary(let mapping): mapping.depth
        case .view(let view): view.elements.depth
        case .method(let method): method.receiver.depth + 1
        default: 0
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { return true }
        return false
    }

    /// The type's name in Python, as used in error messages.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .float: "float"
        case .string: "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dictionary: "dict"
        case .view(let view): view.kind.rawValue
        case .range: "range"
        case .iterator: "generator"
        case .namespace: "Namespace"
        case .loop: "LoopContext"
        case .macro: "Macro"
        case .cycler: "Cycler"
        case .joiner: "Joiner"
        case .function: "function"
        case .method: "builtin_function_or_method"
        }
    }
}
