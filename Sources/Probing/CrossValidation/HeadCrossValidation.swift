import Directions
import Statistics

/// Cross-validated scores of one head, for any number of labellings with the same folds.
struct HeadCrossValidation {
    private let rows: FeatureRows
    private let grouped: GroupedLabels
    private let folds: GroupedFolds
    private let estimator: DirectionEstimator
    private let random: HeadRandomness
    private let massMean: MassMeanCrossValidation?
    private let logistic: LogisticCrossValidation?
    /// The training rows' first principal component in each fold, for PCA: it doesn't depend on the labels.
    private let components: [[Double]]

    /// - Parameter grouped: the groups of the rows; labels are given with each call.
    init(
        _ rows: FeatureRows, _ grouped: GroupedLabels, folds: GroupedFolds, estimator: DirectionEstimator,
        random: HeadRandomness
    ) throws {
        self.rows = rows
        self.grouped = grouped
        self.folds = folds
        self.estimator = estimator
        self.random = random
        massMean = estimator == .massMean ? MassMeanCrossValidation(rows) : nil
        logistic = estimator == .logistic ? LogisticCrossValidation(rows, folds: folds) : nil
        components =
            estimator == .pca
            ? try (0..<folds.count).map { try principalComponent(rows.selecting(folds.trainingRows(ofFold: $0))) } : []
    }

    /// The score of each row, from the folds that it isn't tested in; a score above 0 speaks for the class `true`.
    ///
    /// If the training rows have only one class, that class is taken for granted.
    func scores(_ labels: [Bool]) throws -> [Double] {
        if let massMean { return massMean.scores(labels, folds: folds) }
        if let logistic { return try logistic.scores(labels) }
        let all = grouped.relabelled(labels)
        var scores = [Double](repeating: 0, count: rows.rows)
        for fold in 0..<folds.count {
            let training = folds.trainingRows(ofFold: fold)
            let own = all.selecting(training)
            if Set(own.labels).count < 2 {
                for row in folds.testRows(ofFold: fold) { scores[row] = own.labels.first == true ? 1 : -1 }
                continue
            }
            let score = try LinearScore.fit(
                estimator, to: rows.selecting(training), own, random: random,
                component: components.isEmpty ? nil : components[fold]
            ).normalised()
            for row in folds.testRows(ofFold: fold) { scores[row] = score.score(rows[row]) }
        }
        return scores
    }
}

/// The statistic that the permutation test of an estimator compares.
enum TestedStatistic {
    /// The cross-validated area of the mass-mean direction.
    case massMean
    /// The cross-validated area of the mass-mean direction times the inverse of the training rows' shrunk total
    /// covariance: discriminant analysis, which logistic regression comes near.
    case discriminant
    /// The area of scores that don't depend on the labels.
    case fixed(eitherWay: Bool)

    init(_ estimator: DirectionEstimator) {
        switch estimator {
        case .massMean, .pairedMean: self = .massMean
        case .lda, .logistic: self = .discriminant
        case .pca: self = .fixed(eitherWay: true)
        case .random, .labelShuffled: self = .fixed(eitherWay: false)
        }
    }

    /// Whether the statistic knows which class is which; one with a fitted direction doesn't, since the direction is
    /// reversed with the labels.
    var seesSides: Bool { if case .fixed(false) = self { true } else { false } }

    /// The statistic's values for one head.
    func areas(
        _ rows: FeatureRows, _ labellings: RelabelledAreas, folds: GroupedFolds, estimator: DirectionEstimator,
        grouped: GroupedLabels, random: HeadRandomness
    ) throws -> [Double] {
        switch self {
        case .massMean: return labellings.areas(rows)
        case .discriminant:
            let inverses = try (0..<folds.count).map { fold in
                try inverseShrunkCovariance(rows.selecting(folds.trainingRows(ofFold: fold)))
            }
            return labellings.areas(rows, inverses: inverses)
        case .fixed(let eitherWay):
            let direction = try LinearScore.fit(estimator, to: rows, grouped, random: random)
            return labellings.areas(fixed: rows.times(direction.weights), eitherWay: eitherWay)
        }
    }
}
