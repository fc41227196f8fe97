import Transformer

/// A part of a pass: the computation between two sites.
enum ProfileStage: String, CaseIterable {
    case embedding = "embedding, rotary angles"
    case queriesKeysValues = "norm, products of q, k, v"
    case rotation = "rotation of q, k"
    case attention = "attention: keys and values stored and read"
    case attentionOut = "product of attention's output"
    case gateAndUp = "norm, products of gate and up"
    case activation = "activation"
    case down = "product of down"
    case additions = "additions to the residual stream"
    case logits = "final norm, product of the output matrix"
    case rest = "results, bookkeeping"

    /// The stage that ends when a pass reaches a site.
    ///
    /// - Parameter isFirst: whether it is the first site of the pass.
    init(before site: SiteKind, isFirst: Bool) {
        self =
            switch site {
            case .residualPre: isFirst ? .embedding : .additions
            case .query, .key, .value: .queriesKeysValues
            case .rotatedQuery, .rotatedKey: .rotation
            case .pattern, .z: .attention
            case .attentionOut: .attentionOut
            case .residualMid, .residualPost: .additions
            case .mlpPre, .mlpPreLinear: .gateAndUp
            case .mlpPost: .activation
            case .mlpOut: .down
            case .finalNorm, .logits: .logits
            }
    }

    /// The stage that reads a tensor; nil for a tensor that no product reads, such as the weights of norms.
    ///
    /// - Parameters:
    ///   - tensor: the tensor's name in a GGUF file or a Hugging Face folder.
    ///   - tied: whether the embedding matrix is also the output matrix.
    init?(tensor: String, tied: Bool) {
        let parts = tensor.split(separator: ".")
        guard parts.count >= 2, parts.last == "weight" else { return nil }
        switch parts[parts.count - 2] {
        case "attn_q", "attn_k", "attn_v", "attn_qkv", "q_proj", "k_proj", "v_proj", "qkv_proj", "query_key_value":
            self = .queriesKeysValues
        case "attn_output", "o_proj": self = .attentionOut
        case "ffn_gate", "ffn_up", "gate_proj", "up_proj", "gate_up_proj": self = .gateAndUp
        case "ffn_down", "down_proj": self = .down
        case "output", "lm_head", "embed_out": self = .logits
        case "token_embd", "embed_tokens":
            guard tied else { return nil }
            self = .logits
        default: return nil
        }
    }
}
