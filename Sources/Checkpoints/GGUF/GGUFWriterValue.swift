/// A metadata value as `GGUFWriter` stores it; unlike `GGUFValue`, which is for readers, it names the exact type in the
/// file.
public enum GGUFWriterValue: Sendable, Equatable {
    /// 8 bits, unsigned.
    case uint8(UInt8)
    /// 8 bits, signed.
    case int8(Int8)
    /// 16 bits, unsigned.
    case uint16(UInt16)
    /// 16 bits, signed.
    case int16(Int16)
    /// 32 bits, unsigned; the type of most whole numbers in models.
    case uint32(UInt32)
    /// 32 bits, signed.
    case int32(Int32)
    /// 64 bits, unsigned.
    case uint64(UInt64)
    /// 64 bits, signed.
    case int64(Int64)
    /// 32 bits; the type of most real numbers in models.
    case float32(Float)
    /// 64 bits.
    case float64(Double)
    /// One byte, 0 or 1.
    case bool(Bool)
    /// UTF-8 with its length.
    case string(String)
    /// Unsigned numbers of 32 bits.
    case uint32Array([UInt32])
    /// Signed numbers of 32 bits.
    case int32Array([Int32])
    /// Real numbers of 32 bits.
    case float32Array([Float])
    /// Truth values, a byte each.
    case boolArray([Bool])
    /// Strings, each with its length.
    case stringArray([String])
    /// The encoded bytes of a value whose type has this number, copied unchanged from another file. The bytes of an
    /// array begin with its element type and count.
    case encoded(type: UInt32, bytes: [UInt8])
    /// A value of another file, copied from there when it is written.
    case stored(GGUFStoredValue)
}

extension GGUFWriterValue {
    /// Appends the type's number and the value, little-endian; for a stored value, everything but the bytes in its
    /// file.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .uint8(let value): Self.append(.uint8, value, to: &bytes)
        case .int8(let value): Self.append(.int8, value, to: &bytes)
        case .uint16(let value): Self.append(.uint16, value, to: &bytes)
        case .int16(let value): Self.append(.int16, value, to: &bytes)
        case .uint32(let value): Self.append(.uint32, value, to: &bytes)
        case .int32(let value): Self.append(.int32, value, to: &bytes)
        case .uint64(let value): Self.append(.uint64, value, to: &bytes)
        case .int64(let value): Self.append(.int64, value, to: &bytes)
        case .float32(let value): Self.append(.float32, value.bitPattern, to: &bytes)
        case .float64(let value): Self.append(.float64, value.bitPattern, to: &bytes)
        case .bool(let value): Self.append(.bool, UInt8(value ? 1 : 0), to: &bytes)
        case .string(let value):
            bytes.append(littleEndian: GGUFValueType.string.rawValue)
            bytes.append(lengthPrefixed: value)
        case .uint32Array(let values): Self.append(.uint32, values, to: &bytes) { $0.append(littleEndian: $1) }
        case .int32Array(let values): Self.append(.int32, values, to: &bytes) { $0.append(littleEndian: $1) }
        case .float32Array(let values):
            Self.append(.float32, values, to: &bytes) { $0.append(littleEndian: $1.bitPattern) }
        case .boolArray(let values): Self.append(.bool, values, to: &bytes) { $0.append($1 ? 1 : 0) }
        case .stringArray(let values): Self.append(.string, values, to: &bytes) { $0.append(lengthPrefixed: $1) }
        case .encoded(let type, let encoding):
            bytes.append(littleEndian: type)
            bytes.append(contentsOf: encoding)
        case .stored(let value):
            bytes.append(littleEndian: value.type)
            bytes.append(contentsOf: value.prefix)
        }
    }

    private static func append(_ type: GGUFValueType, _ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        bytes.append(littleEndian: type.rawValue)
        bytes.append(littleEndian: value)
    }

    private static func append<Element>(
        _ type: GGUFValueType, _ elements: [Element], to bytes: inout [UInt8],
        appendElement: (inout [UInt8], Element) -> Void
    ) {
        bytes.append(littleEndian: GGUFValueType.array.rawValue)
        bytes.append(littleEndian: type.rawValue)
        bytes.append(littleEndian: UInt64(elements.count))
        for element in elements { appendElement(&bytes, element) }
    }
}

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends a GGUF string: the number of its UTF-8 bytes in 64 bits, then the bytes.
    mutating func append(lengthPrefixed text: String) {
        let utf8 = Array(text.utf8)
        append(littleEndian: UInt64(utf8.count))
        append(contentsOf: utf8)
    }
}
