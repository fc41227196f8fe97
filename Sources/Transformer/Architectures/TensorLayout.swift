/// How a family's tensors are named and stored in one kind of checkpoint.
struct TensorLayout {
    var names: TensorNames
    /// Whether queries, keys and values are one tensor.
    var queryKeyValue = QueryKeyValueStorage.separate
    /// Whether the MLP's two branches are one tensor.
    var gateAndUp = GateAndUpStorage.separate
    var experts = ExpertStorage.stacked
    /// The linear layers that have biases; nil for those for which the checkpoint has a bias.
    var biases: Set<LinearRole>?
    /// Whether matrices are stored as [inputs, outputs] (GPT-2's `Conv1D`).
    var isTransposed = false
    /// The number that is added to the weights of norms: Gemma's Hugging Face checkpoints store w − 1.
    var normOffset: Float = 0
    /// Whether the rows of query and key weights are in the order of interleaved rotation: pairs (2i, 2i + 1) instead
    /// of Hugging Face's (i, i + D/2).
    ///
    /// llama.cpp's converter stores the Llama family in this order.
    var hasInterleavedRotation = false
    /// How a bias of the output projection can be stored, which a baked plan needs.
    var outputBias = OutputBias.switchedOn(by: "attention_bias")
}

/// The linear layers of a model that may have a bias.
enum LinearRole: CaseIterable {
    case query, key, value, output, gate, up, down, router, unembedding

    static let queryKeyValue: Set<LinearRole> = [.query, .key, .value]
    static let attention: Set<LinearRole> = [.query, .key, .value, .output]
    static let mlp: Set<LinearRole> = [.gate, .up, .down]
}

enum QueryKeyValueStorage {
    case separate
    /// [(H + 2K) · D, M]: all queries, then all keys, then all values.
    case stacked
    /// [H · 3 · D, M]: each head's query, key and value together (GPT-NeoX).
    case byHead
}

enum GateAndUpStorage {
    case separate
    /// [2F, M]: the gate first.
    case stacked
}

enum ExpertStorage {
    /// [E, F, M] for each of gate, up and down, as GGUF files have them.
    case stacked
    /// A tensor for each expert, with `@` in its name.
    case oneByOne
    /// gpt-oss in Hugging Face's form: [E, M, 2F] with gate and up alternating; down [E, F, M].
    case transposedPairs
    /// The same in MXFP4, not transposed: `_blocks` [E, 2F, M / 32, 16] and `_scales` [E, 2F, M / 32]; down [E, M, F /
    /// 32 …].
    case microscaledPairs
}

/// The names of a checkpoint's tensors, where `#` stands for the layer and `@` for the expert or head.
///
/// The names of linear layers and norms are without `.weight` and `.bias`.
struct TensorNames {
    var embedding = "token_embd"
    var positions = "position_embd"
    var finalNorm = "output_norm"
    var unembedding = "output"
    var attentionNorm = "blk.#.attn_norm"
    var query = "blk.#.attn_q"
    var key = "blk.#.attn_k"
    var value = "blk.#.attn_v"
    var queryKeyValue = "blk.#.attn_qkv"
    var queryNorm = "blk.#.attn_q_norm"
    var keyNorm = "blk.#.attn_k_norm"
    var sinks = "blk.#.attn_sinks.weight"
    var output = "blk.#.attn_output"
    var attentionPostNorm = "blk.#.post_attention_norm"
    var mlpNorm = "blk.#.ffn_norm"
    var gate = "blk.#.ffn_gate"
    var up = "blk.#.ffn_up"
    var gateAndUp = "blk.#.ffn_up"
    var down = "blk.#.ffn_down"
    var mlpPostNorm = "blk.#.post_ffw_norm"
    var router = "blk.#.ffn_gate_inp"
    var expertGate = "blk.#.ffn_gate_exps"
    var expertUp = "blk.#.ffn_up_exps"
    var expertGateAndUp = ""
    var expertDown = "blk.#.ffn_down_exps"

    /// The names that llama.cpp's converter writes, the same for nearly all families.
    static let gguf = TensorNames()

    /// The names that most families have in transformers.
    static let huggingFace = TensorNames(
        embedding: "model.embed_tokens", positions: "", finalNorm: "model.norm", unembedding: "lm_head",
        attentionNorm: "model.layers.#.input_layernorm", query: "model.layers.#.self_attn.q_proj",
        key: "model.layers.#.self_attn.k_proj", value: "model.layers.#.self_attn.v_proj",
        queryKeyValue: "model.layers.#.self_attn.qkv_proj", queryNorm: "model.layers.#.self_attn.q_norm",
        keyNorm: "model.layers.#.self_attn.k_norm", sinks: "model.layers.#.self_attn.sinks",
        output: "model.layers.#.self_attn.o_proj", attentionPostNorm: "model.layers.#.post_attention_layernorm",
        mlpNorm: "model.layers.#.post_attention_layernorm", gate: "model.layers.#.mlp.gate_proj",
        up: "model.layers.#.mlp.up_proj", gateAndUp: "model.layers.#.mlp.gate_up_proj",
        down: "model.layers.#.mlp.down_proj", mlpPostNorm: "model.layers.#.post_feedforward_layernorm",
        router: "model.layers.#.mlp.gate", expertGate: "model.layers.#.mlp.experts.@.gate_proj",
        expertUp: "model.layers.#.mlp.experts.@.up_proj", expertGateAndUp: "model.layers.#.mlp.experts.gate_up_proj",
        expertDown: "model.layers.#.mlp.experts.@.down_proj")
}
