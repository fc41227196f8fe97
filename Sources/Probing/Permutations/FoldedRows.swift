import Directions
import Statistics
import TensorCore

/// The activations of one head as float32 matrices for products over folds: centred, scaled, and in the order of the
/// folds.
///
/// Comparing projections within a head doesn't depend on the origin or the scale; these keep rounding small.
struct FoldedRows {
    /// [rows, columns], the rows of fold 0 first.
    let values: [Float]
    /// For each fold, the transpose of its rows, [columns, padded rows of the fold], one after the other.
    let transposed: [Float]
    /// The sum of each fold's rows, [folds, columns].
    let sums: [Float]
    /// The sum of all rows, [columns].
    let total: [Float]
    let columns: Int

    init(_ rows: FeatureRows, order: FoldOrder) {
        let mean = rows.columnMeans()
        let centred = rows.centred(on: mean)
        let (spread, size) = (centred.rootMeanSquare, rows.rootMeanSquare)
        // Values that vary by no more than rounding count as constant.
        let scale = spread > size * 1e-12 ? 1 / spread : 0
        let columns = rows.columns
        let floats = rows.floats(centredOn: mean, times: scale)
        var values: [Float] = []
        values.reserveCapacity(floats.count)
        for row in order.rows { values.append(contentsOf: floats[row * columns..<(row + 1) * columns]) }
        var transposed: [Float] = []
        transposed.reserveCapacity(order.paddedStarts[order.ranges.count] * columns)
        var sums: [Double] = []
        var total = [Double](repeating: 0, count: columns)
        for (fold, range) in order.ranges.enumerated() {
            transposed += transpose(values, columns: columns, rows: range, padded: order.paddedCount(fold))
            var sum = [Double](repeating: 0, count: columns)
            for slot in range { sum.add(centred[order.rows[slot]], times: scale) }
            total.add(sum[...])
            sums += sum
        }
        self.values = values
        self.transposed = transposed
        self.sums = sums.map { Float($0) }
        self.total = total.map { Float($0) }
        self.columns = columns
    }
}

/// Rows put in the order of the folds that test them.
struct FoldOrder {
    /// The rows' numbers.
    let rows: [Int]
    /// The slots of each fold's rows.
    let ranges: [Range<Int>]
    /// Where each fold begins if its rows are padded to a multiple of 32, which is what dot products take at once; then
    /// the padded number of all rows.
    let paddedStarts: [Int]

    init(_ folds: GroupedFolds) {
        var rows: [Int] = []
        var ranges: [Range<Int>] = []
        for fold in 0..<folds.count {
            let start = rows.count
            rows += folds.testRows(ofFold: fold)
            ranges.append(start..<rows.count)
        }
        self.rows = rows
        self.ranges = ranges
        paddedStarts = ranges.reduce(into: [0]) { $0.append($0[$0.count - 1] + paddedToGroups($1.count)) }
    }

    /// The padded number of a fold's rows.
    func paddedCount(_ fold: Int) -> Int { paddedStarts[fold + 1] - paddedStarts[fold] }
}

/// The number of values, padded to whole groups of what dot products take at once.
func paddedToGroups(_ count: Int) -> Int { (count + 31) & ~31 }
