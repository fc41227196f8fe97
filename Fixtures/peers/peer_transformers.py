"""transformers with forward hooks, the usual way to read and edit heads, as a peer of headsteer-bench.

    peer_transformers.py MODEL.gguf [--dtype float32|bfloat16] [--threads 2]

Weights are those of the GGUF file, unpacked. z is the input of each o_proj: a forward pre-hook reads or edits it. Operations:
about, prompt, collect, sweep (see the functions).
"""

import argparse
import contextlib
import os
import sys
import time

options = argparse.ArgumentParser()
options.add_argument("model")
options.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
options.add_argument("--threads", type=int, default=2)
options = options.parse_args()

# Nothing is to be asked of a hub.
os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))

import gguf
import torch
import transformers
from transformers import LlamaForCausalLM

import gguf_llama
import line_server

torch.set_num_threads(options.threads)
torch.set_grad_enabled(False)
transformers.utils.logging.set_verbosity_error()


def loaded() -> LlamaForCausalLM:
    reader = gguf.GGUFReader(options.model)
    configuration = gguf_llama.configuration(reader)
    configuration._attn_implementation = "sdpa"
    state = gguf_llama.weights(reader)
    if configuration.tie_word_embeddings:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model = LlamaForCausalLM(configuration).eval()
    model.load_state_dict(state, strict=True)
    return model.to(getattr(torch, options.dtype))


model = loaded()
size = model.config.head_dim


@contextlib.contextmanager
def edited(layer: int, head: int, strength: float):
    """Adds strength to every value of z of one head, at the last position."""
    direction = torch.full((size,), strength, dtype=model.dtype)

    def hook(module, arguments):
        z = arguments[0].clone()
        z[:, -1, head * size : (head + 1) * size] += direction
        return (z,) + arguments[1:]

    handle = model.model.layers[layer].self_attn.o_proj.register_forward_pre_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def about() -> dict:
    version = f"transformers {transformers.__version__}, torch {torch.__version__}"
    return {"name": f"transformers {options.dtype}", "version": version}


def prompt(tokens: list) -> dict:
    """The seconds that a prompt takes, to the logits of its last token; no hooks."""
    ids = torch.tensor([tokens])
    start = time.perf_counter()
    model(ids, use_cache=True, logits_to_keep=1)
    return {"seconds": time.perf_counter() - start}


def collect(texts: list, batch: int) -> dict:
    """The seconds that z of all heads at each text's last token takes; texts of one length, `batch` at a time."""
    kept = []
    hooks = [
        layer.self_attn.o_proj.register_forward_pre_hook(
            lambda module, arguments: kept.append(arguments[0][:, -1].float().clone()))
        for layer in model.model.layers
    ]
    try:
        start = time.perf_counter()
        for first in range(0, len(texts), batch):
            model.model(torch.tensor(texts[first : first + batch]), use_cache=False)
        torch.stack(kept)
        return {"seconds": time.perf_counter() - start}
    finally:
        for hook in hooks:
            hook.remove()


def sweep(prompts: list, sites: list, strength: float) -> dict:
    """The seconds that editing each of the heads [layer, head] takes, one after the other; prompts of one length."""
    ids = torch.tensor(prompts)
    start = time.perf_counter()
    for layer, head in sites:
        with edited(layer, head, strength):
            model(ids, use_cache=False, logits_to_keep=1)
    return {"seconds": time.perf_counter() - start}


line_server.serve({"about": about, "prompt": prompt, "collect": collect, "sweep": sweep})
