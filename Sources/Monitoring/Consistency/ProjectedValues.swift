import TensorCore
import Transformer

/// r · v of every position and key-value head, one number for each.
///
/// The checks need nothing else of the past, since r · z = Σₜ pₜ (r · vₜ), with p the attention pattern.
final class ProjectedValues {
    private let heads: Int
    private let layers: Int
    private let probe: [Float]
    /// The limit at which each layer's values are clipped before the cache keeps them; the site comes before the
    /// clipping.
    private let clips: [Float?]
    private let clipsNothing: Bool
    /// [L · K][capacity].
    private var sums = FloatBuffer()
    private var capacity = 0

    /// - Parameter probe: r, [D].
    init(_ configuration: ModelConfiguration, probe: [Float]) {
        heads = configuration.kvHeads
        layers = configuration.layers
        self.probe = probe
        clips = configuration.blocks.map(\.attention.clip)
        clipsNothing = clips.allSatisfy { $0 == nil }
    }

    /// Makes room for `count` positions, of which the first `used` are filled.
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

    /// Keeps r · v of one layer's heads at one position.
    ///
    /// - Parameter values: [K, D].
    func keep(_ layer: Int, _ values: UnsafePointer<Float>, position: Int) {
        let size = probe.count
        let start = sums.pointer + layer * heads * capacity + position
        let clip = clipsNothing ? nil : clips[layer]
        probe.withUnsafeBufferPointer { probe in
            guard let r = probe.baseAddress else { return }
            for head in 0..<heads {
                let own = values + head * size
                start[head * capacity] =
                    clip.map { limit in (0..<size).reduce(0) { $0 + r[$1] * min(max(own[$1], -limit), limit) } }
                    ?? Elementwise.dot(own, r, count: size)
            }
        }
    }

    /// r · v of one head at every position.
    func of(layer: Int, head: Int) -> UnsafePointer<Float> {
        UnsafePointer(sums.pointer + (layer * heads + head) * capacity)
    }
}
