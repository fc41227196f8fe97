"""transformers models of other families made of what a GGUF file holds: qwen2 and gemma3, weights dequantised to float32.

What a GGUF leaves to the family is set here as transformers' published configurations have it: gemma3's windows in five
of six layers, its bases of rotation, its scale of the scores. gguf_llama.py does the same for Llama.
"""

import gguf
import numpy
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig, Qwen2Config, Qwen2ForCausalLM

from gguf_llama import field, parts

gemma_parts = parts | {
    "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm", "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm", "post_ffw_norm": "post_feedforward_layernorm",
}


def common(get, reader) -> dict:
    heads = get("attention.head_count")
    return {
        "vocab_size": len(field(reader, "tokenizer.ggml.tokens")), "hidden_size": get("embedding_length"),
        "intermediate_size": get("feed_forward_length"), "num_hidden_layers": get("block_count"),
        "num_attention_heads": heads, "num_key_value_heads": get("attention.head_count_kv", heads),
        "max_position_embeddings": get("context_length"), "rms_norm_eps": get("attention.layer_norm_rms_epsilon"),
        "tie_word_embeddings": not any(tensor.name == "output.weight" for tensor in reader.tensors),
        "attn_implementation": "eager",
    }


def qwen2(get, reader):
    config = Qwen2Config(**common(get, reader), rope_parameters={"rope_type": "default", "rope_theta": get("rope.freq_base")})
    return Qwen2ForCausalLM, config, parts, 0.0


def gemma3(get, reader):
    size = get("attention.key_length")
    kinds = ["full_attention" if layer % 6 == 5 else "sliding_attention" for layer in range(get("block_count"))]
    config = Gemma3TextConfig(
        **common(get, reader), head_dim=size, query_pre_attn_scalar=size, sliding_window=get("attention.sliding_window"),
        layer_types=kinds, rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": get("rope.freq_base")},
            "sliding_attention": {"rope_type": "default", "rope_theta": get("rope.freq_base_swa", 10000.0)}})
    return Gemma3ForCausalLM, config, gemma_parts, 1.0


def load(path):
    """The model in float32 with eager attention."""
    reader = gguf.GGUFReader(path)
    family = field(reader, "general.architecture")
    if any("rope.scaling" in name for name in reader.fields):
        raise SystemExit("scaled rotation is not read here")
    get = lambda name, default=None: field(reader, f"{family}.{name}", default)
    kind, config, names, added = {"qwen2": qwen2, "gemma3": gemma3}[family](get, reader)
    with torch.device("meta"):
        model = kind(config)
    state = {}
    for tensor in reader.tensors:
        value = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        stem, suffix = tensor.name.rsplit(".", 1)
        prefix = ""
        if stem.startswith("blk."):
            _, layer, stem = stem.split(".")
            prefix = f"model.layers.{layer}."
        if "norm" in stem:
            value = value - numpy.float32(added)  # gemma multiplies by 1 + weight; the file has the 1 in it
        state[f"{prefix}{names[stem]}.{suffix}"] = torch.from_numpy(numpy.ascontiguousarray(value))
    if config.tie_word_embeddings:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict(state, strict=True, assign=True)
    # Buffers are computed from the configuration when modules are made, which the meta device leaves out.
    model.model.rotary_emb = type(model.model.rotary_emb)(config)
    if hasattr(model.model.embed_tokens, "scalar_embed_scale"):
        scale = torch.tensor(model.model.embed_tokens.scalar_embed_scale)
        model.model.embed_tokens.embed_scale = torch.nn.Buffer(scale, persistent=False)
    assert not any(value.is_meta for value in [*model.parameters(), *model.buffers()])
    return model.eval()
