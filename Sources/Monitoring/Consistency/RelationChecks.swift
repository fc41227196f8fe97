import Foundation
import Intervention
import TensorCore
import Transformer

/// Checks the relations that a forward pass has to satisfy in one layer at one position:
///
/// - z is the mix of values that the pattern gives, for each head;
/// - what attention adds is W_O z + b, times the residual multiplier; not checked if a norm follows;
/// - the residual stream is what it was plus what was added, within a block and from one block to the next.
///
/// The first two are each checked along one random direction r (Freivalds 1977): a change of a value by δ is seen as
/// r · δ, which is 0 for hardly any r. The stream's sums are repeated bit for bit.
///
/// Sites are taken in the order in which a pass reaches them, while their values are in the processor's caches. Of
/// these values only what the next check needs is kept.
final class RelationChecks {
    private let c: ModelConfiguration
    private let signature: OutputSignature
    /// r of the mix, [D].
    private let probe: [Float]
    private let tolerances: ConsistencyTracker.Tolerances
    /// What the residual stream must be when it is seen next, [M].
    private let stream: FloatBuffer
    /// r · z according to the pattern, [H].
    private let mixed: FloatBuffer
    /// (W_Oᵀ r) · z
    private var projected: Float = 0
    /// The largest relative deviations seen so far.
    private(set) var largest = ConsistencyTracker.Tolerances(mix: 0, output: 0)
    private var found: [Inconsistency] = []

    init(
        _ configuration: ModelConfiguration, signature: OutputSignature, probe: [Float],
        tolerances: ConsistencyTracker.Tolerances
    ) {
        c = configuration
        self.signature = signature
        self.probe = probe
        self.tolerances = tolerances
        stream = FloatBuffer(capacity: configuration.width)
        mixed = FloatBuffer(capacity: configuration.heads)
    }

    /// What was found since the last call.
    func takeFound() -> [Inconsistency] {
        defer { found.removeAll() }
        return found
    }

    /// Takes the values of a layer's next site at a position.
    ///
    /// - Parameter past: the values of `known` positions, the pattern's among them.
    func take(
        _ kind: SiteKind, _ layer: Int, _ values: UnsafeBufferPointer<Float>, position: Int, past: ProjectedValues,
        known: Int
    ) {
        guard let start = values.baseAddress else { return }
        switch kind {
        case .residualPre: stream.pointer.update(from: start, count: c.width)
        case .pattern: mix(layer, start, keys: values.count / c.heads, past, known: known)
        case .z: check(z: start, layer, position: position)
        case .attentionOut:
            check(attentionOut: start, layer, position: position)
            Elementwise.add(start, to: stream.pointer, count: c.width)
        case .mlpOut: Elementwise.add(start, to: stream.pointer, count: c.width)
        case .residualMid, .residualPost: check(stream: start, kind, layer, position: position)
        default: break
        }
    }

    // MARK: - The mix and the output

    /// Σ p (r · v) of each head.
    private func mix(_ layer: Int, _ pattern: UnsafePointer<Float>, keys: Int, _ past: ProjectedValues, known: Int) {
        let group = c.heads / c.kvHeads
        let sums = mixed.pointer
        for head in 0..<c.heads {
            sums[head] = Elementwise.dot(
                pattern + head * keys, past.of(layer: layer, head: head / group), count: min(keys, known))
        }
    }

    /// r · z = Σ p (r · v) for each head.
    private func check(z: UnsafePointer<Float>, _ layer: Int, position: Int) {
        let sums = mixed.pointer
        for head in 0..<c.heads {
            let own = z + head * c.headSize
            let deviation = Self.deviation(
                Double(Elementwise.dot(own, probe, count: c.headSize)), Double(sums[head]),
                Double(Elementwise.dot(own, own, count: c.headSize)).squareRoot())
            largest.mix = max(largest.mix, deviation)
            if deviation > tolerances.mix {
                found.append(
                    Inconsistency(
                        position: position, place: .head(Head(layer: layer, index: head)),
                        ratio: deviation / tolerances.mix))
            }
        }
        let width = c.heads * c.headSize
        projected = signature.weights.withUnsafeBufferPointer { weights in
            weights.baseAddress.map { Elementwise.dot(z, $0 + layer * width, count: width) } ?? 0
        }
    }

    /// r · a = m ((W_Oᵀ r) · z + r · b).
    private func check(attentionOut: UnsafePointer<Float>, _ layer: Int, position: Int) {
        guard !c.blocks[layer].norms.contains(.afterAttention) else { return }
        let expected =
            Double(c.blocks[layer].residualMultiplier) * (Double(projected) + Double(signature.offsets[layer]))
        let deviation = Self.deviation(
            Double(Elementwise.dot(attentionOut, signature.probe, count: c.width)), expected,
            Double(Elementwise.dot(attentionOut, attentionOut, count: c.width)).squareRoot())
        largest.output = max(largest.output, deviation)
        guard deviation > tolerances.output else { return }
        found.append(
            Inconsistency(
                position: position, place: .layer(layer, .attentionOut), ratio: deviation / tolerances.output))
    }

    private static func deviation(_ actual: Double, _ expected: Double, _ norm: Double) -> Double {
        let scale = norm + abs(expected)
        // Values whose squares overflow are not due to rounding.
        guard scale.isFinite, actual.isFinite else { return .infinity }
        return abs(actual - expected) / max(scale, .leastNormalMagnitude)
    }

    // MARK: - The stream

    /// Checks that the stream is, bit for bit, the sum of what was added since it was last seen: the sums are repeated
    /// in the order in which a pass takes them.
    ///
    /// The next check goes on from the actual values.
    func check(stream values: UnsafePointer<Float>, _ kind: SiteKind, _ layer: Int, position: Int) {
        guard differs(values) else { return }
        var (difference, norm) = (0.0, 0.0)
        for index in 0..<c.width {
            let expected = Double(stream.pointer[index])
            difference += (Double(values[index]) - expected) * (Double(values[index]) - expected)
            norm += expected * expected
        }
        let ratio = (difference / max(norm, .leastNormalMagnitude)).squareRoot()
        found.append(
            Inconsistency(
                position: position, place: .layer(layer, kind),
                ratio: ratio.isNaN ? .infinity : max(ratio / ConsistencyTracker.Tolerances.stream, 1.01)))
        stream.pointer.update(from: values, count: c.width)
    }

    private func differs(_ values: UnsafePointer<Float>) -> Bool {
        let (expected, width) = (UnsafePointer(stream.pointer), c.width)
        // Nearly always they are the same; zeros of both signs count as the same.
        return memcmp(values, expected, width * MemoryLayout<Float>.stride) != 0
            && (0..<width).contains { values[$0] != expected[$0] }
    }
}
