/// A dictionary's key with Python's equality: `1`, `1.0` and `true` are the same key.
struct Key: Hashable {
    let value: Value

    /// - Precondition: the value is hashable, see `Interpreter.key(_:)`.
    init(_ value: Value) { self.value = value }

    static func == (left: Key, right: Key) -> Bool {
        switch (left.value, right.value) {
        case (.string(let left), .string(let right)): left == right
        case (.none, .none): true
        case (.tuple(let left), .tuple(let right)):
            left === right
                || left.elements.count == right.elements.count
                    && zip(left.elements, right.elements).allSatisfy { Key($0) == Key($1) }
        default: Number.equal(left.value, right.value) ?? false
        }
    }

    func hash(into hasher: inout Hasher) {
        switch value {
        case .string(let text): hasher.combine(text)
        case .tuple(let tuple): for element in tuple.elements { Key(element).hash(into: &hasher) }
        case .bool(let value): hasher.combine(value ? 1 : 0)
        case .int(let value): hasher.combine(value)
        case .float(let value):
            if let exact = Int(exactly: value) { hasher.combine(exact) } else { hasher.combine(value) }
        default: break
        }
    }
}

/// Compares numbers as Python does: integers, floats and Booleans together, without rounding.
enum Number {
    /// The value as an integer, if it is one (or a Boolean).
    static func int(_ value: Value) -> Int? {
        switch value {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    static func double(_ value: Value) -> Double? {
        if case .float(let value) = value { return value }
        return int(value).map(Double.init)
    }

    /// Whether the numbers are equal; `nil` if one of the values is not a number.
    static func equal(_ left: Value, _ right: Value) -> Bool? {
        if let left = int(left), let right = int(right) { return left == right }
        switch (left, right) {
        case (.float(let left), .float(let right)): return left == right
        case (.float(let float), let other), (let other, .float(let float)):
            return int(other).map { Int(exactly: float) == $0 }
        default: return nil
        }
    }

    /// Whether the left number is smaller; `nil` if one of the values is not a number.
    static func less(_ left: Value, _ right: Value) -> Bool? {
        if let left = int(left), let right = int(right) { return left < right }
        guard let leftDouble = double(left), let rightDouble = double(right) else { return nil }
        if leftDouble != rightDouble || leftDouble.isNaN || rightDouble.isNaN { return leftDouble < rightDouble }
        // An integer past 2^53 may round to the float that it is compared with.
        if let left = int(left), let right = Int(exactly: rightDouble) { return left < right }
        if let right = int(right), let left = Int(exactly: leftDouble) { return left < right }
        return false
    }
}
