/// Which rows belong together (by a question, a template) and so depend on each other: intervals and tests count a
/// group as one.
public struct Groups: Sendable, Equatable {
    /// The group of each row, numbered from 0 in the order of first appearance.
    public let groupOfRow: [Int]
    /// The rows of each group.
    public let rowsOfGroup: [[Int]]

    /// - Parameter names: the name of each row's group. O(rows).
    public init(_ names: [some Hashable]) {
        var numbers = [AnyHashable: Int]()
        var groupOfRow: [Int] = []
        var rowsOfGroup: [[Int]] = []
        for (row, name) in names.enumerated() {
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

    /// Makes each row its own group.
    public init(rows: Int) {
        groupOfRow = Array(0..<rows)
        rowsOfGroup = (0..<rows).map { [$0] }
    }

    /// The number of groups.
    public var count: Int { rowsOfGroup.count }
    /// The number of rows.
    public var rows: Int { groupOfRow.count }

    /// Some of the rows, grouped as before.
    package func selecting(_ rows: [Int]) -> Groups { Groups(rows.map { groupOfRow[$0] }) }
}
