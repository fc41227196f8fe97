#!/usr/bin/env python3
"""Writes small files with Python's safetensors: tensors of one to four axes, and what the package reads back from them.

Run: python3 Fixtures/safetensors/axes.py   (needs numpy and safetensors)
"""
import json
import pathlib

import numpy as np
from safetensors.numpy import load_file, save_file

HERE = pathlib.Path(__file__).parent

FILES = {
    "1d-int32": np.array([7, -8, 2**31 - 1], dtype=np.int32),
    "2d-float64": np.array([[1.5, -2, 3], [0.1, 1e-300, 26]]),
    "3d-float32": np.linspace(-3, 3, 12, dtype=np.float32).reshape(2, 2, 3),
    "4d-float32": (np.arange(18, dtype=np.float32) ** 2 / 7).reshape(2, 3, 1, 3),
}

expected = {}
for name, values in FILES.items():
    path = HERE / f"axes-{name}.safetensors"
    save_file({"embedding": values}, path, metadata={"format": "np"})
    read = load_file(path)["embedding"]
    expected[name] = {"shape": list(read.shape), "values": [float(value) for value in read.astype(np.float32).flatten()]}
(HERE / "axes.json").write_text(json.dumps(expected, indent=1) + "\n")
