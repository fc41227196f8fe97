"""llama.cpp, by llama-cpp-python, as a peer of headsteer-bench.

    peer_llama_cpp.py MODEL.gguf [--threads 2] [--context 4096] [--import-only]

Operations: about, prompt, decode (see the functions). With --import-only the model is opened by the operation first_token.
"""

import argparse
import time

import llama_cpp
import numpy

import line_server

options = argparse.ArgumentParser()
options.add_argument("model")
options.add_argument("--threads", type=int, default=2)
options.add_argument("--context", type=int, default=4096)
options.add_argument("--import-only", action="store_true")
options = options.parse_args()


def opened(context: int) -> llama_cpp.Llama:
    return llama_cpp.Llama(
        options.model, n_ctx=context, n_batch=512, n_ubatch=512, n_threads=options.threads,
        n_threads_batch=options.threads, verbose=False)


def about() -> dict:
    return {"name": "llama.cpp", "version": f"llama-cpp-python {llama_cpp.__version__}"}


def prompt(tokens: list) -> dict:
    """The seconds that a prompt takes, to the logits of its last token."""
    model.reset()
    start = time.perf_counter()
    model.eval(tokens)
    return {"seconds": time.perf_counter() - start}


def decode(prompt: list, tokens: list) -> dict:
    """The seconds that tokens after a prompt take, one at a time; the prompt is not timed."""
    model.reset()
    model.eval(prompt)
    start = time.perf_counter()
    for token in tokens:
        model.eval([token])
    return {"seconds": time.perf_counter() - start}


def first_token(tokens: list) -> dict:
    """The seconds from opening the file to the token after a prompt."""
    start = time.perf_counter()
    fresh = opened(512)
    fresh.eval(tokens)
    logits = numpy.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(fresh.ctx, -1), (fresh.n_vocab(),))
    token = int(logits.argmax())
    return {"seconds": time.perf_counter() - start, "token": token}


model = None if options.import_only else opened(options.context)
line_server.serve({"about": about, "prompt": prompt, "decode": decode, "first_token": first_token})
