"""Writes the families' small models and what transformers computes with them.

    python Fixtures/families/make.py [NAME ...]            writes NAME/, NAME.reference.safetensors, NAME.json
    python Fixtures/families/make.py --check [NAME ...]    recomputes from NAME/ and compares; writes nothing

Without names: all. Packages: Fixtures/reference/requirements.txt. The GGUF files are made by make_gguf.py.
"""

import argparse
import json
import pathlib
import shutil
import zlib

import numpy
import torch
from safetensors.torch import load_file, save_file

import edits
import model as making
import mxfp4
import old_config
import sites
from table import blocks, models

here = pathlib.Path(__file__).resolve().parent
length = 300
logit_positions = [0, 1, 23, 24, 25, 100, 255, 299]
site_positions = [0, 25, 150, 299]
logprob_positions = list(range(0, 299, 10))
smallest_lead = 2e-3  # of a generated id's logit, far above what float32 changes


def write_folder(name: str, entry: dict) -> None:
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    making.create(entry, seed_of(name)).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if entry.get("mxfp4"):
        mxfp4.pack(folder, seed_of(name))
    old = old_config.respelled(json.loads((folder / "config.json").read_text()))
    (here / f"{name}.old-config.json").write_text(json.dumps(old, indent=2) + "\n")
    old_config.check(folder, old)


def seed_of(name: str) -> int:
    return zlib.crc32(name.encode()) % 100000 + models[name].get("seed", 0)


def texts(config, seed: int) -> tuple[list[int], list[int]]:
    random = numpy.random.default_rng(500 + seed)
    draw = lambda count: [int(id) for id in random.integers(3, config.vocab_size, size=count)]
    return draw(length), draw(4)


@torch.no_grad()
def reference(name: str) -> tuple[dict, dict]:
    """Tensors and report: values in float64, rounded; what float32 makes of the same is in the report as a difference."""
    block, seed = blocks[models[name]["sites"]], seed_of(name)
    narrow, exact = making.load(here / name), making.load(here / name, torch.float64)
    ids, watched = texts(narrow.config, seed)
    with making.wide(exact):
        values = sites.capture(exact, block, ids)
        prompt = ids[:40]
        greedy, chosen_from = sites.llama_sites.greedy(sites.LikeLlama(exact, block), prompt, 24)
        tensors, report = edits.record(exact, block, ids[:60], 4, seed)
        across = greedy_across(exact, block, ids[:models[name].get("across", 0)])
    rounded = sites.capture(narrow, block, ids)
    margin = values.pop("router.margin", None)
    rounded.pop("router.margin", None)
    assert values.keys() == rounded.keys()
    check_sums(values, narrow.config.num_hidden_layers)
    relative = {key: float((values[key] - rounded[key]).abs().max() / values[key].abs().max()) for key in values}
    worst = max(relative, key=relative.get)
    narrow_tensors, narrow_report = edits.record(narrow, block, ids[:60], 4, seed)
    narrow_greedy = sites.llama_sites.greedy(sites.LikeLlama(narrow, block), prompt, 24)[0]
    steps = [chosen_from] + [value for key, value in tensors.items() if key.endswith(".steps")]
    lead = min(min(sites.llama_sites.margins(step)) for step in steps)
    if margin is not None and margin < 5e-4:
        raise SystemExit(f"{name}: two experts are nearly as likely ({margin}); give it another seed")
    if lead < smallest_lead or [narrow_greedy, *ids_of(narrow_report)] != [greedy, *ids_of(report)]:
        raise SystemExit(f"{name}: two ids are nearly as likely ({lead}); give it another seed")
    logits = values.pop("logits")
    tensors |= {"logits": logits[logit_positions], "logits.watched": logits[:, watched]}
    for key, value in values.items():
        tensors[key] = value[:, site_positions].transpose(0, 1) if "pattern" in key else value[site_positions]
    logprobs = logits[:-1].log_softmax(-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
    report = {
        "note": models[name].get("note"), "ids": ids, "logitPositions": logit_positions, "watchedIds": watched,
        "sitePositions": site_positions, "logprobPositions": logprob_positions,
        "logprobs": [round(float(logprobs[position]), 6) for position in logprob_positions],
        "greedy": {"prompt": 40, "ids": greedy, "margins": sites.llama_sites.margins(chosen_from)},
        "greedyAcross": across, "edits": report,
        "float32": {
            "largestLogitDifference": float((logits - rounded["logits"]).abs().max()),
            "largestRelativeDifference": relative[worst], "at": worst,
            "largestEditedLogitDifference": max(
                float((tensors[key] - narrow_tensors[key]).abs().max()) for key in narrow_tensors)},
        "largestLogit": round(float(logits.abs().max()), 4),
    } | ({} if margin is None else {"smallestRouterMargin": float(margin)}) | making.versions()
    tensors = {key: value.float().contiguous() for key, value in tensors.items()}
    return tensors, {key: value for key, value in report.items() if value is not None}


def greedy_across(model, block: dict, prompt: list[int]) -> dict | None:
    if not prompt:
        return None
    ids, logits = sites.llama_sites.greedy(sites.LikeLlama(model, block), prompt, 24)
    return {"prompt": len(prompt), "ids": ids, "margins": sites.llama_sites.margins(logits)}


def check_sums(values: dict, layers: int) -> None:
    """What is captured as added to the residual stream must be just what it grows by."""
    for layer in range(layers):
        at = lambda name: values[f"blocks.{layer}.hook_{name}"]
        grown = at("resid_pre") + at("attn_out")
        if f"blocks.{layer}.hook_resid_mid" in values:
            assert torch.allclose(grown, at("resid_mid"), rtol=0, atol=1e-12)
        assert torch.allclose(grown + at("mlp_out"), at("resid_post"), rtol=0, atol=1e-12)


def ids_of(report: dict) -> list:
    return [case["ids"] for case in report["cases"]]


def write_report(path: pathlib.Path, report: dict) -> None:
    """JSON with a line for each entry, long lists on one line."""
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in report.items()]
    path.write_text("{\n" + ",\n".join(lines).replace('{"name"', '\n  {"name"') + "\n}\n")


def check(name: str, tensors: dict, report: dict) -> None:
    stored = load_file(here / f"{name}.reference.safetensors")
    before = json.loads((here / f"{name}.json").read_text())
    assert stored.keys() == tensors.keys(), stored.keys() ^ tensors.keys()
    worst = max(float((stored[key] - tensors[key]).abs().max() / stored[key].abs().max()) for key in stored)
    for key in ("ids", "watchedIds"):
        assert before[key] == report[key], key
    assert before["greedy"]["ids"] == report["greedy"]["ids"]
    assert ids_of(before["edits"]) == ids_of(report["edits"])
    print(f"{name}: stored and recomputed values differ by {worst:.1e} of a tensor's largest value")
    if worst > 1e-6:
        raise SystemExit(f"{name}: the stored values are others")


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("names", nargs="*")
parser.add_argument("--check", action="store_true")
options = parser.parse_args()
torch.set_num_threads(1)
for name in options.names or models:
    if not options.check:
        write_folder(name, models[name])
    tensors, report = reference(name)
    if options.check:
        check(name, tensors, report)
        continue
    save_file(tensors, here / f"{name}.reference.safetensors")
    kept = {}
    if (here / f"{name}.json").exists():  # what check_llama_cpp.py has written stays until it is run again
        kept = {key: value for key, value in json.loads((here / f"{name}.json").read_text()).items() if "llamaCpp" in key}
    write_report(here / f"{name}.json", report | kept)
    patterns = [value for key, value in tensors.items() if "pattern" in key]
    cases = report["edits"]["cases"]
    size = lambda path: path.stat().st_size // 1024
    print(
        f"{name}: model {size(here / name / 'model.safetensors')} KB, reference {size(here / f'{name}.reference.safetensors')}"
        f" KB, float32 {report['float32']['largestRelativeDifference']:.1e} at {report['float32']['at']}, logits up to"
        f" {report['largestLogit']}, margins from {min(report['greedy']['margins'])} and"
        f" {min(min(case['margins']) for case in cases)}, edits change by {[case['largestChange'] for case in cases]},"
        f" largest of a pattern at 299 {[round(float(value[3].max()), 2) for value in patterns]},"
        f" routers {report.get('smallestRouterMargin')}", flush=True)
