import Directions
import Statistics
import TensorCore

/// Cross-validated scores of mass-mean directions, from sums over folds: the training rows' class means come from the
/// sums over all folds minus the fold left out. O(rows × columns) for a labelling.
struct MassMeanCrossValidation {
    private let rows: FeatureRows
    /// The squared length that a difference of means must exceed to be more than rounding.
    private let smallestSquaredNorm: Double

    init(_ rows: FeatureRows) {
        // Scores don't depend on the origin; the mean as origin gives the smallest rounding.
        let centred = rows.centred(on: rows.columnMeans())
        self.rows = centred
        let (spread, size) = (centred.rootMeanSquare, rows.rootMeanSquare)
        smallestSquaredNorm = max(spread * spread * 1e-14, size * size * 1e-24)
    }

    /// The score of each row by the direction and threshold of the folds that it isn't tested in: its projection on the
    /// unit direction minus the midpoint of both class means.
    ///
    /// It is 0 if the direction is zero, and +1 or -1 if the training rows have only one class, which is then taken for
    /// granted.
    func scores(_ labels: [Bool], folds: GroupedFolds) -> [Double] {
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
