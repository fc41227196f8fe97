"""Llama written out in plain torch, in any precision, with every site kept: the second opinion next to transformers.

transformers computes norms, rotation angles and softmax in float32 whatever the type of the weights, so it cannot say how
much of a difference is float32 rounding. This can: run it in float64. Nothing here is taken from transformers but the
names of the weights; the rotation frequencies come from the configuration by the published formulas.
"""

import math

import torch


def rotation_frequencies(config: dict, head_size: int, dtype: torch.dtype) -> torch.Tensor:
    """Angles per position [headSize / 2], with linear or llama3 scaling. `config` is config.json as a dictionary."""
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    base = rope.get("rope_theta", config.get("rope_theta", 10000.0))
    kind = rope.get("rope_type", rope.get("type", "default"))
    frequencies = []
    for index in range(head_size // 2):
        frequency = base ** (-2.0 * index / head_size)
        if kind == "linear":
            frequency /= rope["factor"]
        elif kind == "llama3":
            wavelength = 2 * math.pi / frequency
            original = rope["original_max_position_embeddings"]
            low, high = rope["low_freq_factor"], rope["high_freq_factor"]
            if wavelength > original / low:
                frequency /= rope["factor"]
            elif wavelength >= original / high:
                smooth = (original / wavelength - low) / (high - low)
                frequency *= (1 - smooth) / rope["factor"] + smooth
        elif kind != "default":
            raise ValueError(f"rope type {kind} is not known here")
        frequencies.append(frequency)
    return torch.tensor(frequencies, dtype=torch.float64).to(dtype)


def rms_norm(x: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * weight


def rotate_halves(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """x [T, heads, headSize]: dimension i turns with dimension i + headSize / 2 by angles [T, headSize / 2]."""
    first, second = x.chunk(2, dim=-1)
    cosine, sine = angles.cos()[:, None], angles.sin()[:, None]
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)


@torch.no_grad()
def run(config: dict, weights: dict, ids: list[int], dtype: torch.dtype = torch.float64) -> dict:
    """Every site of a forward pass over `ids`; names and shapes as in README.md beside this file."""
    w = lambda name: weights[name].to(dtype)
    heads = config["num_attention_heads"]
    kv_heads = config.get("num_key_value_heads") or heads
    size = config.get("head_dim") or config["hidden_size"] // heads
    epsilon = config["rms_norm_eps"]
    length = len(ids)
    angles = torch.arange(length, dtype=dtype)[:, None] * rotation_frequencies(config, size, dtype)
    future = torch.ones(length, length, dtype=torch.bool).triu(1)
    sites = {}

    def linear(x, name):
        y = x @ w(name + ".weight").T
        return y + w(name + ".bias") if name + ".bias" in weights else y

    x = w("model.embed_tokens.weight")[torch.tensor(ids)]
    for layer in range(config["num_hidden_layers"]):
        at, block = f"blocks.{layer}.", f"model.layers.{layer}."
        sites[at + "hook_resid_pre"] = x
        normed = rms_norm(x, w(block + "input_layernorm.weight"), epsilon)
        q = linear(normed, block + "self_attn.q_proj").view(length, heads, size)
        k = linear(normed, block + "self_attn.k_proj").view(length, kv_heads, size)
        v = linear(normed, block + "self_attn.v_proj").view(length, kv_heads, size)
        rot_q, rot_k = rotate_halves(q, angles), rotate_halves(k, angles)
        shared = heads // kv_heads
        scores = torch.einsum("qhd,khd->hqk", rot_q, rot_k.repeat_interleave(shared, 1)) / math.sqrt(size)
        pattern = scores.masked_fill(future, -math.inf).softmax(-1)
        z = torch.einsum("hqk,khd->qhd", pattern, v.repeat_interleave(shared, 1))
        attention = linear(z.reshape(length, heads * size), block + "self_attn.o_proj")
        middle = x + attention
        normed = rms_norm(middle, w(block + "post_attention_layernorm.weight"), epsilon)
        gate, up = linear(normed, block + "mlp.gate_proj"), linear(normed, block + "mlp.up_proj")
        post = torch.nn.functional.silu(gate) * up
        mlp = linear(post, block + "mlp.down_proj")
        x = middle + mlp
        for name, value in [
            ("attn.hook_q", q), ("attn.hook_k", k), ("attn.hook_v", v), ("attn.hook_rot_q", rot_q),
            ("attn.hook_rot_k", rot_k), ("attn.hook_pattern", pattern), ("attn.hook_z", z),
            ("hook_attn_out", attention), ("hook_resid_mid", middle), ("mlp.hook_pre", gate),
            ("mlp.hook_pre_linear", up), ("mlp.hook_post", post), ("hook_mlp_out", mlp), ("hook_resid_post", x),
        ]:
            sites[at + name] = value
    sites["ln_final.hook_normalized"] = rms_norm(x, w("model.norm.weight"), epsilon)
    tied = config.get("tie_word_embeddings", False)
    output = w("model.embed_tokens.weight" if tied else "lm_head.weight")
    sites["logits"] = sites["ln_final.hook_normalized"] @ output.T
    return sites
