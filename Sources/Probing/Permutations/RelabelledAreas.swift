import Directions
import Statistics
import TensorCore

/// Cross-validated areas under the ROC curve of one head's mass-mean direction for many labellings of the same rows and
/// folds, by matrix products.
///
/// For each fold, the indicators of the class `true` times the fold's rows are that class's sums for all labellings at
/// once. The direction outside a fold follows from the sums of the other folds, and directions times the fold's rows
/// are the scores. This takes 2 · labellings · rows · columns multiplications for a head, and O(rows) for each area.
struct RelabelledAreas {
    /// The number of labellings.
    let count: Int
    private let order: FoldOrder
    /// [labellings, rows], rows in the order of folds.
    private let labels: [UInt8]
    /// For each fold, the same as numbers, [labellings, padded rows of the fold], one after the other.
    private let indicators: [Float]
    /// The number of true rows, [labellings, folds].
    private let trues: [Int]

    /// How many labellings go through together, so that what is computed from them stays in the cache.
    private static let block = 128
    /// A direction with a smaller squared norm, for rows with a root mean square of 1, is rounding: it counts as zero.
    private static let smallestSquaredNorm: Float = 1e-11

    private var rows: Int { order.rows.count }
    private var folds: Int { order.ranges.count }

    init(_ labellings: [[Bool]], folds: GroupedFolds) {
        let order = FoldOrder(folds)
        let rows = order.rows.count
        var labels = [UInt8](repeating: 0, count: labellings.count * rows)
        var indicators = [Float](repeating: 0, count: labellings.count * order.paddedStarts[folds.count])
        var trues = [Int](repeating: 0, count: labellings.count * folds.count)
        for (number, labelling) in labellings.enumerated() {
            for (fold, range) in order.ranges.enumerated() {
                let start = order.paddedStarts[fold] * labellings.count + number * order.paddedCount(fold)
                for slot in range where labelling[order.rows[slot]] {
                    labels[number * rows + slot] = 1
                    indicators[start + slot - range.lowerBound] = 1
                    trues[number * folds.count + fold] += 1
                }
            }
        }
        count = labellings.count
        self.order = order
        self.labels = labels
        self.indicators = indicators
        self.trues = trues
    }

    /// The area for each labelling.
    ///
    /// If the training rows have only one class, that class is taken for granted; if both classes have the same mean,
    /// all scores are 0.
    ///
    /// - Parameter inverses: for each fold, a symmetric matrix to multiply directions by, [columns, columns]; the
    ///   inverse covariance gives the directions of linear discriminant analysis.
    func areas(_ head: FeatureRows, inverses: [[Float]]? = nil) -> [Double] {
        let folded = FoldedRows(head, order: order)
        let scratch = Scratch(folds: folds, block: Self.block, columns: head.columns, rows: rows)
        let ranking = RankedArea()
        var areas = [Double](repeating: 0.5, count: count)
        for start in stride(from: 0, to: count, by: Self.block) {
            let block = start..<min(start + Self.block, count)
            sum(folded, block, scratch)
            for fold in 0..<folds {
                fit(folded, fold, block, scratch, inverse: inverses?[fold])
                score(folded, fold, block, scratch)
            }
            labels.withUnsafeBufferPointer { labels in
                guard let labels = labels.baseAddress else { return }
                for (index, number) in block.enumerated() {
                    areas[number] = ranking.area(
                        scratch.scores.pointer + index * rows, labels + number * rows, count: rows)
                }
            }
        }
        return areas
    }

    /// Areas of scores that don't depend on the labels.
    ///
    /// - Parameter eitherWay: whether the sign of the scores has no meaning, so that an area of 0.2 counts as 0.8.
    func areas(fixed scores: [Double], eitherWay: Bool) -> [Double] {
        let ordered = order.rows.map { Float(scores[$0]) }
        let ranking = RankedArea()
        return labels.withUnsafeBufferPointer { labels in
            guard let labels = labels.baseAddress else { return [] }
            return (0..<count).map { number in
                let area = ranking.area(ordered, labels + number * rows, count: rows)
                return eitherWay ? max(area, 1 - area) : area
            }
        }
    }

    /// The sums of the true rows of every fold, and of all folds.
    private func sum(_ folded: FoldedRows, _ block: Range<Int>, _ scratch: Scratch) {
        let values = block.count * folded.columns
        scratch.allTrues.pointer.update(repeating: 0, count: values)
        indicators.withUnsafeBufferPointer { indicators in
            folded.transposed.withUnsafeBufferPointer { transposed in
                guard let indicators = indicators.baseAddress, let transposed = transposed.baseAddress else { return }
                for fold in 0..<folds {
                    let sums = scratch.trues(fold)
                    let (start, size) = (order.paddedStarts[fold], order.paddedCount(fold))
                    DotProducts.run(
                        n: size, indicators + start * count + block.lowerBound * size, rows: block.count, strideX: size,
                        transposed + start * folded.columns, rows: folded.columns, strideW: size, into: sums,
                        strideY: folded.columns)
                    Elementwise.add(sums, to: scratch.allTrues.pointer, count: values)
                }
            }
        }
    }

    /// Directions, thresholds and lengths from the rows outside a fold.
    private func fit(
        _ folded: FoldedRows, _ fold: Int, _ block: Range<Int>, _ scratch: Scratch, inverse: [Float]?
    ) {
        let columns = folded.columns
        let testedCount = order.ranges[fold].count
        let trainingSum = (0..<columns).map { folded.total[$0] - folded.sums[fold * columns + $0] }
        let (directions, middles) = (scratch.directions.pointer, scratch.middles.pointer)
        for (index, number) in block.enumerated() {
            let allTrues = trues[number * folds..<(number + 1) * folds].reduce(0, +)
            let trainingTrues = allTrues - trues[number * folds + fold]
            let trainingFalses = rows - testedCount - trainingTrues
            scratch.isOneSided[index] = trainingTrues == 0 ? -1 : trainingFalses == 0 ? 1 : 0
            let (trueShare, falseShare) = (1 / Float(max(trainingTrues, 1)), 1 / Float(max(trainingFalses, 1)))
            let all = scratch.allTrues.pointer + index * columns
            let own = scratch.trues(fold) + index * columns
            let (direction, middle) = (directions + index * columns, middles + index * columns)
            trainingSum.withUnsafeBufferPointer { trainingSum in
                for column in 0..<columns {
                    let trueSum = all[column] - own[column]
                    let trueMean = trueSum * trueShare
                    let falseMean = (trainingSum[column] - trueSum) * falseShare
                    direction[column] = trueMean - falseMean
                    middle[column] = (trueMean + falseMean) * 0.5
                }
            }
            // For the mass-mean direction: rounding is judged before a matrix stretches it.
            let squaredNorm = Elementwise.dot(direction, direction, count: columns)
            scratch.isZero[index] = !(squaredNorm > Self.smallestSquaredNorm)
        }
        if let inverse {
            scratch.plain.pointer.update(from: directions, count: block.count * columns)
            DotProducts.run(
                n: columns, scratch.plain.pointer, rows: block.count, strideX: columns, inverse, rows: columns,
                strideW: columns, into: directions, strideY: columns)
        }
        for index in block.indices.map({ $0 - block.lowerBound }) {
            let direction = directions + index * columns
            scratch.thresholds[index] = Elementwise.dot(direction, middles + index * columns, count: columns)
            scratch.lengths[index] = Elementwise.dot(direction, direction, count: columns).squareRoot()
        }
    }

    /// The scores of a fold's rows.
    private func score(_ folded: FoldedRows, _ fold: Int, _ block: Range<Int>, _ scratch: Scratch) {
        let range = order.ranges[fold]
        let columns = folded.columns
        folded.values.withUnsafeBufferPointer { values in
            guard let values = values.baseAddress else { return }
            DotProducts.run(
                n: columns, scratch.directions.pointer, rows: block.count, strideX: columns,
                values + range.lowerBound * columns, rows: range.count, strideW: columns,
                into: scratch.scores.pointer + range.lowerBound, strideY: rows)
        }
        for index in 0..<block.count {
            let scores = scratch.scores.pointer + index * rows + range.lowerBound
            if scratch.isOneSided[index] != 0 {
                scores.update(repeating: scratch.isOneSided[index], count: range.count)
            } else if scratch.isZero[index] || !(scratch.lengths[index] > 0) {
                scores.update(repeating: 0, count: range.count)
            } else {
                let (threshold, factor) = (scratch.thresholds[index], 1 / scratch.lengths[index])
                for slot in 0..<range.count { scores[slot] = (scores[slot] - threshold) * factor }
            }
        }
    }

    /// The memory that one call works in.
    private final class Scratch {
        /// The sums of the true rows of each fold, [folds, block, columns].
        private let sums: FloatBuffer
        /// Their sum over folds, [block, columns].
        let allTrues: FloatBuffer
        /// Directions of one fold, before and after they are multiplied by a matrix, [block, columns].
        let plain, directions: FloatBuffer
        /// The midpoints of both class means, [block, columns].
        let middles: FloatBuffer
        /// [block, rows]
        let scores: FloatBuffer
        var thresholds, lengths, isOneSided: [Float]
        var isZero: [Bool]
        private let foldStride: Int

        init(folds: Int, block: Int, columns: Int, rows: Int) {
            foldStride = block * columns
            sums = FloatBuffer(capacity: folds * foldStride)
            allTrues = FloatBuffer(capacity: foldStride)
            plain = FloatBuffer(capacity: foldStride)
            directions = FloatBuffer(capacity: foldStride)
            middles = FloatBuffer(capacity: foldStride)
            scores = FloatBuffer(capacity: block * rows)
            thresholds = Array(repeating: 0, count: block)
            lengths = thresholds
            isOneSided = thresholds
            isZero = Array(repeating: false, count: block)
        }

        func trues(_ fold: Int) -> UnsafeMutablePointer<Float> { sums.pointer + fold * foldStride }
    }
}
