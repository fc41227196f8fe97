import DataFiles
import Directions
import Statistics
import TensorCore
import Transformer

extension ActivationTable {
    /// Probes every head: cross-validated scores, intervals and significance.
    ///
    /// Direction and threshold are fitted on the training folds, and the scores of all test folds are judged together
    /// (with the threshold subtracted, on the scale of the unit direction). The p values come from the cross-validated
    /// AUROC of the mass-mean direction, whitened by the shrunk covariance for LDA and logistic regression: the
    /// directions of meaningless labels are then a matrix product. For PCA, random directions and shuffled labels they
    /// come from the AUROC of that direction. If ``ProbeOptions/permutations`` is 0, nothing is tested.
    ///
    /// O(heads × relabellings × n × headSize) with n examples for the test, plus the fits.
    /// - Parameters:
    ///   - workers: the threads to compute with, by default the calling one; the result is bit for bit the same for any
    ///     number of them.
    ///   - progress: called now and then with the number of heads done and the number of all heads; an error that it
    ///     throws ends the work.
    /// - Throws: `InputError` if a class occurs in fewer than two groups, or an option makes no sense; `LAPACKError` as
    ///   in `HeadDirection`.
    /// - Precondition: each example has one label.
    public func probeHeads(
        _ rows: GroupedLabels, options: ProbeOptions = ProbeOptions(), workers: WorkerPool? = nil,
        progress: (_ done: Int, _ all: Int) throws -> Void = { _, _ in }
    ) throws -> ProbeReport {
        precondition(rows.labels.count == examples, "Each example needs one label.")
        try options.check(examples: examples)
        try rows.labels.requireBothClasses()
        if options.estimator == .pairedMean { try rows.requireMixedGroups(2) }
        let splits = try GroupedFolds.repeated(
            rows, wanted: options.folds, repeats: options.repeats, seed: options.seed)
        let controls = (0..<options.controlTasks).map { ControlTask(rows, number: $0, seed: options.seed).labels }
        let test = PermutationTest(rows, permutations: options.permutations, folds: splits[0], seed: options.seed)
        let statistic = TestedStatistic(options.estimator)
        let heads = allHeads
        let passes = 1 + test.passes
        var pass = 0
        // In lots, so that progress is reported and work can end between them.
        func forEachHead<Result>(_ body: @escaping @Sendable (Int) throws -> Result) throws -> [Result] {
            defer { pass += 1 }
            let lot = max(workers?.count ?? 1, 1) * 4
            var results: [Result] = []
            for start in stride(from: 0, to: heads.count, by: lot) {
                results += try Array(start..<min(start + lot, heads.count)).concurrentMap(workers, body)
                try progress((pass * heads.count + results.count) / passes, heads.count)
            }
            return results
        }
        let table = self
        var results = try forEachHead { number in
            try table.result(heads[number], rows, splits: splits, controls: controls, options: options)
        }
        if test.count > 0 {
            let outcome = try test.run(
                heads.count, prepare: { RelabelledAreas($0, folds: splits[0]) }, forEach: { try forEachHead($0) }
            ) { number, labellings in
                try statistic.areas(
                    FeatureRows(table[heads[number]]), labellings, folds: splits[0], estimator: options.estimator,
                    grouped: rows, random: HeadRandomness(heads[number], seed: options.seed))
            }
            for (index, q) in benjaminiHochberg(outcome.unadjusted).enumerated() {
                results[index].p = outcome.adjusted[index]
                results[index].unadjustedP = outcome.unadjusted[index]
                results[index].q = q
            }
        }
        return ProbeReport(
            heads: results.sorted(by: HeadProbeResult.isBetter), options: options, examples: examples,
            groups: rows.groups.count, folds: splits[0].count, relabellings: test.count,
            isExact: test.isExact && test.count > 0,
            smallestP: test.count > 0 ? test.smallestP(seesSides: statistic.seesSides) : nil,
            power: StatisticalPower(rows, heads: heads.count))
    }

    /// A head's result without the p values.
    private func result(
        _ head: Head, _ rows: GroupedLabels, splits: [GroupedFolds], controls: [[Bool]],
        options: ProbeOptions
    ) throws -> HeadProbeResult {
        let values = FeatureRows(self[head])
        let random = HeadRandomness(head, seed: options.seed)
        let probes = try splits.map {
            try HeadCrossValidation(values, rows, folds: $0, estimator: options.estimator, random: random)
        }
        return HeadProbeResult(
            head,
            ProbeMeasures(
                scores: try probes.map { try $0.scores(rows.labels) }, rows: rows,
                controls: try controls.map { labels in
                    DecisionCounts(scores: try probes[0].scores(labels), labels: labels).accuracy
                }))
    }
}

extension ProbeOptions {
    /// - Throws: `InputError` of the kind `.usage` for options that no memory can hold or that make no sense.
    fileprivate func check(examples: Int) throws {
        guard (0...1_000_000).contains(permutations), (0...10_000).contains(controlTasks), (1...1000).contains(repeats)
        else {
            throw InputError.usage(
                "\(permutations) permutations, \(controlTasks) control tasks and \(repeats) repeats",
                remedy: "ask for 0 to 1000000 permutations, 0 to 10000 control tasks and 1 to 1000 repeats")
        }
        guard permutations <= 4_000_000_000 / max(examples, 1) else {
            throw InputError.usage("\(permutations) permutations of \(examples) examples", remedy: "ask for fewer")
        }
    }
}
