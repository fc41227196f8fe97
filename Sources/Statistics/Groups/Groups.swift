/// Which rows belong together (a question, a template), so that they depend on each other: what intervals and tests count as
/// one.
public struct Groups: Sendable, Equatable {
    /// The group of each row, numbered from 0 in the order of first appearance.
    public let groupOfRow: [Int]
    /// The rows of each group.
    public let rowsOfGroup: [[Int]]

    /// - Parameter names: each row's group. O(rows).
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

    /// Each row its own group.
    public init(rows: Int) {
        groupOfRow = Array(0..<rows)
        rowsOfGroup = (0..<rows).map { [$0] }
    }

    /// The number of groups.
    public var count: Int { rowsOfGroup.count }
    /// The number of rows.
    public var rows: Int { groupOfRow.count }

    /// Some of the rows, in groups as they were.
    package func selecting(_ rows: [Int]) -> Groups { Groups(rows.map { groupOfRow[$0] }) }
}
