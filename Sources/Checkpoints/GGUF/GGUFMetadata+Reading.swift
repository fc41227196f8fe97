import DataFiles

// Each function returns the value of a key, or nil if the key is missing. The errors name the key.
extension GGUFMetadata {
    /// - Throws: `InputError` if the key's value is not a string.
    public func string(_ key: String) throws -> String? { try value(key, "a string") { $0.string } }

    /// - Throws: `InputError` if the key's value is not a whole number that `Int` holds.
    public func integer(_ key: String) throws -> Int? { try value(key, "a whole number") { $0.integer } }

    /// - Throws: `InputError` if the key's value is not a number.
    public func double(_ key: String) throws -> Double? { try value(key, "a number") { $0.double } }

    /// - Throws: `InputError` if the key's value is not a truth value.
    public func bool(_ key: String) throws -> Bool? { try value(key, "a truth value") { $0.bool } }

    /// - Throws: `InputError` if the key's value is not an array of strings.
    /// - Complexity: O(bytes).
    public func strings(_ key: String) throws -> [String]? { try array(key)?.strings() }

    /// - Throws: `InputError` if the key's value is not an array of whole numbers that `Int` holds.
    /// - Complexity: O(count).
    public func integers(_ key: String) throws -> [Int]? { try array(key)?.integers() }

    /// - Throws: `InputError` if the key's value is not an array of numbers.
    /// - Complexity: O(count).
    public func doubles(_ key: String) throws -> [Double]? { try array(key)?.doubles() }

    /// - Throws: `InputError` if the key's value is not an array of truth values.
    /// - Complexity: O(count).
    public func bools(_ key: String) throws -> [Bool]? { try array(key)?.bools() }

    private func array(_ key: String) throws -> GGUFArray? { try value(key, "an array") { $0.array } }

    private func value<Value>(_ key: String, _ expected: String, _ read: (GGUFValue) -> Value?) throws -> Value? {
        guard let stored = self[key] else { return nil }
        guard let value = read(stored) else { throw wrong(key, "a value that is not \(expected)") }
        return value
    }

    private func wrong(_ key: String, _ problem: String) -> InputError {
        .badData(problem, in: "\(path): \(key)", remedy: "fetch or convert the model again")
    }
}
