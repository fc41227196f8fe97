import Foundation

/// A JSON object from a file, read field by field, with errors that name the file, the field and the line.
///
/// Files are read strictly (RFC 8259, UTF-8): for example, an object that has a field twice is refused.
public struct JSONObject: Sendable {
    private let fields: JSONFields
    /// The file and the path to this object in it, for messages: `config.json: rope_scaling`.
    public let place: String
    /// The line of the file that the object begins on, from 1.
    public let line: Int

    private init(_ fields: JSONFields, place: String, line: Int) {
        self.fields = fields
        self.place = place
        self.line = line
    }

    /// Reads a file that holds one JSON object.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` if it isn't a JSON object.
    /// - Complexity: O(bytes).
    public init(contentsOf url: URL) throws {
        try self.init(JSONValue(contentsOf: url), file: url.path(percentEncoded: false))
    }

    /// Parses bytes that hold one JSON object.
    ///
    /// - Parameter place: what to call it in messages.
    /// - Throws: `InputError` of the kind `.badData` if it isn't a JSON object.
    /// - Complexity: O(bytes).
    public init(data: Data, place: String) throws {
        try self.init(JSONValue(parsing: data, file: place), file: place)
    }

    /// Parses bytes that hold one JSON object; see `init(data:place:)`.
    public init(bytes: UnsafeRawBufferPointer, place: String) throws {
        try self.init(JSONValue(parsing: bytes, file: place), file: place)
    }

    private init(_ value: JSONValue, file: String) throws {
        guard case .object(let fields) = value.content else {
            throw InputError(.unreadable, "no JSON object at the top", in: file, remedy: "correct the file")
        }
        self.init(fields, place: file, line: value.line)
    }

    /// The fields' names, sorted.
    public var keys: [String] { fields.map(\.name).sorted() }

    /// Whether the field is there and not null.
    public func has(_ key: String) -> Bool { present(key) != nil }

    /// The field's string; nil if it is absent or null.
    public func string(_ key: String) throws -> String? { try value(key, "a string") { $0.string } }

    /// The field's truth value; nil if it is absent or null.
    public func bool(_ key: String) throws -> Bool? {
        try value(key, "true or false") { if case .bool(let value) = $0.content { value } else { nil } }
    }

    /// The field's whole number, exactly (`2`, `2.0` and `2e3` are whole); nil if it is absent or null.
    public func integer(_ key: String) throws -> Int? { try value(key, "a whole number") { $0.number?.integer } }

    /// The field's number; nil if it is absent or null.
    public func double(_ key: String) throws -> Double? { try value(key, "a number") { $0.number?.double } }

    /// The field's object; nil if it is absent or null.
    public func object(_ key: String) throws -> JSONObject? {
        try value(key, "an object") { object($0, place: "\(place): \(key)") }
    }

    /// The field's array of objects; nil if it is absent or null.
    public func objects(_ key: String) throws -> [JSONObject]? {
        try value(key, "an array of objects") { value in
            value.elements?.enumerated().mapOrNil { object($1, place: "\(place): \(key)[\($0)]") }
        }
    }

    /// The field's array of numbers; nil if it is absent or null.
    public func doubles(_ key: String) throws -> [Double]? {
        try value(key, "an array of numbers") { $0.elements?.mapOrNil { $0.number?.double } }
    }

    /// The field's array of whole numbers, exactly; nil if it is absent or null.
    public func integers(_ key: String) throws -> [Int]? {
        try value(key, "an array of whole numbers") { $0.elements?.mapOrNil { $0.number?.integer } }
    }

    /// The field's array of strings; nil if it is absent or null.
    public func strings(_ key: String) throws -> [String]? {
        try value(key, "an array of strings") { $0.elements?.mapOrNil { $0.string } }
    }

    /// Whether the field holds a string, for fields that can have several shapes.
    public func isString(_ key: String) -> Bool { present(key)?.string != nil }

    /// Whether the field holds an array, for fields that can have several shapes.
    public func isArray(_ key: String) -> Bool { present(key)?.elements != nil }

    /// The error that the field is not there.
    public func missing(_ key: String) -> InputError {
        InputError(.missingPart, "no field \(key)", in: place(onLine: line), remedy: "add the field")
    }

    /// The error that the field is not what it should be.
    public func wrong(_ key: String, _ expected: String) -> InputError {
        .badData("\(key) is not \(expected)", in: place(onLine: fields[key]?.line ?? line), remedy: "correct the field")
    }

    /// Where a line is; the first line isn't mentioned, since many files have no other.
    private func place(onLine line: Int) -> String { line == 1 ? place : "\(place), line \(line)" }

    /// The field's value if it is there and not null.
    private func present(_ key: String) -> JSONValue? {
        guard let value = fields[key] else { return nil }
        if case .null = value.content { return nil }
        return value
    }

    private func value<Value>(_ key: String, _ expected: String, _ convert: (JSONValue) -> Value?) throws -> Value? {
        guard let value = present(key) else { return nil }
        guard let converted = convert(value) else { throw wrong(key, expected) }
        return converted
    }

    private func object(_ value: JSONValue, place: String) -> JSONObject? {
        guard case .object(let fields) = value.content else { return nil }
        return JSONObject(fields, place: place, line: value.line)
    }
}

extension JSONValue {
    fileprivate var string: String? { if case .string(let value) = content { value } else { nil } }
    fileprivate var number: JSONNumber? { if case .number(let value) = content { value } else { nil } }
    fileprivate var elements: [JSONValue]? { if case .array(let value) = content { value } else { nil } }
}

extension Sequence {
    /// What `transform` makes of each element; nil if it returns nil for one of them.
    fileprivate func mapOrNil<Result>(_ transform: (Element) -> Result?) -> [Result]? {
        var results: [Result] = []
        results.reserveCapacity(underestimatedCount)
        for element in self {
            guard let result = transform(element) else { return nil }
            results.append(result)
        }
        return results
    }
}
