import Statistics
import TensorCore

/// A weighting of features with a threshold: scores above 0 speak for the class `true`.
package struct LinearScore: Equatable {
    package var weights: [Double]
    /// The value that `weights · x` must exceed.
    package var threshold: Double

    package init(weights: [Double], threshold: Double) {
        self.weights = weights
        self.threshold = threshold
    }

    /// Fits the estimator's weights to rows of both classes, with the threshold that goes with them.
    ///
    /// The threshold is the model's own for logistic regression and LDA, the midpoint between the projected class means
    /// for others.
    /// - Parameter component: the rows' first principal component, if it is known already.
    /// - Throws: `LAPACKError` if the linear algebra of logistic regression, LDA or PCA fails.
    package static func fit(
        _ estimator: DirectionEstimator, to rows: FeatureRows, _ grouped: GroupedLabels, random: HeadRandomness,
        component: [Double]? = nil
    ) throws(LAPACKError) -> LinearScore {
        let labels = grouped.labels
        switch estimator {
        case .logistic: return try logisticRegression(rows, labels: labels)
        case .lda: return try linearDiscriminant(rows, labels: labels)
        case .massMean: return atMidpoint(massMeanDirection(rows.classMeans(labels)), rows.classMeans(labels))
        case .pairedMean: return atMidpoint(pairedMeanDirection(rows, grouped), rows.classMeans(labels))
        case .pca:
            let means = rows.classMeans(labels)
            let component = if let component { component } else { try principalComponent(rows) }
            return atMidpoint(oriented(component, by: means), means)
        case .random:
            var generator = random.own
            let draws = (0..<rows.columns).map { _ in generator.gaussian() }
            return atMidpoint(draws.normalised() ?? draws, rows.classMeans(labels))
        case .labelShuffled:
            var generator = random.shared
            let means = rows.classMeans(Relabellings(grouped).draw(&generator))
            return atMidpoint(massMeanDirection(means), means)
        }
    }

    private static func atMidpoint(_ weights: [Double], _ means: ClassMeans) -> LinearScore {
        LinearScore(weights: weights, threshold: (dot(weights, means.ofTrue) + dot(weights, means.ofFalse)) / 2)
    }

    /// The same decisions, on the scale of projections onto the unit vector; every row scores 0 if the weights are
    /// zero.
    package func normalised() -> LinearScore {
        let norm = dot(weights, weights).squareRoot()
        guard norm > 0 else { return LinearScore(weights: weights, threshold: 0) }
        return LinearScore(weights: weights.map { $0 / norm }, threshold: threshold / norm)
    }

    package func score(_ row: ArraySlice<Double>) -> Double { dot(weights[...], row) - threshold }
}
