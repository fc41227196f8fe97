import DataFiles
import Foundation
import TensorCore
import Transformer

/// Computes the statistics of all heads of one sequence, position after position.
final class HeadTracker {
    /// λ: the weight of the newest position in moving averages.
    let smoothing: Float
    private let envelope: HeadEnvelope
    private let workers: WorkerPool
    /// Which layers are examined at which positions, from the first one on; nil for all layers at every position.
    private let turns: LayerTurns?
    /// E, [L, H, D], and the moving average of the distance, [L, H].
    private let average: FloatBuffer
    private let averageDistance: FloatBuffer
    private let whitened: [FloatBuffer]
    private let scratch: [WhiteningScratch]
    /// z of the layers whose turn it is, [layers in turn, H · D].
    private let inTurn = FloatBuffer()
    /// How often each layer has had its turn.
    private var turnsTaken: [Int]
    /// The number of positions so far.
    private(set) var positions = 0

    init(_ envelope: HeadEnvelope, smoothing: Double, workers: WorkerPool, turns: LayerTurns? = nil) {
        self.envelope = envelope
        self.smoothing = Float(smoothing)
        self.workers = workers
        self.turns = turns
        turnsTaken = [Int](repeating: 0, count: envelope.layers)
        let heads = envelope.layers * envelope.heads
        average = FloatBuffer(capacity: heads * envelope.headSize)
        averageDistance = FloatBuffer(capacity: heads)
        average.pointer.update(repeating: 0, count: heads * envelope.headSize)
        averageDistance.pointer.update(repeating: 0, count: heads)
        whitened = (0..<workers.count).map { _ in FloatBuffer(capacity: envelope.headSize) }
        scratch = (0..<workers.count).map { _ in WhiteningScratch(headSize: envelope.headSize) }
    }

    /// The layers whose turn it is `offset` positions after the next one.
    func layers(after offset: Int = 0) -> [Int] {
        turns?.layers(at: positions + offset, first: 0) ?? Array(0..<envelope.layers)
    }

    /// Takes the next positions.
    ///
    /// - Parameters:
    ///   - z: for each layer, [positions, H · D].
    ///   - statistics: room for [positions, ``HeadStatistic``, L · H]; values stay as they are where it isn't a layer's
    ///     turn.
    func take(_ z: [Matrix], into statistics: UnsafeMutablePointer<Float>) {
        precondition(z.count == envelope.layers, "A tracker takes z of every layer.")
        let rows = z[0].rows
        let heads = envelope.heads
        let size = HeadStatistic.count * envelope.layers * heads
        for row in 0..<rows {
            let layers = layers()
            // Factors of the layers' statistics, which all heads of a layer share.
            let variances = layers.map { Self.variance(smoothing: smoothing, position: turnsTaken[$0]) }
            let isFirst = layers.map { turnsTaken[$0] == 0 }
            // Copied side by side, so that the threads count no references to the same arrays.
            let width = heads * envelope.headSize
            let values = inTurn.reserve(layers.count * width)
            for (place, layer) in layers.enumerated() {
                z[layer].elements.withUnsafeBufferPointer { elements in
                    guard let start = elements.baseAddress else { return }
                    (values + place * width).update(from: start + row * width, count: width)
                }
            }
            workers.run(layers.count * heads) { task, worker in
                let place = task / heads
                take(
                    Head(layer: layers[place], index: task % heads), values + task * envelope.headSize,
                    variance: variances[place], isFirst: isFirst[place], into: statistics + row * size, worker: worker)
            }
            for layer in layers { turnsTaken[layer] += 1 }
            positions += 1
        }
    }

    /// The statistics of one head at one position.
    private func take(
        _ head: Head, _ z: UnsafePointer<Float>, variance: Float, isFirst: Bool,
        into statistics: UnsafeMutablePointer<Float>, worker: Int
    ) {
        let size = envelope.headSize
        let index = head.layer * envelope.heads + head.index
        let y = whitened[worker].pointer
        envelope.whiten(index, z, into: y, scratch: scratch[worker])
        let moving = average.pointer + index * size
        let keep = 1 - smoothing
        Elementwise.scale(moving, by: keep, count: size)
        Elementwise.add(smoothing, times: y, to: moving, count: size)
        let distance = Self.logarithm(Elementwise.dot(y, y, count: size) / Float(size))
        let shift = Self.logarithm(Elementwise.dot(moving, moving, count: size) / (Float(size) * variance))
        let stillness = averageDistance.pointer + index
        stillness.pointee = isFirst ? distance : keep * stillness.pointee + smoothing * distance
        let stride = envelope.layers * envelope.heads
        statistics[HeadStatistic.distance.rawValue * stride + index] = distance
        statistics[HeadStatistic.shift.rawValue * stride + index] = shift
        statistics[HeadStatistic.stillness.rawValue * stride + index] = -stillness.pointee
    }

    /// v of ``HeadStatistic/shift`` at a position, with the first one being 0.
    static func variance(smoothing: Float, position: Int) -> Float {
        smoothing / (2 - smoothing) * (1 - pow(1 - smoothing, 2 * Float(position + 1)))
    }

    private static func logarithm(_ square: Float) -> Float {
        square < HeadStatistic.floor
            ? log(HeadStatistic.floor) : square.isFinite ? log(square) : HeadStatistic.ceiling
    }
}
