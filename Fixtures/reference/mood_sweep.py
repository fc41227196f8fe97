"""Head-specific intervention (arXiv 2502.05945) on SmolLM2 with our mood data, by transformers: directions and a causal sweep.

    python Fixtures/reference/mood_sweep.py [MODEL.gguf]

For each head: theta = mean z of happy rows - mean z of sad rows, z at the last token of each sentence; sigma = population
standard deviation, over all rows of both labels, of the projections on theta / |theta|. Sweep: z at the last position of a
contrast prompt becomes z + 8 sigma theta / |theta| in one head; its effect is the mean over the prompts of the change of
(mean logit of the positive answers - mean logit of the negative answers). Then the four heads of largest effect are steered
together at the last position of every pass, and text is generated greedily.

Writes mood-sweep.json (effects, norms, sigmas [layers][heads]; texts) and mood-sweep.safetensors (`theta` [layers, heads,
headSize], `sigma`, `effect` [layers, heads], `effects` [prompts, layers, heads]) beside itself.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

import gguf_llama
import llama_sites

here = pathlib.Path(__file__).resolve().parent
behaviour = here.parent / "behaviour"
path = sys.argv[1] if len(sys.argv) > 1 else str(here.parent / "fetched/SmolLM2-135M-Instruct.Q4_1.gguf")
strength, steered_heads, generated = 8.0, 4, 20

model = gguf_llama.load(path)
tokenizer = gguf_llama.tokenizer(path)
layers, heads, size = llama_sites.shape_of(model)
projections = [layer.self_attn.o_proj for layer in model.model.layers]


def encode(text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False).ids


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (behaviour / name).read_text(encoding="utf-8").splitlines()]


@torch.no_grad()
def last_z(text: str) -> torch.Tensor:
    """z of every head at the last token [layers, heads, headSize]."""
    kept = []
    handles = [projection.register_forward_pre_hook(lambda _, arguments: kept.append(arguments[0][0, -1].clone()))
               for projection in projections]
    model.model(torch.tensor([encode(text)]), use_cache=False)
    for handle in handles:
        handle.remove()
    return torch.stack(kept).view(layers, heads, size)


@torch.no_grad()
def logit_differences(prompt: str, positive: list[str], negative: list[str], edits: torch.Tensor) -> torch.Tensor:
    """Mean logit of the positive minus of the negative answers, for each row of edits [rows, layers, heads * headSize],
    which are added to z at the last position. Earlier positions do not change, so they are computed once."""
    ids = encode(prompt)
    sides = []
    for answers in (positive, negative):
        tokens = [encode(answer) for answer in answers]
        if any(len(token) != 1 for token in tokens):
            raise SystemExit(f"{prompt}: {answers} are not single tokens each")
        sides.append([token[0] for token in tokens])
    count = edits.shape[0]
    cache = model.model(torch.tensor([ids[:-1]]), use_cache=True).past_key_values
    cache.batch_repeat_interleave(count)
    handles = [
        projection.register_forward_pre_hook(lambda _, arguments, index=index: (arguments[0] + edits[:, index, None],))
        for index, projection in enumerate(projections)
    ]
    hidden = model.model(torch.full((count, 1), ids[-1]), past_key_values=cache, use_cache=True).last_hidden_state[:, -1]
    for handle in handles:
        handle.remove()
    answers = model.lm_head.weight[sides[0] + sides[1]]
    logits = hidden @ answers.T
    return logits[:, :len(sides[0])].mean(-1) - logits[:, len(sides[0]):].mean(-1)


@torch.no_grad()
def generate(prompt: str, edits: torch.Tensor, count: int) -> str:
    """Greedy text with edits [layers, heads * headSize] added to z at the last position of every pass."""
    handles = []
    for index, projection in enumerate(projections):
        if edits[index].any():
            def hook(_, arguments, index=index):
                z = arguments[0].clone()
                z[:, -1] += edits[index]
                return (z,)
            handles.append(projection.register_forward_pre_hook(hook))
    ids, cache, feed = [], None, torch.tensor([encode(prompt)])
    for _ in range(count):
        output = model(feed, past_key_values=cache, use_cache=True)
        cache = output.past_key_values
        ids.append(int(output.logits[0, -1].argmax()))
        feed = torch.tensor([[ids[-1]]])
    for handle in handles:
        handle.remove()
    return tokenizer.decode(ids, skip_special_tokens=False)


labelled = rows("mood.jsonl")
z = torch.stack([last_z(row["text"]) for row in labelled]).double()
label = torch.tensor([row["label"] for row in labelled])
theta = z[label].mean(0) - z[~label].mean(0)
norm = theta.norm(dim=-1)
unit = theta / norm[..., None]
sigma = (z * unit).sum(-1).std(0, correction=0)

edit = (strength * sigma[..., None] * unit).float()
single = torch.zeros(layers * heads + 1, layers, heads, size)  # the last row stays unedited
for index in range(layers * heads):
    layer, head = divmod(index, heads)
    single[index, layer, head] = edit[layer, head]
single = single.view(layers * heads + 1, layers, heads * size)
contrasts = rows("mood-contrast.jsonl")
differences = torch.stack([logit_differences(r["prompt"], r["positive"], r["negative"], single) for r in contrasts])
effects = (differences[:, :-1] - differences[:, -1:]).view(len(contrasts), layers, heads)
effect = effects.mean(0)
order = effect.flatten().argsort(descending=True)
best = [divmod(int(index), heads) for index in order[:10]]

held_out = rows("mood-test.jsonl")
held_z = torch.stack([last_z(row["text"]) for row in held_out]).double()
held_label = torch.tensor([row["label"] for row in held_out])
score = (held_z * unit).sum(-1)
area = (score[held_label][:, None] > score[~held_label][None]).double().mean((0, 1))  # AUROC on unseen sentences

print("unedited logit differences:", [round(float(value), 2) for value in differences[:, -1]])
print("head   effect  prompts moved up  |theta|   sigma   AUROC held out")
for layer, head in best:
    up = int((effects[:, layer, head] > 0).sum())
    print(f"{layer:>2}.{head}  {effect[layer, head]:>7.3f}  {up:>10} of {len(contrasts)}  {norm[layer, head]:>7.3f}  "
          f"{sigma[layer, head]:>6.3f}   {area[layer, head]:.2f}")
low = [divmod(int(index), heads) for index in order[-3:]]
print("lowest:", [(f"{layer}.{head}", round(float(effect[layer, head]), 3)) for layer, head in low])

texts = []
for prompt in json.loads((behaviour / "mood-prompts.json").read_text()):
    for alpha in (-15.0, -8.0, 0.0, 8.0, 15.0):
        together = torch.zeros(layers, heads, size)
        for layer, head in best[:steered_heads]:
            together[layer, head] = (alpha * sigma[layer, head] * unit[layer, head]).float()
        text = generate(prompt, together.view(layers, -1), generated)
        texts.append({"prompt": prompt, "alpha": alpha, "text": text})
        print(f"{alpha:>6}: {prompt}{text!r}", flush=True)

nested = lambda values: [[round(float(value), 6) for value in line] for line in values]
report = {
    "strength": strength, "unit": "sigma", "rows": len(labelled), "contrasts": len(contrasts),
    "best": [{"layer": layer, "head": head, "effect": round(float(effect[layer, head]), 5)} for layer, head in best],
    "unedited": [round(float(value), 5) for value in differences[:, -1]],
    "effect": nested(effect), "norm": nested(norm), "sigma": nested(sigma), "aurocHeldOut": nested(area),
    "texts": texts,
}
lines = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in report.items()]
text = "{\n" + ",\n".join(lines).replace("], [", "],\n [").replace("}, {", "},\n {") + "\n}\n"
(here / "mood-sweep.json").write_text(text, encoding="utf-8")
save_file({"theta": theta.float(), "sigma": sigma.float(), "effect": effect.float(), "effects": effects.contiguous()},
          here / "mood-sweep.safetensors")
