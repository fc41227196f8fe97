import DataFiles

extension DataSet {
    /// Two parts of a data set that share no group: one to fit and search on, one to evaluate on.
    ///
    /// Groups are shuffled and dealt out whole. In a labelled set, groups that hold only one class are dealt out class
    /// by class, so that both parts have both classes.
    ///
    /// - Parameter share: the first part's share of the groups, above 0 and below 1.
    /// - Precondition: the share is above 0 and below 1.
    public func split(share: Double = 0.5, seed: UInt64 = 0) -> (first: DataSet, second: DataSet) {
        precondition(share > 0 && share < 1, "A part's share lies between 0 and 1.")
        switch self {
        case .labelled(let rows):
            var labels: [String: Set<Bool>] = [:]
            for row in rows { labels[row.group, default: []].insert(row.label) }
            let (a, b) = Self.deal(rows, share: share, seed: seed) { row in
                (row.group, labels[row.group]?.count == 1 ? row.label : nil)
            }
            return (.labelled(a), .labelled(b))
        case .choice(let rows):
            let (a, b) = Self.deal(rows, share: share, seed: seed) { ($0.group, nil) }
            return (.choice(a), .choice(b))
        case .contrast(let rows):
            let (a, b) = Self.deal(rows, share: share, seed: seed) { ($0.group, nil) }
            return (.contrast(a), .contrast(b))
        }
    }

    /// The first `count` rows; for labelled rows, half of them from each class, as far as there are enough.
    public func prefix(_ count: Int) -> DataSet {
        switch self {
        case .labelled(let rows):
            let chosen = Set(
                [true, false].flatMap { label in
                    rows.indices.filter { rows[$0].label == label }.prefix((count + (label ? 1 : 0)) / 2)
                })
            return .labelled(rows.indices.filter(chosen.contains).map { rows[$0] })
        case .choice(let rows): return .choice(Array(rows.prefix(count)))
        case .contrast(let rows): return .contrast(Array(rows.prefix(count)))
        }
    }

    private static func deal<Row>(
        _ rows: [Row], share: Double, seed: UInt64, _ key: (Row) -> (group: String, stratum: Bool?)
    ) -> ([Row], [Row]) {
        var strata: [(stratum: Bool?, groups: [String])] = []
        var seen: Set<String> = []
        for row in rows {
            let key = key(row)
            guard seen.insert(key.group).inserted else { continue }
            if let index = strata.firstIndex(where: { $0.stratum == key.stratum }) {
                strata[index].groups.append(key.group)
            } else {
                strata.append((key.stratum, [key.group]))
            }
        }
        var random = SeededGenerator(seed: seed, stream: 11)
        var first: Set<String> = []
        for index in strata.indices {
            random.shuffle(&strata[index].groups)
            let count = Int((Double(strata[index].groups.count) * share).rounded())
            first.formUnion(strata[index].groups.prefix(count))
        }
        return (rows.filter { first.contains(key($0).group) }, rows.filter { !first.contains(key($0).group) })
    }
}
