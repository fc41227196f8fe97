import Statistics

/// The probes of all heads, best first, and how they were tested.
public struct ProbeReport: Sendable, Codable, Equatable {
    /// All heads, best first.
    public var heads: [HeadProbeResult]
    /// How they were probed.
    public var options: ProbeOptions
    /// The number of rows.
    public var examples: Int
    /// The number of groups that the rows belong to, which is how many independent examples there are.
    public var groups: Int
    /// The number of folds that the groups allowed.
    public var folds: Int
    /// The number of relabellings behind the p values.
    public var relabellings: Int
    /// Whether the relabellings are all there are, so that p values are exact.
    public var isExact: Bool
    /// The smallest p value that is possible; nil if nothing was tested.
    ///
    /// With few groups no head can be called significant, whatever its activations.
    public var smallestP: Double?
    /// What the number of groups can show at all.
    public var power: StatisticalPower

    /// The heads that tell the classes apart, by the test that bounds the chance of any false call (max-T).
    public func significant(level: Double = 0.05) -> [HeadProbeResult] {
        heads.filter { $0.isSignificant(level: level) }
    }

    /// The heads called at this false discovery rate (Benjamini-Hochberg): on average, that share of them is false.
    public func discovered(rate: Double = 0.05) -> [HeadProbeResult] {
        heads.filter { $0.q.map { $0 <= rate } ?? false }
    }
}
