import TensorCore

/// The rotated keys and the values of a sequence's past positions, of all layers: a value, copied when it is written to
/// while another copy exists.
///
/// Memory: 8 · L · K · D bytes for each position there is room for, half of it in fast precision, in halves. A key-value head's
/// keys lie together row by row, its values column by column, so that both products of attention are dot products
/// along memory.
struct KeyValueCache: Sendable {
    private var storage: KeyValueStorage

    init(_ configuration: ModelConfiguration, precision: Precision) {
        storage = KeyValueStorage(
            layers: configuration.layers, kvHeads: configuration.kvHeads, headSize: configuration.headSize,
            format: Self.format(precision), capacity: 0)
    }

    private static func format(_ precision: Precision) -> WeightFormat { precision == .exact ? .f32 : .f16 }

    /// Whether the cache has the layers, key-value heads, head size and precision of a model.
    func fits(_ configuration: ModelConfiguration, precision: Precision) -> Bool {
        storage.layers == configuration.layers && storage.kvHeads == configuration.kvHeads
            && storage.headSize == configuration.headSize
            && storage.format == Self.format(precision)
    }

    /// Makes room for `count` positions and makes this copy the storage's only owner.
    ///
    /// - Parameter used: the number of positions whose contents must survive.
    mutating func prepare(count: Int, used: Int) {
        let fits = count <= storage.capacity
        if fits && isKnownUniquelyReferenced(&storage) { return }
        let capacity = fits ? storage.capacity : max(count, min(2 * storage.capacity, count + 1024))
        storage = storage.copy(capacity: Self.padded(capacity), used: used)
    }

    /// A number of positions rounded up to what the capacity always is a multiple of: attention reads values in whole groups
    /// of this many, and what lies beyond the last position is zero or an old value, never undefined.
    static func padded(_ count: Int) -> Int { (count &+ 31) & ~31 }

    /// The addresses of one layer's keys and values; the cache must stay alive and unchanged in size.
    func layer(_ layer: Int) -> KeyValueLayer { storage.layer(layer) }
}

/// The memory of a cache.
private final class KeyValueStorage: @unchecked Sendable {
    // Unchecked: written only by the one copy that owns it alone (`prepare`), read by all.
    let layers: Int
    let kvHeads: Int
    let headSize: Int
    let format: WeightFormat
    let capacity: Int
    private let keys: ZeroedMemory
    private let values: ZeroedMemory

    init(layers: Int, kvHeads: Int, headSize: Int, format: WeightFormat, capacity: Int) {
        self.layers = layers
        self.kvHeads = kvHeads
        self.headSize = headSize
        self.format = format
        self.capacity = capacity
        keys = ZeroedMemory(bytes: layers * kvHeads * capacity * headSize * format.bytesPerBlock)
        values = ZeroedMemory(bytes: layers * kvHeads * capacity * headSize * format.bytesPerBlock)
    }

    func layer(_ layer: Int) -> KeyValueLayer {
        let offset = layer &* kvHeads &* capacity &* headSize &* format.bytesPerBlock
        return KeyValueLayer(
            keys: keys.start + offset, values: values.start + offset, format: format, headSize: headSize,
            capacity: capacity)
    }

    func copy(capacity newCapacity: Int, used: Int) -> KeyValueStorage {
        let copy = KeyValueStorage(
            layers: layers, kvHeads: kvHeads, headSize: headSize, format: format, capacity: newCapacity)
        let size = format.bytesPerBlock
        for block in 0..<(layers * kvHeads) {
            let key = block * headSize * size
            (copy.keys.start + key * newCapacity).copyMemory(
                from: keys.start + key * capacity, byteCount: used * headSize * size)
            for column in 0..<headSize {
                (copy.values.start + (block * headSize + column) * newCapacity * size).copyMemory(
                    from: values.start + (block * headSize + column) * capacity * size, byteCount: used * size)
            }
        }
        return copy
    }
}
