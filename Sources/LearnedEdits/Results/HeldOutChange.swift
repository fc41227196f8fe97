import Statistics

/// The effects of edits on rows that learning never saw.
public struct HeldOutChange: Sendable, Codable, Equatable {
    /// The mean difference without edits.
    ///
    /// It is the log-odds of the behaviour's answers or a difference of logits. For labelled texts, it is ln p of texts
    /// that show the behaviour and −ln p of the others.
    public var unedited: MeanWithInterval
    /// The mean difference with the edits.
    public var edited: MeanWithInterval
    /// The change of each question, with paired tests.
    public var paired: PairedChange

    /// The mean change of the difference.
    public var change: Double { paired.change.mean }

    /// Whether the change is certain to be in the intended direction, because its 95% interval excludes 0.
    ///
    /// - Parameter intended: +1 or −1.
    public func holds(intended: Int) -> Bool {
        let ends = [paired.change.ciLow, paired.change.ciHigh].compactMap { $0.map { $0 * Double(intended) } }
        return ends.count == 2 && ends.allSatisfy { $0 > 0 }
    }

    init(items: [LearningItem], unedited: [Double], edited: [Double], intended: Int, seed: UInt64) {
        let (before, groups) = items.byQuestion(unedited)
        let after = items.byQuestion(edited).values
        self.unedited = MeanWithInterval(before, groups: groups, seed: seed)
        self.edited = MeanWithInterval(after, groups: groups, seed: seed)
        paired = PairedChange(before: before, after: after, groups: groups, intended: intended, seed: seed)
    }
}

/// The result of learning from shuffled labels, and its effect on the held-out rows with their own labels.
public struct LearningControl: Sendable, Codable, Equatable {
    /// The heads that were chosen.
    public var heads: [String]
    /// The course of the stages.
    public var curves: [LearningCurve]
    /// The effect of the edits on the held-out rows.
    public var heldOut: HeldOutChange
}

/// The number of questions, prompts or texts in each part; a question with two versions counts twice.
public struct LearningCounts: Sendable, Codable, Equatable {
    /// The number of groups in all parts.
    public var groups: Int
    /// The number of items that gradients are computed from.
    public var fit: Int
    /// The number of items that decide when to stop.
    public var stop: Int
    /// The number of items that learning never sees.
    public var heldOut: Int

    init(_ input: LearningInput) {
        groups = input.groups
        fit = input.parts.fit.count
        stop = input.parts.stop.count
        heldOut = input.heldOut.count
    }
}
