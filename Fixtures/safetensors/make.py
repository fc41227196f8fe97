"""Writes a tensor of every element type that PyTorch's safetensors writes, named by the type: for SafetensorsValuesTests.

Run: python3 make.py (needs torch and safetensors; the file here is from torch 2.15 and safetensors 0.8)
"""

import pathlib

import torch
from safetensors.torch import save_file

TYPES = [
    "bool", "uint8", "int8", "float8_e5m2", "float8_e4m3fn", "float8_e8m0fnu", "float8_e4m3fnuz", "float8_e5m2fnuz",
    "int16", "uint16", "float16", "bfloat16", "int32", "uint32", "float32", "complex64", "float64", "int64", "uint64",
]

tensors = {name: torch.tensor([[1, 0, 1], [0, 1, 1]]).to(getattr(torch, name)) for name in TYPES}
# Two numbers of 4 bits to an element.
tensors["float4_e2m1fn_x2"] = torch.tensor([[1, 2], [3, 4]], dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
save_file(tensors, pathlib.Path(__file__).parent / "types.safetensors", metadata={"format": "pt"})
