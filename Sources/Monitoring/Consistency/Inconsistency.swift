import Intervention
import Transformer

/// A value of a forward pass that doesn't follow from the values that it is computed from: somebody has changed it.
public struct Inconsistency: Sendable, Equatable {
    /// The position in the sequence.
    public let position: Int
    /// The head whose z was changed, or the site that was changed: `12.8`, `attention-out.12`, `residual-post.3`.
    public let place: EditTarget
    /// The difference, as a multiple of what rounding explains; above 1.
    public let ratio: Double
}
