"""Writes rope-frequencies.json: what transformers computes as rotary frequencies of models whose frequencies are scaled, at sizes
at which each part of the rule has some: kept, divided and those between. The tiny models have none between.

    python Fixtures/numerics/rope_frequencies.py        (packages: Fixtures/reference/requirements.txt)
"""

import json
import pathlib

from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

cases = {
    "llama-3.1-8b": dict(
        head_dim=128, rope_theta=500000.0, max_position_embeddings=131072,
        scaling=dict(
            rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=8192)),
    "llama-3.2-1b": dict(
        head_dim=64, rope_theta=500000.0, max_position_embeddings=131072,
        scaling=dict(
            rope_type="llama3", factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=8192)),
    "yarn": dict(
        head_dim=128, rope_theta=1000000.0, max_position_embeddings=131072,
        scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32768)),
}

out = {}
for name, case in cases.items():
    rope = dict(case["scaling"], rope_theta=case["rope_theta"])
    config = LlamaConfig(
        hidden_size=32 * case["head_dim"], num_attention_heads=32, head_dim=case["head_dim"],
        max_position_embeddings=case["max_position_embeddings"], rope_parameters=rope)
    frequencies, magnitude = ROPE_INIT_FUNCTIONS[rope["rope_type"]](config, "cpu")
    out[name] = dict(rope, size=case["head_dim"], magnitude=float(magnitude), frequencies=frequencies.tolist())

path = pathlib.Path(__file__).parent / "rope-frequencies.json"
path.write_text(json.dumps(out, indent=1) + "\n")
