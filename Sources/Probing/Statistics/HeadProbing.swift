import DataFiles

extension ActivationTable {
    /// Probes every head: cross-validated scores, intervals and significance.
    ///
    /// Direction and threshold are fitted on the training folds, and the scores of all test folds are judged together
    /// (threshold subtracted, on the scale of the unit direction). The p values rest on the mass-mean direction whatever
    /// the estimator (they say whether the head's class means differ); for `random`, on the AUROC of the random
    /// direction.
    ///
    /// O(heads × relabellings × n × min(n, headSize)) with n examples for the test, plus the fits.
    /// - Parameter progress: called after each head with the numbers of heads done and of all; what it throws ends the
    ///   work.
    /// - Throws: `InputError` when a class occurs in fewer than two groups, or an option makes no sense;
    ///   `LAPACKError` as in `HeadDirection`.
    public func probeHeads(
        _ rows: GroupedLabels, options: ProbeOptions = ProbeOptions(),
        progress: (_ done: Int, _ all: Int) throws -> Void = { _, _ in }
    ) throws -> ProbeReport {
        precondition(rows.labels.count == examples, "Each example needs one label.")
        guard (0...1_000_000).contains(options.permutations), (1...10_000).contains(options.controlTasks) else {
            throw InputError.usage(
                "\(options.permutations) permutations and \(options.controlTasks) control tasks",
                remedy: "ask for 0 to 1000000 permutations and 1 to 10000 control tasks")
        }
        guard options.permutations * examples <= 100_000_000 else {
            throw InputError.usage(
                "\(options.permutations) permutations of \(examples) examples", remedy: "ask for fewer permutations")
        }
        try requireBothClasses(rows.labels)
        let folds = try GroupedFolds(rows, wanted: options.folds, seed: options.seed)
        let controls = (0..<options.controlTasks).map { ControlTask(rows, number: $0, seed: options.seed).labels }
        var test = try PermutationTest(
            rows, permutations: options.permutations, folds: options.folds, seed: options.seed)
        var results: [HeadProbeResult] = []
        for (layer, head) in allHeads {
            let probe = try HeadCrossValidation(
                self[layer: layer, head: head], folds: folds, estimator: options.estimator, seed: options.seed)
            let scores = try probe.scores(rows.labels)
            results.append(
                HeadProbeResult(
                    layer: layer, head: head, scores: scores, rows: rows,
                    controlAccuracies: try controls.map { labels in
                        DecisionCounts(scores: try probe.scores(labels), labels: labels).accuracy
                    }))
            try probe.append(to: &test, labels: rows.labels)
            try progress(results.count, layers * heads)
        }
        let (adjusted, unadjusted) = (test.adjusted, test.unadjusted)
        for (index, q) in benjaminiHochberg(unadjusted).enumerated() {
            results[index].p = adjusted[index]
            results[index].unadjustedP = unadjusted[index]
            results[index].q = q
        }
        return ProbeReport(
            heads: results.sorted(by: HeadProbeResult.isBetter), options: options, examples: examples,
            groups: rows.rowsOfGroup.count, folds: folds.count, relabellings: test.count, isExact: test.isExact,
            smallestP: test.smallestP)
    }
}

extension HeadProbeResult {
    /// All but the p values, which need the other heads.
    fileprivate init(
        layer: Int, head: Int, scores: [Double], rows: GroupedLabels, controlAccuracies: [Double]
    ) {
        let counts = DecisionCounts(scores: scores, labels: rows.labels)
        let area = AreaUnderROC(scores: scores, labels: rows.labels)
        let interval = area?.interval(groups: rows)
        let control = controlAccuracies.reduce(0, +) / Double(controlAccuracies.count)
        self.init(
            layer: layer, head: head, auroc: area?.value ?? 0.5, accuracy: counts.accuracy,
            balancedAccuracy: counts.balancedAccuracy, ciLow: interval?.low ?? 0, ciHigh: interval?.high ?? 1, p: 1,
            unadjustedP: 1, q: 1, selectivity: counts.accuracy - control)
    }
}
