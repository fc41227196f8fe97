/// How a direction is fitted to the activations of two classes.
public enum DirectionEstimator: String, Sendable, Codable, CaseIterable {
    /// Difference of the class means, mean(true) − mean(false): the direction to steer with (Marks & Tegmark,
    /// arXiv 2310.06824; ITI, arXiv 2306.03341).
    case massMean = "mass-mean"
    /// The mean over groups of the difference within the group, so that a question that has more rows of one class than
    /// of the other doesn't count for what it is about. The same as mass-mean where all groups have as many rows of
    /// either class. Groups of one class say nothing here.
    case pairedMean = "paired-mean"
    /// The weights of a logistic regression with L2 penalty: a detector.
    case logistic
    /// Linear discriminant analysis with Ledoit-Wolf shrinkage, the mass-mean direction corrected for the
    /// covariance: a detector.
    case lda
    /// First principal component of all rows, pointing to the class `true`: doesn't see the labels but for its sign.
    case pca
    /// A random unit vector, the control that every direction has to beat.
    case random
    /// The mass-mean direction of labels that were shuffled (the same way for all heads): as long as a real one, of a
    /// behaviour that doesn't exist.
    case labelShuffled = "label-shuffled"
}
