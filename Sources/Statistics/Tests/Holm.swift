/// Holm's adjusted p values (1979): the smallest family-wise error rate at which each hypothesis is rejected, whatever
/// their dependence.
///
/// If several edits or several tests are compared, these are the values to hold against 0.05.
///
/// - Parameter p: the p values, at least 0, at most 1.
/// - Returns: the adjusted values in the order of `p`.
/// - Complexity: O(n log n).
public func holm(_ p: [Double]) -> [Double] {
    var adjusted = p
    var largest = 0.0
    for (rank, index) in p.indices.sorted(by: { p[$0] < p[$1] }).enumerated() {
        largest = max(largest, min(1, p[index] * Double(p.count - rank)))
        adjusted[index] = largest
    }
    return adjusted
}
