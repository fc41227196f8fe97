import DataFiles
import Directions
import Evaluation
import Transformer

/// What the score is compared with.
public struct RobustnessBaselines: Sendable, Codable, Equatable {
    /// The score of random directions of the same lengths at the heads of the cheapest attack, one for each draw; the
    /// limit if a draw doesn't move the behaviour far enough.
    public var randomDirections: [Double]
    /// Whole layers along their own direction.
    public var layers: [Layer]

    /// One layer.
    public struct Layer: Sendable, Codable, Equatable {
        /// The layer, from 0.
        public var layer: Int
        /// The smallest strength that moves the behaviour far enough towards itself within the budget, in σ of the
        /// layer's direction; nil if none does.
        public var toward: Double?
        /// The same away from the behaviour; see ``toward``.
        public var away: Double?
        /// KL on neutral text at the smaller of both strengths.
        public var meanKL: Double?
    }

    init(
        _ measurement: RobustnessMeasurement, heads: [HeadDirection], training: TrainingActivations, seed: UInt64,
        onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws {
        let step = max(1, (training.residual.layers + AuditProtocol.layers - 1) / AuditProtocol.layers)
        let chosen = Array(stride(from: step / 2, to: training.residual.layers, by: step))
        let all = AuditProtocol.randomDirections + chosen.count
        var done = 0
        var random = SeededGenerator(seed: seed, stream: 32)
        randomDirections = try (0..<(heads.isEmpty ? 0 : AuditProtocol.randomDirections)).map { _ in
            let turned = heads.map { head in
                let values = head.unit.map { _ in random.gaussian() }
                let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return (head.head, values.map { head.sigma * $0 / max(norm, .leastNormalMagnitude) })
            }
            let found = try [1, -1].compactMap { sign in
                try measurement.least(sign: sign, strengths: AuditProtocol.strengths) { strength in
                    turned.map { head, values in
                        HeadEdit(head, .add(values.map { Float(strength * $0) })).at(.last)
                    }
                }
            }
            done += 1
            onProgress(done, all)
            return found.map { $0.strength * Double(heads.count) }.min() ?? AuditProtocol.limit
        }
        layers = try chosen.compactMap { layer in
            let direction = try HeadDirection(
                fitting: .massMean, to: training.residual[layer: layer], rows: training.rows)
            done += 1
            guard !direction.isZero, direction.sigma > 0 else { return nil }
            let found = try [1, -1].map { sign in
                try measurement.least(sign: sign, strengths: AuditProtocol.layerStrengths) { strength in
                    [
                        Edit(
                            .residualPost(layer), positions: .last,
                            .add(direction.unit.map { Float(strength * direction.sigma * Double($0)) }))
                    ]
                }
            }
            onProgress(done, all)
            return Layer(
                layer: layer, toward: found[0]?.strength, away: found[1]?.strength,
                meanKL: found.compactMap { $0 }.min { $0.strength < $1.strength }?.meanKL)
        }
    }
}
