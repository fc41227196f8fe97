import Intervention
import Transformer

/// A value of a forward pass that is not what it should be by the values that it is computed from: somebody has changed it.
public struct Inconsistency: Sendable, Equatable {
    /// The position in the sequence.
    public let position: Int
    /// The head whose z, or the site, that was changed: `12.8`, `attention-out.12`, `residual-post.3`.
    public let place: EditTarget
    /// The difference, in units of what rounding explains: above 1.
    public let ratio: Double
}

/// The relations that a forward pass has to satisfy, each checked along one random direction r (Freivalds 1977): a change of a value
/// by δ is seen as r · δ, which is 0 for hardly any r.
enum ConsistencyRelation: String, CaseIterable, Sendable {
    /// z = pattern · values, for each head.
    case mix
    /// What attention adds is W_O z + b, times the residual multiplier; not where a norm follows.
    case output
    /// The stream between attention and MLP is the stream before the block plus what attention adds.
    case streamMid = "stream-mid"
    /// The stream after the block is what came before plus what is added.
    case streamPost = "stream-post"
    /// The stream before a block is the one after the block before.
    case streamPre = "stream-pre"
}
