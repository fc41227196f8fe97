/// The probes of all heads, best first, and what they were tested with.
public struct ProbeReport: Sendable, Codable, Equatable {
    public var heads: [HeadProbeResult]
    public var options: ProbeOptions
    public var examples: Int
    public var groups: Int
    /// The number of folds that the groups allowed.
    public var folds: Int
    /// The number of relabellings that p values rest on.
    public var relabellings: Int
    /// Whether these are all there are, so that p values are exact.
    public var isExact: Bool
    /// No p value can be smaller: with few groups no head can be called significant, whatever its activations.
    public var smallestP: Double
}
