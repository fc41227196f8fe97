/// How matrix products are computed.
public enum Precision: String, Sendable, CaseIterable, Codable {
    /// Weights exactly as their format says, and float32's accuracy throughout: the default.
    ///
    /// With integer weights, activations are rounded to 24 bits relative to the largest of 32 neighbours, sums of 32
    /// products are exact, and groups of 32 are added up in float32.
    case exact
    /// The same with activations rounded to 8 bits, and keys and values to 16 bits: faster, with errors of about 1 % of
    /// a product's root mean square.
    ///
    /// Products with float weights are computed as in ``exact``.
    case fast
}
