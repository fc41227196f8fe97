/// How matrix products are computed.
public enum Precision: String, Sendable, CaseIterable, Codable {
    /// Float32 activations and sums, weights exactly as their format says: the default.
    case exact
    /// Activations rounded to 8-bit integers in groups of 32, each group's sum with the stored weights exact, groups added
    /// up in float32; keys and values in half precision. Several times faster where the processor multiplies
    /// 8-bit integers (AVX-512 VNNI); products without such kernels are computed as in ``exact``.
    case fast
}
