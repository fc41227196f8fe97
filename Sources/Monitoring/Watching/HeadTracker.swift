import Foundation
import TensorCore
import Transformer

/// Computes the statistics of all heads of one sequence, position after position.
final class HeadTracker {
    /// λ: the weight of the newest position in moving averages.
    let smoothing: Float
    private let envelope: HeadEnvelope
    private let workers: WorkerPool
    /// E, [L, H, D], and the moving average of the distance, [L, H].
    private let average: FloatBuffer
    private let averageDistance: FloatBuffer
    private let whitened: [FloatBuffer]
    private let scratch: [WhiteningScratch]
    /// The number of positions so far.
    private(set) var positions = 0

    init(_ envelope: HeadEnvelope, smoothing: Double, workers: WorkerPool) {
        self.envelope = envelope
        self.smoothing = Float(smoothing)
        self.workers = workers
        let heads = envelope.layers * envelope.heads
        average = FloatBuffer(capacity: heads * envelope.headSize)
        averageDistance = FloatBuffer(capacity: heads)
        average.pointer.update(repeating: 0, count: heads * envelope.headSize)
        averageDistance.pointer.update(repeating: 0, count: heads)
        whitened = (0..<workers.count).map { _ in FloatBuffer(capacity: envelope.heads * envelope.headSize) }
        scratch = (0..<workers.count).map { _ in WhiteningScratch(headSize: envelope.headSize) }
    }

    /// Takes the next positions.
    ///
    /// - Parameters:
    ///   - z: for each layer [positions, H · D].
    ///   - statistics: room for [positions, ``HeadStatistic``, L · H].
    func take(_ z: [Matrix], into statistics: UnsafeMutablePointer<Float>) {
        precondition(z.count == envelope.layers, "A tracker takes z of every layer.")
        let rows = z[0].rows
        let heads = envelope.layers * envelope.heads
        let start = positions
        workers.run(envelope.layers) { layer, worker in
            z[layer].elements.withUnsafeBufferPointer { values in
                guard let values = values.baseAddress else { return }
                let y = whitened[worker].pointer
                for row in 0..<rows {
                    envelope.whiten(
                        layer: layer, values + row * envelope.heads * envelope.headSize, into: y,
                        scratch: scratch[worker])
                    measure(
                        layer: layer, y, position: start + row,
                        into: statistics + row * HeadStatistic.allCases.count * heads + layer * envelope.heads,
                        stride: heads)
                }
            }
        }
        positions += rows
    }

    /// The statistics of one layer's heads at one position.
    private func measure(
        layer: Int, _ y: UnsafePointer<Float>, position: Int, into statistics: UnsafeMutablePointer<Float>, stride: Int
    ) {
        let size = envelope.headSize
        let keep = 1 - smoothing
        let variance = Self.variance(smoothing: smoothing, position: position)
        for head in 0..<envelope.heads {
            let own = y + head * size
            let moving = average.pointer + (layer * envelope.heads + head) * size
            Elementwise.scale(moving, by: keep, count: size)
            Elementwise.add(smoothing, times: own, to: moving, count: size)
            let distance = Self.logarithm(Elementwise.dot(own, own, count: size) / Float(size))
            let shift = Self.logarithm(Elementwise.dot(moving, moving, count: size) / (Float(size) * variance))
            let stillness = averageDistance.pointer + layer * envelope.heads + head
            stillness.pointee =
                position == 0 ? distance : keep * stillness.pointee + smoothing * distance
            statistics[HeadStatistic.distance.rawValue * stride + head] = distance
            statistics[HeadStatistic.shift.rawValue * stride + head] = shift
            statistics[HeadStatistic.stillness.rawValue * stride + head] = -stillness.pointee
        }
    }

    /// v of ``HeadStatistic/shift`` at a position, the first one being 0.
    static func variance(smoothing: Float, position: Int) -> Float {
        smoothing / (2 - smoothing) * (1 - pow(1 - smoothing, 2 * Float(position + 1)))
    }

    private static func logarithm(_ square: Float) -> Float {
        square < HeadStatistic.floor
            ? log(HeadStatistic.floor) : square.isFinite ? log(square) : HeadStatistic.ceiling
    }
}
