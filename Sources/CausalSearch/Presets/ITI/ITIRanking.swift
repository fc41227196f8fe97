import Directions
import Statistics
import TensorCore
import Transformer

/// Ranks heads by how well a probe on each predicts the labels of the validation rows.
public enum ITIRanking {
    /// A head with the accuracy of its probe.
    public typealias RankedHead = HeadResult<Accuracy>

    /// The accuracy of a head's probe.
    public struct Accuracy: Sendable, Codable, Equatable {
        /// The share of validation rows whose label the probe predicts correctly.
        public var accuracy: Double
    }

    /// Fits a logistic regression (L2, C = 1, an unpenalised intercept: scikit-learn's defaults) to the training rows
    /// of each head, and ranks heads by their accuracy on the validation rows.
    ///
    /// In a tie, the head with the larger layer and index comes first. A stable `argsort` followed by a reversal gives
    /// the same order. The source's sort isn't stable, so its order in a tie is undefined.
    ///
    /// - Parameters:
    ///   - table: z, [rows, L, H, D].
    ///   - labels: [rows].
    ///   - training, validation: indices of rows.
    /// - Throws: `InputError` if the training rows have only one label.
    public static func rank(
        _ table: ActivationTable, labels: [Bool], training: [Int], validation: [Int], workers: WorkerPool? = nil
    ) throws -> (heads: [RankedHead], probes: [HeadDirection]) {
        let probes = try table.selecting(training).directions(
            .logistic, rows: GroupedLabels(labels: training.map { labels[$0] }), workers: workers)
        let heads = probes.map { probe in
            let own = table[probe.head]
            let right = validation.count { row in
                let z = own.values[row * own.features..<(row + 1) * own.features]
                return (probe.score(z) > 0) == labels[row]
            }
            return RankedHead(probe.head, Accuracy(accuracy: Double(right) / Double(max(validation.count, 1))))
        }
        let ranked = heads.sorted {
            $0.accuracy != $1.accuracy ? $0.accuracy > $1.accuracy : $0.head > $1.head
        }
        return (ranked, probes)
    }

    /// The direction of every head, with its σ.
    ///
    /// - Parameters:
    ///   - usable: training and validation rows, over which the difference of means is taken.
    ///   - spread: the activations that σ is measured on, [other rows, L, H, D]; nil for the usable rows.
    /// - Throws: `InputError` if a label is missing.
    public static func directions(
        _ direction: ITIOptions.Direction = .massMean, _ table: ActivationTable, labels: [Bool], training: [Int],
        usable: [Int], spread: ActivationTable? = nil, seed: UInt64 = 0, workers: WorkerPool? = nil
    ) throws -> [HeadDirection] {
        let (estimator, rows): (DirectionEstimator, [Int]) =
            switch direction {
            case .massMean: (.massMean, usable)
            case .probe: (.logistic, training)
            case .random: (.random, usable)
            }
        let own = try table.selecting(usable)
        return try (rows == usable ? own : table.selecting(rows)).directions(
            estimator, rows: GroupedLabels(labels: rows.map { labels[$0] }), spread: spread ?? own, seed: seed,
            workers: workers)
    }
}

extension ActivationTable {
    /// Some of the rows.
    func selecting(_ rows: [Int]) throws -> ActivationTable {
        let size = layers * heads * headSize
        let all = values
        var chosen: [Float] = []
        chosen.reserveCapacity(rows.count * size)
        for row in rows { chosen.append(contentsOf: all[row * size..<(row + 1) * size]) }
        return try ActivationTable(
            values: chosen, examples: rows.count, layers: layers, heads: heads, headSize: headSize)
    }
}
