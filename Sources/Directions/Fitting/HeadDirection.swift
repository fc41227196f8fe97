import DataFiles
import Statistics
import TensorCore
import Transformer

/// A direction in the activations of one head, with the values that an edit along it needs.
public struct HeadDirection: Sendable, Codable, Equatable {
    /// The head whose z the direction lies in.
    public var head: Head
    /// How it was fitted.
    public var estimator: DirectionEstimator
    /// θ as fitted, [headSize]: for mass-mean, mean(true) − mean(false).
    public var vector: [Float]
    /// θ̂ = θ / ‖θ‖, [headSize]; all zero if the classes don't differ.
    public var unit: [Float]
    /// The spread of the projections z·θ̂ over all rows of both classes: the population standard deviation (divided by
    /// n, as in ITI and HSI), in the activations' unit.
    public var sigma: Double
    /// The spread of the projections around the mean of their own class, pooled, so that the gap between the classes
    /// doesn't count.
    public var withinClassSigma: Double
    /// The mean of z over the rows of the class `true`, [headSize].
    public var trueMean: [Float]
    /// The mean of z over the rows of the class `false`, [headSize].
    public var falseMean: [Float]
    /// The mean of z over all rows, [headSize].
    public var mean: [Float]
    /// The mean of ‖z‖ over all rows.
    public var headNorm: Double
    /// A detector's threshold: projections z·θ̂ above it speak for the class `true`.
    ///
    /// It is the model's own for logistic regression and LDA, the midpoint between both class means for the others, and
    /// 0 for a zero direction.
    public var threshold: Double

    /// Whether the classes don't differ, so that there is no direction and `sigma` is 0.
    public var isZero: Bool { unit.allSatisfy { $0 == 0 } }

    /// Fits a direction, with sums in double precision.
    /// - Parameters:
    ///   - activations: [examples, headSize].
    ///   - rows: the class and group of each example.
    ///   - spread: the activations on which σ is measured, [examples, headSize]; nil measures it on `activations`
    ///     themselves. ITI fits on questions with answers and takes σ from other texts.
    ///   - seed: fixes the random draws; the random direction depends on seed and head alone.
    /// - Throws: `InputError` if a class is missing or, for the paired mean, if no group holds both classes;
    ///   `LAPACKError` if the linear algebra of logistic regression, LDA or PCA fails, which finite activations don't
    ///   cause.
    /// - Precondition: each example has one label; `spread` is of the same head.
    public init(
        fitting estimator: DirectionEstimator = .massMean, to activations: HeadActivations, rows grouped: GroupedLabels,
        spread: HeadActivations? = nil, seed: UInt64 = 0
    ) throws {
        let labels = grouped.labels
        try labels.requireBothClasses()
        if estimator == .pairedMean { try grouped.requireMixedGroups(1) }
        precondition(labels.count == activations.examples, "Each example needs one label.")
        precondition(
            spread.map { $0.features == activations.features } ?? true, "σ is measured on rows of the same head.")
        let rows = FeatureRows(activations)
        let random = HeadRandomness(activations.head, seed: seed)
        let fitted = try LinearScore.fit(estimator, to: rows, grouped, random: random)
        let score = fitted.normalised()
        let projections = rows.times(score.weights)
        let means = rows.classMeans(labels)
        head = activations.head
        self.estimator = estimator
        vector = fitted.weights.map { Float($0) }
        unit = score.weights.map { Float($0) }
        sigma = populationDeviation(spread.map { FeatureRows($0).times(score.weights) } ?? projections)
        withinClassSigma = pooledDeviation(projections, labels)
        trueMean = means.ofTrue.map { Float($0) }
        falseMean = means.ofFalse.map { Float($0) }
        mean = rows.columnMeans().map { Float($0) }
        headNorm = rows.meanNorm
        threshold = score.threshold
    }

    /// Fits a direction to examples that are each their own group; see `init(fitting:to:rows:spread:seed:)`.
    public init(
        fitting estimator: DirectionEstimator = .massMean, to activations: HeadActivations, labels: [Bool],
        seed: UInt64 = 0
    ) throws {
        try self.init(fitting: estimator, to: activations, rows: GroupedLabels(labels: labels), seed: seed)
    }
}

extension HeadDirection {
    /// A direction whose parts are known, as a file keeps them.
    package init(
        _ head: Head, estimator: DirectionEstimator, vector: [Float], unit: [Float], sigma: Double,
        withinClassSigma: Double, trueMean: [Float], falseMean: [Float], mean: [Float], headNorm: Double,
        threshold: Double
    ) {
        self.head = head
        self.estimator = estimator
        self.vector = vector
        self.unit = unit
        self.sigma = sigma
        self.withinClassSigma = withinClassSigma
        self.trueMean = trueMean
        self.falseMean = falseMean
        self.mean = mean
        self.headNorm = headNorm
        self.threshold = threshold
    }

    /// The detector's score of activations, z · θ̂ minus the threshold; a score above 0 speaks for the class `true`.
    ///
    /// - Parameter z: the head's activations, [headSize].
    /// - Precondition: there are as many values as in the direction.
    public func score(_ z: some Collection<Float>) -> Double {
        precondition(z.count == unit.count, "A direction of \(unit.count) values scores as many.")
        return zip(z, unit).reduce(-threshold) { $0 + Double($1.0) * Double($1.1) }
    }
}

extension ActivationTable {
    /// The direction of every head, in the order of layers and heads.
    /// - Parameters:
    ///   - rows: the class and group of each example.
    ///   - spread: a table of the same heads on other texts, without labels, on which σ is measured; nil measures it on
    ///     this table.
    ///   - workers: the threads to fit with; the result is bit for bit the same for any number of them.
    /// - Throws: `InputError` if a class is missing or, for the paired mean, if no group holds both classes.
    /// - Precondition: `spread` is of the same heads.
    public func directions(
        _ estimator: DirectionEstimator = .massMean, rows: GroupedLabels, spread: ActivationTable? = nil,
        seed: UInt64 = 0, workers: WorkerPool? = nil
    ) throws -> [HeadDirection] {
        precondition(
            spread.map { ($0.layers, $0.heads, $0.headSize) == (layers, heads, headSize) } ?? true,
            "σ is measured on a table of the same heads.")
        return try allHeads.concurrentMap(workers) { head in
            try HeadDirection(
                fitting: estimator, to: self[head], rows: rows, spread: spread?[head], seed: seed)
        }
    }

    /// The direction of every head, for examples that are each their own group.
    /// - Throws: `InputError` if a class is missing.
    public func directions(
        _ estimator: DirectionEstimator = .massMean, labels: [Bool], seed: UInt64 = 0
    ) throws -> [HeadDirection] {
        try directions(estimator, rows: GroupedLabels(labels: labels), seed: seed)
    }
}
