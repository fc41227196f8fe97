import Statistics

/// The probes of all heads, best first, and what they were tested with.
public struct ProbeReport: Sendable, Codable, Equatable {
    /// All heads, best first.
    public var heads: [HeadProbeResult]
    /// How they were probed.
    public var options: ProbeOptions
    /// The rows.
    public var examples: Int
    /// The groups that the rows belong to, which is how many independent examples there are.
    public var groups: Int
    /// The number of folds that the groups allowed.
    public var folds: Int
    /// The number of relabellings that p values rest on.
    public var relabellings: Int
    /// Whether these are all there are, so that p values are exact.
    public var isExact: Bool
    /// No p value can be smaller: with few groups no head can be called significant, whatever its activations. Nil if
    /// nothing was tested.
    public var smallestP: Double?
    /// What the groups can show at all.
    public var power: StatisticalPower

    /// The heads that tell the classes apart, by the test that bounds the chance of any false call (max-T).
    public func significant(level: Double = 0.05) -> [HeadProbeResult] {
        heads.filter { $0.isSignificant(level: level) }
    }

    /// The heads called at this false discovery rate (Benjamini-Hochberg): of them, that share is false on average.
    public func discovered(rate: Double = 0.05) -> [HeadProbeResult] {
        heads.filter { $0.q.map { $0 <= rate } ?? false }
    }
}
