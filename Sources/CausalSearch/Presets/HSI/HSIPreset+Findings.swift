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
                "In the sweep \(found) of \(sweep.all.count) trials had \(worst) or more of \(options.sweepSamples) texts "
                    + "for the behaviour, where \(PresetNumber.text(expected)) would if all heads were alike (the "
                    + "unedited model had \(sweep.base.target)): what isn't far more than that is noise.")
        }
        if let best = retest.heads.first, best.counts.target <= retest.base.target {
            notes.append(
                "No head that was tested again says more for the behaviour than the unedited model "
                    + "(\(best.counts.target) against \(retest.base.target) of \(retest.base.total) texts): the sweep found "
                    + "nothing.")
        }
        if chosen < options.heads {
            notes.append("The model has \(chosen) heads to choose from, not \(options.heads).")
        }
        if !strength.isAllowed {
            notes.append(
                "At every strength more than \(PresetNumber.text(100 * options.mostUndefined))% of the texts are "
                    + "undefined; the plan has the one with the fewest.")
        }
        notes.append(
            "At the strength chosen \(strength.counts.target) of \(strength.counts.total) validation texts are for the "
                + "behaviour and \(strength.counts.undefined) undefined; unedited \(strength.base.target) and "
                + "\(strength.base.undefined).")
        return notes
    }
}
