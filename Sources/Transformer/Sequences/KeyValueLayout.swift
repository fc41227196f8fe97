import TensorCore

/// The memory layout of a page: the keys and values of all layers at the positions of one of attention's chunks.
///
/// First come the keys of all layers and heads, then the values, then the scales of both. Each head of each layer has a
/// run of positions in the kernels' order, so that attention reads contiguous memory.
struct KeyValueLayout: Equatable, Sendable {
    /// The number of positions in a page.
    static var pagePositions: Int { KeyValueFormat.chunk }

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

    /// Rounds a number of positions up to one that the kernels take.
    static func padded(_ count: Int) -> Int {
        (count &+ KeyValueFormat.lanes &- 1) / KeyValueFormat.lanes &* KeyValueFormat.lanes
    }

    /// The number of 32-bit words in one head's keys.
    private func keyWords(_ positions: Int) -> Int { format.keyWords(positions: positions, headSize: headSize) }

    /// The number of 32-bit words in one head's values.
    private func valueWords(_ positions: Int) -> Int { format.valueWords(positions: positions, headSize: headSize) }

    /// The number of scales of one head's keys, or of its values.
    private func scales(_ positions: Int) -> Int { format.scales(positions: positions) }

    /// The number of bytes for `positions` positions, a multiple of 64.
    func bytes(_ positions: Int) -> Int {
        4 * layers * kvHeads * (keyWords(positions) + valueWords(positions) + 2 * scales(positions))
    }

    /// One head's keys and values in a page.
    func head(_ head: Int, layer: Int, page: UnsafeMutableRawPointer) -> KeyValueHead {
        let addresses = addresses(head, layer: layer, page: page)
        return KeyValueHead(
            format, headSize: headSize, keys: addresses.keys, values: addresses.values,
            keyScales: addresses.keyScales, valueScales: addresses.valueScales)
    }

    /// Copies one layer's first positions, as many as the kernels take, from another page.
    func copy(layer: Int, from other: UnsafeMutableRawPointer, to page: UnsafeMutableRawPointer, positions: Int) {
        for head in 0..<kvHeads {
            let own = addresses(head, layer: layer, page: page)
            let other = addresses(head, layer: layer, page: other)
            own.keys.update(from: other.keys, count: keyWords(positions))
            own.values.update(from: other.values, count: valueWords(positions))
            own.keyScales.update(from: other.keyScales, count: scales(positions))
            own.valueScales.update(from: other.valueScales, count: scales(positions))
        }
    }

    private struct Addresses {
        let keys: UnsafeMutablePointer<UInt32>
        let values: UnsafeMutablePointer<UInt32>
        let keyScales: UnsafeMutablePointer<Float>
        let valueScales: UnsafeMutablePointer<Float>
    }

    @inline(__always)
    private func addresses(_ head: Int, layer: Int, page: UnsafeMutableRawPointer) -> Addresses {
        let size = Self.pagePositions
        let heads = layers &* kvHeads
        let place = layer &* kvHeads &+ head
        let words = page.assumingMemoryBound(to: UInt32.self)
        let values = words + heads &* keyWords(size)
        let scales = UnsafeMutableRawPointer(values + heads &* valueWords(size)).assumingMemoryBound(to: Float.self)
        return Addresses(
            keys: words + place &* keyWords(size), values: values + place &* valueWords(size),
            keyScales: scales + place &* self.scales(size), valueScales: scales + (heads &+ place) &* self.scales(size))
    }
}

/// One layer's keys and values of one sequence, without reference counting.
struct KeyValueLayer {
    let layout: KeyValueLayout
    let layer: Int
    /// The addresses of the sequence's pages.
    let pages: UnsafePointer<UnsafeMutableRawPointer>

    /// The keys and values of one head in one chunk of positions.
    func head(_ head: Int, chunk: Int) -> KeyValueHead { layout.head(head, layer: layer, page: pages[chunk]) }

    /// Writes one position's rotated key and its value, [D] each.
    func store(position: Int, head: Int, key: UnsafePointer<Float>, value: UnsafePointer<Float>) {
        let chunk = position / KeyValueLayout.pagePositions
        self.head(head, chunk: chunk).store(
            position: position &- chunk &* KeyValueLayout.pagePositions, key: key, value: value)
    }
}
