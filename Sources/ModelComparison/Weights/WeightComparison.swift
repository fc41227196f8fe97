import DataFiles
import TensorCore
import Transformer

/// How far one head's weights changed.
public struct HeadWeightChange: Sendable, Codable, Equatable {
    /// ‖ΔW‖ / ‖W‖ of the head's rows of W_Q, of its key-value head's rows of W_K and W_V, and of its columns of W_O.
    public var query, key, value, output: Double
    /// The same for the biases of queries, keys and values together; 0 if there are none.
    public var inputBias: Double
    /// How far the head's z is moved by the change of the output projection's bias: ‖v‖ with Δb = Σ W_O[:, h] v_h.
    public var outputBias: Double
    /// ‖ΔW‖ / ‖W‖ over all of the head's weights, with what its v adds to the output bias counted as one more column.
    public var weightChange: Double
    /// The parts that changed by more than rounding to both formats explains: `query`, `key`, `value`, `output`,
    /// `inputBias`, `outputBias`.
    public var changed: [String]
    /// The query head of B that the head was compared with.
    public var matched: Int
    /// The share of the squared change that lies along the head's known direction θ̂; nil without a direction or a
    /// change.
    ///
    /// It is ‖ΔW θ̂‖² / ‖ΔW‖² for W_O's columns, and ‖θ̂ᵀΔW‖² / ‖ΔW‖² for W_V's rows. By chance it is 1 / D.
    public var outputAlong, valueAlong: Double?
    /// The cosine between the direction and what the output bias adds to z.
    public var biasAlong: Double?
}

/// How the weights of two models differ.
public struct WeightComparison: Sendable, Codable, Equatable {
    /// The heads, in the order of layers and heads.
    public var heads: [HeadResult<HeadWeightChange>]
    /// The layers in which heads or rows are in another order.
    public var order: [HeadOrder]
    /// The layers whose output bias changed in a way that no few heads explain.
    public var unexplainedBiases: [Int]
    /// Weights that belong to no head.
    public var elsewhere: [TensorChange]
    /// For each projection, the formats of both models, `Q4_K and F32`, with the number of layers.
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
    ///   - onProgress: called with the number of layers done so far.
    /// - Throws: `InputError` if a weight is NaN or infinite; `CancellationError`.
    /// - Complexity: O(weights), and O(H² · D · M) for each projection; memory for some rows.
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
