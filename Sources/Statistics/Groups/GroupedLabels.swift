import DataFiles

/// The class and the group of every row, on which splits, areas and relabellings work.
public struct GroupedLabels: Sendable, Equatable {
    /// The class of each row.
    public let labels: [Bool]
    /// The group of each row.
    public let groups: Groups

    /// - Parameter groups: the groups of the same rows.
    /// - Precondition: each row has one label and one group.
    public init(labels: [Bool], groups: Groups) {
        precondition(labels.count == groups.rows, "Each row needs one label and one group.")
        self.labels = labels
        self.groups = groups
    }

    /// - Parameter groups: the name of each row's group.
    public init(labels: [Bool], groups: [some Hashable]) { self.init(labels: labels, groups: Groups(groups)) }

    /// Makes each row its own group.
    public init(labels: [Bool]) { self.init(labels: labels, groups: Groups(rows: labels.count)) }

    /// The same groups with other labels.
    package func relabelled(_ labels: [Bool]) -> GroupedLabels { GroupedLabels(labels: labels, groups: groups) }

    /// Some of the rows, grouped as before.
    package func selecting(_ rows: [Int]) -> GroupedLabels {
        GroupedLabels(labels: rows.map { labels[$0] }, groups: groups.selecting(rows))
    }

    /// Checks that at least `number` groups hold both classes, which pairs need.
    /// - Throws: `InputError` if there are fewer.
    package func requireMixedGroups(_ number: Int) throws {
        let mixed = groups.rowsOfGroup.indices.count { composition(ofGroup: $0) == .both }
        guard mixed >= number else {
            throw InputError.badData(
                "\(mixed == 0 ? "no group" : "one group alone") that holds both labels", in: "the data set",
                remedy: "give the rows that belong together the same group, or use mass-mean")
        }
    }

    /// Which classes the rows of a group have.
    package enum Composition: CaseIterable {
        case onlyTrue, both, onlyFalse
    }

    package func composition(ofGroup group: Int) -> Composition {
        let rows = groups.rowsOfGroup[group]
        let trues = rows.count { labels[$0] }
        if trues == 0 { return .onlyFalse }
        return trues == rows.count ? .onlyTrue : .both
    }
}

extension Sequence<Bool> {
    /// Checks that both classes occur, which fitting a direction needs.
    ///
    /// - Throws: `InputError` if one of them doesn't.
    package func requireBothClasses() throws {
        for label in [true, false] where !contains(label) {
            throw InputError.badData(
                "no example with the label \(label)", in: "the data set", remedy: "add examples of both labels")
        }
    }
}
