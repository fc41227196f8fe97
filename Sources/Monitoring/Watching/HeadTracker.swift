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
    /// Which layers are looked at at which positions, from the first one on; nil for all at each.
    private let turns: LayerTurns?
    /// E, [L, H, D], and the moving average of the distance, [L, H].
    private let average: FloatBuffer
    private let averageDistance: FloatBuffer
    private let whitened: [FloatBuffer]
    private let scratch: [WhiteningScratch]
    /// How often each layer has had its turn.
    private var turnsTaken: [Int]
    /// The number of positions so far.
    private(set) var positions = 0

    /// What the statistics of a layer are whose turn it isn't.
    static let absent = -Float.infinity

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
        whitened = (0..<workers.count).map { _ in FloatBuffer(capacity: envelope.heads * envelope.headSize) }
        scratch = (0..<workers.count).map { _ in WhiteningScratch(headSize: envelope.headSize) }
    }

    /// The layers whose turn it is at the next position but `offset`.
    func layers(after offset: Int = 0) -> [Int] {
        turns?.layers(at: positions + offset, first: 0) ?? Array(0..<envelope.layers)
    }

    /// Takes the next positions.
    ///
    /// - Parameters:
    ///   - z: for each layer [positions, H · D].
    ///   - statistics: room for [positions, ``HeadStatistic``, L · H]; ``absent`` of layers whose turn it isn't.
    func take(_ z: [Matrix], into statistics: UnsafeMutablePointer<Float>) {
        precondition(z.count == envelope.layers, "A tracker takes z of every layer.")
        let rows = z[0].rows
        let size = HeadStatistic.allCases.count * envelope.layers * envelope.heads
        if turns != nil { statistics.update(repeating: Self.absent, count: rows * size) }
        for row in 0..<rows {
            let layers = layers()
            let offset = row * envelope.heads * envelope.headSize
            workers.run(layers.count) { index, worker in
                take(layers[index], z[layers[index]], offset, into: statistics + row * size, worker: worker)
            }
            for layer in layers { turnsTaken[layer] += 1 }
            positions += 1
        }
    }

    private func take(
        _ layer: Int, _ z: Matrix, _ offset: Int, into statistics: UnsafeMutablePointer<Float>, worker: Int
    ) {
        z.elements.withUnsafeBufferPointer { values in
            guard let values = values.baseAddress else { return }
            let y = whitened[worker].pointer
            envelope.whiten(layer: layer, values + offset, into: y, scratch: scratch[worker])
            measure(
                layer: layer, y, position: turnsTaken[layer], into: statistics + layer * envelope.heads,
                stride: envelope.layers * envelope.heads)
        }
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
