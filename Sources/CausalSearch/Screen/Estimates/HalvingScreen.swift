import Directions
import Tasks
import TensorCore
import Transformer

/// Spends items on heads that do well (successive halving, Karnin, Koren & Somekh 2013; Jamieson & Talwalkar 2016,
/// arXiv 1502.07943).
///
/// All heads are moved both ways on an eighth of the items, the better half of them on a quarter, and so on. Each
/// head's estimate comes from the last round that it was in, which has the most items.
struct HalvingScreen {
    let model: LanguageModel
    let items: [ContrastItem]
    let directions: [HeadDirection]
    /// In σ.
    let strength: Double
    let workers: WorkerPool
    let isCancelled: () -> Bool

    /// The smallest number of items that heads are compared on.
    static let fewestItems = 3

    /// The number of items in each round, ascending: an eighth, a quarter, a half.
    static func rounds(items: Int) -> [Int] {
        [8, 4, 2].map { min(items, max(fewestItems, (items + $0 - 1) / $0)) }
            .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    /// The number of heads and the number of items in each round.
    static func rounds(heads: Int, keeping keep: Int, items: Int) -> [(heads: Int, items: Int)] {
        var alive = heads
        return rounds(items: items).map { count in
            defer { alive = max(min(keep, heads), (alive + 1) / 2) }
            return (alive, count)
        }
    }

    /// Estimates the effect of every head.
    ///
    /// - Parameters:
    ///   - keep: the number of heads that should be left at the end.
    ///   - onProgress: called with the number of heads done and the number of all heads, summed over the rounds.
    func estimates(keeping keep: Int, onProgress: (Int, Int) -> Void) throws -> [EstimatedHead] {
        let rounds = Self.rounds(heads: directions.count, keeping: keep, items: items.count)
        let total = rounds.reduce(0) { $0 + $1.heads }
        var alive = Array(directions.indices)
        var effects = [Double](repeating: 0, count: directions.count)
        var done = 0
        for (heads, count) in rounds {
            alive = Array(alive.prefix(heads))
            // The items are in the data's order; those of a round are spread evenly over them.
            let own = items.evenly(count)
            let sweep = try HeadSweep(model, items: own, workers: workers, isCancelled: isCancelled)
            let variants = alive.flatMap { index in
                [1.0, -1].map { [directions[index].headEdit(sigmas: $0 * strength)] }
            }
            let means = try sweep.changes(variants, onProgress: { onProgress(done + $0 / 2, total) }).map {
                $0.reduce(0, +) / Double(max($0.count, 1))
            }
            done += alive.count
            for (place, index) in alive.enumerated() { effects[index] = (means[2 * place] - means[2 * place + 1]) / 2 }
            alive.sort { effects[$0] != effects[$1] ? effects[$0] > effects[$1] : $0 < $1 }
        }
        return directions.indices.map { EstimatedHead(directions[$0].head, HeadEstimate(effect: effects[$0])) }
    }
}
