import DataFiles

/// The class of every row and the group it belongs to: what splits, areas and relabellings work on.
public struct GroupedLabels: Sendable, Equatable {
    /// The class of each row.
    public let labels: [Bool]
    /// The group of each row.
    public let groups: Groups

    /// - Parameter groups: of the same rows.
    /// - Precondition: each row needs one label and one group.
    public init(labels: [Bool], groups: Groups) {
        precondition(labels.count == groups.rows, "Each row needs one label and one group.")
        self.labels = labels
        self.groups = groups
    }

    /// - Parameter groups: a name for each row's group.
    public init(labels: [Bool], groups: [some Hashable]) { self.init(labels: labels, groups: Groups(groups)) }

    /// Each row its own group.
    public init(labels: [Bool]) { self.init(labels: labels, groups: Groups(rows: labels.count)) }

    /// The same groups with other labels.
    package func relabelled(_ labels: [Bool]) -> GroupedLabels { GroupedLabels(labels: labels, groups: groups) }

    /// Some of the rows, groups as they were.
    package func selecting(_ rows: [Int]) -> GroupedLabels {
        GroupedLabels(labels: rows.map { labels[$0] }, groups: groups.selecting(rows))
    }

    /// Makes sure that some groups hold both classes, as pairs need.
    /// - Throws: `InputError` when there are fewer.
    package func requireMixedGroups(_ number: Int) throws {
        let mixed = groups.rowsOfGroup.indices.count { composition(ofGroup: $0) == .both }
        guard mixed >= number else {
            throw InputError.badData(
                "\(mixed == 0 ? "no group" : "one group alone") that holds both labels", in: "the data set",
                remedy: "give the rows that belong together the same group, or use mass-mean")
        }
    }

    /// What the rows of a group are.
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
    /// Makes sure that both classes occur, as fitting a direction needs.
    ///
    /// - Throws: `InputError` when one of them doesn't.
    package func requireBothClasses() throws {
        for label in [true, false] where !contains(label) {
            throw InputError.badData(
                "no example with the label \(label)", in: "the data set", remedy: "add examples of both labels")
        }
    }
}
