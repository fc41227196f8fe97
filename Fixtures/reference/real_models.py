"""What transformers computes with real models of other families, in float32 on the dequantised weights.

    python Fixtures/reference/real_models.py NAME MODEL.gguf [--no-float64]

NAME is one of qwen2.5-coder-0.5b-instruct, qwen2.5-coder-1.5b-instruct, gemma-3-270m; Fixtures/fetch-model.sh NAME fetches the
file. Writes NAME.json and NAME.safetensors beside itself. The tensors of prompt N are
    N.top, N.fixed  [positions, 20 and 64]: the largest logits, at `topIds`, and those of `fixedIds`, at `positions`
    N.z             [layers, heads, headSize] at the last position, for two prompts
and of a plan PLAN.INDEX [headSize], the direction of its edit number INDEX, PLAN.top and PLAN.fixed, as above, under the plan,
and PLAN.step [64], the logits of `fixedIds` from which the last of the plan's ids was chosen.
The ids of the prompts are llama.cpp's (llama-cpp-python 0.3.36). Needs about five bytes of memory per weight, ten without
--no-float64: the same in float64, for three prompts, tells how much float32 rounds.
"""

import argparse
import json
import pathlib
import sys

import llama_cpp
import torch
from safetensors.torch import save_file

here = pathlib.Path(__file__).resolve().parent
sys.path.append(str(here.parent / "families"))
import gguf_models  # noqa: E402
import llama_sites  # noqa: E402
import model as making  # noqa: E402
import real_model_prompts  # noqa: E402
import sites  # noqa: E402

block = {
    "layers": "model.layers", "embedding": "model.embed_tokens", "attention": "self_attn", "output": "o_proj", "mlp": "mlp",
    "middle": None}
parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("name")
parser.add_argument("path")
parser.add_argument("--no-float64", action="store_true")
options = parser.parse_args()


@torch.no_grad()
def hidden(model, ids):
    """The tensor that enters the output matrix, [T, width]: the logits of all positions of a large vocabulary are too many."""
    return model.model(torch.tensor([ids]), use_cache=False).last_hidden_state[0]


@torch.no_grad()
def logits_at(model, ids, positions):
    return model.lm_head(hidden(model, ids)[positions])


@torch.no_grad()
def logprob_sum(model, ids) -> float:
    """Of ids[1...], each given what stands before it; in parts of 64 positions."""
    states, total = hidden(model, ids), 0.0
    for start in range(0, len(ids) - 1, 64):
        end = min(start + 64, len(ids) - 1)
        parts = model.lm_head(states[start:end]).double().log_softmax(-1)
        total += float(parts.gather(1, torch.tensor(ids[start + 1:end + 1])[:, None]).sum())
    return total


@torch.no_grad()
def greedy_with_cache(model, ids, count):
    """As llama_sites.greedy, one token at a time; end tokens are generated like any other."""
    cache, feed, new, margins = None, torch.tensor([ids]), [], []
    for _ in range(count):
        output = model(feed, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = output.past_key_values
        new.append(int(output.logits[0, -1].argmax()))
        margins += llama_sites.margins(output.logits[0, -1:])
        feed = torch.tensor([[new[-1]]])
    return new, margins


@torch.no_grad()
def z_at_last(model, ids):
    """z of all heads at the last position, [layers, heads, headSize]."""
    heads, _, size = sites.sizes(model.config)
    kept = []
    handles = [
        layer.self_attn.o_proj.register_forward_pre_hook(lambda _, given: kept.append(given[0][0, -1].view(heads, size).clone()))
        for layer in model.model.layers]
    hidden(model, ids)
    for handle in handles:
        handle.remove()
    return torch.stack(kept)


def plans(model, norms: torch.Tensor) -> dict:
    """Four plans in plan form with their directions; strengths of additions are multiples of the head's own norm."""
    heads, _, size = sites.sizes(model.config)
    layers = model.config.num_hidden_layers
    random = torch.Generator().manual_seed(3)

    def edit(layer, head, operation, where, times=None, strength=None):
        result = {"layer": layer, "head": head % heads, "operation": operation, "positions": where}
        if operation in ("add", "project-out"):
            direction = torch.randn(size, generator=random)
            result["vector"] = direction / direction.norm()
        if times is not None:
            strength = round(float(times * norms[layer, head % heads]), 2)
        return result if strength is None else result | {"strength": strength}

    third, half = layers // 3, layers // 2
    return {
        "add": [edit(third, 1, "add", "all", times=6), edit(half, 2, "add", "all", times=-6)],
        "last": [edit(half, 0, "add", "last", times=8), edit(half + 1, 3, "scale", "last", strength=4.0)],
        "remove": [edit(half, head, "zero", "all") for head in range(heads // 2)] + [edit(third, 0, "project-out", "prompt")],
        "generated": [edit(half + shift, shift, "add", "generated", times=8) for shift in range(3)],
    }


def run_plan(model, like, ids, edits, positions):
    with sites.edited(like, edits, len(ids)):
        return logits_at(model, ids, positions)


def top_of(logits):
    top = logits.topk(20, dim=-1)
    return top.values, top.indices.tolist()


model = gguf_models.load(options.path)
like = sites.LikeLlama(model, block)
words = llama_cpp.Llama(options.path, vocab_only=True, verbose=False)
prompts = real_model_prompts.of(options.name)
vocabulary = model.config.vocab_size
fixed = [index * vocabulary // 64 for index in range(64)]
tensors, rows, texts = {}, [], []
for index, (kind, text) in enumerate(prompts):
    ids = words.tokenize(text.encode(), add_bos="gemma" in options.name, special=True)
    texts.append(ids)
    positions = sorted({len(ids) // 3, 2 * len(ids) // 3, len(ids) - 1})
    logits = logits_at(model, ids, positions)
    tensors[f"{index}.top"], top_ids = top_of(logits)
    tensors[f"{index}.fixed"] = logits[:, fixed].clone()
    row = {
        "kind": kind, "text": text, "ids": ids, "positions": positions, "topIds": top_ids,
        "logprobSum": round(logprob_sum(model, ids), 4)}
    if index in (0, 1):
        row["greedyIds"], row["greedyMargins"] = greedy_with_cache(model, ids, 48)
        row["greedyText"] = words.detokenize(row["greedyIds"], special=True).decode(errors="replace")
        tensors[f"{index}.z"] = z_at_last(model, ids)
    rows.append(row)
    print(kind, len(ids), "tokens, logits up to", float(logits.abs().max()), repr(row.get("greedyText"))[:90],
          min(row.get("greedyMargins", [0])), flush=True)

ids, cases = texts[1], []
positions = rows[1]["positions"][1:]
for name, edits in plans(model, tensors["1.z"].norm(dim=-1)).items():
    logits = run_plan(model, like, ids, edits, positions)
    tensors[f"{name}.top"], top_ids = top_of(logits)
    tensors[f"{name}.fixed"] = logits[:, fixed].clone()
    with sites.edited(like, edits, len(ids)):
        new, margins = [], []
        for _ in range(12):
            last = logits_at(model, ids + new, [len(ids) + len(new) - 1])
            margins += llama_sites.margins(last)
            new.append(int(last[0].argmax()))
    tensors[f"{name}.step"] = last[0, fixed].clone()
    change = float((logits[-1] - logits_at(model, ids, positions)[-1]).abs().max())
    for index, edit in enumerate(edits):
        if "vector" in edit:
            tensors[f"{name}.{index}"] = edit.pop("vector")
            edit["direction"] = f"{name}.{index}"
            if edit["operation"] == "add":
                edit["unit"] = "raw"
    cases.append({
        "name": name, "edits": edits, "topIds": top_ids, "ids": new, "margins": margins, "largestChange": round(change, 4),
        "text": words.detokenize(new, special=True).decode(errors="replace")})
    print(name, cases[-1]["text"].__repr__(), "changes the last logits by up to", change, min(margins), flush=True)

report = {"prompts": rows, "fixedIds": fixed, "plans": {"prompt": 1, "positions": positions, "cases": cases}} | making.versions()
if not options.no_float64:
    narrow = [logits_at(model, texts[index], rows[index]["positions"]) for index in (0, 1, 4)]
    model.double()
    with making.wide(model):
        report["logitDifferencesToFloat64"] = [
            float((logits_at(model, texts[index], rows[index]["positions"]) - before).abs().max())
            for index, before in zip((0, 1, 4), narrow)]
    print("float64:", report["logitDifferencesToFloat64"])
save_file({key: value.contiguous() for key, value in tensors.items()}, here / f"{options.name}.safetensors")
text = json.dumps(report, ensure_ascii=False).replace('{"kind"', '\n{"kind"').replace('{"name"', '\n{"name"')
(here / f"{options.name}.json").write_text(text + "\n", encoding="utf-8")
