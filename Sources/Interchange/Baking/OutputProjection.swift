import TensorCore
import Transformer

/// One layer's output projection y = W_O·z + bias, in double precision, which edits can change.
///
/// An edit of z comes before the projection: with z' = A·z + b, W_O·z' + bias = (W_O·A)·z + (bias + W_O·b). An edit of
/// the attention's output comes after it: y' = A·y + b = (A·W_O)·z + (A·bias + b).
struct OutputProjection {
    /// The width of the residual stream, M.
    let rows: Int
    /// The number of values in z, H·D.
    let columns: Int
    /// W_O, [M, H·D], row by row.
    private(set) var weights: [Double]
    /// The bias, [M].
    private(set) var bias: [Double]
    /// Whether any edit so far has changed W_O.
    private(set) var hasNewWeights = false

    init(_ matrix: Matrix, bias: [Float]?) {
        rows = matrix.rows
        columns = matrix.columns
        weights = matrix.elements.map(Double.init)
        self.bias = bias?.map(Double.init) ?? [Double](repeating: 0, count: matrix.rows)
    }

    /// Merges a change of z, or of part of it, into the projection.
    ///
    /// Several changes are merged from the last to the first, because the first one is closest to z.
    ///
    /// - Parameter range: the values of z that change.
    mutating func precede(with change: AffineChange, of range: Range<Int>) {
        if change.changesWeights { hasNewWeights = true }
        for row in 0..<rows {
            let start = row * columns + range.lowerBound
            if let constant = change.constant {
                var sum = 0.0
                for i in constant.indices { sum += weights[start + i] * constant[i] }
                bias[row] += sum
            }
            if let (unit, factor) = change.rank {
                var component = 0.0
                for i in unit.indices { component += weights[start + i] * unit[i] }
                for i in unit.indices { weights[start + i] += factor * component * unit[i] }
            }
            if change.factor != 1 {
                for i in range.indices { weights[row * columns + i] *= change.factor }
            }
            if let factors = change.factors {
                for i in factors.indices { weights[start + i] *= factors[i] }
            }
        }
    }

    /// Merges a change of the projection's output into the projection, after earlier ones.
    mutating func follow(with change: AffineChange) {
        if change.changesWeights { hasNewWeights = true }
        if let (unit, factor) = change.rank {
            var components = [Double](repeating: 0, count: columns)
            var ofBias = 0.0
            for row in 0..<rows {
                ofBias += unit[row] * bias[row]
                for column in 0..<columns { components[column] += unit[row] * weights[row * columns + column] }
            }
            for row in 0..<rows {
                bias[row] += factor * ofBias * unit[row]
                for column in 0..<columns {
                    weights[row * columns + column] += factor * unit[row] * components[column]
                }
            }
        }
        if change.factor != 1 {
            for i in weights.indices { weights[i] *= change.factor }
            for row in 0..<rows { bias[row] *= change.factor }
        }
        if let factors = change.factors {
            for row in 0..<rows {
                bias[row] *= factors[row]
                for column in 0..<columns { weights[row * columns + column] *= factors[row] }
            }
        }
        if let constant = change.constant {
            for row in 0..<rows { bias[row] += constant[row] }
        }
    }
}

/// x' = factor · x + rank.factor · (x·u) u + constant, or factors ∘ x: the general form of a change that can be baked.
struct AffineChange {
    var factor = 1.0
    /// A factor for each value, [n].
    var factors: [Double]?
    /// A direction u, [n], and the factor for its component before that is added.
    var rank: (unit: [Double], factor: Double)?
    /// The constant, [n].
    var constant: [Double]?

    /// Whether the change is more than an addition.
    var changesWeights: Bool { factor != 1 || factors != nil || rank != nil }

    /// Converts a change; nil if it isn't affine.
    init?(_ change: Change) {
        switch change {
        case .add(let vector): constant = vector.map(Double.init)
        case .scale(let value): factor = Double(value)
        case .multiply(let values): factors = values.map(Double.init)
        case .zero: factor = 0
        case .replace(let vector):
            factor = 0
            constant = vector.map(Double.init)
        case .projectOut(let unit): rank = (unit.map(Double.init), -1)
        case .setComponent(let unit, let value):
            rank = (unit.map(Double.init), -1)
            constant = unit.map { Double(value) * Double($0) }
        case .reflect(let unit): rank = (unit.map(Double.init), -2)
        case .rotate, .custom: return nil
        }
    }
}
