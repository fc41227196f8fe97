import DataFiles
import Directions
import TensorCore

/// Sums over the rows of one head from which its mean and shrunk covariance follow: any number of texts pass by, and
/// none is kept.
///
/// Sums are taken in double precision, over rows minus the first one, so that a large mean costs no digits.
struct ActivationMoments: Sendable {
    /// D, the number of values of a row.
    let size: Int
    private(set) var count = 0
    /// The vector that is subtracted from every row.
    private var origin: [Double]
    /// Σ x, Σ xxᵀ, Σ ‖x‖², Σ ‖x‖² x and Σ ‖x‖⁴.
    private var sum: [Double]
    private var scatter: SymmetricMatrix
    private var squares = 0.0
    private var weighted: [Double]
    private var fourthPowers = 0.0

    init(size: Int) {
        self.size = size
        origin = []
        sum = [Double](repeating: 0, count: size)
        scatter = SymmetricMatrix(zerosOfSize: size)
        weighted = sum
    }

    /// Adds rows; O(rows · D²).
    ///
    /// - Parameter values: [rows, D], row after row.
    mutating func add(_ values: [Double]) {
        precondition(values.count.isMultiple(of: size), "Moments are sums over whole rows.")
        guard !values.isEmpty else { return }
        if origin.isEmpty { origin = Array(values[0..<size]) }
        let rows = FeatureRows(values: values, columns: size).centred(on: origin)
        scatter.add(rows.scatter(), times: 1)
        for row in 0..<rows.rows {
            let square = dot(rows[row], rows[row])
            sum.add(rows[row])
            weighted.add(rows[row], times: square)
            squares += square
            fourthPowers += square * square
        }
        count += rows.rows
    }

    /// Adds the rows behind other moments; O(D²).
    mutating func add(_ other: ActivationMoments) {
        guard other.count > 0 else { return }
        if count == 0 {
            self = other
            return
        }
        // The other's rows minus this origin are x + d.
        let n = Double(other.count)
        let shift = zip(other.origin, origin).map { $0 - $1 }
        let norm = dot(shift, shift)
        let along = dot(other.sum, shift)
        let scattered = MatrixVectorProducts.product(other.scatter.values, columns: size, times: shift)
        scatter.add(other.scatter, times: 1)
        for row in 0..<size {
            for column in row..<size {
                scatter[row, column] +=
                    other.sum[row] * shift[column] + shift[row] * other.sum[column] + n * shift[row] * shift[column]
            }
        }
        // Σ ‖x + d‖⁴ = Σ (‖x‖² + 2 x·d + ‖d‖²)².
        fourthPowers +=
            other.fourthPowers + 4 * dot(scattered, shift) + n * norm * norm + 4 * dot(other.weighted, shift)
            + 2 * norm * other.squares + 4 * norm * along
        // Σ (‖x‖² + 2 x·d + ‖d‖²) (x + d).
        for index in 0..<size {
            weighted[index] +=
                other.weighted[index] + 2 * scattered[index] + norm * other.sum[index]
                + (other.squares + 2 * along + n * norm) * shift[index]
        }
        squares += other.squares + 2 * along + n * norm
        for index in 0..<size { sum[index] += other.sum[index] + n * shift[index] }
        count += other.count
    }

    /// Whether all sums are finite, and so all rows were.
    var isFinite: Bool { squares.isFinite && fourthPowers.isFinite && sum.allSatisfy(\.isFinite) }

    /// The mean of the rows, [D].
    var mean: [Double] { zip(origin, sum).map { $0 + $1 / Double(count) } }

    /// The covariance of the rows around their mean (divided by n), shrunk towards a multiple of the unit matrix as by
    /// Ledoit & Wolf (2004): (1 − δ) S + δ (tr S / D) I.
    func shrunkCovariance() -> (covariance: SymmetricMatrix, shrinkage: Double) {
        precondition(count > 0, "A covariance needs rows.")
        let n = Double(count)
        let mean = sum.map { $0 / n }
        var centred = scatter
        for row in 0..<size {
            for column in row..<size { centred[row, column] = scatter[row, column] - n * mean[row] * mean[column] }
        }
        // Σ ‖x − μ‖⁴, multiplied out.
        let norm = dot(mean, mean)
        let along = dot(MatrixVectorProducts.product(scatter.values, columns: size, times: mean), mean)
        let fourth =
            fourthPowers + 4 * along + n * norm * norm - 4 * dot(weighted, mean) + 2 * squares * norm
            - 4 * norm * n * norm
        let shrinkage = ledoitWolfShrinkage(scatter: centred, rows: count, fourthPowers: fourth)
        let target = centred.trace / n / Double(size)
        var covariance = centred
        for row in 0..<size {
            for column in row..<size {
                covariance[row, column] =
                    (1 - shrinkage) * centred[row, column] / n + (row == column ? shrinkage * target : 0)
            }
        }
        return (covariance, shrinkage)
    }
}
