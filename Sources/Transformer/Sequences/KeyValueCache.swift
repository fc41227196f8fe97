import TensorCore

/// The rotated keys and the values of a sequence's past positions in all layers: a value, copied when it is written to
/// while another copy exists.
///
/// Memory: about 8 · L · K · D bytes for each position that there is room for; half of that in fast precision, as
/// 16-bit integers.
package struct KeyValueCache: Sendable {
    private var storage: KeyValueStorage

    init(_ configuration: ModelConfiguration, precision: Precision) {
        storage = KeyValueStorage(KeyValueLayout(configuration, precision: precision), capacity: 0)
    }

    /// Whether the cache has the layers, key-value heads, head size and precision of a model.
    func fits(_ configuration: ModelConfiguration, precision: Precision) -> Bool {
        storage.layout == KeyValueLayout(configuration, precision: precision)
    }

    var format: KeyValueFormat { storage.layout.format }

    /// Makes room for `count` positions, and makes this copy the only owner of the storage.
    ///
    /// - Parameters:
    ///   - used: the number of positions whose contents must survive.
    ///   - first: the first layer whose contents must survive.
    package mutating func prepare(count: Int, used: Int, fromLayer first: Int = 0) {
        let fits = count <= storage.capacity
        if fits && isKnownUniquelyReferenced(&storage) { return }
        // Unwritten memory takes no space, and the tokens after a long prompt shouldn't begin with a copy of its past.
        let grown = max(count + min(count / 4, 1024), min(2 * storage.capacity, count + 1024))
        let capacity = fits ? storage.capacity : grown
        storage = storage.copy(capacity: KeyValueLayout.padded(capacity), used: used, fromLayer: first)
    }

    /// The addresses of one layer's keys and values; the cache must stay alive and keep its size.
    func layer(_ layer: Int) -> KeyValueLayer { storage.layer(layer) }
}

/// The memory of a cache.
private final class KeyValueStorage: @unchecked Sendable {
    // Unchecked: written only by the one copy that is its sole owner (`prepare`), and read by all.
    let layout: KeyValueLayout
    /// A multiple of ``KeyValueFormat/lanes``. The values after the last position are zero or old, never undefined.
    let capacity: Int
    private let memory: ZeroedMemory

    init(_ layout: KeyValueLayout, capacity: Int) {
        self.layout = layout
        self.capacity = capacity
        memory = ZeroedMemory(bytes: layout.bytes(capacity))
    }

    func layer(_ layer: Int) -> KeyValueLayer { layout.layer(layer, start: memory.start, capacity: capacity) }

    func copy(capacity newCapacity: Int, used: Int, fromLayer first: Int) -> KeyValueStorage {
        let copy = KeyValueStorage(layout, capacity: newCapacity)
        for layer in first..<layout.layers {
            copy.layer(layer).copy(self.layer(layer), positions: KeyValueLayout.padded(used))
        }
        return copy
    }
}
