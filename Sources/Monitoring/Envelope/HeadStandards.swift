import DataFiles
import Transformer

/// The range of each head's statistics on clean texts, by which heads are compared with each other.
///
/// A statistic x is standardised to (x − c) / w, with c its median and w the distance from the median to the 99 %
/// quantile over clean positions. One clean position in a hundred passes a standardised statistic of 1, whatever the
/// head and the statistic.
struct HeadStandards: Sendable, Equatable {
    /// c, [statistics, L · H].
    let centre: [Float]
    /// 1 / w, [statistics, L · H].
    let inverseWidth: [Float]

    static let quantile = 0.99
    /// The smallest width, so that a head that doesn't vary at all on clean texts isn't divided by 0.
    static let leastWidth: Float = 0.05

    init(centre: [Float], inverseWidth: [Float]) {
        precondition(centre.count == inverseWidth.count, "Each centre needs a width.")
        self.centre = centre
        self.inverseWidth = inverseWidth
    }

    /// - Parameter samples: for each statistic and head, its values at clean positions; they are sorted here.
    init(samples: [[Float]]) {
        var centre: [Float] = []
        var inverseWidth: [Float] = []
        for values in samples {
            let sorted = values.sorted()
            let median = Self.quantile(sorted, 0.5)
            centre.append(median)
            inverseWidth.append(1 / max(Self.quantile(sorted, Self.quantile) - median, Self.leastWidth))
        }
        self.init(centre: centre, inverseWidth: inverseWidth)
    }

    /// A quantile, interpolated linearly between the values around it (NumPy's default).
    static func quantile(_ sorted: [Float], _ share: Double) -> Float {
        guard let last = sorted.last else { return 0 }
        let place = share * Double(sorted.count - 1)
        let lower = Int(place)
        guard lower + 1 < sorted.count else { return last }
        let rest = Float(place - Double(lower))
        return sorted[lower] + (sorted[lower + 1] - sorted[lower]) * rest
    }

    /// Makes the statistics of some heads comparable: a head's score is its largest standardised statistic.
    ///
    /// - Parameters:
    ///   - statistics: the statistics of one position, [statistics, heads].
    ///   - own: the heads to score.
    ///   - scores: room for [heads]; those of other heads are left as they are.
    /// - Returns: the largest score of all, and the head that has it.
    func score(
        _ statistics: UnsafePointer<Float>, of own: Range<Int>, into scores: UnsafeMutablePointer<Float>
    ) -> (score: Float, head: Int) {
        var largest = (score: -Float.infinity, head: own.lowerBound)
        let heads = centre.count / HeadStatistic.count
        centre.withUnsafeBufferPointer { centre in
            inverseWidth.withUnsafeBufferPointer { inverseWidth in
                for head in own {
                    var score = -Float.infinity
                    for statistic in 0..<HeadStatistic.count {
                        let index = statistic * heads + head
                        score = max(score, (statistics[index] - centre[index]) * inverseWidth[index])
                    }
                    scores[head] = score
                    if score > largest.score { largest = (score, head) }
                }
            }
        }
        return largest
    }
}
