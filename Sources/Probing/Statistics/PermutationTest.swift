import DataFiles

/// The p values of all heads from the same relabellings of the rows.
///
/// The statistic is the cross-validated AUROC of the mass-mean direction, with direction, threshold and folds made anew
/// for every relabelling, so that the observed labelling is treated like all others. The adjusted p value compares a head
/// with the *largest* statistic over all heads (max-T; Westfall & Young, 1993): calling heads with p ≤ 0.05 makes any
/// false call at all in at most 5% of data sets.
struct PermutationTest {
    /// Labels and folds of each relabelling.
    private let relabellings: [(labels: [Bool], folds: GroupedFolds)]
    /// Whether these are all that exist, the observed one included, rather than a sample.
    let isExact: Bool
    private var observed: [Double] = []
    /// For each relabelling, the largest statistic of the heads so far.
    private var largest: [Double]
    /// The p value of each head by itself.
    private(set) var unadjusted: [Double] = []

    /// - Parameter permutations: the number of random relabellings; all are enumerated when there are no more than that.
    init(_ rows: GroupedLabels, permutations: Int, folds: Int, seed: UInt64) throws {
        let possible = Relabellings(rows)
        isExact = possible.count.map { $0 <= permutations } ?? false
        var generator = SeededGenerator(seed: seed, stream: 1)
        let labellings = isExact ? possible.all() : (0..<permutations).map { _ in possible.draw(&generator) }
        relabellings = try labellings.map { labels in
            (labels, try GroupedFolds(rows.relabelled(labels), wanted: folds, seed: seed))
        }
        largest = relabellings.map { _ in 0 }
    }

    /// The number of relabellings.
    var count: Int { relabellings.count }

    /// The smallest p value that can come out.
    var smallestP: Double { isExact ? 1 / Double(count) : 1 / Double(1 + count) }

    /// Computes the statistic of the next head for every relabelling.
    mutating func append(_ head: MassMeanCrossValidation, observed: Double) {
        append(observed: observed) { labels, folds in areaUnderROC(head.scores(labels, folds: folds), labels) }
    }

    /// Computes the statistic of the next head, given scores that don't depend on the labels.
    mutating func append(fixedScores scores: [Double], observed: Double) {
        append(observed: observed) { labels, _ in areaUnderROC(scores, labels) }
    }

    private mutating func append(observed: Double, _ statistic: ([Bool], GroupedFolds) -> Double) {
        self.observed.append(observed)
        let statistics = relabellings.map { statistic($0.labels, $0.folds) }
        unadjusted.append(pValue(of: observed, among: statistics))
        for (index, value) in statistics.enumerated() { largest[index] = max(largest[index], value) }
    }

    /// The p value of each head against the largest of all heads.
    var adjusted: [Double] { observed.map { pValue(of: $0, among: largest) } }

    private func pValue(of value: Double, among others: [Double]) -> Double {
        // The same area may come out differently in the last digits.
        let reached = others.count { $0 >= value - 1e-9 }
        return isExact ? Double(reached) / Double(count) : Double(1 + reached) / Double(1 + count)
    }
}
