import DataFiles
import TensorCore

/// The p values of all heads from the same relabellings of the rows.
///
/// The statistic is a cross-validated AUROC, the same function of the labels for the observed labelling and for all
/// others. The adjusted p value compares a head with the *largest* statistic over all heads (max-T; Westfall & Young,
/// 1993): calling heads with p ≤ 0.05 makes any false call at all in at most 5% of data sets.
struct PermutationTest {
    private let rows: GroupedLabels
    private let folds: GroupedFolds
    private let possible: Relabellings
    private let seed: UInt64
    /// The number of relabellings.
    let count: Int
    /// Whether these are all that exist, the observed one included, rather than a sample.
    let isExact: Bool

    /// - Parameter permutations: the number of random relabellings; all are enumerated when there are no more than that.
    init(_ rows: GroupedLabels, permutations: Int, folds: GroupedFolds, seed: UInt64) {
        self.rows = rows
        self.folds = folds
        self.seed = seed
        possible = Relabellings(rows, within: folds)
        let all = possible.count.flatMap { $0 <= permutations ? $0 : nil }
        isExact = all != nil
        count = all ?? permutations
    }

    /// The smallest p value that can come out.
    ///
    /// - Parameter seesSides: whether the statistic knows which class is which; one that doesn't has every value twice
    ///   where each relabelling's mirror image is one too.
    func smallestP(seesSides: Bool = false) -> Double {
        guard isExact else { return 1 / Double(1 + count) }
        return (!seesSides && possible.holdMirrorImages && count > 1 ? 2 : 1) / Double(count)
    }

    /// What came out, for each head.
    struct Outcome {
        /// The p value of each head by itself.
        var unadjusted: [Double]
        /// The p value of each head against the largest of all heads.
        var adjusted: [Double]
    }

    /// Labellings of which memory is taken at a time: 4 million labels.
    private var blockSize: Int { max(min(count, (1 << 22) / max(rows.labels.count, 1)), 1) }

    /// The number of times that every head is gone through.
    var passes: Int { (count + blockSize - 1) / blockSize }

    /// Runs the test, with nothing done where there are no relabellings.
    ///
    /// - Parameters:
    ///   - heads: their number.
    ///   - forEach: calls its argument for each head number, on any thread, and returns when all are done.
    ///   - areas: the statistic of a head for each of the labellings.
    func run(
        heads: Int, forEach: (_ body: @escaping @Sendable (Int) throws -> [Double]) throws -> [[Double]],
        areas: @escaping @Sendable (_ head: Int, _ labellings: RelabelledAreas) throws -> [Double]
    ) throws -> Outcome {
        var observed: [Double] = []
        var reached = [Int](repeating: 0, count: heads)
        var largest: [Double] = []
        var generator = SeededGenerator(seed: seed, stream: 1)
        let enumerated = isExact ? possible.all() : []
        for start in stride(from: 0, to: count, by: blockSize) {
            let size = min(blockSize, count - start)
            var labellings = isExact ? Array(enumerated[start..<start + size]) : []
            while labellings.count < size { labellings.append(possible.draw(&generator)) }
            let isFirst = start == 0
            let block = RelabelledAreas(isFirst ? [rows.labels] + labellings : labellings, folds: folds)
            var results = try forEach { try areas($0, block) }
            if isFirst {
                observed = results.map { $0[0] }
                for head in results.indices { results[head].removeFirst() }
            }
            for head in results.indices { reached[head] += results[head].count { Self.reaches($0, observed[head]) } }
            largest += (0..<size).map { number in results.reduce(0) { max($0, $1[number]) } }
        }
        largest.sort()
        return Outcome(
            unadjusted: reached.map(pValue),
            adjusted: observed.map { value in pValue(largest.count { Self.reaches($0, value) }) })
    }

    /// The same area may come out differently in the last digits.
    private static func reaches(_ value: Double, _ observed: Double) -> Bool { value >= observed - 1e-9 }

    private func pValue(_ reached: Int) -> Double {
        isExact ? Double(reached) / Double(count) : Double(1 + reached) / Double(1 + count)
    }
}
