import DataFiles
import TensorCore
import Transformer

/// How far one head's weights changed.
public struct HeadWeightChange: Sendable, Codable, Equatable {
    /// ‖ΔW‖ / ‖W‖ of the head's rows of W_Q, of its key-value head's rows of W_K and W_V, and of its columns of W_O.
    public var query, key, value, output: Double
    /// The same of the biases of queries, keys and values together; 0 where there are none.
    public var inputBias: Double
    /// How far its z is moved by what the bias of the output projection changed: ‖v‖ with Δb = Σ W_O[:, h] v_h.
    public var outputBias: Double
    /// ‖ΔW‖ / ‖W‖ over all of its weights, what its v adds to the output bias counted as one more column.
    public var weightChange: Double
    /// Which of its parts changed more than rounding to both formats explains: `query`, `key`, `value`, `output`, `inputBias`,
    /// `outputBias`.
    public var changed: [String]
    /// The query head of B that it was compared with.
    public var matched: Int
    /// The share of the squared change that lies along the known direction θ̂ of the head: of W_O's columns ‖ΔW θ̂‖² / ‖ΔW‖²,
    /// of W_V's rows ‖θ̂ᵀΔW‖² / ‖ΔW‖². By chance it is 1 / D. Nil without a direction, or a change.
    public var outputAlong, valueAlong: Double?
    /// The cosine between the direction and what is added to z by the output bias.
    public var biasAlong: Double?
}

/// How the weights of two models differ.
public struct WeightComparison: Sendable, Codable, Equatable {
    /// In the order of layers and heads.
    public var heads: [HeadResult<HeadWeightChange>]
    /// The layers in which heads or rows are in another order.
    public var order: [HeadOrder]
    /// The layers whose output bias changed in a way that no few heads explain.
    public var unexplainedBiases: [Int]
    /// Weights that belong to no head.
    public var elsewhere: [TensorChange]
    /// For each projection the formats of both models, `Q4_K and F32`, with the number of layers.
    public var formats: [String: Int]
    /// ‖ΔW‖ / ‖W‖ over all matrices of attention.
    public var attentionChange: Double

    /// The heads of which anything changed.
    public var changedHeads: [Head] { heads.filter { !$0.changed.isEmpty }.map(\.head) }
    /// Whether nothing at all is different.
    public var isSame: Bool {
        heads.allSatisfy { $0.weightChange == 0 && $0.inputBias == 0 } && order.isEmpty && unexplainedBiases.isEmpty
            && elsewhere.allSatisfy { $0.change == 0 && !$0.isReordered }
    }
}

extension WeightComparison {
    /// Compares all weights; each is read once.
    ///
    /// - Parameters:
    ///   - directions: known directions in z of some heads, [D] each.
    ///   - onProgress: called with the number of layers that are done.
    /// - Throws: `InputError` if a weight is NaN or infinite; `CancellationError`.
    /// - Complexity: O(weights), and O(H² · D · M) for each projection; in memory some rows.
    public init(
        _ pair: ModelPair, directions: [Head: [Float]] = [:], onProgress: (_ done: Int) -> Void = { _ in },
        isCancelled: () -> Bool = { Task.isCancelled }
    ) throws {
        let c = pair.configuration
        var layers: [LayerChange] = []
        var elsewhere = try TensorChange.all(pair, layer: nil)
        let together = max(1, pair.workers.count)
        for start in stride(from: 0, to: c.layers, by: together) {
            if isCancelled() { throw CancellationError() }
            let own = Array(start..<min(start + together, c.layers))
            let done = try own.concurrentMap(pair.workers) { layer in
                (try LayerChange(pair, layer: layer, directions: directions), try TensorChange.all(pair, layer: layer))
            }
            layers += done.map(\.0)
            elsewhere += done.flatMap(\.1)
            onProgress(own[own.count - 1] + 1)
        }
        heads = layers.flatMap(\.heads)
        order = layers.compactMap(\.order)
        unexplainedBiases = layers.filter(\.hasUnexplainedBias).map(\.layer)
        self.elsewhere = elsewhere
        var counts: [String: Int] = [:]
        for name in layers.flatMap(\.formats) { counts[name, default: 0] += 1 }
        formats = counts
        let (change, square) = layers.reduce((0.0, 0.0)) { ($0.0 + $1.change, $0.1 + $1.square) }
        attentionChange = square > 0 ? (change / square).squareRoot() : 0
    }
}
