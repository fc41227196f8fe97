/// How a direction is fitted to the activations of two classes.
public enum DirectionEstimator: String, Sendable, Codable, CaseIterable {
    /// Difference of the class means, mean(true) − mean(false): the direction to steer with (Marks & Tegmark,
    /// arXiv 2310.06824; ITI, arXiv 2306.03341).
    case massMean = "mass-mean"
    /// The weights of a logistic regression with L2 penalty: a detector.
    case logistic
    /// Linear discriminant analysis with Ledoit-Wolf shrinkage, the mass-mean direction corrected for the
    /// covariance: a detector.
    case lda
    /// First principal component of all rows, pointing to the class `true`: doesn't see the labels but for its sign.
    case pca
    /// A random unit vector, the control that every direction has to beat.
    case random
}
