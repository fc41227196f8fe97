"""Makes the other formats of a model for llama.cpp: NAME.Q8_0.gguf, … beside NAME.Q4_1.gguf, from its weights.

    formats.py MODEL.gguf [FORMAT …]        by default Q8_0 Q4_K_M F16 BF16

The weights lose what each format loses; for speed that is all the same. A file that is there is kept.
"""

import os
import sys

import llama_cpp_library

c, _ = llama_cpp_library.bindings("native")
types = {"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "Q4_K_M": 15, "BF16": 32}

if len(sys.argv) < 2 or any(name not in types for name in sys.argv[2:]):
    raise SystemExit(f"usage: formats.py NAME.FORMAT.gguf [{' | '.join(types)} …]")
source = sys.argv[1]
stem = source.removesuffix(".gguf").rsplit(".", 1)[0]
for name in sys.argv[2:] or ["Q8_0", "Q4_K_M", "F16", "BF16"]:
    target = f"{stem}.{name}.gguf"
    if os.path.exists(target):
        continue
    parameters = c.llama_model_quantize_default_params()
    parameters.ftype = types[name]
    parameters.allow_requantize = True
    parameters.nthread = 2
    partial = f"{target}.partial"
    if c.llama_model_quantize(source.encode(), partial.encode(), parameters) != 0:
        raise SystemExit(f"llama.cpp can't make {target}")
    os.replace(partial, target)
    print(f"{target} is ready ({os.path.getsize(target) / 1e6:.0f} MB).")
