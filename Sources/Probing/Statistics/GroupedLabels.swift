import DataFiles

/// The class of every row and the group it belongs to: what splits, intervals and permutations work on.
public struct GroupedLabels: Sendable, Equatable {
    /// The class of each row.
    public let labels: [Bool]
    /// The group of each row, numbered from 0 in the order of first appearance.
    public let groupOfRow: [Int]
    /// The rows of each group.
    public let rowsOfGroup: [[Int]]

    /// - Parameter groups: a name for each row's group.
    public init(labels: [Bool], groups: [some Hashable]) {
        precondition(labels.count == groups.count, "Each row needs one label and one group.")
        self.labels = labels
        var numbers = [AnyHashable: Int]()
        var groupOfRow: [Int] = []
        var rowsOfGroup: [[Int]] = []
        for (row, name) in groups.enumerated() {
            let number = numbers[name, default: rowsOfGroup.count]
            if number == rowsOfGroup.count {
                numbers[name] = number
                rowsOfGroup.append([])
            }
            groupOfRow.append(number)
            rowsOfGroup[number].append(row)
        }
        self.groupOfRow = groupOfRow
        self.rowsOfGroup = rowsOfGroup
    }

    /// Each row its own group.
    public init(labels: [Bool]) {
        self.init(labels: labels, groups: Array(labels.indices))
    }

    public init(_ examples: [LabelledExample]) {
        self.init(labels: examples.map(\.label), groups: examples.map(\.group))
    }

    /// The same groups with other labels.
    func relabelled(_ labels: [Bool]) -> GroupedLabels {
        GroupedLabels(labels: labels, groupOfRow: groupOfRow, rowsOfGroup: rowsOfGroup)
    }

    /// Some of the rows, groups as they were.
    func selecting(_ rows: [Int]) -> GroupedLabels {
        GroupedLabels(labels: rows.map { labels[$0] }, groups: rows.map { groupOfRow[$0] })
    }

    /// Makes sure that some groups hold both classes, as pairs need.
    /// - Throws: `InputError` when there are fewer.
    func requireMixedGroups(_ number: Int) throws {
        let mixed = rowsOfGroup.indices.count { composition(ofGroup: $0) == .both }
        guard mixed >= number else {
            throw InputError.badData(
                "\(mixed == 0 ? "no group" : "one group alone") that holds both labels", in: "the data set",
                remedy: "give the rows that belong together the same group, or use mass-mean")
        }
    }

    private init(labels: [Bool], groupOfRow: [Int], rowsOfGroup: [[Int]]) {
        self.labels = labels
        self.groupOfRow = groupOfRow
        self.rowsOfGroup = rowsOfGroup
    }

    /// What the rows of a group are.
    enum Composition: CaseIterable {
        case onlyTrue, both, onlyFalse
    }

    func composition(ofGroup group: Int) -> Composition {
        let trues = rowsOfGroup[group].count { labels[$0] }
        if trues == 0 { return .onlyFalse }
        return trues == rowsOfGroup[group].count ? .onlyTrue : .both
    }
}
