/// The tensors of a forward pass.
///
/// The Hugging Face names are Llama's; other families have their own.
///
/// | site | TransformerLens | Hugging Face | axes of a position |
/// |---|---|---|---|
/// | `residualPre` | `hook_resid_pre` | the layer's input | [M] |
/// | `query`, `key`, `value` | `attn.hook_q` `hook_k` `hook_v` | output of `q_proj` `k_proj` `v_proj` | [H or K, D] |
/// | `rotatedQuery`, `rotatedKey` | `attn.hook_rot_q` `hook_rot_k` | after `apply_rotary_pos_emb` | [H or K, D] |
/// | `pattern` | `attn.hook_pattern` | `output_attentions` | [H, T] |
/// | `z` | `attn.hook_z` | input of `o_proj` | [H, D] |
/// | `attentionOut` | `hook_attn_out` | output of `o_proj` | [M] |
/// | `residualMid` | `hook_resid_mid` | input of `post_attention_layernorm` | [M] |
/// | `mlpPre`, `mlpPreLinear` | `mlp.hook_pre` `hook_pre_linear` | output of `gate_proj` `up_proj` | [F] |
/// | `mlpPost` | `mlp.hook_post` | input of `down_proj` | [F] |
/// | `mlpOut` | `hook_mlp_out` | output of `mlp` | [M] |
/// | `residualPost` | `hook_resid_post` | the layer's output | [M] |
/// | `finalNorm` | `ln_final.hook_out` | output of `model.norm` | [M] |
/// | `logits` | `unembed.hook_out` | output of `lm_head` | [V] |
///
/// Values of heads are in Hugging Face's order for both kinds of checkpoint. TransformerLens's
/// `ln_final.hook_normalized` is `finalNorm` before the norm's weight.
public enum SiteKind: Int, CaseIterable, Sendable {
    /// The residual stream as the block reads it, [M].
    case residualPre
    /// Queries before they are normed and rotated, [H, D].
    case query
    /// Keys before they are normed and rotated, [K, D].
    case key
    /// Values, [K, D].
    case value
    /// Queries from which the scores are computed, [H, D].
    case rotatedQuery
    /// Keys from which the scores are computed, [K, D].
    case rotatedKey
    /// The attention weights on the positions that a query sees, [H, T]; read only.
    case pattern
    /// Each head's mix of values by its pattern: the input of the output projection, [H, D].
    case z
    /// The output that the attention adds to the residual stream, [M].
    case attentionOut
    /// The residual stream between attention and MLP, [M].
    case residualMid
    /// The input of the MLP's activation, [F].
    case mlpPre
    /// The factor by which a gated MLP multiplies the activated gate, [F].
    case mlpPreLinear
    /// The input of the MLP's last projection, [F].
    case mlpPost
    /// The output that the MLP adds to the residual stream, [M].
    case mlpOut
    /// The residual stream as the block leaves it, [M].
    case residualPost
    /// The output of the last norm, which the unembedding reads, [M].
    case finalNorm
    /// The logits, [V].
    case logits

    package static let count = allCases.count

    /// Whether the tensor belongs to a block; some blocks may lack it.
    public var isInBlock: Bool { self != .finalNorm && self != .logits }

    /// Whether an edit can change it.
    public var isEditable: Bool { self != .pattern }

    /// The kind of an axis.
    public enum Axis: String, Sendable {
        /// M, the residual stream's width
        case width
        /// H, query heads
        case head
        /// K, key-value heads
        case keyValueHead
        /// D, a head's values
        case headValue
        /// F, the MLP's width
        case feedForward
        /// V, tokens
        case vocabulary
        /// T, positions that can be attended to
        case keyPosition
    }

    /// The axes of one position's values, slowest first.
    public var axes: [Axis] {
        switch self {
        case .residualPre, .attentionOut, .residualMid, .mlpOut, .residualPost, .finalNorm: [.width]
        case .query, .rotatedQuery, .z: [.head, .headValue]
        case .key, .value, .rotatedKey: [.keyValueHead, .headValue]
        case .pattern: [.head, .keyPosition]
        case .mlpPre, .mlpPreLinear, .mlpPost: [.feedForward]
        case .logits: [.vocabulary]
        }
    }

    /// The name in TransformerLens, where `#` stands for the layer.
    var transformerLensName: String {
        switch self {
        case .residualPre: "blocks.#.hook_resid_pre"
        case .query: "blocks.#.attn.hook_q"
        case .key: "blocks.#.attn.hook_k"
        case .value: "blocks.#.attn.hook_v"
        case .rotatedQuery: "blocks.#.attn.hook_rot_q"
        case .rotatedKey: "blocks.#.attn.hook_rot_k"
        case .pattern: "blocks.#.attn.hook_pattern"
        case .z: "blocks.#.attn.hook_z"
        case .attentionOut: "blocks.#.hook_attn_out"
        case .residualMid: "blocks.#.hook_resid_mid"
        case .mlpPre: "blocks.#.mlp.hook_pre"
        case .mlpPreLinear: "blocks.#.mlp.hook_pre_linear"
        case .mlpPost: "blocks.#.mlp.hook_post"
        case .mlpOut: "blocks.#.hook_mlp_out"
        case .residualPost: "blocks.#.hook_resid_post"
        case .finalNorm: "ln_final.hook_out"
        case .logits: "unembed.hook_out"
        }
    }

    /// The name in Hugging Face's implementation, where `#` stands for the layer.
    func huggingFaceName(_ m: ModuleNames) -> String {
        switch self {
        case .residualPre: "\(m.layer).input"
        case .query: "\(m.layer).\(m.query)"
        case .key: "\(m.layer).\(m.key)"
        case .value: "\(m.layer).\(m.value)"
        case .rotatedQuery: "\(m.layer).\(m.attention).rotated_query"
        case .rotatedKey: "\(m.layer).\(m.attention).rotated_key"
        case .pattern: "\(m.layer).\(m.attention).attentions"
        case .z: "\(m.layer).\(m.output).input"
        case .attentionOut: "\(m.layer).\(m.attentionOut)"
        case .residualMid: "\(m.layer).\(m.residualMid)"
        case .mlpPre: "\(m.layer).\(m.mlpPre)"
        case .mlpPreLinear: "\(m.layer).\(m.mlpPreLinear)"
        case .mlpPost: "\(m.layer).\(m.down).input"
        case .mlpOut: "\(m.layer).\(m.mlpOut)"
        case .residualPost: "\(m.layer).output"
        case .finalNorm: "\(m.finalNorm).output"
        case .logits: "\(m.unembedding).output"
        }
    }
}
