import Foundation

extension LearningResult {
    /// The smallest number of held-out questions to judge by.
    static let fewestHeldOut = 6
    /// The share of the plan's change above which the change from shuffled labels is too large.
    static let largestControl = 0.25
    /// The smallest number of steps in which the edits of a stage can move far; each step moves a value by no more than
    /// the rate.
    static let fewestSteps = 100

    /// Reasons to doubt the result, one sentence each; learning always gives a plan.
    public var warnings: [String] {
        var warnings: [String] = []
        let intended = options.method.intended
        if heldOut.paired.items < Self.fewestHeldOut {
            warnings.append(
                "\(heldOut.paired.items) held-out \(heldOut.paired.items == 1 ? "row is" : "rows are") too few to judge by; give more groups"
            )
        }
        if !heldOut.holds(intended: intended) {
            warnings.append(
                options.method == .gates
                    ? "closing the chosen heads doesn't take the behaviour away beyond doubt on held-out rows"
                    : "what was learned doesn't hold out beyond doubt: the interval of the change on held-out rows has 0 in it"
            )
        }
        if let control, control.heldOut.holds(intended: intended),
            abs(control.heldOut.change) > Self.largestControl * abs(heldOut.change)
        {
            warnings.append(
                "what shuffled labels teach holds out as well (\(Self.text(control.heldOut.change))): part of the change has nothing to "
                    + "do with the behaviour")
        }
        if let last = curves.last, last.taken == 0, options.method != .gates {
            warnings.append(
                "no epoch within the budget was better than the beginning on the part that says when to stop: the plan changes next to nothing"
            )
        }
        let stepsOfEpoch = (counts.fit + options.method.batch - 1) / options.method.batch
        if stepsOfEpoch * options.epochs < Self.fewestSteps {
            warnings.append(
                "\(stepsOfEpoch * options.epochs) steps are too few for edits to come far; give at least "
                    + "--epochs \((Self.fewestSteps + stepsOfEpoch - 1) / stepsOfEpoch)")
        }
        if neutral.kl.mean > options.mostDivergence {
            warnings.append(
                "the plan costs a KL of \(Self.text(neutral.kl.mean)) nats on neutral texts, more than the \(Self.text(options.mostDivergence)) allowed"
            )
        }
        return warnings
    }

    /// Differences between the source's recipe and this one, one sentence each.
    public var notes: [String] {
        var notes = [
            options.positions == .last
                ? "Heads are edited from the last prompt token on, here and in the plan; the source edits every position."
                : "Heads are edited at every position, as in the source."
        ]
        let divergence =
            options.divergenceWeight > 0
            ? "A KL term on neutral texts, weighted \(Self.text(options.divergenceWeight)), is added to the loss, and an epoch whose KL is above "
                + "\(Self.text(options.mostDivergence)) isn't taken; the source has neither."
            : "The loss has no KL term, as in the source."
        let parts =
            "Three fifths of the groups are learned from, one says when to stop, one is held out; the source's splits are those of its data sets."
        switch options.method {
        case .lofit:
            notes += [
                "The loss is that of preferences (DPO, β = 0.5), which the source has for TruthfulQA; for its other sets it has the answer's cross-entropy.",
                "The L1 penalty is the source's, or what nine tenths of the gradients are below at the beginning if that is more: small models have larger ones.",
                "Rates, the beginning, batches and clipping are those of the source's Llama-2-7B on TruthfulQA; of \(options.epochs) "
                    + "epochs at most \(max(1, options.epochs / 4)) choose heads (5 and 5 in the source).",
                "\(options.heads) heads are edited (the source takes 3% to 10% of them).",
                "Offsets are those of the epoch that does best on the part that says when to stop; the source keeps the last one's.",
                divergence, parts,
            ]
        case .jola:
            notes += [
                "The loss is that of preferences (DPO, β = 0.5); the source has the answer's cross-entropy.",
                "The source edits every head whose gates stay open; here the \(options.heads) whose edits take most off the loss, to first order, are "
                    + "fitted again alone.",
                "The rate rises over a tenth of the steps (50 of about 500 in the source) and epochs end after three without progress (two in the source).",
                "The loss alone says when to stop; in the source the gates' penalty is in it.", divergence, parts,
            ]
        case .gates:
            notes += [
                "The loss is the cross-entropy of the behaviour's answers among those offered, and of labelled texts −ln σ(d − d₀); the source has the "
                    + "cross-entropy of the next token.",
                "One gate a head is fitted, in \(options.epochs) epochs; published code of the method fits ten, with 500 updates each.",
                "Pressure acts on a gate until it is as good as closed, or open; the source's leaves gates alone beyond ±4 on either side.",
                "There is no KL term, as in the source: what a closed head costs elsewhere says nothing of the behaviour.",
                "The plan closes the \(options.heads) heads that stay most open under pressure to close; the source stops at the gates.",
                parts,
            ]
        }
        if options.learningRate != nil {
            notes.append(
                options.method == .gates
                    ? "The learning rate is not the source's."
                    : "The learning rate of the stage that makes the plan is not the source's.")
        }
        return notes
    }

    static func text(_ value: Double) -> String {
        let digits = abs(value) >= 100 ? 0 : abs(value) >= 1 ? 2 : 4
        let text = String(format: "%.\(digits)f", value)
        guard text.contains(".") else { return text }
        return text.replacing(/\.?0+$/, with: "")
    }
}
