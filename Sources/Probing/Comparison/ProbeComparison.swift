import DataFiles
import Directions
import Statistics
import TensorCore
import Transformer

/// How alike the probes of a head are on two data sets.
public typealias HeadComparison = HeadResult<ProbeLikeness>

/// How alike the probes are that two data sets give.
public struct ProbeLikeness: Sendable, Codable, Equatable {
    /// θ̂₁ · θ̂₂; 0 if a direction is zero.
    public var cosine: Double
    /// The correlation of both probes' scores within classes, θ₁ᵀ Σ θ₂ / √(θ₁ᵀ Σ θ₁ · θ₂ᵀ Σ θ₂) with Σ the covariance of
    /// the rows of both sets around their own set's and class's mean, shrunk by Ledoit and Wolf: features that vary
    /// together count once. It tells better than the cosine how a probe does on other data (arXiv 2606.19603).
    public var mahalanobisCosine: Double
    /// The area under the ROC curve of the first set's probe on the second set, with its 95% interval over groups.
    public var firstOnSecond: Double
    /// See ``firstOnSecond``.
    public var firstOnSecondLow: Double
    /// See ``firstOnSecond``.
    public var firstOnSecondHigh: Double
    /// That of the second set's probe on the first set.
    public var secondOnFirst: Double
    /// See ``secondOnFirst``.
    public var secondOnFirstLow: Double
    /// See ``secondOnFirst``.
    public var secondOnFirstHigh: Double
}

extension LabelledActivations {
    /// Compares the probes of every head with those of another data set: whether it is the same thing that both find.
    ///
    /// - Parameters:
    ///   - other: the same site of the same model on other texts.
    ///   - estimator: how both are fitted, each on all of its rows.
    ///   - workers: the threads to fit with; the result has the same bits for any number of them.
    /// - Returns: in the order of layers and heads.
    /// - Throws: `InputError` if the shapes differ or a class is missing.
    public func compare(
        with other: LabelledActivations, estimator: DirectionEstimator = .massMean, seed: UInt64 = 0,
        workers: WorkerPool? = nil
    ) throws -> [HeadComparison] {
        guard
            (table.layers, table.heads, table.headSize, site)
                == (other.table.layers, other.table.heads, other.table.headSize, other.site)
        else {
            throw InputError(
                .otherModel,
                "activations of another shape or site", in: "the second data set", remedy: "collect both from one model"
            )
        }
        return try table.allHeads.concurrentMap(workers) { head in
            let own = table[head]
            let others = other.table[head]
            let first = try HeadDirection(fitting: estimator, to: own, rows: rows, seed: seed)
            let second = try HeadDirection(fitting: estimator, to: others, rows: other.rows, seed: seed)
            let (a, b) = (first.unit.map(Double.init), second.unit.map(Double.init))
            let (firstRows, secondRows) = (FeatureRows(own), FeatureRows(others))
            let covariance = try withinCovariance([(firstRows, rows.labels), (secondRows, other.rows.labels)])
            let product = { (x: [Double], y: [Double]) in
                dot(x, MatrixVectorProducts.product(covariance.values, columns: covariance.size, times: y))
            }
            let lengths = (product(a, a) * product(b, b)).squareRoot()
            let there = transfer(first, to: secondRows, other.rows)
            let back = transfer(second, to: firstRows, rows)
            return HeadComparison(
                head,
                ProbeLikeness(
                    cosine: dot(a, b), mahalanobisCosine: lengths > 0 ? product(a, b) / lengths : 0,
                    firstOnSecond: there.value, firstOnSecondLow: there.low, firstOnSecondHigh: there.high,
                    secondOnFirst: back.value, secondOnFirstLow: back.low, secondOnFirstHigh: back.high))
        }
    }
}

/// A probe's area on rows that it knows nothing of.
private func transfer(
    _ probe: HeadDirection, to rows: FeatureRows, _ grouped: GroupedLabels
) -> (value: Double, low: Double, high: Double) {
    let scores = rows.times(probe.unit.map(Double.init))
    guard let area = AreaUnderROC(scores: scores, labels: grouped.labels) else { return (0.5, 0, 1) }
    let interval = area.interval(groups: grouped.groups)
    return (area.value, interval.low, interval.high)
}

/// The shrunk covariance of the rows of all sets around the means of their own set and class.
private func withinCovariance(_ sets: [(rows: FeatureRows, labels: [Bool])]) throws -> SymmetricMatrix {
    var values: [Double] = []
    for (rows, labels) in sets {
        let means = rows.classMeans(labels)
        for row in 0..<rows.rows {
            let mean = labels[row] ? means.ofTrue : means.ofFalse
            values.append(contentsOf: zip(rows[row], mean).map { $0 - $1 })
        }
    }
    let centred = FeatureRows(values: values, columns: sets[0].rows.columns)
    return shrunkCovariance(centred, means: sets[0].rows.columnMeans())
}
