import DataFiles
import Directions
import Statistics
import Transformer

/// Estimates the effect of each head from the joint effects of random sets of heads, with far fewer passes than heads.
///
/// Each of about 100 sets has 2 % of the heads. Every head is in as many sets as any other, or in one more. The result
/// of a set is the mean change of the logit difference under it. Results are standardised, and a lasso over the sets
/// gives each head's part (``LassoRegression``, with the penalty chosen by five-fold cross-validation). The lasso
/// assumes that only a few heads have an effect, which is why so few sets are enough.
struct GroupScreen {
    /// The number of sets, and the share of all heads in each set.
    static let sets = 100
    static let share = 0.02

    let sweep: HeadSweep
    let directions: [HeadDirection]
    /// The strength for a single head, in σ. Heads of a set are each moved less, so that together they move about as
    /// far.
    let strength: Double
    let seed: UInt64

    /// The heads of each set, as indices into the directions.
    func masks() -> [[Int]] {
        let size = max(1, Int((Self.share * Double(directions.count)).rounded()))
        var random = SeededGenerator(seed: seed, stream: 40)
        var dealt: [Int] = []
        var masks: [[Int]] = []
        while masks.count < Self.sets {
            if dealt.count < size {
                var all = Array(directions.indices)
                random.shuffle(&all)
                // A head left over from before comes last, so that no set contains it twice.
                let left = Set(dealt)
                dealt += all.filter { !left.contains($0) } + all.filter(left.contains)
            }
            masks.append(dealt.prefix(size).sorted())
            dealt.removeFirst(size)
        }
        return masks
    }

    /// Estimates the effect of every head.
    ///
    /// - Parameters:
    ///   - method: ``ScreenMethod/knockouts`` or ``ScreenMethod/groups``.
    ///   - onProgress: called with the number of edits done and the number of all edits.
    func estimates(_ method: ScreenMethod, onProgress: (Int, Int) -> Void) throws -> [EstimatedHead] {
        let masks = masks()
        let each = strength / Double(masks[0].count).squareRoot()
        let signs = method == .knockouts ? [-1.0] : [1, -1]
        let variants = masks.flatMap { mask in
            signs.map { sign in
                mask.map { index -> HeadEdit in
                    let direction = directions[index]
                    return method == .knockouts
                        ? HeadEdit(direction.head, .replace(direction.mean)) : direction.headEdit(sigmas: sign * each)
                }
            }
        }
        let means = try sweep.changes(variants, onProgress: { onProgress($0, variants.count) }).map {
            $0.reduce(0, +) / Double(max($0.count, 1))
        }
        // Half the difference between both signs, or how much the logit difference falls when the heads are knocked
        // out.
        let results = masks.indices.map { mask in
            zip(signs, means[mask * signs.count..<(mask + 1) * signs.count]).reduce(0) { $0 + $1.0 * $1.1 }
                / Double(signs.count)
        }
        let mean = results.reduce(0, +) / Double(results.count)
        let spread = populationDeviation(results)
        let standardised = results.map { spread > 0 ? ($0 - mean) / spread : 0 }
        let rows = masks.map { mask in
            var row = [Double](repeating: 0, count: directions.count)
            for index in mask { row[index] = 1 }
            return row
        }
        let weights = LassoRegression(crossValidating: rows, standardised).weights
        // Scaled to the strength for a single head: to first order, an effect is proportional to the strength.
        let scale = spread * (method == .knockouts ? 1 : strength / each)
        return directions.indices.map { index in
            let own = rows.indices.filter { rows[$0][index] == 1 }.map { standardised[$0] }
            return EstimatedHead(
                directions[index].head,
                HeadEstimate(
                    effect: weights[index] * scale,
                    tieBreak: own.isEmpty ? 0 : own.reduce(0, +) / Double(own.count)))
        }
    }
}
