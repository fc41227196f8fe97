"""transformers' Llama and a tokenizer made of what a GGUF file holds, nothing downloaded: weights dequantised to float32."""

import gguf
import numpy
import tokenizers
import torch
from tokenizers import decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

parts = {
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    "token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head",
}


def field(reader, name, default=None):
    entry = reader.get_field(name)
    return default if entry is None else entry.contents()


def unpermuted(rows: numpy.ndarray, heads: int) -> numpy.ndarray:
    """Rows of q or k from GGUF's order (pairs that turn together lie side by side) to Hugging Face's (halves)."""
    return rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def weights(reader) -> dict:
    """Every tensor in float32 under its Hugging Face name."""
    heads = field(reader, "llama.attention.head_count")
    kv_heads = field(reader, "llama.attention.head_count_kv", heads)
    result = {}
    for tensor in reader.tensors:
        if tensor.name == "rope_freqs.weight":
            continue
        value = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        stem, kind = tensor.name.rsplit(".", 1)
        prefix = ""
        if stem.startswith("blk."):
            _, layer, stem = stem.split(".")
            prefix = f"model.layers.{layer}."
        if stem in ("attn_q", "attn_k"):
            value = unpermuted(value, heads if stem == "attn_q" else kv_heads)
        result[f"{prefix}{parts[stem]}.{kind}"] = torch.from_numpy(numpy.ascontiguousarray(value))
    return result


def configuration(reader) -> LlamaConfig:
    get = lambda name, default=None: field(reader, "llama." + name, default)
    if field(reader, "general.architecture") != "llama":
        raise SystemExit("only files of the architecture llama")
    if get("rope.scaling.type") not in (None, "none") or any(t.name == "rope_freqs.weight" for t in reader.tensors):
        raise SystemExit("scaled rotation is not read here")
    heads = get("attention.head_count")
    return LlamaConfig(
        vocab_size=len(field(reader, "tokenizer.ggml.tokens")),
        hidden_size=get("embedding_length"),
        intermediate_size=get("feed_forward_length"),
        num_hidden_layers=get("block_count"),
        num_attention_heads=heads,
        num_key_value_heads=get("attention.head_count_kv", heads),
        head_dim=get("attention.key_length", get("embedding_length") // heads),
        max_position_embeddings=get("context_length"),
        rms_norm_eps=get("attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": get("rope.freq_base", 10000.0)},
        tie_word_embeddings=not any(tensor.name == "output.weight" for tensor in reader.tensors),
        attn_implementation="eager",
    )


def load(path: str) -> LlamaForCausalLM:
    """The model in float32 with eager attention."""
    reader = gguf.GGUFReader(path)
    config = configuration(reader)
    state = weights(reader)
    if config.tie_word_embeddings:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model = LlamaForCausalLM(config).float().eval()
    model.load_state_dict(state, strict=True)
    return model


def tokenizer(path: str) -> tokenizers.Tokenizer:
    """The byte-level BPE of SmolLM2 (pre-tokenizer smollm): digits one by one, GPT-2's pattern, special tokens parsed."""
    reader = gguf.GGUFReader(path)
    if field(reader, "tokenizer.ggml.pre") != "smollm":
        raise SystemExit("only the pre-tokenizer smollm is built here")
    pieces = field(reader, "tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in field(reader, "tokenizer.ggml.merges")]
    result = tokenizers.Tokenizer(models.BPE({piece: index for index, piece in enumerate(pieces)}, merges))
    result.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ])
    result.decoder = decoders.ByteLevel()
    kinds = field(reader, "tokenizer.ggml.token_type")
    control = [piece for piece, kind in zip(pieces, kinds) if kind == gguf.TokenType.CONTROL]
    result.add_special_tokens([tokenizers.AddedToken(piece, special=True, normalized=False) for piece in control])
    assert result.get_vocab_size() == len(pieces)
    return result
