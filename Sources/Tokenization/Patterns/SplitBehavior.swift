/// What happens to the matches of a pattern and to the text between them, as `tokenizer.json` names it.
enum SplitBehavior: String, Sendable {
    /// Each match and each stretch between matches is a part.
    case isolated = "Isolated"
    /// The matches are dropped.
    case removed = "Removed"
    /// The first of several adjacent matches joins the part before it.
    case mergedWithPrevious = "MergedWithPrevious"
    /// The last of several adjacent matches joins the part after it.
    case mergedWithNext = "MergedWithNext"
    /// Adjacent matches are one part.
    case contiguous = "Contiguous"

    /// The parts of a region.
    ///
    /// - Parameter pieces: the matches and the stretches between them, in order and without gaps.
    func parts(_ pieces: [(range: Range<Int>, isMatch: Bool)]) -> [Range<Int>] {
        switch self {
        case .isolated: return pieces.map(\.range)
        case .removed: return pieces.filter { !$0.isMatch }.map(\.range)
        case .contiguous: return joined(pieces) { $0.isMatch == $1.isMatch }
        case .mergedWithPrevious: return joined(pieces) { !$0.isMatch && $1.isMatch }
        case .mergedWithNext: return joined(pieces) { $0.isMatch && !$1.isMatch }
        }
    }

    /// The ranges, with neighbours joined if the condition holds for them.
    private func joined(
        _ pieces: [(range: Range<Int>, isMatch: Bool)],
        _ belong: ((range: Range<Int>, isMatch: Bool), (range: Range<Int>, isMatch: Bool)) -> Bool
    ) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        for (index, piece) in pieces.enumerated() {
            if index > 0, belong(pieces[index - 1], piece), let last = parts.last {
                parts[parts.count - 1] = last.lowerBound..<piece.range.upperBound
            } else {
                parts.append(piece.range)
            }
        }
        return parts
    }
}
