"""Writes the gradients that torch's autograd computes through the small models, and through the real ones that have been fetched.

    python Fixtures/gradients/make.py [NAME ...]        names of ../families and ../tiny-llamas, smollm2 or qwen2.5-coder-0.5b; without
                                                        names: all

Packages: Fixtures/reference/requirements.txt. What the files hold: README.md beside this file.
"""

import json
import operator
import pathlib
import sys

import numpy
import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent / "families"), str(here.parent / "reference")]
import gguf_llama  # noqa: E402
import gguf_models  # noqa: E402
import llama_sites  # noqa: E402
import model as making  # noqa: E402
import sites  # noqa: E402
import table  # noqa: E402

real = {"smollm2": "SmolLM2-135M-Instruct.Q4_1.gguf", "qwen2.5-coder-0.5b": "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"}
fetched = {name: here.parent / "fetched" / file for name, file in real.items()}
prompt_length, completion_length = 40, 5
positions = [3, 39, 43]


def watched(model, block: dict, edits=()):
    """Hooks that keep the tensors of all sites with their gradients; `read()` gives both by name after `backward`."""
    config, kept, handles = model.config, {}, []
    heads, kv_heads, size = sites.sizes(config)
    modeling = sys.modules[type(model).__module__]
    parallel = getattr(config, "use_parallel_residual", False)

    def keep(name, value, part=lambda tensor: tensor, scale=1.0):
        value = value[0] if isinstance(value, tuple) else value
        value.retain_grad()
        kept[name] = (value, part, scale)

    def on_input(module, name, part=lambda tensor: tensor):
        handles.append(module.register_forward_pre_hook(
            lambda _, given, named: keep(name, given[0] if given else named["hidden_states"], part), with_kwargs=True))

    def on_output(module, name, part=lambda tensor: tensor, scale=1.0):
        handles.append(module.register_forward_hook(lambda _, __, output: keep(name, output, part, scale)))

    def edit_z(layer):
        own = [edit for edit in edits if edit["layer"] == layer]

        def hook(_, given):
            z = given[0]
            keep(f"before.{layer}", z)
            for edit in own:
                z = edited(z, edit, size)
            keep(f"blocks.{layer}.attn.hook_z", z)
            return (z, *given[1:])
        return hook

    for index, layer in enumerate(operator.attrgetter(block["layers"])(model)):
        at, found = f"blocks.{index}.", sites.parts(block, layer)
        scale = getattr(config, block["multiplier"]) if "multiplier" in block else 1.0
        on_input(layer, at + "hook_resid_pre")
        on_output(layer, at + "hook_resid_post")
        if "fused" in block:
            fused = getattr(found.attention, block["fused"])
            for place, name in enumerate("qkv"):
                take = lambda tensor, place=place: sites.split(tensor[0], block["order"], heads, kv_heads, size)[place][None]
                on_output(fused, f"{at}attn.hook_{name}", take)
        else:
            for name, module in zip("qkv", block["queries"]):
                on_output(getattr(found.attention, module), f"{at}attn.hook_{name}")
        handles.append(found.output.register_forward_pre_hook(edit_z(index)))
        on_output(found.attention_out, at + "hook_attn_out", scale=scale)
        if not parallel:
            on_input(found.middle, at + "hook_resid_mid")
        on_output(found.mlp_out, at + "hook_mlp_out", scale=scale)
        if "router" in block and hasattr(found.mlp, "experts"):
            continue
        if block.get("plain"):
            on_output(getattr(found.mlp, block["plain"][0]), at + "mlp.hook_pre")
            on_input(getattr(found.mlp, block["plain"][1]), at + "mlp.hook_post")
            continue
        gate, up, down = block["gated"] or ["gate_proj", "up_proj", "down_proj"]
        if up:
            on_output(getattr(found.mlp, gate), at + "mlp.hook_pre")
            on_output(getattr(found.mlp, up), at + "mlp.hook_pre_linear")
        else:
            for place, name in enumerate(["mlp.hook_pre", "mlp.hook_pre_linear"]):
                on_output(getattr(found.mlp, gate), at + name, lambda tensor, place=place: tensor.chunk(2, -1)[place])
        on_input(getattr(found.mlp, down), at + "mlp.hook_post")
    on_input(model.get_output_embeddings(), "ln_final.hook_normalized")

    attend = modeling.eager_attention_forward

    def recording(module, query, key, *rest, **named):  # [1, heads, T, D]
        at = f"blocks.{module.layer_idx}.attn."
        across = lambda tensor: tensor.transpose(1, 2)
        if sites.rotates(config, module.layer_idx):
            keep(at + "hook_rot_q", query, across)
            keep(at + "hook_rot_k", key, across)
        output, pattern = attend(module, query, key, *rest, **named)
        keep(at + "hook_pattern", pattern, across)
        return output, pattern

    modeling.eager_attention_forward = recording

    def read():
        modeling.eager_attention_forward = attend
        for handle in handles:
            handle.remove()
        result = {}
        for name, (value, part, scale) in kept.items():
            gradient = value.grad
            if name.endswith("hook_v") and getattr(config, "clip_qkv", None):
                # Clipped in place: what autograd has is the gradient after that.
                gradient = gradient * (value.detach().abs() < config.clip_qkv)
            result[name] = (part(value.detach())[0] * scale, part(gradient)[0] / scale)
        return result

    return read


def edited(z: torch.Tensor, edit: dict, size: int) -> torch.Tensor:
    """z [1, T, H D] after an edit of one head at all positions from `from` on."""
    first, x = edit["head"] * size, z[:, edit["from"]:, edit["head"] * size:(edit["head"] + 1) * size]
    v = edit["vector"].to(z.dtype)
    unit = v / v.norm()
    after = {
        "add": lambda: x + v, "multiply": lambda: x * v, "scale": lambda: x * edit["factor"],
        "replace": lambda: v.expand_as(x), "project-out": lambda: x - (x @ unit)[..., None] * unit,
        "reflect": lambda: x - 2 * (x @ unit)[..., None] * unit,
    }[edit["operation"]]()
    rows = torch.cat([z[:, edit["from"]:, :first], after, z[:, edit["from"]:, first + size:]], -1)
    return torch.cat([z[:, :edit["from"]], rows], 1)


def objective(logits: torch.Tensor, completion: list[int], sides: dict) -> torch.Tensor:
    """logits [T, V] of a prompt and the completion but its last token: the sum of three terms."""
    rows = logits[prompt_length - 1:].double()
    difference = rows[0, sides["positive"]].mean() - rows[0, sides["negative"]].mean()
    log = rows.log_softmax(-1)
    probability = log.gather(1, torch.tensor(completion)[:, None]).sum()
    place = torch.arange(rows.shape[1], dtype=torch.float64)
    stored = torch.stack([2 * torch.sin(row + 0.1 * place) for row in range(len(rows))]).float().double()
    before = stored.log_softmax(-1)
    divergence = (before.exp() * (before - log)).sum(-1).mean()
    return difference + 0.5 * probability + 0.3 * divergence


def run(model, block: dict, ids: list[int], completion: list[int], sides: dict, edits=()) -> tuple[float, dict]:
    read = watched(model, block, edits)
    logits = model(torch.tensor([ids]), use_cache=False).logits
    logits.retain_grad()
    value = objective(logits[0], completion, sides)
    value.backward()
    return float(value.detach()), read() | {"logits": (logits.detach()[0], logits.grad[0])}


def cases(layers: int, heads: int, size: int, random) -> list[dict]:
    operations = ["add", "multiply", "scale", "replace", "project-out", "reflect", "multiply", "add"]
    return [
        {"layer": index % layers, "head": index % heads, "operation": operation, "from": [0, 39, 20][index % 3],
         "factor": -1.5, "vector": torch.tensor(random.normal(size=size), dtype=torch.float32)}
        for index, operation in enumerate(operations)]


def record(name: str, model, block: dict) -> dict:
    random = numpy.random.default_rng(700 + len(name))
    draw = lambda count: [int(id) for id in random.choice(numpy.arange(3, model.config.vocab_size), size=count, replace=False)]
    prompt, completion, tokens = draw(prompt_length), draw(completion_length), draw(4)
    ids, sides = prompt + completion[:-1], {"positive": tokens[:2], "negative": tokens[2:]}
    heads, _, size = sites.sizes(model.config)
    value, found = run(model, block, ids, completion, sides)
    tensors = {key: gradient[positions] for key, (_, gradient) in found.items() if not key.startswith("before")}
    edits = cases(model.config.num_hidden_layers, heads, size, random)
    edited_value, found = run(model, block, ids, completion, sides, edits)
    for key, (values, gradient) in found.items():
        if "hook_z" in key or key in ("blocks.0.hook_resid_pre", "blocks.1.attn.hook_v"):
            tensors["edited." + key] = gradient[positions]
        if "before" in key:
            tensors["edited." + key] = values[positions]
    for index, edit in enumerate(edits):
        tensors[f"edit.{index}"] = edit.pop("vector")
    save_file({key: value.float().contiguous() for key, value in tensors.items()}, here / f"{name}.safetensors")
    return {
        "prompt": prompt, "completion": completion, **sides, "value": value, "editedValue": edited_value,
        "edits": edits, "positions": positions}


def real_model(name: str) -> dict:
    """z of every head at the last position, and the other sites of three layers, for the mood contrasts' first prompt."""
    path = str(fetched[name])
    model = gguf_llama.load(path) if name == "smollm2" else gguf_models.load(path)
    words = AutoTokenizer.from_pretrained(fetched[name].parent, gguf_file=fetched[name].name)
    row = json.loads((here.parent / "behaviour/mood-contrast.jsonl").read_text().splitlines()[0])
    encode = lambda text: words.encode(text, add_special_tokens=False)
    ids = encode(row["prompt"])
    sides = {side: [encode(answer)[0] for answer in row[side]] for side in ("positive", "negative")}
    read = watched(model, table.llama_like)
    logits = model(torch.tensor([ids]), use_cache=False).logits[0, -1]
    value = logits[sides["positive"]].mean() - logits[sides["negative"]].mean()
    value.backward()
    found = {key: gradient for key, (_, gradient) in read().items()}
    layers = model.config.num_hidden_layers
    tensors = {"z": torch.stack([found[f"blocks.{layer}.attn.hook_z"][-1] for layer in range(layers)])}
    for layer in (0, layers // 2 - 1, layers - 1):
        for site in ("hook_resid_pre", "attn.hook_q", "attn.hook_k", "attn.hook_v", "mlp.hook_post"):
            tensors[f"blocks.{layer}.{site}"] = found[f"blocks.{layer}.{site}"][[1, -1]]
    save_file({key: value.float().contiguous() for key, value in tensors.items()}, here / f"{name}.safetensors")
    return {"prompt": ids, **sides, "value": float(value.detach())}


def report(name: str) -> dict:
    if name in real:
        return real_model(name)
    if name in table.models:
        model = making.load(here.parent / "families" / name, torch.float64)
        with making.wide(model):
            return record(name, model, table.blocks[table.models[name]["sites"]])
    model = llama_sites.load(str(here.parent / "tiny-llamas" / name)).double()
    with making.wide(model):
        return record(name, model, table.llama_like)


torch.set_num_threads(1)
refused = ["qwen3_moe-mixed"]  # by our runtime
names = sys.argv[1:] or [name for name in table.models if name not in refused] + [
    "grouped", "llama2-like", "sharded-bf16"] + [name for name, path in fetched.items() if path.exists()]
path = here / "gradients.json"
reports = json.loads(path.read_text()) if path.exists() else {}
for name in names:
    reports[name] = report(name)
    size = (here / f"{name}.safetensors").stat().st_size // 1024
    print(f"{name}: {size} KB, objective {reports[name]['value']}", flush=True)
lines = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(reports.items())]
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
