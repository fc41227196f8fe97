import CWeightKernels

/// How attention stores keys and values.
public enum KeyValueFormat: Int32, Sendable {
    /// Float32.
    case floats = 0
    /// 16-bit integers, with one scale for each position's key and one for its value.
    case integers = 1

    /// The number of positions in a chunk, the unit in which attention adds up; the bits of the results depend on it.
    public static var chunk: Int { Int(HEADSTEER_CHUNK) }
    /// The number of positions that are side by side in memory; there is always room for a multiple of it.
    public static var lanes: Int { Int(HEADSTEER_LANES) }

    /// The number of 32-bit words in a query or a key of D values.
    public func words(headSize: Int) -> Int { headsteer_attention_words(rawValue, headSize) }

    /// The number of 32-bit words for the values of one position, or of two positions as integers: D rounded up to a
    /// multiple of 16.
    public static func columns(headSize: Int) -> Int { headsteer_attention_columns(headSize) }

    /// The number of 32-bit words that the keys of some positions take; `positions` is a multiple of ``lanes``.
    public func keyWords(positions: Int, headSize: Int) -> Int { positions * words(headSize: headSize) }

    /// The number of 32-bit words that the values of some positions take.
    public func valueWords(positions: Int, headSize: Int) -> Int {
        (self == .floats ? positions : positions / 2) * Self.columns(headSize: headSize)
    }

    /// The number of scales for the keys of some positions, and for their values.
    public func scales(positions: Int) -> Int { self == .floats ? 0 : positions }
}
