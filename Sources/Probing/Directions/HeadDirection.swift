import DataFiles

/// A direction in the activations of one head, with what an edit along it needs to know.
public struct HeadDirection: Sendable, Codable, Equatable {
    public var layer: Int
    public var head: Int
    public var estimator: DirectionEstimator
    /// θ as fitted, [headSize]: for mass-mean, mean(true) − mean(false).
    public var vector: [Float]
    /// θ̂ = θ / ‖θ‖, [headSize]; all zero when the classes don't differ.
    public var unit: [Float]
    /// Spread of the projections z·θ̂ over all rows of both classes: the population standard deviation (divided by n, as
    /// in ITI and HSI), in the activations' unit.
    public var sigma: Double
    /// Spread of the projections around their own class's mean, pooled: free of the gap between the classes.
    public var withinClassSigma: Double
    /// Mean of z over the rows of the class `true`, [headSize].
    public var trueMean: [Float]
    /// Mean of z over the rows of the class `false`, [headSize].
    public var falseMean: [Float]
    /// Mean of z over all rows, [headSize].
    public var mean: [Float]
    /// Mean of ‖z‖ over all rows.
    public var headNorm: Double
    /// A detector's threshold: projections z·θ̂ above it speak for the class `true`. The model's own for logistic
    /// regression and LDA, the midpoint between both class means for the others, 0 for a zero direction.
    public var threshold: Double

    /// Whether the classes don't differ, so that there is no direction; `sigma` is 0 then.
    public var isZero: Bool { unit.allSatisfy { $0 == 0 } }

    /// Fits a direction. Sums are taken in double precision.
    /// - Parameters:
    ///   - activations: [examples, headSize].
    ///   - labels: the class of each example.
    ///   - seed: fixes the random direction, which depends on seed, layer and head alone.
    /// - Throws: `InputError` when a class is missing; `LAPACKError` when the linear algebra of logistic regression, LDA
    ///   or PCA fails, which finite activations give no cause for.
    public init(
        fitting estimator: DirectionEstimator = .massMean, to activations: HeadActivations, labels: [Bool],
        seed: UInt64 = 0
    ) throws {
        try requireBothClasses(labels)
        precondition(labels.count == activations.examples, "Each example needs one label.")
        let rows = FeatureRows(activations)
        let generator = SeededGenerator(forHead: activations.head, ofLayer: activations.layer, seed: seed)
        let fitted = try LinearScore.fit(estimator, to: rows, labels: labels, random: generator)
        let score = fitted.normalised()
        let projections = (0..<rows.rows).map { dot(score.weights[...], rows[$0]) }
        let means = rows.classMeans(labels)
        layer = activations.layer
        head = activations.head
        self.estimator = estimator
        vector = fitted.weights.map { Float($0) }
        unit = score.weights.map { Float($0) }
        sigma = populationDeviation(projections)
        withinClassSigma = pooledDeviation(projections, labels)
        trueMean = means.ofTrue.map { Float($0) }
        falseMean = means.ofFalse.map { Float($0) }
        mean = rows.columnMeans().map { Float($0) }
        headNorm = (0..<rows.rows).reduce(0) { $0 + dot(rows[$1], rows[$1]).squareRoot() } / Double(rows.rows)
        threshold = score.threshold
    }
}

extension ActivationTable {
    /// The direction of every head, in the order of layers and heads.
    /// - Throws: `InputError` when a class is missing.
    public func directions(
        _ estimator: DirectionEstimator = .massMean, labels: [Bool], seed: UInt64 = 0
    ) throws -> [HeadDirection] {
        try allHeads.map { layer, head in
            try HeadDirection(fitting: estimator, to: self[layer: layer, head: head], labels: labels, seed: seed)
        }
    }
}

extension SeededGenerator {
    /// A generator of its own for a head, whatever is drawn for others.
    init(forHead head: Int, ofLayer layer: Int, seed: UInt64) {
        self.init(
            seed: seed,
            stream: UInt64(UInt32(truncatingIfNeeded: layer)) << 32 | UInt64(UInt32(truncatingIfNeeded: head)) + 1)
    }
}

/// - Throws: `InputError` when one class or both don't occur.
func requireBothClasses(_ labels: [Bool]) throws {
    for label in [true, false] where !labels.contains(label) {
        throw InputError.badData(
            "no example with the label \(label)", in: "the data set", remedy: "add examples of both labels")
    }
}

/// Standard deviation with divisor n.
private func populationDeviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
}

/// Standard deviation around the class's own mean, with divisor n.
private func pooledDeviation(_ values: [Double], _ labels: [Bool]) -> Double {
    let squares = [true, false].reduce(0.0) { sum, label in
        let own = zip(values, labels).filter { $0.1 == label }.map(\.0)
        let deviation = populationDeviation(own)
        return sum + deviation * deviation * Double(own.count)
    }
    return (squares / Double(values.count)).squareRoot()
}
