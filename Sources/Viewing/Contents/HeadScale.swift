import Directions
import Transformer

/// Scores z of a head for the page: its position along the direction, relative to the threshold, in units of the
/// spread.
struct HeadScale: Sendable {
    /// θ̂, [D]
    var unit: [Float]
    /// The projection that counts as 0.
    var middle: Double
    /// σ
    var spread: Double

    static let text = "z along the head's direction, from the midpoint between the classes, in σ"

    func score(_ z: some Collection<Float>) -> Double {
        (zip(z, unit).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } - middle) / spread
    }

    /// The scale of every head, in order; nil for a head without a direction.
    ///
    /// - Parameter thresholds: where projections change sides. They take precedence over the thresholds in the
    ///   directions file; a head with neither uses the mean of z.
    static func all(
        _ directions: DirectionFile, thresholds: [Head: Double], layers: Int, heads: Int
    ) -> [HeadScale?] {
        Head.all(layers: layers, heads: heads).map { head in
            guard let entry = directions["\(head)"] else { return nil }
            let norm = entry.vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            guard norm > 0, norm.isFinite else { return nil }
            let unit = entry.vector.map { Float(Double($0) / norm) }
            let mean = entry.mean.map { zip($0, unit).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
            let middle = thresholds[head] ?? entry.threshold.map(Double.init) ?? mean ?? 0
            let sigma = entry.sigma.map(Double.init) ?? 1
            return HeadScale(unit: unit, middle: middle, spread: sigma > 0 ? sigma : 1)
        }
    }
}
