/// The positions of a sequence to which a read or an edit applies: one definition for prefill, decode, batches,
/// teacher-forced scoring and forked sequences.
///
/// A sequence has a prompt of P tokens at the positions 0 ..< P; what follows, generated or given as a completion, is
/// at P and beyond. Whether the rule applies to a position depends only on the position, its token and P, never on how
/// the sequence is cut into passes.
public enum PositionRule: Hashable, Sendable {
    /// Every position.
    case all
    /// The last position of every forward pass of generation: the last prompt token, P − 1, then each token after it.
    case last
    /// The prompt's positions, 0 ..< P.
    case prompt
    /// The positions after the prompt.
    case generated
    /// from ..< to; a negative bound counts from the end of the prompt (−1 is the last prompt token).
    case range(from: Int, to: Int)
    /// The positions whose token is one of these.
    case tokens(Set<Int>)

    /// Whether the rule applies to a position.
    ///
    /// - Parameters:
    ///   - promptCount: P.
    public func contains(position: Int, token: Int, promptCount: Int) -> Bool {
        switch self {
        case .all: true
        case .last: position >= promptCount - 1
        case .prompt: position < promptCount
        case .generated: position >= promptCount
        case .range(let from, let to):
            position >= (from < 0 ? promptCount + from : from) && position < (to < 0 ? promptCount + to : to)
        case .tokens(let tokens): tokens.contains(token)
        }
    }

    /// Whether the rule applies to any of the tokens that a sequence begins with.
    ///
    /// - Parameter tokens: the tokens at the positions 0 ..< tokens.count.
    public func concernsAny(of tokens: [Int], promptCount: Int) -> Bool {
        guard !tokens.isEmpty else { return false }
        switch self {
        case .all, .prompt: return true
        case .last: return tokens.count >= promptCount
        case .generated: return tokens.count > promptCount
        case .range(let from, let to):
            let first = max(0, from < 0 ? promptCount + from : from)
            return first < min(tokens.count, to < 0 ? promptCount + to : to)
        case .tokens(let wanted): return tokens.contains(where: wanted.contains)
        }
    }
}
