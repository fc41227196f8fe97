import DataFiles

/// The rank of each value, from 1; equal values share the mean of their ranks.
///
/// O(n log n).
public func midranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
        var end = start
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        for index in order[start..<end] { ranks[index] = Double(start + 1 + end) / 2 }
        start = end
    }
    return ranks
}

/// The correlation of two series (Pearson 1895): 1 if they grow in step; nil if one of them is constant.
///
/// - Precondition: both series have the same length.
public func correlation(_ a: [Double], _ b: [Double]) -> Double? {
    precondition(a.count == b.count, "A correlation needs two series of the same length.")
    let (x, y) = (centred(a), centred(b))
    let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    let (xx, yy) = (x.reduce(0) { $0 + $1 * $1 }, y.reduce(0) { $0 + $1 * $1 })
    guard xx > 0, yy > 0 else { return nil }
    return product / (xx.squareRoot() * yy.squareRoot())
}

/// The correlation of the ranks of two series, with ties sharing the mean of their ranks (Spearman 1904); nil if one of
/// them is constant.
///
/// - Precondition: both series have the same length.
public func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double? { correlation(midranks(a), midranks(b)) }

/// The values minus their mean.
package func centred(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    return values.map { $0 - mean }
}
