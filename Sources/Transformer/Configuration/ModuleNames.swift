/// The names of a family's modules in Hugging Face's implementation, where `#` stands for the layer.
///
/// The Hugging Face names of sites are made from them. If several tensors share a module, such as a fused projection,
/// the tensor's name is added after the module's.
public struct ModuleNames: Sendable, Equatable {
    /// A layer's module, whose input is ``SiteKind/residualPre`` and whose output is ``SiteKind/residualPost``.
    public var layer = "model.layers.#"
    /// Queries before they are rotated; like all names below, this follows the layer's name.
    public var query = "self_attn.q_proj.output"
    /// Keys before they are rotated.
    public var key = "self_attn.k_proj.output"
    /// Values.
    public var value = "self_attn.v_proj.output"
    /// The attention's module, after which the pattern is named.
    public var attention = "self_attn"
    /// The output projection, whose input is z.
    public var output = "self_attn.o_proj"
    /// The output that the attention adds to the residual stream.
    public var attentionOut = "self_attn.o_proj.output"
    /// The place where the residual stream between attention and MLP is read.
    public var residualMid = "post_attention_layernorm.input"
    /// The input of the activation; in a gated MLP, its gate.
    public var mlpPre = "mlp.gate_proj.output"
    /// The factor by which a gated MLP multiplies the activated gate.
    public var mlpPreLinear = "mlp.up_proj.output"
    /// The MLP's last projection, whose input is ``SiteKind/mlpPost``.
    public var down = "mlp.down_proj"
    /// The output that the MLP adds to the residual stream.
    public var mlpOut = "mlp.output"
    /// The norm before the unembedding.
    public var finalNorm = "model.norm"
    /// The unembedding, whose output is the logits.
    public var unembedding = "lm_head"

    /// The names of Llama, which most families share.
    public static let llama = ModuleNames()

    /// The names of Llama; a family sets those that differ.
    public init() {}
}
