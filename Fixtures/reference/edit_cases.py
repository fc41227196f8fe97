"""Edits of z applied while generating greedily, stored as reference values for any model."""

import numpy
import torch

import llama_sites


def cases(layers: int, heads: int) -> dict:
    """Edits that together use every operation, every kind of position, first and last layer, and an order that matters."""
    def edit(layer, head, operation, positions, strength=None):
        return {"layer": layer % layers, "head": head % heads, "operation": operation, "positions": positions} | (
            {} if strength is None else {"strength": strength})

    return {
        "add-last": [edit(1, 4, "add", "last", 1.5)],
        "add-all": [edit(0, 2, "add", "all", -2.0)],
        "zero-prompt": [edit(-1, -1, "zero", "prompt")],
        "scale-generated": [edit(1, 1, "scale", "generated", 0.5)],
        "several": [
            edit(0, 0, "add", "prompt", 1.0), edit(0, 0, "scale", "all", -3.0),
            edit(-1, 3, "add", "generated", 2.5), edit(1, 3, "zero", "last"),
        ],
    }


def record(model, prompt: list[int], count: int, seed: int, whole_prompt: bool) -> tuple[dict, dict]:
    """Tensors and a JSON-able list of cases: for each the edits, the ids generated and the logits they were chosen from.

    The vector of an add is the tensor `CASE.INDEX` [headSize]; `CASE.steps` [count, V] are the logits at the last position
    of each pass, `CASE.prompt` [T, V] (when asked for) those of the whole prompt with the edit in place.
    """
    layers, heads, size = llama_sites.shape_of(model)
    random = numpy.random.default_rng(seed)
    tensors, report = {}, []
    plain_ids, plain_logits = llama_sites.greedy(model, prompt, count)
    for name, edits in cases(layers, heads).items():
        for index, edit in enumerate(edits):
            if edit["operation"] == "add":
                vector = torch.tensor(random.normal(size=size), dtype=torch.float32)
                tensors[f"{name}.{index}"] = vector
                edit["vector"] = vector
        ids, logits = llama_sites.greedy(model, prompt, count, edits)
        tensors[f"{name}.steps"] = logits
        if whole_prompt:
            with llama_sites.Edited(model, edits, len(prompt)), torch.no_grad():
                tensors[f"{name}.prompt"] = model(torch.tensor([prompt]), use_cache=False).logits[0].clone()
        for index, edit in enumerate(edits):
            if edit.pop("vector", None) is not None:
                edit["direction"] = f"{name}.{index}"
                edit["unit"] = "raw"
        report.append({
            "name": name, "edits": edits, "ids": ids, "margins": llama_sites.margins(logits),
            "largestChangeOfFirstLogits": round(float((logits[0] - plain_logits[0]).abs().max()), 6),
        })
    return tensors, {"prompt": prompt, "uneditedIds": plain_ids, "cases": report}
