"""Plans that together use every operation, site, unit, schedule, gate and kind of position, and what a model does under them.

`record` writes NAME.json (the plans, the ids generated greedily under each) and NAME.safetensors: the directions, as the
plans' own directions file, and beside them as `CASE.logits` [rows, columns] some logits of the whole text under the plan.
"""

import json
import pathlib
import sys

import numpy
import torch
from safetensors.torch import save_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
import llama_sites  # noqa: E402


def plans(layers: int, heads: int, group: int, prompt: list[int]) -> dict:
    """Edits by name. `group` is the number of query heads that share their keys and values."""
    last, middle = layers - 1, layers // 2
    count = len(prompt)

    def head(layer, index, operation, positions, strength=None, **more):
        edit = {"layer": layer, "head": index % heads, "operation": operation, "positions": positions}
        return finish(edit, f"{layer}.{index % heads}", operation, strength, more)

    def whole(site, layer, operation, positions, strength=None, **more):
        edit = {"site": site, "layer": layer, "operation": operation, "positions": positions}
        return finish(edit, f"{site}.{layer}", operation, strength, more)

    def finish(edit, name, operation, strength, more):
        if operation not in ("scale", "zero"):
            edit["direction"] = name
        if strength is not None:
            edit["strength"] = strength
        return edit | more

    def gate(layer, index, **more):
        return {"layer": layer, "head": index % heads, "direction": f"gate.{layer}.{index % heads}"} | more

    def whole_gate(site, layer, **more):
        return {"site": site, "layer": layer, "direction": f"gate.{site}.{layer}"} | more

    window = {"from": -3, "to": count + 2}
    tokens = {"tokens": sorted({prompt[1], prompt[3]})}
    result = {
        # Operations at a head, with all units and positions.
        "add-raw-last": [head(middle, 1, "add", "last", 1.5)],
        "add-sigma-all": [head(0, 2, "add", "all", 3, unit="sigma")],
        "add-head-norm-prompt": [head(last, -1, "add", "prompt", -1.5, unit="head-norm")],
        "add-residual-norm-generated": [head(middle, 3, "add", "generated", 0.5, unit="residual-norm")],
        "scale-range": [head(middle, 0, "scale", window, -2)],
        "zero-tokens": [head(0, 1, "zero", tokens), head(0, 2, "zero", tokens), head(last, 0, "zero", tokens)],
        "mean-last": [head(middle, 2, "mean", "last"), head(last, 1, "mean", "all")],
        "project-out-all": [head(layer, index, "project-out", "all") for layer in range(3) for index in range(3)],
        "clamp-generated": [head(middle, 1, "clamp", "generated", 4, unit="sigma")],
        "clamp-raw-all": [head(last, 2, "clamp", "all", -1.25)],
        "reflect-last": [head(middle, index, "reflect", "last") for index in range(4)],
        "rotate-all": [head(middle, 3, "rotate", "all", 65)],
        "rotate-last": [head(last, 0, "rotate", "last", -120)],
        # Their norm-preserving variants.
        "add-keeping-norm": [head(middle, 1, "add", "last", 2, unit="head-norm", keepNorm=True)],
        "scale-keeping-norm": [head(middle, 0, "scale", "all", -3, keepNorm=True)],
        "project-out-keeping-norm": [
            head(middle, index, "project-out", "all", keepNorm=True) for index in range(4)],
        "clamp-keeping-norm": [head(last, 2, "clamp", "last", 3, unit="sigma", keepNorm=True)],
        "reflect-keeping-norm": [head(middle, index, "reflect", "all", keepNorm=True) for index in range(4)],
        "rotate-keeping-norm": [head(0, 0, "rotate", "generated", 90, keepNorm=True)],
        # Whole sites of a layer.
        "caa": [whole("residual-post", middle, "add", "last", 1.5)],
        "directional-ablation": [
            whole("residual-post", layer, "project-out", "all", direction=f"residual-post.{middle}")
            for layer in range(layers)],
        "attention-out-add": [whole("attention-out", middle, "add", "generated", 0.5, unit="residual-norm")],
        "attention-out-zero": [whole("attention-out", last, "zero", "last")],
        "attention-out-project-out": [whole("attention-out", 0, "project-out", "prompt")],
        "residual-pre-add": [whole("residual-pre", middle, "add", window, -1)],
        "residual-pre-clamp": [whole("residual-pre", last, "clamp", "all", 2, unit="sigma")],
        "residual-mid-add": [whole("residual-mid", middle, "add", "all", 1.5, keepNorm=True)],
        "residual-mid-reflect": [whole("residual-mid", last, "reflect", "last")],
        "residual-post-rotate": [whole("residual-post", 0, "rotate", "last", 40)],
        "residual-post-mean": [whole("residual-post", 0, "mean", tokens)],
        "mlp-out-add": [whole("mlp-out", middle, "add", "last", 1, unit="sigma")],
        "mlp-out-scale": [whole("mlp-out", middle, "scale", "all", -1)],
        "mlp-out-mean": [whole("mlp-out", last, "mean", "generated")],
        "mlp-out-project-out": [whole("mlp-out", 0, "project-out", "all", keepNorm=True)],
        # Schedules.
        "add-decay": [head(middle, 1, "add", "last", 3, unit="head-norm", schedule={"decay": 0.6})],
        "add-growing": [head(last, 1, "add", "all", 0.5, unit="head-norm", schedule={"decay": 1.5})],
        "rotate-decay": [head(middle, 3, "rotate", "all", 150, schedule={"decay": 0.5})],
        "reflect-decay": [whole("residual-mid", middle, "reflect", "last", schedule={"decay": 0.7})],
        "clamp-decay-keeping-norm": [
            head(middle, 0, "clamp", "last", 5, unit="sigma", schedule={"decay": 0.8}, keepNorm=True)],
        "mean-decay": [head(0, 3, "mean", "all", schedule={"decay": 0.3}), head(middle, 3, "mean", "all")],
        "add-first-2": [head(middle, 1, "add", "last", 3, unit="head-norm", schedule={"first": 2})],
        "zero-first-3": [whole("attention-out", middle, "zero", "generated", schedule={"first": 3})],
        # Gates: of the same head, of another site, on either side, latched.
        "gate-token": [head(middle, 1, "add", "all", 3, unit="head-norm", gate=gate(middle, 1))],
        "gate-below": [head(last, 0, "scale", "all", -3, gate=whole_gate("residual-pre", middle, opens="below"))],
        "gate-reads-before-the-sites-own-edits": [
            head(middle, 2, "zero", "all"), head(middle, 2, "add", "all", 2, unit="head-norm", gate=gate(middle, 2))],
        "gate-reads-after-earlier-sites-edits": [
            whole("residual-pre", 0, "add", window, 0.2),
            head(last, 1, "add", "all", 3, unit="head-norm", gate=gate(middle, 0))],
        "gate-latched": [
            head(middle, 1, "add", "all", 3, unit="head-norm", gate=gate(0, 0, mode="latched"))],
        "gate-latched-elsewhere": [
            whole("residual-post", middle, "add", "generated", 1.5,
                  gate=whole_gate("mlp-out", 0, mode="latched", positions="prompt"))],
        "gate-latched-below-generated": [
            head(last, 2, "clamp", "last", 4, unit="sigma", schedule={"decay": 0.9},
                 gate=gate(0, 1, mode="latched", opens="below", positions="generated"))],
        # Several at a time.
        "order": [
            head(0, 0, "add", "prompt", 1, unit="head-norm"), head(0, 0, "scale", "all", -3),
            head(0, 0, "rotate", "last", 30), head(last, 3, "project-out", "all"),
            head(last, 3, "add", "generated", 2.5, unit="sigma")],
        "heads-of-one-group": [
            head(middle, index, "scale", "all", factor) for index, factor in zip(range(group), (-2, 3, -0.5))]
            + [head(middle, group, "zero", "last")] if group > 1 else [head(middle, 0, "zero", "all")],
        # Value by value; last, so that the random directions of the others stay as they were.
        "multiply-last": [head(middle, 1, "multiply", "last"), head(last, 0, "multiply", "last")],
        "multiply-add": [
            head(middle, 2, "multiply", "generated", schedule={"decay": 0.7}), head(middle, 2, "add", "generated", 1)],
        "multiply-keeping-norm": [head(middle, 0, "multiply", "all", keepNorm=True)],
        "mlp-out-multiply": [whole("mlp-out", middle, "multiply", "prompt")],
        "multiply-half": [head(middle, 1, "multiply", "last", 0.5), head(last, 0, "multiply", "all", -0.75)],
    }
    return result


def directions(model, ids: list[int], count: int, plans: dict, random) -> dict:
    """Every direction that the plans name, with what is stored beside it, measured on a text of the unedited model with
    a prompt of `count` tokens."""
    heads, size = llama_sites.shape_of(model)[1:]
    sites = llama_sites.capture(model, ids)
    names = {
        "z": "attn.hook_z", "attention-out": "hook_attn_out", "residual-pre": "hook_resid_pre",
        "residual-mid": "hook_resid_mid", "residual-post": "hook_resid_post", "mlp-out": "hook_mlp_out"}

    def values(entry):
        x = sites[f"blocks.{entry['layer']}.{names[entry.get('site', 'z')]}"]
        return (x[:, entry["head"]] if "head" in entry else x).double()

    def threshold(projections, gate):
        """Midway in the widest gap of the sorted projections, leaving a few on either side; of a latched gate, in the
        widest step of their running maximum, so that it opens somewhere on the way."""
        sign = -1 if gate.get("opens") == "below" else 1
        allowed = projections * sign
        if gate.get("mode") == "latched":
            able = {"prompt": allowed[:count], "generated": allowed[count:-1]}.get(gate.get("positions"), allowed[:-1])
            before = able.cummax(0).values[:-1]
            steps = able[1:] - before
            place = int(steps.argmax())
            return sign * float(able[place + 1] + before[place]) / 2 if steps[place] > 0 else None
        ordered = allowed.sort().values
        inner = slice(len(ordered) // 3, len(ordered) - len(ordered) // 4)
        gaps = (ordered[1:] - ordered[:-1])[inner]
        place = int(gaps.argmax()) + inner.start
        return sign * float(ordered[place] + ordered[place + 1]) / 2

    result = {}

    def add(name, entry, is_gate=False):
        if name in result:
            return
        x = values(entry)
        vector = torch.tensor(random.normal(size=x.shape[1]), dtype=torch.float32)
        if not is_gate and "head" not in entry:
            # A vector that counts beside the values there, as those that CAA adds do.
            vector *= float(x.norm(dim=1).mean() / vector.norm())
        if is_gate and threshold(x @ vector.double(), entry) is None:  # a latched gate that the first position opens
            vector = -vector
        projections = x @ (vector.double() / vector.double().norm())
        before = sites[f"blocks.{entry['layer']}.hook_resid_pre"].double()
        stored = {
            name: vector, f"{name}.sigma": projections.std(correction=0).reshape(1), f"{name}.mean": x.mean(0),
            f"{name}.head-norm": x.norm(dim=1).mean().reshape(1),
            f"{name}.residual-norm": before.norm(dim=1).mean().reshape(1),
        }
        if is_gate:
            stored[f"{name}.threshold"] = torch.tensor([threshold(projections, entry)])
        result.update({key: value.float().contiguous() for key, value in stored.items()})

    for edits in plans.values():
        for edit in edits:
            if "direction" in edit:
                add(edit["direction"], edit)
            if "gate" in edit:
                add(edit["gate"]["direction"], edit["gate"], is_gate=True)
    return result


def resolved(edits: list[dict], stored: dict) -> list[dict]:
    """Edits with their tensors, as llama_sites.Edited wants them."""
    def with_values(entry):
        name = entry.get("direction")
        if name is None:
            return dict(entry)
        values = {key: stored[f"{name}.{key}"] for key in ("sigma", "mean", "head-norm", "residual-norm")}
        return entry | {"vector": stored[name], "stored": values}

    result = []
    for edit in edits:
        entry = with_values(edit)
        if "gate" in edit:
            gate = with_values(edit["gate"])
            gate["threshold"] = float(stored[gate["direction"] + ".threshold"])
            entry["gate"] = gate
        result.append(entry)
    return result


@torch.no_grad()
def record(model, prompt: list[int], count: int, seed: int, target: pathlib.Path, columns: slice, first_row: int) -> None:
    """Writes what `model` does under every plan; rows `first_row` and later, columns as the slice says."""
    layers, heads, _ = llama_sites.shape_of(model)
    group = heads // model.config.num_key_value_heads
    random = numpy.random.default_rng(seed)
    unedited_ids, unedited = llama_sites.greedy(model, prompt, count)
    all_plans = plans(layers, heads, group, prompt)
    stored = directions(model, prompt + unedited_ids, len(prompt), all_plans, random)
    tensors, report = dict(stored), []
    plain = model(torch.tensor([prompt + unedited_ids[:-1]]), use_cache=False).logits[0]
    tensors["unedited.logits"] = plain[first_row:, columns].clone()
    for name, edits in all_plans.items():
        # Each token by a pass of its own over the whole text, nothing remembered; the last pass gives all rows.
        ids = list(prompt)
        with llama_sites.Edited(model, resolved(edits, stored), len(prompt)) as hooks:
            for _ in range(count):
                logits = model(torch.tensor([ids]), use_cache=False).logits[0]
                ids.append(int(logits[-1].argmax()))
        # The same text without edits, to tell how much they change.
        base = model(torch.tensor([ids[:-1]]), use_cache=False).logits[0]
        change = float((logits - base).abs().max())
        margins = llama_sites.margins(logits[len(prompt) - 1:])
        tensors[f"{name}.logits"] = logits[first_row:, columns].clone()
        plan = {"format": "headsteer.plan/1", "directions": target.name + ".safetensors", "edits": edits}
        row = {
            "name": name, "plan": plan, "ids": ids[len(prompt):], "margins": margins, "largestChange": round(change, 5)}
        if hooks.scores:
            row["openPositions"] = {
                str(index): [position for position, is_open in enumerate(hooks.open[index]) if is_open]
                for index in hooks.scores}
            row["closestScore"] = min(abs(score) for scores in hooks.scores.values() for score in scores)
        report.append(row)
        gates = [is_open for index in hooks.scores for is_open in hooks.open[index]]
        print(f"{name:40} change {change:8.4f}  margin {min(margins):.4f}", row["ids"] != unedited_ids,
              "".join("#" if is_open else "." for is_open in gates), row.get("closestScore", ""), flush=True)
        assert change > 0.02, name
        assert not gates or len(set(gates)) == 2 and row["closestScore"] > 1e-3, name
    save_file(tensors, target.with_suffix(".safetensors"))
    target.with_suffix(".safetensors").chmod(0o644)
    facts = {"prompt": prompt, "firstRow": first_row, "uneditedIds": unedited_ids}
    lines = ",\n ".join(json.dumps(row) for row in report)
    target.with_suffix(".json").write_text(json.dumps(facts)[:-1] + f', "cases": [\n {lines}]}}\n')
    print(target.name, sum(file.stat().st_size for file in target.parent.glob(target.name + ".*")) // 1024, "KiB")
