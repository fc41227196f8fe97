import Foundation

/// How much of an edit's change is made as a text grows.
///
/// The time t counts the tokens that the edit influences: t = 0 at the last prompt token, which decides the first new
/// one (and at all positions before it), then 1, 2, … at the generated tokens.
public enum Schedule: Hashable, Sendable {
    /// The whole change at all times.
    case constant
    /// rate^t of the change; a rate of 0.5 halves it with every token.
    case decay(rate: Double)
    /// The whole change while t < count, then nothing: the first `count` new tokens are steered.
    case first(Int)

    /// The share f of the change at a position: x becomes x + f · (change(x) − x), which for an addition is x + f · v.
    ///
    /// A rotation turns by f times its angle.
    ///
    /// - Parameter promptCount: P; t = max(0, position − (P − 1)).
    public func factor(position: Int, promptCount: Int) -> Double {
        let t = max(0, position - (promptCount - 1))
        switch self {
        case .constant: return 1
        case .decay(let rate): return t == 0 ? 1 : pow(rate, Double(t))
        case .first(let count): return t < count ? 1 : 0
        }
    }
}
