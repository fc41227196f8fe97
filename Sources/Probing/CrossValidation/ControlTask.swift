import DataFiles
import Statistics

/// Labels that have nothing to do with the activations: one random label for each group, with as many of each as the
/// real labels have, give or take a group (Hewitt & Liang, arXiv 1909.03368).
///
/// How much better a probe does than on its control task (selectivity) is what the activations say, rather than what so
/// flexible a probe can fit.
struct ControlTask {
    let labels: [Bool]

    init(_ rows: GroupedLabels, number: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: 0x636F_6E74_726F_6C00 &+ UInt64(number))
        let groups = rows.groups.rowsOfGroup.count
        let share = Double(rows.labels.count { $0 }) / Double(rows.labels.count)
        let trues = min(max(Int((share * Double(groups)).rounded()), 1), groups - 1)
        var order = Array(0..<groups)
        generator.shuffle(&order)
        let chosen = Set(order.prefix(trues))
        labels = rows.groups.groupOfRow.map(chosen.contains)
    }
}
