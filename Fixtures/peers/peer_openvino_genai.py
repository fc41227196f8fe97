"""openvino-genai's wheel as a peer of headsteer-bench: its LLMPipeline on a GGUF file.

    peer_openvino_genai.py MODEL.gguf [--threads 2] [--context 4096]

Operations: about, prompt, decode, next, as in peer_llama_cpp.py. decode is of tokens that it chooses greedily: it can't be
told which ones come. The context grows as it is needed.
"""

import argparse
import time

import line_server
import wheel

wheel.use("openvino-genai")

import numpy
import openvino
import openvino_genai

options = argparse.ArgumentParser()
options.add_argument("model")
options.add_argument("--threads", type=int, default=2)
options.add_argument("--context", type=int, default=4096)
options = options.parse_args()

# By itself it keeps the keys and values of prompts that it has read, and reads none twice.
scheduler = openvino_genai.SchedulerConfig()
scheduler.enable_prefix_caching = False
pipeline = openvino_genai.LLMPipeline(
    options.model, "CPU", scheduler_config=scheduler, INFERENCE_NUM_THREADS=options.threads,
    PERFORMANCE_HINT="LATENCY")


def complete(tokens: list, count: int):
    ids = openvino.Tensor(numpy.array([tokens], dtype=numpy.int64))
    mask = openvino.Tensor(numpy.ones((1, len(tokens)), dtype=numpy.int64))
    settings = openvino_genai.GenerationConfig(max_new_tokens=count, ignore_eos=True, do_sample=False)
    result = pipeline.generate(openvino_genai.TokenizedInputs(ids, mask), settings)
    if len(result.tokens[0]) != count:
        raise RuntimeError(f"it wrote {len(result.tokens[0])} tokens, not {count}")
    return result


def about() -> dict:
    version = f"openvino-genai {openvino_genai.__version__}, openvino {openvino.__version__}"
    return {"name": "OpenVINO GenAI", "version": version}


def prompt(tokens: list) -> dict:
    """The seconds that a prompt takes, to the token after it."""
    start = time.perf_counter()
    complete(tokens, 1)
    return {"seconds": time.perf_counter() - start}


def decode(prompt: list, tokens: list) -> dict:
    """The seconds that as many tokens as `tokens` take after a prompt: its own mean time between two of them."""
    # The first one comes of the prompt.
    mean = complete(prompt, len(tokens) + 1).perf_metrics.get_tpot().mean / 1000
    return {"seconds": mean * len(tokens)}


def next(tokens: list) -> dict:
    """The likeliest token after a prompt."""
    return {"token": int(complete(tokens, 1).tokens[0][0])}


line_server.serve({"about": about, "prompt": prompt, "decode": decode, "next": next})
