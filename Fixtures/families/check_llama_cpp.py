"""Compares llama.cpp's logits of each family's GGUF with transformers' of its folder, and notes the difference in NAME.json.

    python Fixtures/families/check_llama_cpp.py [NAME ...] [--write] [--exact-gelu]

Needs llama-cpp-python 0.3.36: installed, or its source archive in PYTHONPATH and a libllama built from it at
LLAMA_CPP_LIB_PATH. Everything runs in float32, keys and values too, without flash attention; but llama.cpp looks its GELU
up in a table of half precision. --exact-gelu says that the library was built without (the two lines that define
GGML_GELU_FP16 and GGML_GELU_QUICK_FP16 in ggml/src/ggml-cpu/vec.h taken out), and writes under another name.
"""

import argparse
import json
import pathlib
import sys

import numpy
import torch
from safetensors.numpy import load_file

import model as making

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "interchange"))
import llama_logits  # noqa: E402

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("names", nargs="*")
parser.add_argument("--write", action="store_true")
parser.add_argument("--exact-gelu", action="store_true")
options = parser.parse_args()
key = "llamaCppExactGelu" if options.exact_gelu else "llamaCpp"
for name in options.names or sorted(path.stem for path in here.glob("*.gguf")):
    path = here / f"{name}.json"
    report = json.loads(path.read_text())
    ids = report["ids"]
    theirs = llama_logits.Model(here / f"{name}.gguf").logits(ids)
    with torch.no_grad():
        ours = making.load(here / name)(torch.tensor([ids]), use_cache=False).logits[0].numpy()
    stored = load_file(here / f"{name}.reference.safetensors")["logits"]
    difference = numpy.abs(ours[report["logitPositions"]] - stored).max()
    if difference > 2 * report["float32"]["largestLogitDifference"] + 1e-6:
        raise SystemExit(f"{name}: transformers differs from the stored values by {difference}")
    apart = numpy.abs(theirs - ours).max(axis=1)
    far = next((position for position, by in enumerate(apart) if by > 1e-3), None)
    print(f"{name}: logits up to {abs(ours).max():.2f} differ by {apart.max():.1e}, by more than 1e-3 from position {far} on")
    if options.write:
        found = {f"{key}LargestDifference": float(apart.max()), f"{key}DiffersFrom": far}
        kept = [line for line in path.read_text().splitlines()[:-1] if not any(f' "{name}":' in line for name in found)]
        kept[-1] = kept[-1].removesuffix(",") + ","
        path.write_text("\n".join(kept) + "\n" + ",\n".join(f' "{name}": {json.dumps(found[name])}' for name in found) + "\n}\n")
        json.loads(path.read_text())
