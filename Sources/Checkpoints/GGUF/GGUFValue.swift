/// A value of a GGUF file's metadata.
public enum GGUFValue: Sendable {
    /// A whole number of any unsigned type.
    case unsigned(UInt64)
    /// A whole number of any signed type.
    case signed(Int64)
    /// A number of 32 or 64 bits.
    case float(Double)
    /// A truth value.
    case bool(Bool)
    /// A string in UTF-8.
    case string(String)
    /// An array, read when it is used.
    case array(GGUFArray)

    /// The value as an integer; nil if it isn't a whole number that `Int` holds.
    public var integer: Int? {
        switch self {
        case .unsigned(let value): Int(exactly: value)
        case .signed(let value): Int(exactly: value)
        case .float(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The value as a floating-point number; nil if it isn't a number.
    public var double: Double? {
        switch self {
        case .unsigned(let value): Double(value)
        case .signed(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// The value as a truth value; nil for any other type.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value as a string; nil for any other type.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The value as an array; nil for any other type.
    public var array: GGUFArray? {
        if case .array(let value) = self { value } else { nil }
    }
}
