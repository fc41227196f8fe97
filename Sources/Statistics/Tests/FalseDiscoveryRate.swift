/// Benjamini & Hochberg's q values (1995): the smallest false discovery rate at which each hypothesis is called, for
/// independent or positively dependent tests.
public func benjaminiHochberg(_ p: [Double]) -> [Double] {
    var q = p
    var smallest = 1.0
    for (rank, index) in p.indices.sorted(by: { p[$0] < p[$1] }).enumerated().reversed() {
        smallest = min(smallest, p[index] * Double(p.count) / Double(rank + 1))
        q[index] = smallest
    }
    return q
}
