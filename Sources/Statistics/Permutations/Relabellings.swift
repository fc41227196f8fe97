import DataFiles

/// The labellings that are as likely as the observed one if labels have nothing to do with activations.
///
/// Within a group that holds both classes, labels are exchanged among its rows. The labels of one-class groups are
/// exchanged among those groups or, given folds, among those of the same fold. Both keep the number of rows with each
/// label within a group, and the number of groups with each label.
///
/// Folds are made with knowledge of the labels (they are stratified), so a statistic that uses them is a fixed function
/// of the labels only if these move within folds. Then its values under all relabellings, the observed one included,
/// are exchangeable, and the test is exact (a restricted permutation test; Good, "Permutation, Parametric, and
/// Bootstrap Tests of Hypotheses", 2005, section 3.7).
package struct Relabellings {
    /// Sets of rows whose labels are exchanged with each other.
    private struct Unit {
        /// The rows of a slot share a label.
        var slots: [[Int]]
        var trues: Int
    }

    private let units: [Unit]
    private let rowCount: Int

    package init(_ rows: GroupedLabels, within folds: GroupedFolds? = nil) {
        var units: [Unit] = []
        var pure = [Unit](repeating: Unit(slots: [], trues: 0), count: folds?.count ?? 1)
        for (group, members) in rows.groups.rowsOfGroup.enumerated() {
            let fold = folds?.foldOfRow[members[0]] ?? 0
            switch rows.composition(ofGroup: group) {
            case .both: units.append(Unit(slots: members.map { [$0] }, trues: members.count { rows.labels[$0] }))
            case .onlyTrue:
                pure[fold].slots.append(members)
                pure[fold].trues += 1
            case .onlyFalse: pure[fold].slots.append(members)
            }
        }
        self.units = units + pure.filter { !$0.slots.isEmpty }
        rowCount = rows.labels.count
    }

    /// The number of relabellings, the observed one included; nil if it doesn't fit in an `Int`.
    package var count: Int? {
        var product = 1
        for unit in units {
            guard let ways = binomial(unit.slots.count, unit.trues) else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: ways)
            if overflow { return nil }
            product = next
        }
        return product
    }

    /// Whether each relabelling's mirror image, with all labels inverted, is a relabelling too: a statistic that
    /// doesn't know which class is which then takes every value twice.
    package var holdMirrorImages: Bool { units.allSatisfy { 2 * $0.trues == $0.slots.count } }

    /// A random relabelling.
    package func draw(_ generator: inout SeededGenerator) -> [Bool] {
        var labels = [Bool](repeating: false, count: rowCount)
        for unit in units {
            var order = Array(unit.slots.indices)
            generator.shuffle(&order)
            for slot in order.prefix(unit.trues) {
                for row in unit.slots[slot] { labels[row] = true }
            }
        }
        return labels
    }

    /// All relabellings, each once; memory: `count` × rows.
    package func all() -> [[Bool]] {
        units.reduce([[Bool](repeating: false, count: rowCount)]) { partial, unit in
            let choices = subsets(of: unit.slots.count, size: unit.trues)
            return partial.flatMap { labels in
                choices.map { chosen in
                    var labels = labels
                    for slot in chosen { for row in unit.slots[slot] { labels[row] = true } }
                    return labels
                }
            }
        }
    }
}

/// The number of subsets with `size` of `count` elements; nil if it doesn't fit in an `Int`.
package func binomial(_ count: Int, _ size: Int) -> Int? {
    var result = 1
    for step in 0..<min(size, count - size) {
        let (product, overflow) = result.multipliedReportingOverflow(by: count - step)
        if overflow { return nil }
        result = product / (step + 1)
    }
    return result
}

/// All subsets of 0 ..< count with `size` elements, in lexicographic order.
package func subsets(of count: Int, size: Int) -> [[Int]] {
    guard size > 0 else { return [[]] }
    var result: [[Int]] = []
    var current = Array(0..<size)
    while true {
        result.append(current)
        guard let position = current.indices.last(where: { current[$0] < count - size + $0 }) else { return result }
        current[position] += 1
        for later in position + 1..<max(size, position + 1) { current[later] = current[later - 1] + 1 }
    }
}
