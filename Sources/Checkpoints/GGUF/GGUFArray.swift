import DataFiles

/// An array in a GGUF file's metadata, read only on demand: a vocabulary of 128,000 strings costs nothing until then.
public struct GGUFArray: Sendable {
    /// The number of elements.
    public let count: Int
    let elementType: GGUFValueType
    let file: MappedFile
    /// The range of the elements' bytes; it was checked when the file was opened.
    let range: Range<Int>
    let key: String

    /// The elements as strings, O(bytes).
    ///
    /// - Throws: `InputError` if they are not strings.
    public func strings() throws -> [String] {
        guard elementType == .string else { throw wrongType(expected: "strings") }
        var cursor = self.cursor
        var result: [String] = []
        result.reserveCapacity(count)
        for _ in 0..<count { result.append(try cursor.readString(what: key)) }
        return result
    }

    /// The elements as integers, O(count).
    ///
    /// - Throws: `InputError` if they are not whole numbers that `Int` holds.
    public func integers() throws -> [Int] {
        try values().map { value in
            guard let integer = value.integer else { throw wrongType(expected: "integers") }
            return integer
        }
    }

    /// The elements as floating-point numbers, O(count).
    ///
    /// - Throws: `InputError` if they are not numbers.
    public func doubles() throws -> [Double] {
        try values().map { value in
            guard let number = value.double else { throw wrongType(expected: "numbers") }
            return number
        }
    }

    /// The elements as floating-point numbers, rounded to float32; O(count).
    ///
    /// - Throws: `InputError` if they are not numbers.
    public func floats() throws -> [Float] { try doubles().map { Float($0) } }

    /// The elements as truth values, O(count).
    ///
    /// - Throws: `InputError` if they are of another type.
    public func bools() throws -> [Bool] {
        try values().map { value in
            guard let bool = value.bool else { throw wrongType(expected: "truth values") }
            return bool
        }
    }

    private func values() throws -> [GGUFValue] {
        guard elementType != .array, elementType != .string else { throw wrongType(expected: "numbers") }
        var cursor = self.cursor
        var result: [GGUFValue] = []
        result.reserveCapacity(count)
        for _ in 0..<count { result.append(try cursor.readScalar(elementType, key: key)) }
        return result
    }

    private var cursor: ByteCursor {
        ByteCursor(UnsafeRawBufferPointer(rebasing: file.bytes[range]), path: file.path)
    }

    private func wrongType(expected: String) -> InputError {
        .badData(
            "an array of \(elementType) where \(expected) should be", in: "\(file.path): \(key)",
            remedy: "fetch or convert the model again")
    }
}
