import DataFiles

/// McNemar's test (1947) in its exact, binomial form: whether as many items changed from wrong to right as from right
/// to wrong.
public struct McNemarTest: Sendable, Codable, Equatable {
    /// Items that are right only after.
    public var gained: Int
    /// Items that were right only before.
    public var lost: Int
    /// The two-sided p value.
    public var p: Double

    /// - Parameters:
    ///   - before, after: the same items in the same order, independent of each other.
    /// - Precondition: there are as many items before as after.
    public init(before: [Bool], after: [Bool]) {
        precondition(before.count == after.count, "Paired items are as many before as after.")
        gained = zip(before, after).count { !$0 && $1 }
        lost = zip(before, after).count { $0 && !$1 }
        p = SignTest(positive: gained, negative: lost).p
    }
}
