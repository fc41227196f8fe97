import CWeightKernels

/// How attention keeps keys and values.
public enum KeyValueFormat: Int32, Sendable {
    /// Float32.
    case floats = 0
    /// Integers of 16 bits, with a scale for each position's key and one for its value.
    case integers = 1

    /// The positions of a chunk, the unit in which attention adds up: a property of the results' bits.
    public static var chunk: Int { Int(HEADSTEER_CHUNK) }
    /// Positions that lie side by side in memory: there is always room for a multiple of so many.
    public static var lanes: Int { Int(HEADSTEER_LANES) }

    /// The 32-bit words of a query or a key of D values.
    public func words(headSize: Int) -> Int { headsteer_attention_words(rawValue, headSize) }

    /// The 32-bit words in which the values of one position lie, or of two as integers; D rounded up to a multiple of 16.
    public static func columns(headSize: Int) -> Int { headsteer_attention_columns(headSize) }

    /// The 32-bit words that the keys of some positions take, a multiple of ``lanes``.
    public func keyWords(positions: Int, headSize: Int) -> Int { positions * words(headSize: headSize) }

    /// The 32-bit words that their values take.
    public func valueWords(positions: Int, headSize: Int) -> Int {
        (self == .floats ? positions : positions / 2) * Self.columns(headSize: headSize)
    }

    /// The scales that their keys, or their values, have.
    public func scales(positions: Int) -> Int { self == .floats ? 0 : positions }
}
