"""llama.cpp as a peer of headsteer-bench: one of the builds of its library that llama_cpp_library.py finds.

    peer_llama_cpp.py MODEL.gguf [--build native|without-amx] [--threads 2] [--context 4096] [--import-only]

Operations: about, prompt, decode, next (see the functions). With --import-only the model is opened by the operation
first_token.
"""

import argparse
import time

import numpy

import line_server
import llama_cpp_library

options = argparse.ArgumentParser()
options.add_argument("model")
options.add_argument("--build", choices=llama_cpp_library.builds, default="native")
options.add_argument("--threads", type=int, default=2)
options.add_argument("--context", type=int, default=4096)
options.add_argument("--import-only", action="store_true")
options = options.parse_args()

c, version = llama_cpp_library.bindings(options.build)


class Opened:
    """A model and a context of it, with llama.cpp's own settings but the number of threads and the lengths."""

    def __init__(self, context: int):
        self.model = c.llama_model_load_from_file(options.model.encode(), c.llama_model_default_params())
        if not self.model:
            raise SystemExit(f"llama.cpp can't open {options.model}")
        parameters = c.llama_context_default_params()
        parameters.n_ctx = context
        parameters.n_batch = parameters.n_ubatch = 512
        parameters.n_threads = parameters.n_threads_batch = options.threads
        self.context = c.llama_init_from_model(self.model, parameters)
        if not self.context:
            raise SystemExit("llama.cpp can't make a context")
        self.vocabulary = c.llama_vocab_n_tokens(c.llama_model_get_vocab(self.model))

    def clear(self) -> None:
        c.llama_memory_clear(c.llama_get_memory(self.context), False)

    def read(self, tokens: list) -> None:
        """Takes tokens further, to the logits of the last one."""
        for start in range(0, len(tokens), 512):
            part = tokens[start : start + 512]
            # The batch points to them: they have to live until it is decoded.
            values = (c.llama_token * len(part))(*part)
            status = c.llama_decode(self.context, c.llama_batch_get_one(values, len(part)))
            if status != 0:
                raise RuntimeError(f"llama_decode gave {status}")
        # Waits for them.
        c.llama_get_logits_ith(self.context, -1)

    def likeliest(self) -> int:
        logits = c.llama_get_logits_ith(self.context, -1)
        return int(numpy.ctypeslib.as_array(logits, (self.vocabulary,)).argmax())


def about() -> dict:
    return {
        "name": "llama.cpp",
        "version": f"llama.cpp of llama-cpp-python {version}",
        "features": c.llama_print_system_info().decode(),
    }


def prompt(tokens: list) -> dict:
    """The seconds that a prompt takes, to the logits of its last token."""
    opened.clear()
    start = time.perf_counter()
    opened.read(tokens)
    return {"seconds": time.perf_counter() - start}


def decode(prompt: list, tokens: list) -> dict:
    """The seconds that tokens after a prompt take, one at a time; the prompt is not timed."""
    opened.clear()
    opened.read(prompt)
    start = time.perf_counter()
    for token in tokens:
        opened.read([token])
    return {"seconds": time.perf_counter() - start}


def next(tokens: list) -> dict:
    """The likeliest token after a prompt."""
    opened.clear()
    opened.read(tokens)
    return {"token": opened.likeliest()}


def first_token(tokens: list) -> dict:
    """The seconds from opening the file to the token after a prompt."""
    start = time.perf_counter()
    fresh = Opened(512)
    fresh.read(tokens)
    token = fresh.likeliest()
    return {"seconds": time.perf_counter() - start, "token": token}


opened = None if options.import_only else Opened(options.context)
line_server.serve({"about": about, "prompt": prompt, "decode": decode, "next": next, "first_token": first_token})
