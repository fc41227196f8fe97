import DataFiles
import TensorCore
import Transformer

/// What a model's output projections give along one random direction r of the residual stream.
///
/// This is enough to check that attention's output is W_O z + b without computing it again, by r · a = (W_Oᵀ r) · z
/// + r · b (Freivalds 1977). The signature is taken from the clean model, so it also tells whether another file's
/// output projections are the same, head by head.
public struct OutputSignature: Sendable, Equatable {
    /// r, [M]: random signs times magnitudes of 0.5 to 1.5, fixed by the monitor's seed.
    public let probe: [Float]
    /// W_Oᵀ r, [L, H, D].
    public let weights: [Float]
    /// r · b, [L]; 0 if there is no bias.
    public let offsets: [Float]

    init(probe: [Float], weights: [Float], offsets: [Float]) {
        self.probe = probe
        self.weights = weights
        self.offsets = offsets
    }

    /// Takes the signature of a model; O(L · M · H · D), in double precision.
    ///
    /// - Parameter seed: fixes r.
    public init(_ model: LanguageModel, seed: UInt64, workers: WorkerPool) {
        let c = model.configuration
        let probe = RandomProbe.vector(c.width, seed: seed, stream: 1)
        var parts = [(weights: [Float], offset: Float)](repeating: ([], 0), count: c.layers)
        parts.withUnsafeMutableBufferPointer { parts in
            // Each task writes its own element.
            nonisolated(unsafe) let parts = parts
            workers.run(c.layers) { layer, _ in
                let matrix = model.outputProjection(layer: layer)
                var sums = [Double](repeating: 0, count: c.heads * c.headSize)
                for row in 0..<c.width {
                    let weight = Double(probe[row])
                    for (column, value) in matrix.row(row).enumerated() { sums[column] += weight * Double(value) }
                }
                let bias = model.outputBias(layer: layer)
                let offset = bias.map { zip($0, probe).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
                parts[layer] = (sums.map { Float($0) }, Float(offset ?? 0))
            }
        }
        self.init(probe: probe, weights: parts.flatMap(\.weights), offsets: parts.map(\.offset))
    }

    /// The heads whose columns of W_O differ from those behind another signature, and the layers whose bias differs.
    ///
    /// The probability that two different columns have the same signature is negligible, because of its 24 bits.
    ///
    /// - Parameter other: a signature of a model of the same shape, along the same r.
    /// - Precondition: both are along the same r, of models of one shape.
    public func differences(
        from other: OutputSignature, heads: Int, headSize: Int
    ) -> (heads: [Head], biases: [Int]) {
        precondition(probe == other.probe && weights.count == other.weights.count, "Signatures differ in their r.")
        let changed = Head.all(layers: offsets.count, heads: heads).filter { head in
            let start = (head.layer * heads + head.index) * headSize
            let own = weights[start..<start + headSize]
            let others = other.weights[start..<start + headSize]
            let scale = own.reduce(0) { max($0, abs($1)) } + others.reduce(0) { max($0, abs($1)) }
            return zip(own, others).contains { abs($0 - $1) > 1e-5 * scale }
        }
        let biases = offsets.indices.filter {
            abs(offsets[$0] - other.offsets[$0]) > 1e-5 * (abs(offsets[$0]) + abs(other.offsets[$0]))
        }
        return (changed, biases)
    }
}

/// The random vectors along which values are checked.
enum RandomProbe {
    /// Magnitudes of the values.
    static let range: ClosedRange<Float> = 0.5...1.5

    /// [count], random signs times random magnitudes.
    ///
    /// With signs alone, half of all changes that move two values by the same amount would pass.
    static func vector(_ count: Int, seed: UInt64, stream: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed, stream: stream)
        return (0..<count).map { _ in
            let magnitude = range.lowerBound + Float(random.uniform()) * (range.upperBound - range.lowerBound)
            return random.next() >> 63 == 0 ? magnitude : -magnitude
        }
    }
}
