import TensorCore

/// The rotated keys and the values of a sequence's past positions, of all layers: a value, copied when it is written to
/// while another copy exists.
///
/// Memory: 8 · L · K · D bytes for each position there is room for. A key-value head's keys lie together row by row, its
/// values column by column, so that both products of attention are dot products along memory.
struct KeyValueCache: Sendable {
    private var storage: Storage

    init(_ configuration: LlamaConfiguration) {
        storage = Storage(configuration, capacity: 0)
    }

    /// Whether the cache has the layers, key-value heads and head size of a model.
    func fits(_ configuration: LlamaConfiguration) -> Bool {
        storage.layers == configuration.layers && storage.kvHeads == configuration.kvHeads
            && storage.headSize == configuration.headSize
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

    /// A number of positions rounded up to what ``capacity`` always is a multiple of: attention reads values in whole groups
    /// of this many, and what lies beyond the last position is zero or an old value, never undefined.
    static func padded(_ count: Int) -> Int { (count &+ 31) & ~31 }

    /// The number of positions there is room for.
    var capacity: Int { storage.capacity }

    /// The address of a key-value head's keys, [capacity, D].
    @inline(__always)
    func keys(layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        storage.keys.pointer + (layer &* storage.kvHeads &+ head) &* storage.capacity &* storage.headSize
    }

    /// The address of a key-value head's values, [D, capacity].
    @inline(__always)
    func values(layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        storage.values.pointer + (layer &* storage.kvHeads &+ head) &* storage.capacity &* storage.headSize
    }

    private final class Storage: @unchecked Sendable {
        // Unchecked: written only by the one copy that owns it alone (`prepare`), read by all.
        let layers: Int
        let kvHeads: Int
        let headSize: Int
        let capacity: Int
        let keys: FloatBuffer
        let values: FloatBuffer

        init(_ configuration: LlamaConfiguration, capacity: Int) {
            layers = configuration.layers
            kvHeads = configuration.kvHeads
            headSize = configuration.headSize
            self.capacity = capacity
            keys = FloatBuffer(capacity: layers * kvHeads * capacity * headSize)
            values = FloatBuffer(capacity: layers * kvHeads * capacity * headSize)
            values.pointer.update(repeating: 0, count: layers * kvHeads * capacity * headSize)
        }

        private init(like other: Storage, capacity: Int) {
            layers = other.layers
            kvHeads = other.kvHeads
            headSize = other.headSize
            self.capacity = capacity
            keys = FloatBuffer(capacity: layers * kvHeads * capacity * headSize)
            values = FloatBuffer(capacity: layers * kvHeads * capacity * headSize)
            values.pointer.update(repeating: 0, count: layers * kvHeads * capacity * headSize)
        }

        func copy(capacity newCapacity: Int, used: Int) -> Storage {
            let copy = Storage(like: self, capacity: newCapacity)
            for block in 0..<(layers * kvHeads) {
                let from = block * capacity * headSize
                let to = block * newCapacity * headSize
                (copy.keys.pointer + to).update(from: keys.pointer + from, count: used * headSize)
                for column in 0..<headSize {
                    (copy.values.pointer + to + column * newCapacity).update(
                        from: values.pointer + from + column * capacity, count: used)
                }
            }
            return copy
        }
    }
}
