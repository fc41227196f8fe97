import TensorCore
import Transformer

/// r · v of every position and key-value head, one number for each: all that checks need of the past, as
/// r · z = Σₜ pₜ (r · vₜ), p being the attention pattern.
final class ProjectedValues {
    private let heads: Int
    private let layers: Int
    private let probe: [Float]
    /// What the values of each layer are clipped at before the cache keeps them: the site comes before.
    private let clips: [Float?]
    private let clipsNothing: Bool
    /// [L · K][capacity].
    private var sums = FloatBuffer()
    private var capacity = 0
    /// r · v at one position, [L · K], before each goes to its place.
    private let products: FloatBuffer
    /// [K, D]
    private let clippedValues = FloatBuffer()

    /// - Parameter probe: r, [D].
    init(_ configuration: ModelConfiguration, probe: [Float]) {
        heads = configuration.kvHeads
        layers = configuration.layers
        self.probe = probe
        clips = configuration.blocks.map(\.attention.clip)
        clipsNothing = clips.allSatisfy { $0 == nil }
        products = FloatBuffer(capacity: layers * heads)
    }

    /// Makes room for `count` positions, of which the first `used` are there.
    func reserve(_ count: Int, used: Int) {
        guard count > capacity else { return }
        let grown = FloatBuffer(capacity: layers * heads * max(2 * capacity, count, 64))
        let newCapacity = grown.capacity / (layers * heads)
        for head in 0..<layers * heads where used > 0 {
            (grown.pointer + head * newCapacity).update(from: sums.pointer + head * capacity, count: used)
        }
        sums = grown
        capacity = newCapacity
    }

    /// Keeps those of some layers at one position.
    ///
    /// - Parameter values: [layers, K, D].
    func keep(_ own: Range<Int>, _ values: UnsafePointer<Float>, position: Int) {
        let count = own.count * heads
        let products = products.pointer
        if clipsNothing {
            project(values, rows: count, into: products)
        } else {
            for (place, layer) in own.enumerated() {
                project(
                    clipped(values + place * heads * probe.count, layer), rows: heads, into: products + place * heads)
            }
        }
        let start = sums.pointer + own.lowerBound * heads * capacity + position
        for head in 0..<count { start[head * capacity] = products[head] }
    }

    /// r · v of each row.
    private func project(_ values: UnsafePointer<Float>, rows: Int, into products: UnsafeMutablePointer<Float>) {
        let size = probe.count
        probe.withUnsafeBufferPointer { probe in
            guard let r = probe.baseAddress else { return }
            DotProducts.run(
                n: size, r, rows: 1, strideX: size, values, rows: rows, strideW: size, into: products, strideY: rows)
        }
    }

    private func clipped(_ values: UnsafePointer<Float>, _ layer: Int) -> UnsafePointer<Float> {
        guard let limit = clips[layer] else { return values }
        let count = heads * probe.count
        let own = clippedValues.reserve(count)
        for index in 0..<count { own[index] = min(max(values[index], -limit), limit) }
        return UnsafePointer(own)
    }

    /// Asks for those of one layer to be brought near: they are read soon.
    func bringNear(_ layer: Int, count: Int) {
        for head in layer * heads..<(layer + 1) * heads {
            NearMemory.bring(sums.pointer + head * capacity, bytes: count * MemoryLayout<Float>.stride)
        }
    }

    /// Those of one head at every position.
    func of(layer: Int, head: Int) -> UnsafePointer<Float> {
        UnsafePointer(sums.pointer + (layer * heads + head) * capacity)
    }
}
