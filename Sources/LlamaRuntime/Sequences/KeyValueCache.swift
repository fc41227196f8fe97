import TensorCore

/// The rotated keys and the values of a sequence's past positions, of all layers: a value, copied when it is written to
/// while another copy exists.
///
/// Memory: 8 · L · K · D bytes for each position there is room for. A key-value head's rows lie together, so that
/// attention reads them in one stream.
struct KeyValueCache: Sendable {
    private var storage: Storage

    init(_ configuration: LlamaConfiguration) {
        storage = Storage(configuration, capacity: 0)
    }

    /// Makes room for `count` positions and makes this copy the storage's only owner.
    ///
    /// - Parameter used: the number of positions whose contents must survive.
    mutating func prepare(count: Int, used: Int) {
        let fits = count <= storage.capacity
        if fits && isKnownUniquelyReferenced(&storage) { return }
        let capacity = fits ? storage.capacity : max(count, min(2 * storage.capacity, count + 1024), 32)
        storage = storage.copy(capacity: capacity, used: used)
    }

    /// The address of a key-value head's keys, [capacity, D].
    @inline(__always)
    func keys(layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        storage.keys.pointer + (layer &* storage.kvHeads &+ head) &* storage.capacity &* storage.headSize
    }

    /// The address of a key-value head's values, [capacity, D].
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
        }

        private init(like other: Storage, capacity: Int) {
            layers = other.layers
            kvHeads = other.kvHeads
            headSize = other.headSize
            self.capacity = capacity
            keys = FloatBuffer(capacity: layers * kvHeads * capacity * headSize)
            values = FloatBuffer(capacity: layers * kvHeads * capacity * headSize)
        }

        func copy(capacity newCapacity: Int, used: Int) -> Storage {
            let copy = Storage(like: self, capacity: newCapacity)
            for block in 0..<(layers * kvHeads) {
                let from = block * capacity * headSize
                let to = block * newCapacity * headSize
                (copy.keys.pointer + to).update(from: keys.pointer + from, count: used * headSize)
                (copy.values.pointer + to).update(from: values.pointer + from, count: used * headSize)
            }
            return copy
        }
    }
}
