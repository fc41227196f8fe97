"""transformers' Llama with every site read by hooks and edited by hooks: what the reference values are made with."""

import math

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


def concerned(where, prompt_length: int, ids: list[int]) -> list[bool]:
    """For each position of a whole sequence, prompt and generated tokens together, whether an edit reaches it."""
    length = len(ids)
    if isinstance(where, dict) and "tokens" in where:
        return [token in where["tokens"] for token in ids]
    if isinstance(where, dict):  # half open; negative bounds count from the end of the prompt
        start, end = (bound + prompt_length if bound < 0 else bound for bound in (where["from"], where["to"]))
        return [start <= position < end for position in range(length)]
    reached = {
        "all": range(0, length),
        "last": range(prompt_length - 1, length),  # the last of every forward pass: of the prompt, then each new one
        "prompt": range(0, prompt_length),
        "generated": range(prompt_length, length),
    }[where]
    return [position in reached for position in range(length)]


def shares(schedule, prompt_length: int, length: int) -> list[float]:
    """How much of a change is made at each position; the last prompt token, which decides the first new one, is time 0."""
    result = []
    for position in range(length):
        time = max(0, position - prompt_length + 1)
        if schedule is None:
            result.append(1.0)
        elif "decay" in schedule:
            result.append(float(schedule["decay"]) ** time)
        else:
            result.append(1.0 if time < schedule["first"] else 0.0)
    return result


def changed(x: torch.Tensor, edit: dict, share: float) -> torch.Tensor:
    """x [n], one position's values, after `share` of an edit. All in float64."""
    operation, strength = edit["operation"], edit.get("strength")
    before = x.double()
    stored = {key: value.double() for key, value in edit.get("stored", {}).items()}
    vector = edit["vector"].double() if "vector" in edit else None
    unit = None if vector is None or operation == "mean" else vector / vector.norm()
    measure = 1.0 if edit.get("unit", "raw") == "raw" else float(stored[edit["unit"]])
    if operation == "add":
        after = before + share * strength * (vector if edit.get("unit", "raw") == "raw" else measure * unit)
    elif operation == "rotate":  # Rodrigues in the plane of x and the direction, by a share of the angle
        across = unit - (unit @ before) * before / (before @ before)
        angle = math.radians(strength * share)
        after = math.cos(angle) * before + math.sin(angle) * before.norm() * across / across.norm()
    else:
        whole = {
            "scale": lambda: strength * before,
            "multiply": lambda: (1 + (1 if strength is None else strength) * (vector - 1)) * before,
            "zero": lambda: torch.zeros_like(before),
            "mean": lambda: stored["mean"],
            "project-out": lambda: before - (before @ unit) * unit,
            "clamp": lambda: before - (before @ unit) * unit + strength * measure * unit,
            "reflect": lambda: before - 2 * (before @ unit) * unit,
        }[operation]()
        after = (1 - share) * before + share * whole
    if edit.get("keepNorm") and share != 0:
        after = after * before.norm() / after.norm()
    return after.to(x.dtype)


class Edited:
    """`with Edited(model, edits, prompt_length):` edits whole sequences (a batch of one), by hooks, in the order written.

    An edit is a dictionary in the form of a plan, with tensors beside it: `vector`, the direction as it is stored, and in
    `stored` the values stored with it (`sigma`, `mean`, `head-norm`, `residual-norm`). A gate's direction is its `vector`,
    its threshold a number. Every forward pass sees the whole sequence, so that a latched gate needs no memory.

    After a pass `scores` holds, for each gated edit's place in the list, its gate's score at every position.
    """

    def __init__(self, model, edits, prompt_length):
        self.model, self.edits, self.prompt_length, self.handles = model, edits, prompt_length, []
        self.size = shape_of(model)[2]
        self.ids, self.open, self.scores = [], {}, {}

    def __enter__(self):
        def begin(_, arguments):
            self.ids = arguments[0][0].tolist()
        self.handles.append(self.model.model.embed_tokens.register_forward_pre_hook(begin))
        places = {(edit.get("site", "z"), edit["layer"]) for edit in self.edits}
        places |= {(gate.get("site", "z"), gate["layer"]) for gate in self.gates()}
        for site, layer in places:
            block = self.model.model.layers[layer]
            module, is_input = {
                "z": (block.self_attn.o_proj, True), "attention-out": (block.self_attn.o_proj, False),
                "residual-pre": (block, True), "residual-mid": (block.post_attention_layernorm, True),
                "residual-post": (block, False), "mlp-out": (block.mlp, False),
            }[site]

            # In place: what the residual stream goes on with is the very tensor that a module gets or gives.
            if is_input:
                def hook(_, arguments, keywords, site=site, layer=layer):
                    self.visit(site, layer, arguments[0] if arguments else keywords["hidden_states"])
                self.handles.append(module.register_forward_pre_hook(hook, with_kwargs=True))
            else:
                def hook(_, __, output, site=site, layer=layer):
                    self.visit(site, layer, output[0] if isinstance(output, tuple) else output)
                self.handles.append(module.register_forward_hook(hook))
        return self

    def __exit__(self, *_):
        for handle in self.handles:
            handle.remove()

    def gates(self):
        return [edit["gate"] for edit in self.edits if "gate" in edit]

    def part(self, x, edit):
        """The values of [1, T, n] that an edit or a gate is about: [T, size] or [T, n]."""
        if "head" not in edit:
            return x[0]
        return x[0, :, edit["head"] * self.size:(edit["head"] + 1) * self.size]

    def visit(self, site, layer, x):
        here = lambda entry: (entry.get("site", "z"), entry["layer"]) == (site, layer)
        for index, edit in enumerate(self.edits):
            if "gate" in edit and here(edit["gate"]):
                self.read_gate(index, edit, x)
        for index, edit in enumerate(self.edits):
            if here(edit):
                where = concerned(edit["positions"], self.prompt_length, self.ids)
                share = shares(edit.get("schedule"), self.prompt_length, len(self.ids))
                target = self.part(x, edit)
                for position in range(len(self.ids)):
                    if where[position] and ("gate" not in edit or self.open[index][position]):
                        target[position] = changed(target[position], edit, share[position])

    def read_gate(self, index, edit, x):
        gate = edit["gate"]
        vector = gate["vector"].double()
        score = self.part(x, gate).double() @ (vector / vector.norm()) - gate["threshold"]
        can_open = concerned(gate.get("positions", edit["positions"]), self.prompt_length, self.ids)
        is_open, latch = [], False
        for position in range(len(self.ids)):
            above = bool(score[position] > 0) if gate.get("opens", "above") == "above" else bool(score[position] < 0)
            opens = can_open[position] and above
            latch = latch or opens
            is_open.append(latch if gate.get("mode", "token") == "latched" else opens)
        self.open[index], self.scores[index] = is_open, [
            float(value) for value, possible in zip(score, can_open) if possible]


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
