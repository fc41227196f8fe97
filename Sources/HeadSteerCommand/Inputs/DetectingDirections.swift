import Directions

extension DirectionFile {
    /// That the directions were fitted to tell classes apart and not to move a model between them; nil for those that steer, and
    /// where the file doesn't say.
    ///
    /// A detector's direction takes out what both classes share, as lda does with the inverse of the covariance, and so points
    /// away from where the classes' means differ; the first principal component need not be about the labels at all.
    var detectingWarning: String? {
        guard let name = metadata["estimator"], let estimator = DirectionEstimator(rawValue: name) else { return nil }
        let reason: String
        switch estimator {
        case .massMean, .pairedMean: return nil
        case .lda, .logistic:
            reason = "which tell the classes apart and steer less well than the difference of their means"
        case .pca: reason = "which need not be about the labels at all, and whose sign is arbitrary"
        case .random, .labelShuffled: reason = "which are a control"
        }
        return
            "the directions were fitted by \(name), \(reason); for directions to steer with: headsteer probe --direction "
            + "mass-mean --out FILE"
    }
}
