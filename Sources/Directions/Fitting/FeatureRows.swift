import DataFiles
import TensorCore

/// A row-major matrix in double precision, in which all statistics are computed.
package struct FeatureRows {
    package var values: [Double]
    package let columns: Int
    package var rows: Int { values.count / columns }

    package init(values: [Double], columns: Int) {
        self.values = values
        self.columns = columns
    }

    package init(_ activations: HeadActivations) {
        self.init(values: activations.values.map(Double.init), columns: activations.features)
    }

    /// The rows minus `mean`, times a factor, in float32.
    package func floats(centredOn mean: [Double], times factor: Double = 1) -> [Float] {
        precondition(mean.count == columns, "The mean has one value for each column.")
        return [Float](unsafeUninitializedCapacity: values.count) { floats, count in
            values.withUnsafeBufferPointer { values in
                mean.withUnsafeBufferPointer { mean in
                    for start in stride(from: 0, to: values.count, by: columns) {
                        for column in 0..<columns {
                            floats[start + column] = Float((values[start + column] - mean[column]) * factor)
                        }
                    }
                }
            }
            count = values.count
        }
    }

    package subscript(row: Int) -> ArraySlice<Double> { values[row * columns..<(row + 1) * columns] }

    package func selecting(_ indices: [Int]) -> FeatureRows {
        FeatureRows(values: indices.flatMap { self[$0] }, columns: columns)
    }

    /// The root of the mean squared norm of the rows.
    package var rootMeanSquare: Double { (dot(values, values) / Double(rows)).squareRoot() }

    /// The mean norm of the rows.
    package var meanNorm: Double {
        (0..<rows).reduce(0) { $0 + dot(self[$1], self[$1]).squareRoot() } / Double(rows)
    }

    /// The mean of every column.
    package func columnMeans() -> [Double] {
        var sums = [Double](repeating: 0, count: columns)
        for row in 0..<rows { sums.add(self[row]) }
        return sums.map { $0 / Double(rows) }
    }

    /// The mean of every column among the rows of each class, both of which must occur.
    package func classMeans(_ labels: [Bool]) -> ClassMeans {
        var means = ClassMeans(
            ofTrue: Array(repeating: 0, count: columns), ofFalse: Array(repeating: 0, count: columns), rootMeanSquare: 0
        )
        for row in 0..<rows {
            if labels[row] { means.ofTrue.add(self[row]) } else { means.ofFalse.add(self[row]) }
        }
        let trues = Double(labels.count { $0 })
        let falses = Double(rows) - trues
        for column in 0..<columns {
            means.ofTrue[column] /= trues
            means.ofFalse[column] /= falses
        }
        means.rootMeanSquare = rootMeanSquare
        return means
    }

    /// The rows minus `mean`.
    package func centred(on mean: [Double]) -> FeatureRows {
        precondition(mean.count == columns, "The mean has one value for each column.")
        let centred = [Double](unsafeUninitializedCapacity: values.count) { centred, count in
            values.withUnsafeBufferPointer { values in
                mean.withUnsafeBufferPointer { mean in
                    for start in stride(from: 0, to: values.count, by: columns) {
                        for column in 0..<columns { centred[start + column] = values[start + column] - mean[column] }
                    }
                }
            }
            count = values.count
        }
        return FeatureRows(values: centred, columns: columns)
    }

    /// XᵀX of these rows X, [columns, columns].
    package func scatter() -> SymmetricMatrix { SymmetricMatrix(scatterOfRows: values, columns: columns) }

    /// All dot products of rows, [rows, rows].
    package func gram() -> SymmetricMatrix { SymmetricMatrix(gramOfRows: values, columns: columns) }

    /// The dot product of every row with `vector`, [rows].
    package func times(_ vector: [Double]) -> [Double] {
        MatrixVectorProducts.product(values, columns: columns, times: vector)
    }

    /// The sum of all rows, each times its weight, [columns].
    package func weightedSum(_ weights: [Double]) -> [Double] {
        MatrixVectorProducts.transposedProduct(values, columns: columns, times: weights)
    }
}

/// The means of the features in both classes.
package struct ClassMeans {
    package var ofTrue: [Double]
    package var ofFalse: [Double]
    /// The root of the mean squared norm of all rows, by which to tell whether a difference of means is negligible.
    package var rootMeanSquare: Double

    package init(ofTrue: [Double], ofFalse: [Double], rootMeanSquare: Double) {
        self.ofTrue = ofTrue
        self.ofFalse = ofFalse
        self.rootMeanSquare = rootMeanSquare
    }
}

package func dot(_ first: ArraySlice<Double>, _ second: ArraySlice<Double>) -> Double {
    first.withUnsafeBufferPointer { first in second.withUnsafeBufferPointer { second in dot(first, second) } }
}

package func dot(_ first: UnsafeBufferPointer<Double>, _ second: UnsafeBufferPointer<Double>) -> Double {
    precondition(first.count == second.count, "A dot product needs vectors of one length.")
    // Four sums side by side, which keep the processor busy.
    var (sum0, sum1, sum2, sum3) = (0.0, 0.0, 0.0, 0.0)
    let whole = first.count & ~3
    var index = 0
    while index < whole {
        sum0 += first[index] * second[index]
        sum1 += first[index + 1] * second[index + 1]
        sum2 += first[index + 2] * second[index + 2]
        sum3 += first[index + 3] * second[index + 3]
        index += 4
    }
    while index < first.count {
        sum0 += first[index] * second[index]
        index += 1
    }
    return (sum0 + sum1) + (sum2 + sum3)
}

package func dot(_ first: [Double], _ second: [Double]) -> Double { dot(first[...], second[...]) }

extension [Double] {
    /// Adds the other vector × `factor`.
    package mutating func add(_ other: ArraySlice<Double>, times factor: Double = 1) {
        precondition(count == other.count, "A sum needs vectors of one length.")
        withUnsafeMutableBufferPointer { own in
            other.withUnsafeBufferPointer { other in
                for index in 0..<own.count { own[index] += other[index] * factor }
            }
        }
    }

    /// The unit vector; nil for the zero vector.
    package func normalised() -> [Double]? {
        let norm = dot(self, self).squareRoot()
        return norm > 0 ? map { $0 / norm } : nil
    }
}

/// The transpose of some rows of a row-major matrix, [columns, padded], padded with zeros.
/// - Parameters:
///   - rows: the rows to take, in their order.
///   - padded: the number of columns of the result, at least as many as rows.
package func transpose(_ values: [Float], columns: Int, rows: Range<Int>, padded: Int) -> [Float] {
    precondition(rows.upperBound * columns <= values.count && padded >= rows.count, "The rows must be there.")
    return [Float](unsafeUninitializedCapacity: columns * padded) { transposed, count in
        values.withUnsafeBufferPointer { values in
            guard let from = values.baseAddress, let to = transposed.baseAddress else { return }
            FloatProducts.transpose(
                FloatRows(from + rows.lowerBound * columns, stride: columns), m: rows.count, n: columns, into: to,
                stride: padded)
            for column in 0..<columns {
                (to + column * padded + rows.count).initialize(repeating: 0, count: padded - rows.count)
            }
        }
        count = columns * padded
    }
}
