/// What Hugging Face's implementation of a family calls its modules, `#` standing for the layer.
///
/// Sites have their Hugging Face names from it. A module that several tensors share, as a fused projection, has each of
/// them named behind it.
public struct ModuleNames: Sendable, Equatable {
    public var layer = "model.layers.#"
    /// What follows the layer's name, as all below.
    public var query = "self_attn.q_proj.output"
    public var key = "self_attn.k_proj.output"
    public var value = "self_attn.v_proj.output"
    public var attention = "self_attn"
    public var output = "self_attn.o_proj"
    /// What the attention adds to the residual stream.
    public var attentionOut = "self_attn.o_proj.output"
    /// What reads the residual stream between attention and MLP.
    public var residualMid = "post_attention_layernorm.input"
    public var mlpPre = "mlp.gate_proj.output"
    public var mlpPreLinear = "mlp.up_proj.output"
    public var down = "mlp.down_proj"
    /// What the MLP adds to the residual stream.
    public var mlpOut = "mlp.output"
    public var finalNorm = "model.norm"
    public var unembedding = "lm_head"

    public static let llama = ModuleNames()

    public init() {}
}
