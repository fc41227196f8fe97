import CWeightKernels

/// The addresses of the keys and values of one key-value head, without reference counting.
public struct KeyValueHead {
    /// How the keys and values are stored.
    public let format: KeyValueFormat
    /// D
    public let headSize: Int
    let addresses: headsteer_keys_values

    /// - Parameters:
    ///   - keys: ``KeyValueFormat/keyWords(positions:headSize:)`` words.
    ///   - values: ``KeyValueFormat/valueWords(positions:headSize:)`` words; what nothing was stored in may be anything.
    ///   - keyScales: ``KeyValueFormat/scales(positions:)`` values, and the same for `valueScales`.
    public init(
        _ format: KeyValueFormat, headSize: Int, keys: UnsafeMutablePointer<UInt32>,
        values: UnsafeMutablePointer<UInt32>, keyScales: UnsafeMutablePointer<Float>,
        valueScales: UnsafeMutablePointer<Float>
    ) {
        self.format = format
        self.headSize = headSize
        addresses = headsteer_keys_values(
            keys: keys, values: values, key_scales: keyScales, value_scales: valueScales)
    }

    /// Writes one position's rotated key and its value, [D] each.
    public func store(position: Int, key: UnsafePointer<Float>, value: UnsafePointer<Float>) {
        withUnsafePointer(to: addresses) {
            headsteer_attention_store(format.rawValue, headSize, $0, position, key, value)
        }
    }
}
