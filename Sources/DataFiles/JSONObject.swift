import Foundation

/// A JSON object of a file, read field by field with errors that name the file and the field.
public struct JSONObject: @unchecked Sendable {
    // Unchecked because of `Any`: the values are those of JSONSerialization (strings, numbers, null, arrays and
    // dictionaries of them), which nothing changes.
    private let values: [String: Any]
    /// The file and the way to this object, for messages: `config.json: rope_scaling`.
    public let place: String

    private init(_ values: [String: Any], place: String) {
        self.values = values
        self.place = place
    }

    /// Reads a file that holds one JSON object.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` where it is no JSON object.
    public init(contentsOf url: URL) throws {
        let path = url.path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path) else { throw InputError.missingFile(path) }
        try self.init(data: data, place: path)
    }

    /// Parses bytes that hold one JSON object.
    ///
    /// - Parameter place: what to call it in messages.
    /// - Throws: `InputError` of the kind `.badData` where it is no JSON object.
    public init(data: Data, place: String) throws {
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed])
        } catch {
            let detail =
                (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? "the text can't be parsed"
            throw InputError.badData("no valid JSON (\(detail))", in: place, remedy: "correct the file")
        }
        guard let values = value as? [String: Any] else {
            throw InputError.badData("no JSON object at the top", in: place, remedy: "correct the file")
        }
        self.init(values, place: place)
    }

    /// The fields' names, sorted.
    public var keys: [String] { values.keys.sorted() }

    /// Whether the field is there and not null.
    public func has(_ key: String) -> Bool {
        guard let value = values[key] else { return false }
        return !(value is NSNull)
    }

    /// The field's string; nil where it is absent or null.
    public func string(_ key: String) throws -> String? {
        try value(key, "a string") { $0 as? String }
    }

    /// The field's truth value; nil where it is absent or null.
    public func bool(_ key: String) throws -> Bool? {
        try value(key, "true or false") { Self.isBoolean($0) ? $0 as? Bool : nil }
    }

    /// The field's whole number; nil where it is absent or null.
    public func integer(_ key: String) throws -> Int? {
        try value(key, "a whole number") { value in
            guard !Self.isBoolean(value), let number = value as? NSNumber else { return nil }
            return Int(exactly: number.doubleValue)
        }
    }

    /// The field's number; nil where it is absent or null.
    public func double(_ key: String) throws -> Double? {
        try value(key, "a number") { value in
            guard !Self.isBoolean(value), let number = value as? NSNumber else { return nil }
            return number.doubleValue.isFinite ? number.doubleValue : nil
        }
    }

    /// The field's object; nil where it is absent or null.
    public func object(_ key: String) throws -> JSONObject? {
        try value(key, "an object") { ($0 as? [String: Any]).map { JSONObject($0, place: "\(place): \(key)") } }
    }

    /// The field's array of objects; nil where it is absent or null.
    public func objects(_ key: String) throws -> [JSONObject]? {
        try value(key, "an array of objects") { value in
            (value as? [[String: Any]])?.enumerated().map { JSONObject($1, place: "\(place): \(key)[\($0)]") }
        }
    }

    /// The field's array of numbers; nil where it is absent or null.
    public func doubles(_ key: String) throws -> [Double]? {
        try value(key, "an array of numbers") { value in
            guard let array = value as? [Any], !array.contains(where: Self.isBoolean) else { return nil }
            return (array as? [NSNumber])?.map(\.doubleValue)
        }
    }

    /// The field's array of whole numbers; nil where it is absent or null.
    public func integers(_ key: String) throws -> [Int]? {
        guard let doubles = try doubles(key) else { return nil }
        return try doubles.map { number in
            guard let integer = Int(exactly: number) else { throw wrong(key, "an array of whole numbers") }
            return integer
        }
    }

    /// The field's array of strings; nil where it is absent or null.
    public func strings(_ key: String) throws -> [String]? {
        try value(key, "an array of strings") { $0 as? [String] }
    }

    /// What the field holds: to tell apart fields that may have several shapes.
    public func isString(_ key: String) -> Bool { values[key] is String }

    /// What the field holds: to tell apart fields that may have several shapes.
    public func isArray(_ key: String) -> Bool { values[key] is [Any] }

    /// The error that the field is not there.
    public func missing(_ key: String) -> InputError {
        .badData("no field \(key)", in: place, remedy: "add the field")
    }

    /// The error that the field is not what it should be.
    public func wrong(_ key: String, _ expected: String) -> InputError {
        .badData("\(key) is not \(expected)", in: place, remedy: "correct the field")
    }

    private func value<Value>(_ key: String, _ expected: String, _ convert: (Any) -> Value?) throws -> Value? {
        guard let value = values[key], !(value is NSNull) else { return nil }
        guard let converted = convert(value) else { throw wrong(key, expected) }
        return converted
    }

    private static func isBoolean(_ value: Any) -> Bool {
        guard let number = value as? NSNumber else { return value is Bool }
        return String(cString: number.objCType) == "c"
    }
}
