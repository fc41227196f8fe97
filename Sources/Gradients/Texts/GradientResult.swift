import TensorCore
import Transformer

/// The result for one text.
public struct GradientResult: Sendable {
    /// The value of the objective.
    public let objective: Double
    /// The values of the objective's terms before weighting, in the order of the terms.
    public let terms: [Double]
    /// What was read, in the order of the text's reads.
    public let reads: [SiteGradient]

    /// The result of the first read of a site; nil if the site wasn't read.
    public subscript(site: Site) -> SiteGradient? { reads.first { $0.read.site == site } }
}

/// The values of a site, and the derivative of the objective with respect to them.
///
/// For an edit z' = m ⊙ z + v, the derivative with respect to a parameter is a sum over the edit's positions: of
/// `gradients` for v, and of `gradients` ⊙ `values` for m.
public struct SiteGradient: Sendable {
    /// The read that this is the result of.
    public let read: Read
    /// The positions that were kept.
    public let positions: [Int]
    /// The values before the edits of this site, [positions, size of the site].
    ///
    /// The attention pattern has H · T values per position, where T is the text's length.
    public let values: Matrix
    /// The derivative with respect to the values after the edits of this site, which the rest of the model reads; the
    /// same shape as `values`.
    ///
    /// For the attention pattern it is set only where a position is seen.
    public let gradients: Matrix
}
