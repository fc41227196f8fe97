"""xllamacpp's wheel as a peer of headsteer-bench: llama.cpp's server inside this process, asked without a network.

    peer_xllamacpp.py MODEL.gguf [--threads 2] [--context 4096]

Operations: about, prompt, decode, next, as in peer_llama_cpp.py. Times are those that the server takes itself, and decode is of
tokens that it chooses greedily: it can't be told which ones come.
"""

import argparse

import line_server
import wheel

wheel.use("xllamacpp")

from importlib import metadata

import xllamacpp

options = argparse.ArgumentParser()
options.add_argument("model")
options.add_argument("--threads", type=int, default=2)
options.add_argument("--context", type=int, default=4096)
options = options.parse_args()

parameters = xllamacpp.CommonParams()
parameters.model.path = options.model
parameters.n_ctx = options.context
parameters.n_batch = parameters.n_ubatch = 512
parameters.n_parallel = 1
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = options.threads
parameters.verbosity = -1
server = xllamacpp.Server(parameters)


def complete(tokens: list, count: int, **more) -> dict:
    answer = server.handle_completions(
        {
            "prompt": tokens, "n_predict": count, "temperature": 0, "ignore_eos": True, "cache_prompt": False, **more
        })
    if "timings" not in answer:
        raise RuntimeError(str(answer))
    return answer


def about() -> dict:
    return {
        "name": "xllamacpp",
        "version": f"xllamacpp {metadata.version('xllamacpp')}",
        "features": xllamacpp.get_system_info(),
    }


def prompt(tokens: list) -> dict:
    """The seconds that a prompt takes."""
    timings = complete(tokens, 1)["timings"]
    if timings["prompt_n"] != len(tokens):
        raise RuntimeError(f"it read {timings['prompt_n']} tokens, not {len(tokens)}")
    return {"seconds": timings["prompt_ms"] / 1000}


def decode(prompt: list, tokens: list) -> dict:
    """The seconds that as many tokens as `tokens` take after a prompt."""
    # The first one comes of the prompt.
    timings = complete(prompt, len(tokens) + 1)["timings"]
    if timings["predicted_n"] != len(tokens) + 1:
        raise RuntimeError(f"it wrote {timings['predicted_n']} tokens, not {len(tokens) + 1}")
    return {"seconds": timings["predicted_ms"] / 1000}


def next(tokens: list) -> dict:
    """The likeliest token after a prompt."""
    return {"token": complete(tokens, 1, logprobs=1)["choices"][0]["logprobs"]["content"][0]["id"]}


line_server.serve({"about": about, "prompt": prompt, "decode": decode, "next": next})
