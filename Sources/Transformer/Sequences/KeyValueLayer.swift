import TensorCore

/// The memory layout of the keys and values of all layers.
///
/// First come the keys of all layers and heads, then the values, then the scales of both. Each head of each layer has a
/// run of `capacity` positions in the kernels' order, so that attention reads contiguous memory.
struct KeyValueLayout: Equatable, Sendable {
    let layers: Int
    let kvHeads: Int
    let headSize: Int
    let format: KeyValueFormat

    init(_ c: ModelConfiguration, precision: Precision) {
        layers = c.layers
        kvHeads = c.kvHeads
        headSize = c.headSize
        format = precision == .exact ? .floats : .integers
    }

    /// Rounds a number of positions up to a capacity that the layout can have.
    static func padded(_ count: Int) -> Int {
        (count &+ KeyValueFormat.lanes &- 1) / KeyValueFormat.lanes &* KeyValueFormat.lanes
    }

    /// The number of 32-bit words in one head's keys.
    func keyWords(_ positions: Int) -> Int { format.keyWords(positions: positions, headSize: headSize) }

    /// The number of 32-bit words in one head's values.
    func valueWords(_ positions: Int) -> Int { format.valueWords(positions: positions, headSize: headSize) }

    /// The number of scales of one head's keys, or of its values.
    func scales(_ positions: Int) -> Int { format.scales(positions: positions) }

    /// The number of bytes for `positions` positions, a multiple of 64.
    func bytes(_ positions: Int) -> Int {
        4 * layers * kvHeads * (keyWords(positions) + valueWords(positions) + 2 * scales(positions))
    }

    /// One layer, in memory that begins at `start`.
    func layer(_ layer: Int, start: UnsafeMutableRawPointer, capacity: Int) -> KeyValueLayer {
        let heads = layers &* kvHeads
        let first = layer &* kvHeads
        let words = start.assumingMemoryBound(to: UInt32.self)
        let values = words + heads &* keyWords(capacity)
        let scales = UnsafeMutableRawPointer(values + heads &* valueWords(capacity))
            .assumingMemoryBound(to: Float.self)
        return KeyValueLayer(
            layout: self, capacity: capacity, keys: words + first &* keyWords(capacity),
            values: values + first &* valueWords(capacity), keyScales: scales + first &* self.scales(capacity),
            valueScales: scales + (heads &+ first) &* self.scales(capacity))
    }
}

/// The addresses of one layer's keys and values of one sequence, without reference counting.
struct KeyValueLayer {
    let layout: KeyValueLayout
    let capacity: Int
    let keys: UnsafeMutablePointer<UInt32>
    let values: UnsafeMutablePointer<UInt32>
    let keyScales: UnsafeMutablePointer<Float>
    let valueScales: UnsafeMutablePointer<Float>

    /// The keys and values of one head.
    func head(_ head: Int) -> KeyValueHead {
        KeyValueHead(
            layout.format, headSize: layout.headSize, keys: keys + head &* layout.keyWords(capacity),
            values: values + head &* layout.valueWords(capacity),
            keyScales: keyScales + head &* layout.scales(capacity),
            valueScales: valueScales + head &* layout.scales(capacity))
    }

    /// Copies the first positions, a multiple of ``KeyValueFormat/lanes``, from another layer of the same layout.
    func copy(_ other: KeyValueLayer, positions: Int) {
        for head in 0..<layout.kvHeads {
            (keys + head * layout.keyWords(capacity)).update(
                from: other.keys + head * layout.keyWords(other.capacity), count: layout.keyWords(positions))
            (values + head * layout.valueWords(capacity)).update(
                from: other.values + head * layout.valueWords(other.capacity), count: layout.valueWords(positions))
            (keyScales + head * layout.scales(capacity)).update(
                from: other.keyScales + head * layout.scales(other.capacity), count: layout.scales(positions))
            (valueScales + head * layout.scales(capacity)).update(
                from: other.valueScales + head * layout.scales(other.capacity), count: layout.scales(positions))
        }
    }
}
