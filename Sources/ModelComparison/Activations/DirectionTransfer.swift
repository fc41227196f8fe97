import DataFiles
import DataSets
import Directions
import Statistics
import TensorCore
import Transformer

/// Whether a direction that reads a behaviour off a head of A does so in B too.
public struct HeadTransfer: Sendable, Codable, Equatable {
    /// The area under the ROC curve of A's direction on A's activations, with its 95% interval over groups.
    ///
    /// It is measured on texts that the direction wasn't fitted to.
    public var aurocA, aurocALow, aurocAHigh: Double
    /// The same for A's direction on B's activations; see ``aurocA``.
    public var aurocB, aurocBLow, aurocBHigh: Double
    /// The cosine between the directions that both models' activations give; nil if the direction was given.
    public var directionCosine: Double?
    /// The share of texts that A's detector (its direction and threshold) decides rightly in A and in B, with both
    /// classes weighing the same.
    public var accuracyA, accuracyB: Double
}

/// Whether directions of A work on B.
public struct DirectionTransfer: Sendable, Codable, Equatable {
    /// The origin of the directions: `fitted` here on A's activations, cross-validated, or the name of a file.
    public var source: String
    /// The heads, in the order of layers and heads.
    public var heads: [HeadResult<HeadTransfer>]
    /// The number of texts.
    public var texts: Int
}

extension DirectionTransfer {
    /// Fits directions to A's activations fold by fold, and tests each on the texts that were left out, in both models.
    ///
    /// - Parameters:
    ///   - tables: z of the same texts in both models.
    ///   - matched: for each layer, where B has A's query heads.
    /// - Throws: `InputError` if a class occurs in fewer than two groups.
    public init(
        fitting tables: OfBoth<ActivationTable>, rows: GroupedLabels, matched: [Int: [Int]] = [:], folds: Int = 5,
        seed: UInt64 = 0, workers: WorkerPool
    ) throws {
        let split = try GroupedFolds(rows, wanted: folds, seed: seed)
        source = "fitted"
        texts = rows.labels.count
        heads = try Self.allHeads(tables.a).concurrentMap(workers) { head in
            let values = Self.values(head, tables, matched)
            var scores = OfBoth(a: [Double](repeating: 0, count: rows.labels.count), b: [Double]())
            scores.b = scores.a
            for fold in 0..<split.count {
                let training = split.trainingRows(ofFold: fold)
                let direction = try HeadDirection(
                    fitting: .massMean, to: values.a.selecting(training),
                    rows: GroupedLabels(
                        labels: training.map { rows.labels[$0] },
                        groups: training.map { "\(rows.groups.groupOfRow[$0])" }), seed: seed)
                for row in split.testRows(ofFold: fold) {
                    scores.a[row] = direction.score(Self.row(values.a, row))
                    scores.b[row] = direction.score(Self.row(values.b, row))
                }
            }
            let own = try values.map { try HeadDirection(fitting: .massMean, to: $0, rows: rows, seed: seed) }
            return HeadResult(
                head,
                HeadTransfer(
                    scores, rows,
                    directionCosine: zip(own.a.unit, own.b.unit).reduce(0) { $0 + Double($1.0) * Double($1.1) }))
        }
    }

    /// Tests directions that were fitted elsewhere.
    ///
    /// - Parameter detectors: detectors of A's heads.
    public init(
        testing detectors: [HeadDirection], named name: String, on tables: OfBoth<ActivationTable>,
        rows: GroupedLabels, matched: [Int: [Int]] = [:]
    ) {
        source = name
        texts = rows.labels.count
        heads = detectors.filter { !$0.isZero }.map { detector in
            let values = Self.values(detector.head, tables, matched)
            let scores = values.map { values in
                (0..<values.examples).map { detector.score(Self.row(values, $0)) }
            }
            return HeadResult(detector.head, HeadTransfer(scores, rows, directionCosine: nil))
        }
    }

    private static func allHeads(_ table: ActivationTable) -> [Head] {
        Head.all(layers: table.layers, heads: table.heads)
    }

    private static func values(
        _ head: Head, _ tables: OfBoth<ActivationTable>, _ matched: [Int: [Int]]
    ) -> OfBoth<HeadActivations> {
        let other = Head(layer: head.layer, index: matched[head.layer]?[head.index] ?? head.index)
        return OfBoth(a: tables.a[head], b: tables.b[other])
    }

    private static func row(_ values: HeadActivations, _ row: Int) -> ArraySlice<Float> {
        values.values[row * values.features..<(row + 1) * values.features]
    }
}

extension HeadTransfer {
    /// - Parameter scores: the score of each row, above 0 for the class `true`.
    init(_ scores: OfBoth<[Double]>, _ rows: GroupedLabels, directionCosine: Double?) {
        func area(_ scores: [Double]) -> (value: Double, low: Double, high: Double) {
            guard let area = AreaUnderROC(scores: scores, labels: rows.labels) else { return (0.5, 0, 1) }
            let interval = area.interval(groups: rows.groups)
            return (area.value, interval.low, interval.high)
        }
        func accuracy(_ scores: [Double]) -> Double {
            let shares = [true, false].map { label in
                let own = scores.indices.filter { rows.labels[$0] == label }
                return Double(own.count { (scores[$0] > 0) == label }) / Double(max(own.count, 1))
            }
            return (shares[0] + shares[1]) / 2
        }
        (aurocA, aurocALow, aurocAHigh) = area(scores.a)
        (aurocB, aurocBLow, aurocBHigh) = area(scores.b)
        (accuracyA, accuracyB) = (accuracy(scores.a), accuracy(scores.b))
        self.directionCosine = directionCosine
    }
}
