"""mistralrs's wheel as a peer of headsteer-bench: its Runner on a GGUF file.

    peer_mistral_rs.py MODEL.gguf [--threads 2] [--context 4096]

Operations: about, prompt, decode, next, as in peer_llama_cpp.py. It takes texts only: the tokens become a text, which it may
cut otherwise, so times are its own and stretched to as many tokens as were asked for. decode is of tokens that it chooses
greedily. The context grows as it is needed.
"""

import argparse
import os

options = argparse.ArgumentParser()
options.add_argument("model")
options.add_argument("--threads", type=int, default=2)
options.add_argument("--context", type=int, default=4096)
options = options.parse_args()

# Before it is loaded.
os.environ["RAYON_NUM_THREADS"] = os.environ["TOKIO_WORKER_THREADS"] = str(options.threads)
os.environ["HF_HUB_OFFLINE"] = "1"

import line_server
import wheel

wheel.use("mistralrs")

from importlib import metadata

import mistralrs

runner = mistralrs.Runner(
    which=mistralrs.Which.GGUF(
        quantized_model_id=os.path.dirname(os.path.abspath(options.model)),
        quantized_filename=os.path.basename(options.model)),
    max_seqs=1, prefix_cache_n=0, token_source="none")


def complete(tokens: list, count: int):
    request = mistralrs.CompletionRequest(
        prompt=runner.detokenize_text(tokens, False), model="default", max_tokens=count, temperature=0.0,
        ignore_eos=True)
    answer = runner.send_completion_request(request)
    if answer.usage.completion_tokens != count:
        raise RuntimeError(f"it wrote {answer.usage.completion_tokens} tokens, not {count}")
    return answer


def about() -> dict:
    return {"name": "mistral.rs", "version": f"mistralrs {metadata.version('mistralrs')}"}


def prompt(tokens: list) -> dict:
    """The seconds that a prompt of so many tokens takes."""
    usage = complete(tokens, 1).usage
    return {"seconds": usage.total_prompt_time_sec * len(tokens) / usage.prompt_tokens}


def decode(prompt: list, tokens: list) -> dict:
    """The seconds that as many tokens as `tokens` take after a prompt."""
    return {"seconds": complete(prompt, len(tokens)).usage.total_completion_time_sec}


def next(tokens: list) -> dict:
    """The likeliest token after a prompt."""
    text = complete(tokens, 1).choices[0].text
    return {"token": runner.tokenize_text(text, False, None)[0]}


line_server.serve({"about": about, "prompt": prompt, "decode": decode, "next": next})
