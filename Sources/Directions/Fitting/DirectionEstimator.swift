/// How a direction is fitted to the activations of two classes.
public enum DirectionEstimator: String, Sendable, Codable, CaseIterable {
    /// The difference of the class means, mean(true) − mean(false): the direction to steer with (Marks & Tegmark,
    /// arXiv 2310.06824; ITI, arXiv 2306.03341).
    case massMean = "mass-mean"
    /// The mean over groups of the difference within the group.
    ///
    /// So the topic of a question that has more rows of one class than of the other doesn't shift the direction. It
    /// equals mass-mean if all groups have as many rows of either class. Groups of one class are ignored.
    case pairedMean = "paired-mean"
    /// The weights of a logistic regression with L2 penalty: a detector.
    case logistic
    /// Linear discriminant analysis with Ledoit-Wolf shrinkage, the mass-mean direction corrected for the
    /// covariance: a detector.
    case lda
    /// The first principal component of all rows, pointing to the class `true`; the labels decide only its sign.
    case pca
    /// A random unit vector, the control that every direction has to beat.
    case random
    /// The mass-mean direction of shuffled labels (shuffled the same way for all heads): as long as a real one, but of
    /// a behaviour that doesn't exist.
    case labelShuffled = "label-shuffled"
}
