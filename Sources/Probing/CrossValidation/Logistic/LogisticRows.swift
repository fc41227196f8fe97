import Directions
import TensorCore

/// The rows of one head in float32, as the products of logistic regressions take them: in the order of the folds that
/// test them, and minus their mean.
///
/// Subtracting the mean doesn't change the weights, since the intercept isn't penalised, but reduces rounding.
final class LogisticRows {
    let order: FoldOrder
    let columns: Int
    let mean: [Double]
    /// The number of rows, padded to what dot products take at once.
    let padded: Int
    /// The distance, in values, between vectors with a value for each row: an odd number of cache lines, because rows a
    /// power of two apart would share a few places in the cache.
    let stride: Int
    /// [rows, columns]
    private let values: FloatBuffer
    /// The transpose, with a last row that is 1 for every row: [columns + 1, stride].
    private let transposed: FloatBuffer

    var count: Int { order.rows.count }
    /// The number of weights, plus 1 for the intercept.
    var size: Int { columns + 1 }

    init(_ rows: FeatureRows, order: FoldOrder) {
        self.order = order
        columns = rows.columns
        padded = paddedToGroups(rows.rows)
        stride = padded | 16
        mean = rows.columnMeans()
        values = FloatBuffer(capacity: rows.rows * columns)
        transposed = FloatBuffer(capacity: (columns + 1) * stride)
        fillValues(rows)
        fillTransposed()
    }

    private func fillValues(_ rows: FeatureRows) {
        rows.values.withUnsafeBufferPointer { source in
            mean.withUnsafeBufferPointer { mean in
                for (slot, row) in order.rows.enumerated() {
                    let (target, start) = (values.pointer + slot * columns, row * columns)
                    for column in 0..<columns { target[column] = Float(source[start + column] - mean[column]) }
                }
            }
        }
    }

    private func fillTransposed() {
        let (source, target) = (values.pointer, transposed.pointer)
        // Squares of 4 rows and columns in registers; their cache lines stay open while columns go by.
        let (wholeRows, wholeColumns) = (count & ~3, columns & ~3)
        for row in Swift.stride(from: 0, to: wholeRows, by: 4) {
            for column in Swift.stride(from: 0, to: wholeColumns, by: 4) {
                Self.transposeSquare(
                    source + row * columns + column, stride: columns, into: target + column * stride + row,
                    stride: stride)
            }
        }
        for row in 0..<count {
            for column in (row < wholeRows ? wholeColumns : 0)..<columns {
                target[column * stride + row] = source[row * columns + column]
            }
        }
        (target + columns * stride).update(repeating: 1, count: count)
        for column in 0..<size { (target + column * stride + count).update(repeating: 0, count: stride - count) }
    }

    private static func transposeSquare(
        _ source: UnsafeMutablePointer<Float>, stride sourceStride: Int, into target: UnsafeMutablePointer<Float>,
        stride targetStride: Int
    ) {
        func row(_ index: Int) -> SIMD4<Float> {
            UnsafeRawPointer(source + index * sourceStride).loadUnaligned(as: SIMD4<Float>.self)
        }
        let (a, b, c, d) = (row(0), row(1), row(2), row(3))
        for column in 0..<4 {
            UnsafeMutableRawPointer(target + column * targetStride).storeBytes(
                of: SIMD4(a[column], b[column], c[column], d[column]), as: SIMD4<Float>.self)
        }
    }

    // MARK: - Products

    /// w · x + b of every row, for parameters that are weights and then the intercept.
    /// - Parameters:
    ///   - parameters: [vectors, size].
    ///   - scores: [vectors, stride], zero after the last row.
    func score(_ parameters: [[Double]], into scores: UnsafeMutablePointer<Float>) {
        let weights = parameters.flatMap { $0.dropLast().map { Float($0) } }
        DotProducts.run(
            n: columns, weights, rows: parameters.count, strideX: columns, values.pointer, rows: count,
            strideW: columns, into: scores, strideY: stride)
        for (index, vector) in parameters.enumerated() {
            let intercept = Float(vector[columns])
            let own = scores + index * stride
            for row in 0..<count { own[row] += intercept }
            (own + count).update(repeating: 0, count: stride - count)
        }
    }

    /// Σ w x over rows x with a last feature that is always 1.
    /// - Parameter weights: [vectors, stride], zero after the last row.
    /// - Returns: [vectors, size].
    func weightedSums(_ weights: UnsafePointer<Float>, vectors: Int) -> [Float] {
        var sums = [Float](repeating: 0, count: vectors * size)
        DotProducts.run(
            n: padded, weights, rows: vectors, strideX: stride, transposed.pointer, rows: size, strideW: stride,
            into: &sums, strideY: size)
        return sums
    }

    /// Σ x xᵀ over all rows x, with a last feature that is always 1: row-major, [size, size]; only the upper triangle
    /// is used. O(rows × columns²).
    func scatter() -> [Float] { scatter(transposed.pointer, stride: stride, count: padded) }

    /// Σ w x xᵀ over the rows of each fold.
    /// - Parameter weights: the weights of the rows in their order, none negative.
    func scatters(weights: [Float]) -> [[Float]] {
        let starts = order.paddedStarts
        let width = (starts.last ?? 0) | 16
        let scaled = FloatBuffer(capacity: size * width)
        let roots = weights.map { $0.squareRoot() }
        roots.withUnsafeBufferPointer { roots in
            for column in 0..<size {
                let (source, target) = (transposed.pointer + column * stride, scaled.pointer + column * width)
                for (fold, rows) in order.ranges.enumerated() {
                    let offset = starts[fold] - rows.lowerBound
                    for row in rows { target[offset + row] = source[row] * roots[row] }
                    (target + offset + rows.upperBound).update(
                        repeating: 0, count: order.paddedCount(fold) - rows.count)
                }
            }
        }
        return order.ranges.indices.map { fold in
            scatter(scaled.pointer + starts[fold], stride: width, count: order.paddedCount(fold))
        }
    }

    private func scatter(_ values: UnsafeMutablePointer<Float>, stride: Int, count: Int) -> [Float] {
        let size = size
        return [Float](unsafeUninitializedCapacity: size * size) { products, initialised in
            guard let start = products.baseAddress else { return }
            start.initialize(repeating: 0, count: size * size)
            // The matrix is symmetric: of each block of rows, only the part from its beginning on is computed.
            for first in Swift.stride(from: 0, to: size, by: 32) {
                let own = values + first * stride
                DotProducts.run(
                    n: count, own, rows: min(32, size - first), strideX: stride, own, rows: size - first,
                    strideW: stride, into: start + first * size + first, strideY: size)
            }
            initialised = size * size
        }
    }
}
