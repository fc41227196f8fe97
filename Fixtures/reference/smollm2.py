"""What transformers computes with SmolLM2-135M-Instruct (Q4_1) on 20 prompts, in float32 on the dequantised weights.

    python Fixtures/reference/smollm2.py [MODEL.gguf]     default: Fixtures/fetched/SmolLM2-135M-Instruct.Q4_1.gguf

Writes smollm2.json (prompts, ids, greedy continuations, log-probabilities) and smollm2.safetensors beside itself; the
tensors of prompt N (two digits) are
    N.last   logits at the last position at ids 0, 16, 32, …         N.top    the 64 largest there, at `topIds`
    N.inner  [innerPositions, V / 64] logits at ids 0, 64, 128, …
    N.z      [layers, heads, headSize] at the last position           N.resid_post  [layers of `residualLayers`, width]
the last two for three prompts. For these the same pass is done in float64 by plain_llama.py.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

import gguf
import gguf_llama
import llama_sites
import plain_llama
from smollm2_prompts import prompts

here = pathlib.Path(__file__).resolve().parent
path = sys.argv[1] if len(sys.argv) > 1 else str(here.parent / "fetched/SmolLM2-135M-Instruct.Q4_1.gguf")
residual_layers = [0, 14, 29]
with_sites = [0, 3, 9]  # plain, chat, French


@torch.no_grad()
def greedy_with_cache(model, ids, count):
    """As llama_sites.greedy, one token at a time; end tokens are generated like any other."""
    cache, feed, new, chosen_from = None, torch.tensor([ids]), [], []
    for _ in range(count):
        output = model(feed, past_key_values=cache, use_cache=True)
        cache = output.past_key_values
        chosen_from.append(output.logits[0, -1].clone())
        new.append(int(chosen_from[-1].argmax()))
        feed = torch.tensor([[new[-1]]])
    return new, torch.stack(chosen_from)


model = gguf_llama.load(path)
tokenizer = gguf_llama.tokenizer(path)
config = model.config.to_dict()
weights = gguf_llama.weights(gguf.GGUFReader(path))
tensors, rows = {}, []
for index, (kind, text) in enumerate(prompts):
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert tokenizer.decode(ids, skip_special_tokens=False) == text
    with torch.no_grad():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0]
    name, count = f"{index:02}", len(ids)
    inner = sorted({count * part // 5 for part in range(4)} - {count - 1})
    top = logits[-1].topk(64)
    tensors[name + ".last"] = logits[-1, ::16].clone()
    tensors[name + ".top"] = top.values.clone()
    if inner:
        tensors[name + ".inner"] = logits[inner, ::64].clone()
    new, chosen_from = greedy_with_cache(model, ids, 48)
    row = {
        "kind": kind, "text": text, "ids": ids, "topIds": top.indices.tolist(), "innerPositions": inner,
        "logprobSum": round(float(llama_sites.logprobs(model, ids).sum()), 5),
        "greedyIds": new, "greedyMargins": llama_sites.margins(chosen_from),
        "greedyLogprobSum": round(float(chosen_from.double().log_softmax(-1).max(-1).values.sum()), 5),
        "greedyText": tokenizer.decode(new, skip_special_tokens=False),
    }
    if index in with_sites:
        sites = llama_sites.capture(model, ids)
        layers = range(config["num_hidden_layers"])
        tensors[name + ".z"] = torch.stack([sites[f"blocks.{layer}.attn.hook_z"][-1] for layer in layers])
        tensors[name + ".resid_post"] = torch.stack(
            [sites[f"blocks.{layer}.hook_resid_post"][-1] for layer in residual_layers])
        exact = plain_llama.run(config, weights, ids)
        row["residualLayers"] = residual_layers
        row["logitDifferenceToFloat64"] = float((exact["logits"] - logits).abs().max())
        row["siteDifferencesToFloat64"] = max(
            float((exact[key] - sites[key]).abs().max() / exact[key].abs().max()) for key in exact)
        again = plain_llama.run(config, weights, ids, torch.float32)["logits"]
        row["plainFloat32LogitDifference"] = float((again - logits).abs().max())
    rows.append(row)
    print(f"{name} {kind}: {count} ids, smallest margin {min(row['greedyMargins'])}",
          *[f"{key} {row[key]:.1e}" for key in row if "Difference" in key], repr(row["greedyText"][:70]), flush=True)
save_file(tensors, here / "smollm2.safetensors")
text = json.dumps({"prompts": rows}, ensure_ascii=False, indent=None).replace('{"kind"', '\n{"kind"')
(here / "smollm2.json").write_text(text + "\n", encoding="utf-8")
