import Directions
import Statistics
import TensorCore

/// Cross-validated scores of logistic regressions, with those of all folds computed together (``FoldRegressions``).
struct LogisticCrossValidation {
    private let rows: FeatureRows
    private let folds: GroupedFolds
    private let floats: LogisticRows
    /// Σ x xᵀ with a last feature that is always 1.
    private let scatter: [Float]

    init(_ rows: FeatureRows, folds: GroupedFolds) {
        self.rows = rows
        self.folds = folds
        floats = LogisticRows(rows, order: FoldOrder(folds))
        scatter = floats.scatter()
    }

    /// The score of each row by the regression that it isn't part of, on the scale of the unit direction.
    ///
    /// It is 0 if both classes have the same mean, and ±1 if the training rows have only one class.
    func scores(_ labels: [Bool]) throws(LAPACKError) -> [Double] {
        let sums = ClassSums(rows, labels: labels, folds: folds)
        let scale = rows.rootMeanSquare
        var scores = [Double](repeating: 0, count: rows.rows)
        let fitted = FoldRegressions.parameters(floats, labels: floats.order.rows.map { labels[$0] }, scatter: scatter)
        for fold in 0..<folds.count {
            let tested = folds.testRows(ofFold: fold)
            guard let ofTrue = sums.trainingMean(of: true, fold), let ofFalse = sums.trainingMean(of: false, fold)
            else {
                for row in tested { scores[row] = sums.trainingMean(of: true, fold) != nil ? 1 : -1 }
                continue
            }
            let means = ClassMeans(ofTrue: ofTrue, ofFalse: ofFalse, rootMeanSquare: scale)
            guard massMeanDirection(means).contains(where: { $0 != 0 }) else { continue }
            let score: LinearScore
            if let parameters = fitted[fold] {
                let weights = Array(parameters.dropLast())
                score = LinearScore(weights: weights, threshold: dot(weights, floats.mean) - parameters[rows.columns])
            } else {
                let training = folds.trainingRows(ofFold: fold)
                score = try logisticRegression(rows.selecting(training), labels: training.map { labels[$0] })
            }
            let unit = score.normalised()
            rows.values.withUnsafeBufferPointer { values in
                unit.weights.withUnsafeBufferPointer { weights in
                    for row in tested {
                        let own = UnsafeBufferPointer(rebasing: values[row * rows.columns..<(row + 1) * rows.columns])
                        scores[row] = dot(own, weights) - unit.threshold
                    }
                }
            }
        }
        return scores
    }
}
