import DataFiles
import TensorCore

/// Linear centred kernel alignment of two representations of the same rows (Kornblith et al. 2019, arXiv 1905.00414):
///
///     ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖)
///
/// with centred columns and Frobenius norms. It is 1 for representations that are the same except for a rotation, a
/// reflection, a scale and a shift. With fewer rows than values it is large whatever is compared.
package enum LinearCKA {
    /// - Parameters:
    ///   - first: X, row-major, [rows, columns].
    ///   - second: Y, of the same shape.
    /// - Returns: nil if one of them doesn't vary.
    /// - Complexity: O(rows · columns²).
    package static func value(_ first: [Double], _ second: [Double], columns: Int) -> Double? {
        precondition(first.count == second.count, "Both representations are of the same rows.")
        let (x, y) = (centredColumns(first, columns: columns), centredColumns(second, columns: columns))
        let rows = first.count / columns
        guard rows > 0 else { return nil }
        func square(_ a: [Double], _ b: [Double]) -> Double {
            var product = [Double](repeating: 0, count: columns * columns)
            RowProducts.add(a, b, columns: rows, to: &product)
            return product.reduce(0) { $0 + $1 * $1 }
        }
        let own = (square(x, x) * square(y, y)).squareRoot()
        return own > 0 ? square(y, x) / own : nil
    }

    /// The columns as rows, each minus its mean, [columns, rows].
    private static func centredColumns(_ values: [Double], columns: Int) -> [Double] {
        let rows = values.count / columns
        var result = [Double](repeating: 0, count: values.count)
        for column in 0..<columns {
            var sum = 0.0
            for row in 0..<rows { sum += values[row * columns + column] }
            let mean = sum / Double(rows)
            for row in 0..<rows { result[column * rows + row] = values[row * columns + column] - mean }
        }
        return result
    }
}
