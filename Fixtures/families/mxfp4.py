"""gpt-oss' experts as they are published: blocks of 32 four-bit floats (two in a byte) with a scale, a power of two, each."""

import json
import re

import numpy
from safetensors.torch import load_file, save_file
import torch

unchanged = ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]


def pack(folder, seed: int) -> None:
    """Puts random blocks and scales in place of the experts' matrices of a folder. Biases stay as they are."""
    random = numpy.random.default_rng(seed)
    tensors = load_file(folder / "model.safetensors")
    for name in [name for name in tensors if re.search(r"experts\.(gate_up|down)_proj$", name)]:
        experts, inputs, outputs = tensors.pop(name).shape
        shape = (experts, outputs, inputs // 32)
        tensors[name + "_blocks"] = torch.tensor(random.integers(0, 256, size=(*shape, 16)), dtype=torch.uint8)
        # The values of a block are 0 to 6 times the scale, which is 2 to the byte minus 127; mostly about 0.2.
        tensors[name + "_scales"] = torch.tensor(random.integers(120, 125, size=shape), dtype=torch.uint8)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {"modules_to_not_convert": unchanged, "quant_method": "mxfp4"}
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
