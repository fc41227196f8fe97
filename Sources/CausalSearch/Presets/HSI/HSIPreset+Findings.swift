import Statistics

extension HSIPreset {
    /// Notes on how far the trials support the findings.
    func findings(_ sweep: Sweep, _ retest: Retest, _ strength: Strength, chosen: Int) -> [String] {
        var notes: [String] = []
        if let worst = sweep.best.prefix(options.heads).map(\.counts.target).min() {
            let total = sweep.all.reduce(0) { $0 + $1.counts.total }
            let share = Double(sweep.all.reduce(0) { $0 + $1.counts.target }) / Double(max(total, 1))
            let expected =
                Double(sweep.all.count)
                * BinomialTail.probability(atLeast: worst, of: options.sweepSamples, share: share)
            let found = sweep.all.count { $0.counts.target >= worst }
            notes.append(
                "In the sweep, \(found) of \(sweep.all.count) trials had at least \(worst) of \(options.sweepSamples) "
                    + "texts for the behaviour. If all heads were alike, \(PresetNumber.text(expected)) would be "
                    + "expected, so a count not far above that is noise. The unedited model had \(sweep.base.target) "
                    + "such texts.")
        }
        if let best = retest.heads.first, best.counts.target <= retest.base.target {
            notes.append(
                "No head that was tested again has more texts for the behaviour than the unedited model "
                    + "(\(best.counts.target) against \(retest.base.target) of \(retest.base.total)), so the sweep "
                    + "found nothing.")
        }
        if chosen < options.heads {
            notes.append("The model has \(chosen) heads to choose from, not \(options.heads).")
        }
        if !strength.isAllowed {
            notes.append(
                "At every strength, more than \(PresetNumber.text(100 * options.mostUndefined))% of the texts are "
                    + "undefined; the plan has the strength with the fewest undefined texts.")
        }
        notes.append(
            "At the chosen strength, \(strength.counts.target) of \(strength.counts.total) validation texts are for "
                + "the behaviour and \(strength.counts.undefined) are undefined; without edits, "
                + "\(strength.base.target) and \(strength.base.undefined).")
        return notes
    }
}
