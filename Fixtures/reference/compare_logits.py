"""Compares every logit of `headsteer logits` at every position with transformers, on the 20 prompts of smollm2_prompts.py.

    python Fixtures/reference/compare_logits.py MODEL.gguf [--headsteer PATH] [--prompts 0,3,16] [--limit 2e-3]

Exit status 1 when a logit differs by more than the limit, or when the program's own tokenization of a prompt differs.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file

import gguf_llama
from smollm2_prompts import prompts

repository = pathlib.Path(__file__).resolve().parent.parent.parent
parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("model")
parser.add_argument("--headsteer", default=str(repository / ".build/release/headsteer"))
parser.add_argument("--prompts", help="numbers of prompts, separated by commas; default: all")
parser.add_argument("--limit", type=float, default=2e-3)
options = parser.parse_args()
chosen = [int(part) for part in options.prompts.split(",")] if options.prompts else range(len(prompts))


def headsteer(*arguments: str) -> dict:
    done = subprocess.run([options.headsteer, *arguments, "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"headsteer {arguments[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


model = gguf_llama.load(options.model)
tokenizer = gguf_llama.tokenizer(options.model)
failed = False
print(f"{'prompt':>6}  {'ids':>4}  {'largest difference':>18}  {'at position, id':>16}  {'same best':>9}  kind")
with tempfile.TemporaryDirectory() as folder:
    for index in chosen:
        kind, text = prompts[index]
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        own = headsteer("tokenize", options.model, "--text", text)["ids"]
        file = os.path.join(folder, "logits.safetensors")
        headsteer("logits", options.model, "--ids", ",".join(map(str, ids)), "--all-positions", "--out", file)
        found = load_file(file)["logits"]
        os.remove(file)
        with torch.no_grad():
            expected = model(torch.tensor([ids]), use_cache=False).logits[0]
        if found.shape != expected.shape:
            sys.exit(f"prompt {index}: the file holds logits of shape {list(found.shape)}, not {list(expected.shape)}")
        difference = (found - expected).abs().nan_to_num(nan=float("inf"))
        largest = float(difference.max())
        position, token = divmod(int(difference.argmax()), expected.shape[1])
        agreeing = int((found.argmax(-1) == expected.argmax(-1)).sum())
        wrong = largest > options.limit or own != ids
        failed |= wrong
        print(f"{index:>6}  {len(ids):>4}  {largest:>18.2e}  {f'{position}, {token}':>16}  {f'{agreeing}/{len(ids)}':>9}  {kind}"
              + ("" if own == ids else "  TOKENIZED DIFFERENTLY") + ("  TOO LARGE" if largest > options.limit else ""), flush=True)
sys.exit(1 if failed else 0)
