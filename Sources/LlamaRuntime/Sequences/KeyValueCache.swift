import TensorCore

/// The rotated keys and the values of a sequence's past positions, of all layers: a value, copied when it is written to
/// while another copy exists.
///
/// Memory: 8 · L · K · D bytes for each position there is room for, half of it in half precision. A key-value head's keys
/// lie together row by row, its values column by column, so that both products of attention are dot products along
/// memory.
struct KeyValueCache: Sendable {
    private var storage: KeyValueStorage

    init(_ configuration: LlamaConfiguration, precision: Precision) {
        storage = KeyValueStorage(
            layers: configuration.layers, kvHeads: configuration.kvHeads, headSize: configuration.headSize,
            isHalf: precision == .fast, capacity: 0)
    }

    /// Whether the cache has the layers, key-value heads, head size and precision of a model.
    func fits(_ configuration: LlamaConfiguration, precision: Precision) -> Bool {
        storage.layers == configuration.layers && storage.kvHeads == configuration.kvHeads
            && storage.headSize == configuration.headSize && storage.isHalf == (precision == .fast)
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
    let isHalf: Bool
    let capacity: Int
    private let keys: UnsafeMutableRawPointer
    private let values: UnsafeMutableRawPointer

    init(layers: Int, kvHeads: Int, headSize: Int, isHalf: Bool, capacity: Int) {
        self.layers = layers
        self.kvHeads = kvHeads
        self.headSize = headSize
        self.isHalf = isHalf
        self.capacity = capacity
        let bytes = layers * kvHeads * capacity * headSize * (isHalf ? 2 : 4)
        keys = .allocate(byteCount: max(bytes, 1), alignment: 64)
        values = .allocate(byteCount: max(bytes, 1), alignment: 64)
        values.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    deinit {
        keys.deallocate()
        values.deallocate()
    }

    func layer(_ layer: Int) -> KeyValueLayer {
        let bytesPerHead = capacity &* headSize &* (isHalf ? 2 : 4)
        let start = layer &* kvHeads &* bytesPerHead
        return KeyValueLayer(
            keys: keys + start, values: values + start, isHalf: isHalf, headSize: headSize, capacity: capacity)
    }

    func copy(capacity newCapacity: Int, used: Int) -> KeyValueStorage {
        let copy = KeyValueStorage(
            layers: layers, kvHeads: kvHeads, headSize: headSize, isHalf: isHalf, capacity: newCapacity)
        let size = isHalf ? 2 : 4
        for block in 0..<(layers * kvHeads) {
            let from = block * capacity * headSize * size
            let to = block * newCapacity * headSize * size
            (copy.keys + to).copyMemory(from: keys + from, byteCount: used * headSize * size)
            for column in 0..<headSize {
                (copy.values + to + column * newCapacity * size).copyMemory(
                    from: values + from + column * capacity * size, byteCount: used * size)
            }
        }
        return copy
    }
}
