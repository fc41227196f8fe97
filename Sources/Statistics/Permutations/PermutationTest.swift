import DataFiles

/// The p values of many hypotheses, from the same relabellings of the rows.
///
/// The statistic is the same function of the labels for the observed labelling and for all others. The adjusted p value
/// compares a hypothesis with the *largest* statistic over all of them (max-T; Westfall & Young, 1993): calling those
/// with p ≤ 0.05 makes any false call in at most 5% of data sets.
package struct PermutationTest {
    private let rows: GroupedLabels
    private let possible: Relabellings
    private let seed: UInt64
    /// The number of relabellings.
    package let count: Int
    /// Whether the relabellings are all that exist, the observed one included, rather than a sample.
    package let isExact: Bool

    /// - Parameter permutations: the number of random relabellings; if there are no more than that, all are enumerated.
    package init(_ rows: GroupedLabels, permutations: Int, folds: GroupedFolds, seed: UInt64) {
        self.rows = rows
        self.seed = seed
        possible = Relabellings(rows, within: folds)
        let all = possible.count.flatMap { $0 <= permutations ? $0 : nil }
        isExact = all != nil
        count = all ?? permutations
    }

    /// The smallest p value that can come out.
    ///
    /// - Parameter seesSides: whether the statistic knows which class is which; one that doesn't takes every value
    ///   twice if each relabelling's mirror image is a relabelling too.
    package func smallestP(seesSides: Bool = false) -> Double {
        guard isExact else { return 1 / Double(1 + count) }
        return (!seesSides && possible.holdMirrorImages && count > 1 ? 2 : 1) / Double(count)
    }

    /// The results for each hypothesis.
    package struct Outcome {
        /// The p value of each hypothesis by itself.
        package var unadjusted: [Double]
        /// The p value of each hypothesis against the largest statistic of all.
        package var adjusted: [Double]
    }

    /// How many labellings are held in memory at a time: 4 million labels.
    private var blockSize: Int { max(min(count, (1 << 22) / max(rows.labels.count, 1)), 1) }

    /// How often every hypothesis is gone through.
    package var passes: Int { (count + blockSize - 1) / blockSize }

    /// Runs the test; without relabellings nothing is done.
    ///
    /// - Parameters:
    ///   - hypotheses: the number of hypotheses.
    ///   - prepare: makes from labellings what the statistic is computed from, once for all hypotheses.
    ///   - forEach: calls its argument with the number of each hypothesis, on any thread, and returns when all are
    ///     done.
    ///   - statistic: gives the statistic of a hypothesis for each of the labellings.
    package func run<Block: Sendable>(
        _ hypotheses: Int, prepare: (_ labellings: [[Bool]]) -> Block,
        forEach: (_ body: @escaping @Sendable (Int) throws -> [Double]) throws -> [[Double]],
        statistic: @escaping @Sendable (_ hypothesis: Int, _ block: Block) throws -> [Double]
    ) throws -> Outcome {
        var observed: [Double] = []
        var reached = [Int](repeating: 0, count: hypotheses)
        var largest: [Double] = []
        var generator = SeededGenerator(seed: seed, stream: 1)
        let enumerated = isExact ? possible.all() : []
        for start in stride(from: 0, to: count, by: blockSize) {
            let size = min(blockSize, count - start)
            var labellings = isExact ? Array(enumerated[start..<start + size]) : []
            while labellings.count < size { labellings.append(possible.draw(&generator)) }
            let isFirst = start == 0
            let block = prepare(isFirst ? [rows.labels] + labellings : labellings)
            var results = try forEach { try statistic($0, block) }
            if isFirst {
                observed = results.map { $0[0] }
                for index in results.indices { results[index].removeFirst() }
            }
            for index in results.indices {
                reached[index] += results[index].count { Self.reaches($0, observed[index]) }
            }
            largest += (0..<size).map { number in results.reduce(0) { max($0, $1[number]) } }
        }
        largest.sort()
        return Outcome(
            unadjusted: reached.map(pValue),
            adjusted: observed.map { value in pValue(largest.count { Self.reaches($0, value) }) })
    }

    /// The same value may come out with different last digits.
    private static func reaches(_ value: Double, _ observed: Double) -> Bool { value >= observed - 1e-9 }

    private func pValue(_ reached: Int) -> Double {
        isExact ? Double(reached) / Double(count) : Double(1 + reached) / Double(1 + count)
    }
}
