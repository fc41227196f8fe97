/// The type of a NumPy array's elements, spelled as in `dtype.str`: `<f4`, `>f8`, `|b1`.
public struct NumPyElementType: Sendable, Equatable, CustomStringConvertible {
    /// The kind of element, by NumPy's letter.
    public enum Kind: Character, Sendable {
        /// `b`, one byte
        case bool = "b"
        /// `i`
        case signed = "i"
        /// `u`
        case unsigned = "u"
        /// `f`
        case float = "f"
    }

    /// The kind of element.
    public let kind: Kind
    /// The size of one element in bytes.
    public let size: Int
    /// Whether the most significant byte comes first, as in `>f8`.
    public let isBigEndian: Bool

    /// Parses a type; nil for types that are not supported: text, complex numbers, objects, structures, and floats of
    /// 16 bytes.
    init?(_ description: String) {
        let parts = Array(description)
        guard parts.count == 3, parts[2].isASCII, let kind = Kind(rawValue: parts[1]),
            let size = parts[2].wholeNumberValue
        else {
            return nil
        }
        let sizes: [Int] =
            switch kind {
            case .bool: [1]
            case .signed, .unsigned: [1, 2, 4, 8]
            case .float: [2, 4, 8]
            }
        // A single byte has no byte order, and NumPy marks it so.
        guard sizes.contains(size), size == 1 ? parts[0] == "|" : parts[0] == "<" || parts[0] == ">" else { return nil }
        self.kind = kind
        self.size = size
        self.isBigEndian = parts[0] == ">"
    }

    public var description: String { "\(size == 1 ? "|" : isBigEndian ? ">" : "<")\(kind.rawValue)\(size)" }

    /// The element that begins at an offset; its bytes must exist.
    @inline(__always)
    func value(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Double {
        switch (kind, size) {
        case (.bool, _): bytes[offset] == 0 ? 0 : 1
        case (.float, 4): Double(Float(bitPattern: load(bytes, offset)))
        case (.float, 8): Double(bitPattern: load(bytes, offset))
        case (.float, _): Double(Float16(bitPattern: load(bytes, offset)))
        case (.signed, 1): Double(Int8(bitPattern: bytes[offset]))
        case (.signed, 2): Double(load(bytes, offset) as Int16)
        case (.signed, 4): Double(load(bytes, offset) as Int32)
        case (.signed, _): Double(load(bytes, offset) as Int64)
        case (.unsigned, 1): Double(bytes[offset])
        case (.unsigned, 2): Double(load(bytes, offset) as UInt16)
        case (.unsigned, 4): Double(load(bytes, offset) as UInt32)
        case (.unsigned, _): Double(load(bytes, offset) as UInt64)
        }
    }

    @inline(__always)
    private func load<Value: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Value {
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
        return isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
    }
}
