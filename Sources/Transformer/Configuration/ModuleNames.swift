/// What Hugging Face's implementation of a family calls its modules, `#` standing for the layer.
///
/// Sites have their Hugging Face names from it. A module that several tensors share, as a fused projection, has each of
/// them named behind it.
public struct ModuleNames: Sendable, Equatable {
    /// A layer's module, whose input is ``SiteKind/residualPre`` and whose output ``SiteKind/residualPost``.
    public var layer = "model.layers.#"
    /// What follows the layer's name, as all below.
    public var query = "self_attn.q_proj.output"
    /// Keys before they are rotated.
    public var key = "self_attn.k_proj.output"
    /// Values.
    public var value = "self_attn.v_proj.output"
    /// The attention's module, which the pattern is named after.
    public var attention = "self_attn"
    /// The output projection, whose input is z.
    public var output = "self_attn.o_proj"
    /// What the attention adds to the residual stream.
    public var attentionOut = "self_attn.o_proj.output"
    /// What reads the residual stream between attention and MLP.
    public var residualMid = "post_attention_layernorm.input"
    /// What goes into the activation; the gate of a gated MLP.
    public var mlpPre = "mlp.gate_proj.output"
    /// What a gated MLP multiplies the activated gate by.
    public var mlpPreLinear = "mlp.up_proj.output"
    /// The MLP's last projection, whose input is ``SiteKind/mlpPost``.
    public var down = "mlp.down_proj"
    /// What the MLP adds to the residual stream.
    public var mlpOut = "mlp.output"
    /// The norm before the unembedding.
    public var finalNorm = "model.norm"
    /// The unembedding, whose output are the logits.
    public var unembedding = "lm_head"

    /// The names of Llama, which most families share.
    public static let llama = ModuleNames()

    /// The names of Llama; a family sets those that it has otherwise.
    public init() {}
}
