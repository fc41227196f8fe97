import TensorCore

/// The rotated keys and the values of a sequence's past positions in all layers: a value.
///
/// They lie in pages, one for each of attention's chunks of positions. Copies share their pages; what a copy adds goes
/// into pages of its own, so a fork copies at most the page that its past ends in.
///
/// Memory: about 8 · L · K · D bytes for each position; half of that in fast precision, as 16-bit integers.
package struct KeyValueCache: Sendable {
    private let layout: KeyValueLayout
    private var pages: [KeyValuePage] = []

    init(_ configuration: ModelConfiguration, precision: Precision) {
        layout = KeyValueLayout(configuration, precision: precision)
    }

    /// Whether the cache has the layers, key-value heads, head size and precision of a model.
    func fits(_ configuration: ModelConfiguration, precision: Precision) -> Bool {
        layout == KeyValueLayout(configuration, precision: precision)
    }

    var format: KeyValueFormat { layout.format }

    /// Makes room for `count` positions, and makes this copy the only owner of the pages from position `used` on.
    ///
    /// - Parameters:
    ///   - used: the number of positions whose contents must survive.
    ///   - first: the first layer whose contents must survive.
    ///   - recycled: where the memory of copied pages comes from and goes to. Forks come and go; a page that a sequence
    ///     begins anew is usually kept longer, and takes no memory at positions that aren't written.
    package mutating func prepare(count: Int, used: Int, fromLayer first: Int = 0, recycled: RecycledMemory) {
        let size = KeyValueLayout.pagePositions
        for index in stride(from: used / size, to: (count + size - 1) / size, by: 1) {
            guard index < pages.count else {
                pages.append(KeyValuePage(layout))
                continue
            }
            if isKnownUniquelyReferenced(&pages[index]) { continue }
            pages[index] = KeyValuePage(
                pages[index], positions: max(0, used - index * size), fromLayer: first, recycled: recycled)
        }
    }

    /// Gives up the pages behind the first `count` positions.
    mutating func shorten(to count: Int) {
        let size = KeyValueLayout.pagePositions
        pages.removeLast(max(0, pages.count - (count + size - 1) / size))
    }

    /// The addresses of the pages; the cache must stay alive and keep its size.
    var addresses: [UnsafeMutableRawPointer] { pages.map(\.start) }

    /// One layer, in pages at some addresses.
    func layer(_ layer: Int, pages: UnsafePointer<UnsafeMutableRawPointer>) -> KeyValueLayer {
        KeyValueLayer(layout: layout, layer: layer, pages: pages)
    }

    /// The keys and values of one head in one chunk of positions; the cache must stay alive and keep its size.
    func head(_ head: Int, layer: Int, chunk: Int) -> KeyValueHead {
        layout.head(head, layer: layer, page: pages[chunk].start)
    }
}

/// The memory of one chunk of positions.
private final class KeyValuePage: @unchecked Sendable {
    // Unchecked: written only by the one cache that is its sole owner (`prepare`), and read by all.
    private let layout: KeyValueLayout
    private let memory: ZeroedMemory
    /// Where the memory goes afterwards; nil for back to the system.
    private let recycled: RecycledMemory?

    init(_ layout: KeyValueLayout) {
        self.layout = layout
        memory = ZeroedMemory(bytes: layout.bytes(KeyValueLayout.pagePositions))
        recycled = nil
    }

    /// A copy of a page's first positions.
    init(_ other: KeyValuePage, positions: Int, fromLayer first: Int, recycled: RecycledMemory) {
        layout = other.layout
        memory = recycled.take(bytes: other.memory.bytes)
        self.recycled = recycled
        guard positions > 0 else { return }
        for layer in first..<layout.layers {
            layout.copy(layer: layer, from: other.start, to: start, positions: KeyValueLayout.padded(positions))
        }
    }

    deinit { recycled?.give(memory) }

    /// The values after the last position are zero or old, never undefined; attention doesn't look at them.
    var start: UnsafeMutableRawPointer { memory.start }
}
