import OrderedCollections

/// A value that is passed to a template: any JSON value, with dictionaries in order.
///
/// To leave a variable undefined in the template, omit it from the dictionary; `.null` is Python's `None`.
public enum TemplateValue: Sendable, Equatable {
    /// Python's `None`.
    case null
    /// Python's `True` and `False`.
    case bool(Bool)
    /// 64 bits; arithmetic that overflows them is an error.
    case int(Int)
    /// 64 bits, printed as in Python.
    case float(Double)
    /// Counted and compared by Unicode scalars, as in Python.
    case string(String)
    /// Values in order.
    case list([TemplateValue])
    /// Entries in the order in which the template visits them.
    case dictionary(OrderedDictionary<String, TemplateValue>)
}

/// Encodes the value as plain JSON; the encoder decides the order of a dictionary's entries.
extension TemplateValue: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .float(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .list(let elements): try container.encode(elements)
        case .dictionary(let entries):
            try container.encode(Dictionary(entries.map { ($0, $1) }, uniquingKeysWith: { $1 }))
        }
    }
}

extension TemplateValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .float(value) }
    public init(nilLiteral: ()) { self = .null }
}

extension TemplateValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(arrayLiteral elements: TemplateValue...) { self = .list(elements) }

    /// A later value of the same key replaces an earlier one, as in Python.
    public init(dictionaryLiteral elements: (String, TemplateValue)...) {
        self = .dictionary(OrderedDictionary(elements, uniquingKeysWith: { $1 }))
    }
}
