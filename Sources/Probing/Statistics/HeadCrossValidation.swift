import DataFiles

/// Cross-validated scores of one head, for any number of labellings with the same folds.
struct HeadCrossValidation {
    private let rows: FeatureRows
    private let folds: GroupedFolds
    private let estimator: DirectionEstimator
    private let generator: SeededGenerator
    private let massMean: MassMeanCrossValidation
    /// The training rows' first principal component in each fold, for PCA: it doesn't depend on the labels.
    private let components: [[Double]]

    init(_ activations: HeadActivations, folds: GroupedFolds, estimator: DirectionEstimator, seed: UInt64) throws {
        let rows = FeatureRows(activations)
        self.rows = rows
        self.folds = folds
        self.estimator = estimator
        generator = SeededGenerator(forHead: activations.head, ofLayer: activations.layer, seed: seed)
        massMean = MassMeanCrossValidation(rows)
        components =
            estimator == .pca
            ? try (0..<folds.count).map { try principalComponent(rows.selecting(folds.trainingRows(ofFold: $0))) } : []
    }

    /// The score of each row by the folds that it isn't tested in: above 0 it speaks for the class `true`. Where the
    /// training rows have one class alone, that one is taken for granted.
    func scores(_ labels: [Bool]) throws -> [Double] {
        if estimator == .massMean { return massMean.scores(labels, folds: folds) }
        var scores = [Double](repeating: 0, count: rows.rows)
        for fold in 0..<folds.count {
            let training = folds.trainingRows(ofFold: fold)
            let own = training.map { labels[$0] }
            if Set(own).count < 2 {
                for row in folds.testRows(ofFold: fold) { scores[row] = own.first == true ? 1 : -1 }
                continue
            }
            let score = try LinearScore.fit(
                estimator, to: rows.selecting(training), labels: own, random: generator,
                component: components.isEmpty ? nil : components[fold]
            ).normalised()
            for row in folds.testRows(ofFold: fold) { scores[row] = score.score(rows[row]) }
        }
        return scores
    }

    /// Hands the head to the permutation test: its random direction when that is what is probed, else its mass-mean
    /// direction.
    func append(to test: inout PermutationTest, labels: [Bool]) throws {
        if estimator == .random {
            let direction = try LinearScore.fit(.random, to: rows, labels: labels, random: generator)
            let projections = (0..<rows.rows).map { direction.score(rows[$0]) }
            test.append(fixedScores: projections, observed: areaUnderROC(projections, labels))
        } else {
            test.append(massMean, observed: areaUnderROC(massMean.scores(labels, folds: folds), labels))
        }
    }
}
