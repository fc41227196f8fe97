import Directions

/// A difference of class means at one layer's site, with what other units of strength need.
struct LayerVector {
    /// mean(true) − mean(false), [M].
    let mean: [Float]
    let norm: Double
    /// The spread of the projections of all rows, divided by n.
    let sigma: Double
    /// The mean norm of the rows.
    let streamNorm: Double
    /// The mean of the rows, [M].
    let rowMean: [Float]

    /// - Parameters:
    ///   - table: [rows, L, 1, M].
    ///   - labels: [rows], both of them.
    init(_ table: ActivationTable, layer: Int, labels: [Bool]) {
        let own = table[layer: layer]
        let width = own.features
        var sums = [[Double]](repeating: [Double](repeating: 0, count: width), count: 2)
        var norms = 0.0
        for row in 0..<own.examples {
            var square = 0.0
            for i in 0..<width {
                let value = Double(own.values[row * width + i])
                sums[labels[row] ? 1 : 0][i] += value
                square += value * value
            }
            norms += square.squareRoot()
        }
        let trues = Double(labels.count { $0 })
        let falses = Double(labels.count) - trues
        let difference = (0..<width).map { sums[1][$0] / trues - sums[0][$0] / falses }
        let length = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let projections = (0..<own.examples).map { row in
            length > 0
                ? (0..<width).reduce(0.0) { $0 + Double(own.values[row * width + $1]) * difference[$1] } / length : 0
        }
        let centre = projections.reduce(0, +) / Double(own.examples)
        mean = difference.map { Float($0) }
        norm = length
        sigma = (projections.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(own.examples)).squareRoot()
        streamNorm = norms / Double(own.examples)
        rowMean = (0..<width).map { Float((sums[0][$0] + sums[1][$0]) / Double(own.examples)) }
    }

    /// The values as a directions file keeps them.
    var entry: DirectionFile.Entry {
        DirectionFile.Entry(
            vector: mean, sigma: Float(sigma), mean: rowMean, residualNorm: Float(streamNorm))
    }
}
