"""Writes mlp-bias/, a tiny Llama whose linear layers all have biases, and mlp-bias.json: its logits by plain NumPy in float64.

    python Fixtures/numerics/mlp_bias.py        (packages: ../reference/requirements.txt; transformers checks the numbers)
"""

import json
import pathlib

import numpy
from safetensors.numpy import save_file

here = pathlib.Path(__file__).resolve().parent
config = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "vocab_size": 24, "hidden_size": 16,
    "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": None,
    "rms_norm_eps": 1e-5, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True, "rope_theta": 10000.0,
    "rope_scaling": None, "max_position_embeddings": 64, "dtype": "float32",
}
width, inner, heads, groups, layers = 16, 20, 4, 2, 2
size = width // heads
random = numpy.random.default_rng(7)
shapes = {"model.embed_tokens.weight": (24, width), "model.norm.weight": (width,)}
for layer in range(layers):
    at = f"model.layers.{layer}."
    shapes |= {at + "input_layernorm.weight": (width,), at + "post_attention_layernorm.weight": (width,)}
    for name, rows, columns in [
        ("self_attn.q_proj", width, width), ("self_attn.k_proj", groups * size, width),
        ("self_attn.v_proj", groups * size, width), ("self_attn.o_proj", width, width), ("mlp.gate_proj", inner, width),
        ("mlp.up_proj", inner, width), ("mlp.down_proj", width, inner),
    ]:
        shapes |= {f"{at}{name}.weight": (rows, columns), f"{at}{name}.bias": (rows,)}
weights = {key: random.normal(0, 0.4, shape).astype(numpy.float32) for key, shape in shapes.items()}
for key in weights:
    if "norm" in key:
        weights[key] += 1


def norm(x, weight):
    return x / numpy.sqrt((x * x).mean(-1, keepdims=True) + config["rms_norm_eps"]) * weight


def rotated(x, positions):
    frequencies = config["rope_theta"] ** (-numpy.arange(0, size, 2) / size)
    angles = positions[:, None, None] * frequencies
    first, second = x[..., : size // 2], x[..., size // 2:]
    return numpy.concatenate(
        [first * numpy.cos(angles) - second * numpy.sin(angles), second * numpy.cos(angles) + first * numpy.sin(angles)], -1)


def forward(ids):
    w = {key: value.astype(numpy.float64) for key, value in weights.items()}
    count = len(ids)
    positions = numpy.arange(count, dtype=numpy.float64)
    x = w["model.embed_tokens.weight"][ids]
    for layer in range(layers):
        def linear(name, value):
            at = f"model.layers.{layer}.{name}"
            return value @ w[at + ".weight"].T + w[at + ".bias"]

        h = norm(x, w[f"model.layers.{layer}.input_layernorm.weight"])
        q = rotated(linear("self_attn.q_proj", h).reshape(count, heads, size), positions)
        k = rotated(linear("self_attn.k_proj", h).reshape(count, groups, size), positions)
        v = linear("self_attn.v_proj", h).reshape(count, groups, size)
        z = numpy.zeros((count, heads, size))
        for head in range(heads):
            group = head // (heads // groups)
            scores = q[:, head] @ k[:, group].T / numpy.sqrt(size)
            scores[numpy.triu_indices(count, 1)] = -numpy.inf
            scores = numpy.exp(scores - scores.max(-1, keepdims=True))
            z[:, head] = scores / scores.sum(-1, keepdims=True) @ v[:, group]
        x = x + linear("self_attn.o_proj", z.reshape(count, width))
        h = norm(x, w[f"model.layers.{layer}.post_attention_layernorm.weight"])
        gate = linear("mlp.gate_proj", h)
        x = x + linear("mlp.down_proj", gate / (1 + numpy.exp(-gate)) * linear("mlp.up_proj", h))
    return norm(x, w["model.norm.weight"]) @ w["model.embed_tokens.weight"].T


folder = here / "mlp-bias"
folder.mkdir(exist_ok=True)
(folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
save_file(weights, folder / "model.safetensors")
ids = [1, 7, 23, 0, 11, 7]
logits = forward(ids)

import torch  # noqa: E402
from transformers import LlamaForCausalLM  # noqa: E402

theirs = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)(torch.tensor([ids])).logits[0].detach().numpy()
print("largest difference from transformers:", abs(theirs - logits).max(), "of", abs(logits).max())
assert abs(theirs - logits).max() < 1e-4
lines = ",\n  ".join(json.dumps([round(float(value), 7) for value in row]) for row in logits)
(here / "mlp-bias.json").write_text(f'{{"ids": {ids}, "logits": [\n  {lines}\n]}}\n')
