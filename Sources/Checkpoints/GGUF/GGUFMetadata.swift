import DataFiles

/// The types of GGUF metadata values, with their numbers in the file.
enum GGUFValueType: UInt32 {
    case uint8 = 0, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

    /// The size of one value in bytes; nil if it varies.
    var size: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }
}

/// A GGUF file's metadata: the values of the keys `general.*`, `llama.*` and `tokenizer.*`.
public struct GGUFMetadata: Sendable {
    /// The keys in the order of the file.
    public private(set) var keys: [String] = []
    private var values: [String: GGUFValue] = [:]
    /// The file's path, for messages.
    public let path: String

    init(path: String) { self.path = path }

    /// The value of a key, if the key is there.
    public subscript(key: String) -> GGUFValue? { values[key] }

    mutating func add(_ value: GGUFValue, for key: String) -> Bool {
        guard values.updateValue(value, forKey: key) == nil else { return false }
        keys.append(key)
        return true
    }
}

extension ByteCursor {
    /// Reads one value that is not an array.
    mutating func readScalar(_ type: GGUFValueType, key: String) throws -> GGUFValue {
        switch type {
        case .uint8: .unsigned(UInt64(try read(UInt8.self, what: key)))
        case .int8: .signed(Int64(try read(Int8.self, what: key)))
        case .uint16: .unsigned(UInt64(try read(UInt16.self, what: key)))
        case .int16: .signed(Int64(try read(Int16.self, what: key)))
        case .uint32: .unsigned(UInt64(try read(UInt32.self, what: key)))
        case .int32: .signed(Int64(try read(Int32.self, what: key)))
        case .uint64: .unsigned(try read(UInt64.self, what: key))
        case .int64: .signed(try read(Int64.self, what: key))
        case .float32: .float(Double(Float(bitPattern: try read(UInt32.self, what: key))))
        case .float64: .float(Double(bitPattern: try read(UInt64.self, what: key)))
        case .bool: .bool(try read(UInt8.self, what: key) != 0)
        case .string: .string(try readString(what: key))
        case .array: throw error("an array inside an array for \(key), which no known model has")
        }
    }

    /// Reads one value; an array is read lazily.
    mutating func readValue(key: String, file: MappedFile) throws -> GGUFValue {
        let type = try readType(key: key)
        guard type == .array else { return try readScalar(type, key: key) }
        let elementType = try readType(key: key)
        let count = try read(UInt64.self, what: key)
        let start = offset
        if let size = elementType.size {
            let (length, overflow) = count.multipliedReportingOverflow(by: UInt64(size))
            guard !overflow else { throw error("an absurd array length (\(count)) for \(key)") }
            _ = try skip(length, what: key)
        } else if elementType == .string {
            // Each string takes at least the 8 bytes of its length, so a wrong count stops at the end of the file.
            var left = count
            while left > 0 {
                _ = try skip(try read(UInt64.self, what: key), what: key)
                left -= 1
            }
        } else {
            throw error("an array of arrays for \(key), which no known model has")
        }
        return .array(
            GGUFArray(count: Int(count), elementType: elementType, file: file, range: start..<offset, key: key))
    }

    private mutating func readType(key: String) throws -> GGUFValueType {
        let number = try read(UInt32.self, what: key)
        guard let type = GGUFValueType(rawValue: number) else {
            throw error("an unknown value type (\(number)) for the key \(key)")
        }
        return type
    }
}
