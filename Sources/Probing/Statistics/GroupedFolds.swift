import DataFiles

/// A split of rows for cross-validation that keeps groups together and classes balanced.
public struct GroupedFolds: Sendable, Equatable {
    /// The number of folds.
    public let count: Int
    /// The fold in which each row is tested.
    public let foldOfRow: [Int]

    /// Splits rows into folds, the same for the same seed.
    ///
    /// Groups of one composition (only true, both classes, only false) are put in random order, larger ones first, and
    /// dealt to the folds in turn, the three lots one after the other. So each fold gets the same number of every kind,
    /// give or take one, no group is on both sides of a split, and each fold tests and each training set holds both
    /// classes.
    ///
    /// The number of folds is `wanted`, or the number of groups that hold the rarer class when that is smaller.
    /// - Throws: `InputError` when a class occurs in fewer than two groups, or fewer than two folds are wanted.
    public init(_ rows: GroupedLabels, wanted: Int = 5, seed: UInt64 = 0) throws {
        guard wanted >= 2 else {
            throw InputError.usage("\(wanted) folds", remedy: "ask for two or more")
        }
        var groups: [GroupedLabels.Composition: [Int]] = [:]
        for group in rows.rowsOfGroup.indices { groups[rows.composition(ofGroup: group), default: []].append(group) }
        let both = groups[.both, default: []].count
        let holding = [
            (true, both + groups[.onlyTrue, default: []].count), (false, both + groups[.onlyFalse, default: []].count),
        ]
        for (label, number) in holding where number < 2 {
            throw InputError.badData(
                "the label \(label) occurs in \(number == 1 ? "one group alone" : "no row")", in: "the data set",
                remedy: "add rows of other groups: one is needed to fit and one to test")
        }
        count = holding.map(\.1).reduce(wanted, min)

        var generator = SeededGenerator(seed: seed)
        var foldOfGroup = [Int](repeating: 0, count: rows.rowsOfGroup.count)
        var next = 0
        for composition in GroupedLabels.Composition.allCases {
            var lot = groups[composition, default: []]
            generator.shuffle(&lot)
            let ranks = Dictionary(uniqueKeysWithValues: zip(lot, lot.indices))
            let size = { (group: Int) in rows.rowsOfGroup[group].count }
            lot.sort { (size($1), ranks[$0, default: 0]) < (size($0), ranks[$1, default: 0]) }
            for group in lot {
                foldOfGroup[group] = next % count
                next += 1
            }
        }
        foldOfRow = rows.groupOfRow.map { foldOfGroup[$0] }
    }

    /// The rows that a fold tests.
    public func testRows(ofFold fold: Int) -> [Int] { foldOfRow.indices.filter { foldOfRow[$0] == fold } }

    /// The rows that a fold is fitted on.
    public func trainingRows(ofFold fold: Int) -> [Int] { foldOfRow.indices.filter { foldOfRow[$0] != fold } }
}
