"""Edits of z under which reference values are stored, for a model of any family."""

import numpy
import torch

import sites

positions = [20, 45, 59]  # of a prompt of 60 ids, longer than the windows


def cases(layers: int, heads: int) -> dict:
    """Edits that together use several operations, every kind of position, first and last layer, and an order that matters."""
    def edit(layer, head, operation, where, strength=None):
        return {"layer": layer % layers, "head": head % heads, "operation": operation, "positions": where} | (
            {} if strength is None else {"strength": strength})

    return {
        "add-all": [edit(0, 1, "add", "all", 1.5)],
        "add-last": [edit(1, -1, "add", "last", -2.0)],
        "add-prompt": [edit(1, 2, "add", "prompt", 2.0)],
        "zero-all": [edit(-1, 0, "zero", "all")],
        "project-out": [edit(0, -1, "project-out", "all")],
        "scale-generated": [edit(1, 0, "scale", "generated", -3.0)],
        "several": [
            edit(0, 0, "add", "prompt", 1.0), edit(0, 0, "scale", "all", -1.5),
            edit(-1, 1, "add", "generated", 2.5), edit(-1, -1, "zero", "last"),
        ],
    }


@torch.no_grad()
def record(model, block: dict, prompt: list[int], count: int, seed: int) -> tuple[dict, dict]:
    """Tensors and a JSON-able list of cases: for each the edits, logits of the prompt under them and `count` greedy ids."""
    like = sites.LikeLlama(model, block)
    heads, _, size = sites.sizes(model.config)
    random = numpy.random.default_rng(seed)
    plain = model(torch.tensor([prompt]), use_cache=False).logits[0, positions]
    tensors, report = {}, []
    for name, edits in cases(model.config.num_hidden_layers, heads).items():
        for index, edit in enumerate(edits):
            if edit["operation"] in ("add", "project-out"):
                edit["vector"] = torch.tensor(random.normal(size=size), dtype=torch.float32)
                tensors[f"{name}.{index}"] = edit["vector"]
        with sites.edited(like, edits, len(prompt)):
            logits = model(torch.tensor([prompt]), use_cache=False).logits[0, positions].clone()
        ids, steps = sites.llama_sites.greedy(like, prompt, count, edits)
        tensors[f"{name}.logits"], tensors[f"{name}.steps"] = logits, steps
        for index, edit in enumerate(edits):
            if edit.pop("vector", None) is not None:
                edit["direction"] = f"{name}.{index}"
                if edit["operation"] == "add":
                    edit["unit"] = "raw"
        report.append({
            "name": name, "edits": edits, "ids": ids, "margins": sites.llama_sites.margins(steps),
            "largestChange": round(float((logits - plain).abs().max()), 6)})
    return tensors, {"prompt": len(prompt), "positions": positions, "cases": report}
