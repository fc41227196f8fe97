/// A regular expression as a tree.
indirect enum PatternNode {
    /// One scalar of a set.
    case scalar(ScalarSet)
    case sequence([PatternNode])
    /// The first alternative that lets the whole pattern match.
    case alternatives([PatternNode])
    /// As many repetitions as possible, at least `least`; `keeps`: never gives any back (`++`).
    case repeated(PatternNode, least: Int, most: Int, keeps: Bool)
    /// The following text matches, or with `negated` does not; nothing is consumed.
    case lookahead(PatternNode, negated: Bool)
    /// Matches in the first possible way and never tries another (`(?>…)`).
    case atomic(PatternNode)
    /// `$`: the end of the text or the position before a line feed.
    case lineEnd

    /// The smallest number of scalars that the pattern consumes.
    var shortest: Int {
        switch self {
        case .scalar: 1
        case .sequence(let parts): parts.reduce(0) { min($0 + $1.shortest, 1 << 20) }
        case .alternatives(let parts): parts.map(\.shortest).min() ?? 0
        case .repeated(let part, let least, _, _): min(part.shortest * least, 1 << 20)
        case .atomic(let part): part.shortest
        case .lookahead, .lineEnd: 0
        }
    }

    /// The scalars that a match can begin with; all scalars if the match may be empty.
    var first: ScalarSet {
        switch self {
        case .scalar(let set): return set
        case .sequence(let parts):
            var result = ScalarSet.empty
            for part in parts {
                switch part {
                case .lookahead, .lineEnd: continue
                case .repeated(let inner, let least, _, _):
                    result = result.union(inner.first)
                    if least > 0, inner.shortest > 0 { return result }
                default:
                    result = result.union(part.first)
                    if part.shortest > 0 { return result }
                }
            }
            return .all
        case .alternatives(let parts): return parts.reduce(.empty) { $0.union($1.first) }
        case .repeated(let part, let least, _, _): return least > 0 && part.shortest > 0 ? part.first : .all
        case .atomic(let part): return part.first
        case .lookahead, .lineEnd: return .all
        }
    }
}
