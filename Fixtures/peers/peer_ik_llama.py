"""ik_llama.cpp, by ik-llama-cpp-python, as a peer of headsteer-bench.

    peer_ik_llama.py MODEL.gguf [--threads 2] [--context 4096]

Operations: about, prompt, decode, next, as in peer_llama_cpp.py. Weights are repacked when the model is opened (ik_llama.cpp's
-rtr) and attention is fused: its fastest way. The package is looked for in the folder ik beside this Python's own
(Fixtures/venv/ik, where install.sh puts it: its shared libraries have llama.cpp's names), or in HEADSTEER_BENCH_IK.
"""

import argparse
import ctypes
import os
import sys
import time
from importlib import metadata

sys.path.insert(0, os.environ.get("HEADSTEER_BENCH_IK") or os.path.join(sys.prefix, "ik"))

from ik_llama_cpp import _ctypes_api as c
from ik_llama_cpp._internals import make_batch_range, make_batch_single

import line_server

options = argparse.ArgumentParser()
options.add_argument("model")
options.add_argument("--threads", type=int, default=2)
options.add_argument("--context", type=int, default=4096)
options = options.parse_args()

c.llama_backend_init()
parameters = c.llama_model_default_params()
parameters.repack_tensors = True
parameters.use_mmap = False
model = c.llama_model_load_from_file(options.model.encode(), parameters)
if not model:
    raise SystemExit(f"ik_llama.cpp can't open {options.model}")
parameters = c.llama_context_default_params()
parameters.n_ctx = options.context
parameters.n_batch = parameters.n_ubatch = 512
parameters.n_threads = parameters.n_threads_batch = options.threads
parameters.flash_attn = True
context = c.llama_init_from_model(model, parameters)
if not context:
    raise SystemExit("ik_llama.cpp can't make a context")


def evaluate(batch) -> None:
    status = c.llama_decode(context, batch)
    if status != 0:
        raise RuntimeError(f"llama_decode gave {status}")
    c.llama_get_logits_ith(context, -1)


def read(tokens: list) -> None:
    for start in range(0, len(tokens), 512):
        part = tokens[start : start + 512]
        batch = make_batch_range(part, pos_start=start, logits_last=start + len(part) == len(tokens))
        evaluate(batch) if start + len(part) == len(tokens) else c.llama_decode(context, batch)
        c.llama_batch_free(batch)


def about() -> dict:
    system = c._lib.llama_print_system_info
    system.restype = ctypes.c_char_p
    return {
        "name": "ik_llama.cpp",
        "version": f"ik-llama-cpp-python {metadata.version('ik-llama-cpp-python')}",
        "features": system().decode(),
    }


def prompt(tokens: list) -> dict:
    """The seconds that a prompt takes, to the logits of its last token."""
    c.llama_kv_cache_clear(context)
    start = time.perf_counter()
    read(tokens)
    return {"seconds": time.perf_counter() - start}


def next(tokens: list) -> dict:
    """The likeliest token after a prompt."""
    c.llama_kv_cache_clear(context)
    read(tokens)
    logits = c.llama_get_logits_ith(context, -1)
    count = c.llama_vocab_n_tokens(c.llama_model_get_vocab(model))
    return {"token": max(range(count), key=lambda token: logits[token])}


def decode(prompt: list, tokens: list) -> dict:
    """The seconds that tokens after a prompt take, one at a time; the prompt is not timed."""
    c.llama_kv_cache_clear(context)
    read(prompt)
    start = time.perf_counter()
    for offset, token in enumerate(tokens):
        batch = make_batch_single(token, len(prompt) + offset)
        evaluate(batch)
        c.llama_batch_free(batch)
    return {"seconds": time.perf_counter() - start}


line_server.serve({"about": about, "prompt": prompt, "decode": decode, "next": next})
