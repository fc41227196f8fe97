/// How far a head is from its clean range, at each position: the larger, the more unusual.
///
/// With D the head size and y its whitened z (``HeadEnvelope``):
///
/// | | at a position t | sees |
/// |---|---|---|
/// | `distance` | ln(‖y‖² / D), the squared Mahalanobis distance | a single unusual z |
/// | `shift` | ln(‖E‖² / (D v)) | a small change that stays |
/// | `stillness` | minus the moving average of `distance` | z that stays too near its mean, as if replaced by it |
///
/// E ← λ y + (1 − λ) E is a multivariate exponentially weighted moving average (Lowry et al. 1992, Technometrics
/// 34:46), and v = λ / (2 − λ) · (1 − (1 − λ)²ᵗ) is its variance for independent y. All three statistics are
/// logarithms, because the distances of real heads have heavy tails.
public enum HeadStatistic: Int, CaseIterable, Sendable {
    /// A single unusual z.
    case distance
    /// A small change that stays.
    case shift
    /// z that stays too near its mean.
    case stillness

    static let count = allCases.count
    /// Squared lengths below this count as this, so that a z that equals its mean has a logarithm.
    static let floor: Float = 1e-6
    /// The value for a z that isn't finite or is too large, as an edit far too strong can make it.
    static let ceiling: Float = 100
    /// The range of all statistics.
    static let range = -ceiling...ceiling
}
