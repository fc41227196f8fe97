/// Cross-validated scores of mass-mean directions for any number of labellings of the same activations.
///
/// The training rows' class means are sums over folds minus the fold left out. With n rows of few features the sums are
/// taken over features, O(n × features) for a labelling. With many features they are taken over dot products of rows
/// (``MassMeanGramScores``), O(n²) for a labelling whatever the number of features.
struct MassMeanCrossValidation {
    private let rows: FeatureRows
    /// Instead of the features, where there are many.
    private let gram: MassMeanGramScores?
    /// The squared length that a difference of means must exceed to be more than rounding.
    private let smallestSquaredNorm: Double

    init(_ rows: FeatureRows) {
        // Scores don't change with the origin; the mean makes for the smallest rounding.
        let centred = rows.centred(on: rows.columnMeans())
        self.rows = centred
        gram = rows.rows < 2 * rows.columns ? MassMeanGramScores(centred) : nil
        let (spread, size) = (centred.rootMeanSquare, rows.rootMeanSquare)
        smallestSquaredNorm = max(spread * spread * 1e-14, size * size * 1e-24)
    }

    /// The score of each row by the direction and threshold of the folds that it isn't tested in: its projection on the
    /// unit direction minus the midpoint of both class means. 0 where the direction is zero; +1 or -1 where the training
    /// rows have one class alone, which is then taken for granted.
    func scores(_ labels: [Bool], folds: GroupedFolds) -> [Double] {
        if let gram { return gram.scores(labels, folds: folds, smallestSquaredNorm: smallestSquaredNorm) }
        let sums = ClassSums(rows, labels: labels, folds: folds)
        var scores = [Double](repeating: 0, count: rows.rows)
        for fold in 0..<folds.count {
            let (ofTrue, ofFalse) = (sums.trainingMean(of: true, fold), sums.trainingMean(of: false, fold))
            guard let ofTrue, let ofFalse else {
                for row in folds.testRows(ofFold: fold) { scores[row] = ofTrue != nil ? 1 : -1 }
                continue
            }
            var direction = ofTrue
            direction.add(ofFalse[...], times: -1)
            let (trueProjection, falseProjection) = (dot(direction, ofTrue), dot(direction, ofFalse))
            // mean(true)·θ − mean(false)·θ = ‖θ‖²
            let squaredNorm = trueProjection - falseProjection
            guard squaredNorm > smallestSquaredNorm else { continue }
            for row in folds.testRows(ofFold: fold) {
                let projection = dot(direction[...], rows[row])
                scores[row] = (projection - (trueProjection + falseProjection) / 2) / squaredNorm.squareRoot()
            }
        }
        return scores
    }
}

/// Sums of vectors for each fold and class.
private struct ClassSums {
    private let columns: Int
    private let folds: Int
    /// [2 × folds + 2, columns]: for each fold the classes `false` and `true`, then those of all folds.
    private var sums: [Double]
    private var counts: [Int]

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

    /// The mean of a class outside a fold; nil when it doesn't occur there.
    func trainingMean(of label: Bool, _ fold: Int) -> [Double]? {
        let offset = label ? 1 : 0
        let count = counts[2 * folds + offset] - counts[2 * fold + offset]
        guard count > 0 else { return nil }
        let (all, own) = ((2 * folds + offset) * columns, (2 * fold + offset) * columns)
        return (0..<columns).map { (sums[all + $0] - sums[own + $0]) / Double(count) }
    }
}
