import Directions

extension DirectionFile {
    /// A warning that the directions were fitted to tell classes apart, not to move a model between them. It is nil for
    /// directions that steer, and if the file doesn't say how they were fitted.
    ///
    /// A detector's direction takes out what both classes share, as lda does with the inverse of the covariance. It
    /// therefore points away from the difference of the class means. The first principal component need not be about
    /// the labels at all.
    var detectingWarning: String? {
        guard let name = metadata["estimator"], let estimator = DirectionEstimator(rawValue: name) else { return nil }
        let reason: String
        switch estimator {
        case .massMean, .pairedMean: return nil
        case .lda, .logistic:
            reason = "they tell the classes apart, but steer less well than the difference of the class means"
        case .pca: reason = "they need not be about the labels at all, and their sign is arbitrary"
        case .random, .labelShuffled: reason = "they are a control"
        }
        return
            "the directions were fitted by \(name): \(reason); for directions to steer with, run headsteer probe "
            + "--direction mass-mean --out FILE"
    }
}
