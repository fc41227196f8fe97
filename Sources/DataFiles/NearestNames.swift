/// Finds the known names that a wrong name was most likely meant to be.
public enum NearestNames {
    /// The `count` candidates with the smallest edit distance to `name`, nearest first; ties keep the candidates'
    /// order.
    ///
    /// O(candidates · length²).
    public static func find(_ name: String, among candidates: [String], count: Int = 1) -> [String] {
        let target = Array(name.prefix(100))
        return candidates.enumerated()
            .map { (distance: distance(target, Array($0.element)), index: $0.offset, name: $0.element) }
            .sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
            .prefix(count).map(\.name)
    }

    /// Levenshtein's distance: the fewest insertions, deletions and replacements of one character.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var previous = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var current = [i + 1]
            for (j, y) in b.enumerated() {
                current.append(min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
            }
            previous = current
        }
        return previous[b.count]
    }
}
