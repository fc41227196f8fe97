/// How far a head is from its clean range: what is measured of each head at each position, larger for the more unusual.
///
/// With D the head size and y its whitened z (``HeadEnvelope``):
///
/// | | at a position t | sees |
/// |---|---|---|
/// | `distance` | ln(‖y‖² / D), the squared Mahalanobis distance | a single unusual z |
/// | `shift` | ln(‖E‖² / (D v)), E ← λ y + (1 − λ) E: a multivariate exponentially weighted moving average (Lowry et al. 1992, Technometrics 34:46), v = λ / (2 − λ) · (1 − (1 − λ)²ᵗ) its variance for independent y | a small change that stays |
/// | `stillness` | minus the moving average of `distance` | z that stays too near its mean, as when it is replaced by it |
///
/// All three are logarithms, because the distances of real heads have heavy tails.
public enum HeadStatistic: Int, CaseIterable, Sendable {
    /// A single unusual z.
    case distance
    /// A small change that stays.
    case shift
    /// z that stays too near its mean.
    case stillness

    static let count = allCases.count
    /// Squared lengths below this count as this: the logarithm of a z that equals its mean.
    static let floor: Float = 1e-6
    /// What a z counts as that is no number or too large for one, as an edit far too strong can make it.
    static let ceiling: Float = 100
    /// All values that statistics have.
    static let range = -ceiling...ceiling
}
