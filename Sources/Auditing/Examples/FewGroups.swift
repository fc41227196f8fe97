import DataFiles
import Directions
import Statistics
import Transformer

/// How far directions from few groups move the behaviour, with the cheapest attack's heads moved as far as with all
/// groups.
public struct FewGroups: Sendable, Codable, Equatable {
    /// The number of groups that the directions were fitted to; pairs of groups if each holds one class.
    public var groups: Int
    /// The mean change of the test items' log-odds, one for each draw.
    public var changes: [Double]
    /// The mean cosine with the directions of all groups, one for each draw.
    public var cosines: [Double]

    static func all(
        _ table: ActivationTable, rows: GroupedLabels, heads: [HeadDirection], strength: Double,
        measurement: RobustnessMeasurement, seed: UInt64, onProgress: (_ done: Int, _ of: Int) -> Void
    ) throws -> [FewGroups] {
        let units = Self.units(rows)
        let counts = AuditProtocol.groupCounts.filter { $0 < units.count } + [units.count]
        var results: [FewGroups] = []
        for count in counts {
            var result = FewGroups(groups: count, changes: [], cosines: [])
            for draw in 0..<(count == units.count ? 1 : AuditProtocol.draws) {
                var random = SeededGenerator(seed: seed &+ UInt64(draw), stream: 40 &+ UInt64(count))
                var order = Array(units.indices)
                random.shuffle(&order)
                let chosen = order.prefix(count).flatMap { units[$0] }.sorted()
                let labels = chosen.map { rows.labels[$0] }
                let turned = try heads.map { head in
                    try HeadDirection(fitting: .massMean, to: table[head.head].selecting(chosen), labels: labels)
                }
                let edits = zip(heads, turned).map { all, few in
                    HeadEdit(all.head, .add(few.unit.map { Float(strength * all.sigma * Double($0)) })).at(.last)
                }
                let changes = try measurement.changes(edits)
                result.changes.append(changes.reduce(0, +) / Double(max(changes.count, 1)))
                let cosines = zip(heads, turned).map { all, few in
                    zip(all.unit, few.unit).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                }
                result.cosines.append(cosines.reduce(0, +) / Double(max(cosines.count, 1)))
            }
            results.append(result)
            onProgress(results.count, counts.count)
        }
        return results
    }

    /// Rows that are drawn together: groups of both classes, or else pairs with one group of either class.
    private static func units(_ rows: GroupedLabels) -> [[Int]] {
        let groups = rows.groups.rowsOfGroup
        let mixed = groups.filter { own in Set(own.map { rows.labels[$0] }).count == 2 }
        if mixed.count >= 2 { return mixed }
        let with = groups.filter { own in own.contains { rows.labels[$0] } }
        let without = groups.filter { own in own.contains { !rows.labels[$0] } }
        return zip(with, without).map { $0 + $1 }
    }
}
