"""transformers' Llama with every site read by hooks and z edited by hooks: what the reference values are made with."""

import torch
from transformers import LlamaForCausalLM
from transformers.models.llama import modeling_llama


def load(folder: str) -> LlamaForCausalLM:
    """A Hugging Face folder in float32 with written-out ("eager") attention, so that patterns exist."""
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def shape_of(model) -> tuple[int, int, int]:
    """Layers, query heads, head size."""
    attention = model.model.layers[0].self_attn
    return len(model.model.layers), model.config.num_attention_heads, attention.head_dim


@torch.no_grad()
def capture(model, ids: list[int]) -> dict:
    """Every site of a forward pass over `ids`, without a batch axis; names and shapes as in README.md beside this file."""
    sites, handles, rotated = {}, [], []
    layers, heads, size = shape_of(model)
    length = len(ids)

    def keep(name, shape=None):
        def store(value):
            value = value[0] if isinstance(value, tuple) else value
            sites[name] = value.detach().reshape(*(shape or value.shape[1:])).clone()
        return store

    def on_input(module, store):
        def hook(_, arguments, keywords):
            store(arguments[0] if arguments else keywords["hidden_states"])
        handles.append(module.register_forward_pre_hook(hook, with_kwargs=True))

    def on_output(module, store):
        handles.append(module.register_forward_hook(lambda _, __, output: store(output)))

    for index, layer in enumerate(model.model.layers):
        at, attention, mlp = f"blocks.{index}.", layer.self_attn, layer.mlp
        on_input(layer, keep(at + "hook_resid_pre"))
        on_output(attention.q_proj, keep(at + "attn.hook_q", (length, -1, size)))
        on_output(attention.k_proj, keep(at + "attn.hook_k", (length, -1, size)))
        on_output(attention.v_proj, keep(at + "attn.hook_v", (length, -1, size)))
        on_input(attention.o_proj, keep(at + "attn.hook_z", (length, heads, size)))
        on_output(attention, lambda output, name=at + "attn.hook_pattern": keep(name)(output[1]))
        on_output(attention, keep(at + "hook_attn_out"))
        on_input(layer.post_attention_layernorm, keep(at + "hook_resid_mid"))
        on_output(mlp.gate_proj, keep(at + "mlp.hook_pre"))
        on_output(mlp.up_proj, keep(at + "mlp.hook_pre_linear"))
        on_input(mlp.down_proj, keep(at + "mlp.hook_post"))
        on_output(mlp, keep(at + "hook_mlp_out"))
        on_output(layer, keep(at + "hook_resid_post"))
    on_input(model.lm_head, keep("ln_final.hook_normalized"))

    rotate = modeling_llama.apply_rotary_pos_emb

    def recording_rotate(*arguments, **keywords):
        result = rotate(*arguments, **keywords)
        rotated.append(result)
        return result

    modeling_llama.apply_rotary_pos_emb = recording_rotate
    try:
        sites["logits"] = model(torch.tensor([ids]), use_cache=False).logits[0].clone()
    finally:
        modeling_llama.apply_rotary_pos_emb = rotate
        for handle in handles:
            handle.remove()
    for index, (q, k) in enumerate(rotated):  # [1, heads, T, headSize]
        sites[f"blocks.{index}.attn.hook_rot_q"] = q[0].transpose(0, 1).contiguous()
        sites[f"blocks.{index}.attn.hook_rot_k"] = k[0].transpose(0, 1).contiguous()
    assert len(rotated) == layers
    return sites


def edited_positions(where: str, prompt_length: int, length: int) -> slice:
    """The positions of a whole sequence that an edit reaches, prompt and generated tokens together."""
    return {
        "all": slice(0, length),
        "last": slice(prompt_length - 1, length),  # the last of every forward pass: of the prompt, then each new one
        "prompt": slice(0, prompt_length),
        "generated": slice(prompt_length, length),
    }[where]


class Edited:
    """`with Edited(model, edits, prompt_length):` edits z, the input of o_proj, in the order written, on whole sequences.

    An edit is a dictionary in the form of a plan: layer, head, operation add | scale | zero, strength, positions; and for
    add the vector itself under `vector` (added strength times, as unit `raw` does).
    """

    def __init__(self, model, edits, prompt_length):
        self.model, self.edits, self.prompt_length, self.handles = model, edits, prompt_length, []

    def __enter__(self):
        size = shape_of(self.model)[2]
        for edit in self.edits:
            def hook(_, arguments, edit=edit):
                z = arguments[0].clone()
                part = slice(edit["head"] * size, (edit["head"] + 1) * size)
                where = edited_positions(edit["positions"], self.prompt_length, z.shape[1])
                if edit["operation"] == "add":
                    z[:, where, part] += edit["strength"] * edit["vector"]
                elif edit["operation"] == "scale":
                    z[:, where, part] *= edit["strength"]
                elif edit["operation"] == "zero":
                    z[:, where, part] = 0
                else:
                    raise ValueError(edit["operation"])
                return (z,)
            projection = self.model.model.layers[edit["layer"]].self_attn.o_proj
            self.handles.append(projection.register_forward_pre_hook(hook))

    def __exit__(self, *_):
        for handle in self.handles:
            handle.remove()


@torch.no_grad()
def greedy(model, prompt: list[int], count: int, edits=()) -> tuple[list[int], torch.Tensor]:
    """`count` tokens by argmax, whole sequence anew for each: new ids, and the logits each was chosen from [count, V]."""
    ids, chosen_from = list(prompt), []
    with Edited(model, edits, len(prompt)):
        for _ in range(count):
            logits = model(torch.tensor([ids]), use_cache=False).logits[0, -1]
            chosen_from.append(logits.clone())
            ids.append(int(logits.argmax()))
    return ids[len(prompt):], torch.stack(chosen_from)


@torch.no_grad()
def logprobs(model, ids: list[int]) -> torch.Tensor:
    """log p(ids[i] | ids[..<i]) for i = 1 ..< count, by teacher forcing."""
    logits = model(torch.tensor([ids]), use_cache=False).logits[0, :-1].double()
    return logits.log_softmax(-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0]


def margins(logits: torch.Tensor) -> list[float]:
    """How far the best logit lies above the second best, per row."""
    best = logits.topk(2, dim=-1).values
    return [round(float(first - second), 6) for first, second in best]
