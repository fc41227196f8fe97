import Directions
import Statistics

/// Sums of rows for each fold and class, from which the class means outside any fold follow.
struct ClassSums {
    private let columns: Int
    private let folds: Int
    /// [2 × folds + 2, columns]: for each fold the classes `false` and `true`, then those of all folds.
    private let sums: [Double]
    private let counts: [Int]

    init(_ vectors: FeatureRows, labels: [Bool], folds: GroupedFolds) {
        let columns = vectors.columns
        let lots = 2 * folds.count
        var counts = [Int](repeating: 0, count: lots + 2)
        var sums = [Double](repeating: 0, count: (lots + 2) * columns)
        sums.withUnsafeMutableBufferPointer { sums in
            vectors.values.withUnsafeBufferPointer { values in
                for row in 0..<labels.count {
                    let lot = 2 * folds.foldOfRow[row] + (labels[row] ? 1 : 0)
                    counts[lot] += 1
                    let (target, source) = (lot * columns, row * columns)
                    for column in 0..<columns { sums[target + column] += values[source + column] }
                }
            }
            for lot in 0..<lots {
                counts[lots + lot % 2] += counts[lot]
                let (target, source) = ((lots + lot % 2) * columns, lot * columns)
                for column in 0..<columns { sums[target + column] += sums[source + column] }
            }
        }
        self.columns = columns
        self.folds = folds.count
        self.sums = sums
        self.counts = counts
    }

    /// The mean of a class outside a fold; nil if it doesn't occur there.
    func trainingMean(of label: Bool, _ fold: Int) -> [Double]? {
        let offset = label ? 1 : 0
        let count = counts[2 * folds + offset] - counts[2 * fold + offset]
        guard count > 0 else { return nil }
        let (all, own) = ((2 * folds + offset) * columns, (2 * fold + offset) * columns)
        return (0..<columns).map { (sums[all + $0] - sums[own + $0]) / Double(count) }
    }
}
