import Attribution
import Documents
import Reporting
import Tasks
import TensorCore
import Transformer

/// The output of `attribute --json`.
struct AttributionOutput: Encodable {
    var heads: [HeadEffectOutput]
    /// Nil for corrupted prompts, as are `unit` and `positions`.
    var strength: Double?
    var unit: String?
    var positions: String?
    var steps: Int
    var contrastSource: ContrastSource
    /// The number of prompts.
    var items: Int
    /// The agreement at each strength that was measured too.
    var agreement: [CheckedAttribution]?
    /// The agreement for values of other prompts; nil unless it was asked for.
    var patchAgreement: CheckedPatches?
    /// The sizes of each head's estimate when gradients can't cancel; nil unless they were asked for.
    var sizes: [HeadResult<AttributedSize>]?
    /// The estimates for other queries and keys, in the order of the heads; nil unless they were asked for.
    var queryKey: [HeadResult<QueryKeyOutput>]?
    /// The estimates of each item by head and position; nil unless they were asked for.
    var byPosition: [PositionEffectsOutput]?
    /// What speaks against the estimates.
    var warnings: [String]
}

/// What was estimated.
struct AttributionEstimates {
    var heads: [HeadEffectOutput] = []
    var agreement: [CheckedAttribution]?
    var patchAgreement: CheckedPatches?
    var sizes: [HeadResult<UncancelledSize>]?
    var queryKey: [HeadResult<QueryKeyOutput>]?
    var byPosition: [PositionEffectsOutput]?
    /// The estimates for the item that is shown, [L · H, T].
    var positions: Matrix?

    /// The sums over a layer's heads, by layer and position.
    func positionMap(_ positions: Matrix, tokens: [Int], _ opened: OpenedModel) throws -> HeatMap {
        let heads = opened.configuration.heads
        let pieces = try tokens.map { try opened.tokenizer.piece($0) }
        var map = HeatMap(
            (0..<opened.configuration.layers).map { layer in
                pieces.indices.map { position in
                    let sum = (0..<heads).reduce(0.0) { $0 + Double(positions[layer * heads + $1, position]) }
                    return HeatMap.Cell(sum, detail: pieces[position])
                }
            }, quantity: "Estimated change")
        map.row = "position"
        return map
    }
}
