/// Cross-validated scores of mass-mean directions for any number of labellings of the same activations.
///
/// A mass-mean direction is a weighted sum of rows, so the projections on it are sums of dot products of rows: with all of
/// these at hand (the Gram matrix), a labelling and its folds cost O(n²), whatever the number of features.
struct MassMeanCrossValidation {
    private let gram: SymmetricMatrix
    /// The squared length that a difference of means must exceed to be more than rounding.
    private let smallestSquaredNorm: Double

    /// O(n² × features); memory n².
    init(_ rows: FeatureRows) {
        // Scores don't change with the origin; the mean makes for the smallest rounding.
        gram = rows.centred(on: rows.columnMeans()).gram()
        let size = Double(gram.size)
        smallestSquaredNorm = max(gram.trace / size * 1e-14, dot(rows.values, rows.values) / size * 1e-24)
    }

    /// The score of each row by the direction and threshold of the folds that it isn't tested in: its projection on the
    /// unit direction minus the midpoint of both class means. 0 where the direction is zero; +1 or -1 where the training
    /// rows have one class alone, which is then taken for granted.
    func scores(_ labels: [Bool], folds: GroupedFolds) -> [Double] {
        let size = gram.size
        let lots = 2 * folds.count
        // For each fold and class (lot), the sums of rows of the Gram matrix; then those over all folds.
        var sums = [Double](repeating: 0, count: (lots + 2) * size)
        var counts = [Int](repeating: 0, count: lots + 2)
        sums.withUnsafeMutableBufferPointer { sums in
            gram.values.withUnsafeBufferPointer { gram in
                for row in 0..<size {
                    let lot = 2 * folds.foldOfRow[row] + (labels[row] ? 1 : 0)
                    counts[lot] += 1
                    let (target, source) = (lot * size, row * size)
                    for column in 0..<size { sums[target + column] += gram[source + column] }
                }
            }
            for lot in 0..<lots {
                counts[lots + lot % 2] += counts[lot]
                let (target, source) = ((lots + lot % 2) * size, lot * size)
                for column in 0..<size { sums[target + column] += sums[source + column] }
            }
        }
        var scores = [Double](repeating: 0, count: size)
        for fold in 0..<folds.count {
            let falses = counts[lots] - counts[2 * fold]
            let trues = counts[lots + 1] - counts[2 * fold + 1]
            guard trues > 0, falses > 0 else {
                for row in 0..<size where folds.foldOfRow[row] == fold { scores[row] = trues > 0 ? 1 : -1 }
                continue
            }
            let projection = { (row: Int) in
                (sums[(lots + 1) * size + row] - sums[(2 * fold + 1) * size + row]) / Double(trues)
                    - (sums[lots * size + row] - sums[2 * fold * size + row]) / Double(falses)
            }
            var (ofTrue, ofFalse) = (0.0, 0.0)
            for row in 0..<size where folds.foldOfRow[row] != fold {
                if labels[row] { ofTrue += projection(row) } else { ofFalse += projection(row) }
            }
            ofTrue /= Double(trues)
            ofFalse /= Double(falses)
            // mean(true)·θ − mean(false)·θ = ‖θ‖²
            let squaredNorm = ofTrue - ofFalse
            guard squaredNorm > smallestSquaredNorm else { continue }
            for row in 0..<size where folds.foldOfRow[row] == fold {
                scores[row] = (projection(row) - (ofTrue + ofFalse) / 2) / squaredNorm.squareRoot()
            }
        }
        return scores
    }
}

/// The area under the ROC curve alone, 0.5 when a class is missing: counts pairs when there are few of them, which is
/// faster than sorting.
func areaUnderROC(_ scores: [Double], _ labels: [Bool]) -> Double {
    guard scores.count <= 256 else { return AreaUnderROC(scores: scores, labels: labels)?.value ?? 0.5 }
    var trues: [Double] = []
    var falses: [Double] = []
    for (score, label) in zip(scores, labels) {
        if label { trues.append(score) } else { falses.append(score) }
    }
    guard !trues.isEmpty, !falses.isEmpty else { return 0.5 }
    var halves = 0
    falses.withUnsafeBufferPointer { falses in
        for score in trues {
            for index in 0..<falses.count {
                halves &+= (score > falses[index] ? 1 : 0) &+ (score >= falses[index] ? 1 : 0)
            }
        }
    }
    return Double(halves) / 2 / Double(trues.count * falses.count)
}
