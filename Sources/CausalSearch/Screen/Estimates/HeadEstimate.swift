import Statistics
import Transformer

/// A head with its estimate from a cheap screen.
public typealias EstimatedHead = HeadResult<HeadEstimate>

/// An effect that was not measured in full; it is good enough to rank heads, but not to report.
public struct HeadEstimate: Sendable, Codable, Equatable {
    /// The estimated effect on the logit difference.
    ///
    /// For ``ScreenMethod/groups``, ``ScreenMethod/halving`` and ``ScreenMethod/attribution``, it is the change that
    /// the exact screen would measure. For ``ScreenMethod/knockouts``, it is how much the logit difference falls
    /// without the head.
    public var effect: Double
    /// The value that decides between heads with the same effect; a lasso gives most heads 0.
    public var tieBreak: Double

    /// Makes an estimate.
    public init(effect: Double, tieBreak: Double = 0) {
        self.effect = effect
        self.tieBreak = tieBreak
    }
}

extension EstimatedHead {
    /// Puts the largest effect first; ties are decided by ``HeadEstimate/tieBreak``, then by layer and head.
    static func isBefore(_ a: EstimatedHead, _ b: EstimatedHead) -> Bool {
        if a.effect != b.effect { return a.effect > b.effect }
        return a.tieBreak != b.tieBreak ? a.tieBreak > b.tieBreak : a.head < b.head
    }
}
