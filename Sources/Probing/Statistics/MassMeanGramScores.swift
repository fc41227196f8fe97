/// Cross-validated scores of mass-mean directions from the dot products of rows alone: a direction is a weighted sum of
/// rows, so projections on it, and its length, are sums of their dot products.
///
/// For a labelling, one product of the Gram matrix with a vector gives every row's products with the class `true`; what
/// the folds leave out is taken off by sums within each fold. O(n² + n² / folds) with n rows.
struct MassMeanGramScores {
    /// Dot products of all rows with each other, [rows, rows].
    private let products: FeatureRows
    /// The sum of each row's products with all rows.
    private let totals: [Double]

    /// - Parameter rows: centred, for the smallest rounding.
    init(_ rows: FeatureRows) {
        products = FeatureRows(values: rows.gram().values, columns: rows.rows)
        totals = products.times(Array(repeating: 1, count: rows.rows))
    }

    /// Sums over pairs of rows, by the classes of both.
    private struct Pairs {
        var bothTrue = 0.0
        /// Each pair once.
        var mixed = 0.0
        var bothFalse = 0.0
    }

    /// See ``MassMeanCrossValidation/scores(_:folds:)``.
    func scores(_ labels: [Bool], folds: GroupedFolds, smallestSquaredNorm: Double) -> [Double] {
        let trueSums = products.times(labels.map { $0 ? 1 : 0 })
        let trues = labels.count { $0 }
        var all = Pairs()
        for (row, label) in labels.enumerated() {
            let falseSum = totals[row] - trueSums[row]
            if label {
                all.bothTrue += trueSums[row]
                all.mixed += falseSum
            } else {
                all.bothFalse += falseSum
            }
        }
        var scores = [Double](repeating: 0, count: labels.count)
        for fold in 0..<folds.count {
            let tested = folds.testRows(ofFold: fold)
            let testedTrues = tested.count { labels[$0] }
            let trainingTrues = trues - testedTrues
            let trainingFalses = (labels.count - trues) - (tested.count - testedTrues)
            guard trainingTrues > 0, trainingFalses > 0 else {
                for row in tested { scores[row] = trainingTrues > 0 ? 1 : -1 }
                continue
            }
            let (trueShare, falseShare) = (1 / Double(trainingTrues), 1 / Double(trainingFalses))
            var training = all
            let ownTrues = sums(among: tested, of: true, labels)
            let ownFalses = sums(among: tested, of: false, labels)
            for (index, row) in tested.enumerated() {
                let (ownTrue, ownFalse) = (ownTrues[index], ownFalses[index])
                let (trueSum, falseSum) = (trueSums[row], totals[row] - trueSums[row])
                // Pairs with one row in the fold go; those with both are taken off twice, so once too often.
                if labels[row] {
                    training.bothTrue -= 2 * trueSum - ownTrue
                    training.mixed -= falseSum - ownFalse
                } else {
                    training.bothFalse -= 2 * falseSum - ownFalse
                    training.mixed -= trueSum
                }
                scores[row] = (trueSum - ownTrue) * trueShare - (falseSum - ownFalse) * falseShare
            }
            let mixed = training.mixed * trueShare * falseShare
            let trueProjection = training.bothTrue * trueShare * trueShare - mixed
            let falseProjection = mixed - training.bothFalse * falseShare * falseShare
            // mean(true)·θ − mean(false)·θ = ‖θ‖²
            let squaredNorm = trueProjection - falseProjection
            let isZero = !(squaredNorm > smallestSquaredNorm)
            for row in tested {
                scores[row] =
                    isZero ? 0 : (scores[row] - (trueProjection + falseProjection) / 2) / squaredNorm.squareRoot()
            }
        }
        return scores
    }

    /// For each of some rows, the sum of its products with those of them that have the class.
    private func sums(among rows: [Int], of label: Bool, _ labels: [Bool]) -> [Double] {
        let columns = products.columns
        var sums = [Double](repeating: 0, count: rows.count)
        sums.withUnsafeMutableBufferPointer { sums in
            products.values.withUnsafeBufferPointer { products in
                rows.withUnsafeBufferPointer { rows in
                    for other in rows where labels[other] == label {
                        let start = other * columns
                        for index in 0..<rows.count { sums[index] += products[start + rows[index]] }
                    }
                }
            }
        }
        return sums
    }
}
