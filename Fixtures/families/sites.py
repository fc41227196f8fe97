"""Reads every site of any family by hooks on transformers' modules. Names and shapes: README.md beside this file."""

import operator
import pathlib
import sys
from types import SimpleNamespace

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
import llama_sites  # noqa: E402


def sizes(config) -> tuple[int, int, int]:
    """Query heads, key/value heads, head size."""
    heads = config.num_attention_heads
    return heads, getattr(config, "num_key_value_heads", None) or heads, (
        getattr(config, "head_dim", None) or config.hidden_size // heads)


def parts(block: dict, layer) -> SimpleNamespace:
    """The modules of one layer that the description `block` names."""
    find = lambda path, start=layer: None if path is None else operator.attrgetter(path)(start)
    attention = find(block["attention"])
    return SimpleNamespace(
        attention=attention, output=find(block["output"], attention), mlp=find(block["mlp"]),
        attention_out=find(block.get("attention_out", block["attention"])), mlp_out=find(block.get("mlp_out", block["mlp"])),
        middle=find(block["middle"]) if block["middle"] else None)


def rotates(config, layer: int) -> bool:
    if config.model_type == "gpt2":
        return False
    return bool(getattr(config, "no_rope_layers", None) is None or config.no_rope_layers[layer])


def split(fused: torch.Tensor, order: str, heads: int, kv_heads: int, size: int) -> list[torch.Tensor]:
    """Query [T, H, D], key and value [T, K, D] of a fused projection's output [T, ...]."""
    if order == "q k v":
        return [part.reshape(len(fused), -1, size) for part in fused.split([heads * size, kv_heads * size, kv_heads * size], -1)]
    return list(fused.reshape(len(fused), heads, 3, size).unbind(2))


@torch.no_grad()
def capture(model, block: dict, ids: list[int]) -> dict:
    """Every site of a forward pass over `ids`, without a batch axis; also `router.margin`, the smallest lead of an expert."""
    config, sites, handles, margins = model.config, {}, [], []
    heads, kv_heads, size = sizes(config)
    parallel = getattr(config, "use_parallel_residual", False)
    modeling = sys.modules[type(model).__module__]

    def keep(name, shape=None, scale=1.0):
        def store(value):
            value = value[0] if isinstance(value, tuple) else value
            sites[name] = (value.detach().reshape(*(shape or value.shape[1:])) * scale).clone()
        return store

    def on_input(module, store):
        handles.append(module.register_forward_pre_hook(
            lambda _, given, named: store(given[0] if given else named["hidden_states"]), with_kwargs=True))

    def on_output(module, store):
        handles.append(module.register_forward_hook(lambda _, __, output: store(output)))

    def keep_fused(at):
        def store(value):
            for name, part in zip("qkv", split(value[0].detach().clone(), block["order"], heads, kv_heads, size)):
                sites[f"{at}attn.hook_{name}"] = part
        return store

    def keep_halves(at):
        def store(value):
            gate, up = value[0].detach().clone().chunk(2, -1)
            sites[at + "mlp.hook_pre"], sites[at + "mlp.hook_pre_linear"] = gate, up
        return store

    def keep_margin(output):
        best = output[0].topk(config.num_experts_per_tok + 1, -1).values
        margins.append(float((best[:, -2] - best[:, -1]).min()))

    for index, layer in enumerate(operator.attrgetter(block["layers"])(model)):
        at, found = f"blocks.{index}.", parts(block, layer)
        scale = getattr(config, block["multiplier"]) if "multiplier" in block else 1.0
        on_input(layer, keep(at + "hook_resid_pre"))
        on_output(layer, keep(at + "hook_resid_post"))
        if "fused" in block:
            on_output(getattr(found.attention, block["fused"]), keep_fused(at))
        else:
            for name, module in zip("qkv", block["queries"]):
                on_output(getattr(found.attention, module), keep(f"{at}attn.hook_{name}", (len(ids), -1, size)))
        on_input(found.output, keep(at + "attn.hook_z", (len(ids), heads, size)))
        on_output(found.attention_out, keep(at + "hook_attn_out", scale=scale))
        if not parallel:
            on_input(found.middle, keep(at + "hook_resid_mid"))
        on_output(found.mlp_out, keep(at + "hook_mlp_out", scale=scale))
        if "router" in block and hasattr(found.mlp, "experts"):
            on_output(operator.attrgetter(block["router"])(layer), keep_margin)
        elif block.get("plain"):
            on_output(getattr(found.mlp, block["plain"][0]), keep(at + "mlp.hook_pre"))
            on_input(getattr(found.mlp, block["plain"][1]), keep(at + "mlp.hook_post"))
        else:
            gate, up, down = block["gated"] or ["gate_proj", "up_proj", "down_proj"]
            on_output(getattr(found.mlp, gate), keep(at + "mlp.hook_pre") if up else keep_halves(at))
            if up:
                on_output(getattr(found.mlp, up), keep(at + "mlp.hook_pre_linear"))
            on_input(getattr(found.mlp, down), keep(at + "mlp.hook_post"))
    on_input(model.get_output_embeddings(), keep("ln_final.hook_normalized"))

    attend = modeling.eager_attention_forward

    def recording(module, query, key, *rest, **named):  # [1, heads, T, D]
        at = f"blocks.{module.layer_idx}.attn."
        if rotates(config, module.layer_idx):
            sites[at + "hook_rot_q"] = query[0].transpose(0, 1).clone()
            sites[at + "hook_rot_k"] = key[0].transpose(0, 1).clone()
        output, pattern = attend(module, query, key, *rest, **named)
        sites[at + "hook_pattern"] = pattern[0].clone()
        return output, pattern

    modeling.eager_attention_forward = recording
    try:
        sites["logits"] = model(torch.tensor([ids]), use_cache=False).logits[0].clone()
    finally:
        modeling.eager_attention_forward = attend
        for handle in handles:
            handle.remove()
    if margins:
        sites["router.margin"] = torch.tensor(min(margins))
    return sites


class LikeLlama:
    """A model of any family in the shape that ../reference/llama_sites.py edits z in."""

    def __init__(self, model, block: dict):
        size = sizes(model.config)[2]
        layers = []
        for layer in operator.attrgetter(block["layers"])(model):
            found = parts(block, layer)
            attention = SimpleNamespace(o_proj=found.output, head_dim=size)
            layers.append(SimpleNamespace(self_attn=attention, post_attention_layernorm=None, mlp=None))
        embedding = operator.attrgetter(block["embedding"])(model)
        self.model, self.config = SimpleNamespace(embed_tokens=embedding, layers=layers), model.config
        self.run = model

    def __call__(self, ids, **named):
        return self.run(ids, **named)


def edited(model, edits, prompt_length):
    return llama_sites.Edited(model, edits, prompt_length)
