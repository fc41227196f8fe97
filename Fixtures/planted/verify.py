"""Checks that the planted model does what it was planted to do, and writes ground-truth.json.

The model is run by two independent programs: a forward pass in NumPy (float64, rows of q and k as GGUF stores them,
rotating neighbours), and transformers' LlamaForCausalLM (float32, rows put back into halves). Everything below is
measured with both.

Run: python3 verify.py [--write] [--skip-transformers]
Needs: numpy, gguf; torch and transformers unless skipped.
"""

import argparse
import json
import pathlib

import gguf
import numpy as np

HERE = pathlib.Path(__file__).parent
PLANTED, SECOND = (2, 1), (4, 2)
ALPHA = 8.0
LARGE_ALPHA = 32.0
DATA = ("mood.jsonl", "mood-test.jsonl", "mood-contrast.jsonl")
MAX_TOKENS = 32


# The model's file


class Model:
    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        self.fields = {key: field.contents() for key, field in reader.fields.items()}
        self.tensors = {
            t.name: np.array(t.data, dtype=np.float64).reshape([int(n) for n in reversed(t.shape)])
            for t in reader.tensors
        }
        self.layers = self.fields["llama.block_count"]
        self.heads = self.fields["llama.attention.head_count"]
        self.width = self.fields["llama.embedding_length"]
        self.size = self.width // self.heads
        self.eos = self.fields["tokenizer.ggml.eos_token_id"]
        self.bos = self.fields["tokenizer.ggml.bos_token_id"]
        self.pieces = self.fields["tokenizer.ggml.tokens"]
        self.scores = self.fields["tokenizer.ggml.scores"]
        self.ids = {piece: i for i, piece in enumerate(self.pieces)}

    def encode(self, text, bos=True):
        """SentencePiece-BPE: of all neighbours whose concatenation is a piece, merge the best, the leftmost first."""
        symbols = list(("▁" + text.replace(" ", "▁")) if text else "")
        while True:
            best = None
            for i in range(len(symbols) - 1):
                piece = self.ids.get(symbols[i] + symbols[i + 1])
                if piece is not None and (best is None or self.scores[piece] > self.scores[best[1]]):
                    best = (i, piece)
            if best is None:
                break
            symbols[best[0] : best[0] + 2] = [self.pieces[best[1]]]
        ids = [self.bos] if bos else []
        for symbol in symbols:
            if symbol in self.ids:
                ids.append(self.ids[symbol])
            else:
                ids += [self.ids[f"<0x{byte:02X}>"] for byte in symbol.encode()]
        return ids

    def word(self, text):
        (token,) = self.encode(text.lstrip(" "), bos=False)
        return token

    def decode(self, ids):
        return "".join(self.pieces[i] for i in ids if i not in (self.bos, self.eos)).replace("▁", " ")


# Two programs that run it. Both: run(ids, edits, start) -> logits [T, V], z [L, T, H, d].
# edits: {(layer, head): vector added to z, or None for zero}, at the positions from `start` on.


class NumpyEngine:
    name = "numpy float64"

    def __init__(self, model):
        self.m = model

    def norm(self, x, name):
        eps = self.m.fields["llama.attention.layer_norm_rms_epsilon"]
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * self.m.tensors[name]

    def run(self, ids, edits=None, start=0):
        m, t, count = self.m, self.m.tensors, len(ids)
        x = t["token_embd.weight"][ids]
        angle = np.arange(count)[:, None] * m.fields["llama.rope.freq_base"] ** (-np.arange(0, m.size, 2) / m.size)
        cos, sin = np.cos(angle)[:, None, :], np.sin(angle)[:, None, :]

        def rotate(v):
            a, b = v[..., 0::2], v[..., 1::2]
            return np.stack([a * cos - b * sin, a * sin + b * cos], axis=-1).reshape(v.shape)

        mask = np.triu(np.full((count, count), -np.inf), 1)
        zs = []
        for layer in range(m.layers):
            block = f"blk.{layer}."
            h = self.norm(x, block + "attn_norm.weight")
            q, k, v = (
                (h @ t[block + f"attn_{n}.weight"].T).reshape(count, m.heads, m.size) for n in ("q", "k", "v")
            )
            score = np.einsum("thd,shd->hts", rotate(q), rotate(k)) / np.sqrt(m.size) + mask
            weight = np.exp(score - score.max(-1, keepdims=True))
            weight /= weight.sum(-1, keepdims=True)
            z = np.einsum("hts,shd->thd", weight, v)
            for (at, head), vector in (edits or {}).items():
                if at == layer:
                    z[start:, head] = 0 if vector is None else z[start:, head] + vector
            zs.append(z)
            x = x + z.reshape(count, m.width) @ t[block + "attn_output.weight"].T
            h = self.norm(x, block + "ffn_norm.weight")
            gate = h @ t[block + "ffn_gate.weight"].T
            hidden = gate / (1 + np.exp(-gate)) * (h @ t[block + "ffn_up.weight"].T)
            x = x + hidden @ t[block + "ffn_down.weight"].T
        return self.norm(x, "output_norm.weight") @ t["output.weight"].T, np.stack(zs)


class TransformersEngine:
    name = "transformers float32"

    def __init__(self, model):
        import torch
        from transformers import LlamaConfig, LlamaForCausalLM

        self.torch, self.m = torch, model
        torch.set_num_threads(1)
        f = model.fields
        config = LlamaConfig(
            vocab_size=len(model.pieces),
            hidden_size=model.width,
            intermediate_size=f["llama.feed_forward_length"],
            num_hidden_layers=model.layers,
            num_attention_heads=model.heads,
            num_key_value_heads=model.heads,
            max_position_embeddings=f["llama.context_length"],
            rms_norm_eps=f["llama.attention.layer_norm_rms_epsilon"],
            rope_parameters={"rope_type": "default", "rope_theta": f["llama.rope.freq_base"]},
            tie_word_embeddings=False,
            attn_implementation="eager",
        )
        self.net = LlamaForCausalLM(config).float().eval()
        names = {
            "attn_q": "self_attn.q_proj",
            "attn_k": "self_attn.k_proj",
            "attn_v": "self_attn.v_proj",
            "attn_output": "self_attn.o_proj",
            "ffn_gate": "mlp.gate_proj",
            "ffn_up": "mlp.up_proj",
            "ffn_down": "mlp.down_proj",
            "attn_norm": "input_layernorm",
            "ffn_norm": "post_attention_layernorm",
        }
        state = {}
        for name, value in model.tensors.items():
            if name.startswith("blk."):
                _, layer, part, _ = name.split(".")
                if part in ("attn_q", "attn_k"):
                    pairs = value.reshape(model.heads, model.size // 2, 2, model.width)
                    value = pairs.swapaxes(1, 2).reshape(model.width, model.width)
                target = f"model.layers.{layer}.{names[part]}.weight"
            else:
                target = {
                    "token_embd.weight": "model.embed_tokens.weight",
                    "output_norm.weight": "model.norm.weight",
                    "output.weight": "lm_head.weight",
                }[name]
            state[target] = torch.tensor(value, dtype=torch.float32)
        self.net.load_state_dict(state)
        self.edits, self.start, self.z = {}, 0, [None] * model.layers
        for layer, block in enumerate(self.net.model.layers):
            block.self_attn.o_proj.register_forward_pre_hook(self.hook(layer))

    def hook(self, layer):
        def edit(_, inputs):
            z = inputs[0].clone().view(-1, self.m.heads, self.m.size)
            for (at, head), vector in self.edits.items():
                if at == layer:
                    if vector is None:
                        z[self.start :, head] = 0
                    else:
                        z[self.start :, head] += self.torch.tensor(vector, dtype=z.dtype)
            self.z[layer] = z.numpy().astype(np.float64)
            return (z.view(inputs[0].shape),)

        return edit

    def run(self, ids, edits=None, start=0):
        self.edits, self.start = edits or {}, start
        with self.torch.no_grad():
            logits = self.net(self.torch.tensor([ids]), use_cache=False).logits[0]
        return logits.numpy().astype(np.float64), np.stack(self.z)


# Measurements


def generate(engine, prompt, edits=None, margins=None):
    """Greedy text under an edit of the last prompt position and of every generated one."""
    model = engine.m
    ids = model.encode(prompt)
    start, prompt_length = len(ids) - 1, len(ids)
    while len(ids) - prompt_length < MAX_TOKENS:
        logits = engine.run(ids, edits, start)[0][-1]
        order = np.argsort(-logits, kind="stable")
        if margins is not None:
            margins.append(logits[order[0]] - logits[order[1]])
        ids.append(int(order[0]))
        if ids[-1] == model.eos:
            break
    return model.decode(ids[prompt_length:]), ids[-1] == model.eos


def auroc(positive, negative):
    greater = (positive[:, None] > negative[None, :]).mean()
    return greater + 0.5 * (positive[:, None] == negative[None, :]).mean()


def fit(z, labels):
    theta = z[labels].mean(0) - z[~labels].mean(0)
    theta /= np.linalg.norm(theta)
    return theta, float(np.std(z @ theta))


def grouped_auroc(z, labels, groups, folds=6):
    """Each fold's groups scored along the direction of the others; the mean of the folds' AUROC."""
    fold = np.array([sorted(set(groups)).index(g) % folds for g in groups])
    values = []
    for f in range(folds):
        theta, _ = fit(z[fold != f], labels[fold != f])
        score = z[fold == f] @ theta
        values.append(auroc(score[labels[fold == f]], score[~labels[fold == f]]))
    return float(np.mean(values))


def read(name):
    return [json.loads(line) for line in (HERE / name).read_text().splitlines()]


class Report:
    failed = False

    def check(self, ok, text):
        print(("  ok    " if ok else "  WRONG ") + text)
        self.failed |= not ok


def check_tokenizer(model, path, report):
    """Against transformers' tokenizer for the same file."""
    from transformers import AutoTokenizer

    other = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    texts = [row.get("text", row.get("prompt")) for name in DATA for row in read(name)]
    texts += ["Zyx 12 wonderfully cats, naïve — 日本 wonderful", "", "a  b", "workaholic."]
    wrong = [text for text in texts if other(text)["input_ids"] != model.encode(text)]
    report.check(not wrong, f"transformers tokenizes {len(texts)} texts alike {wrong}")


def measure(engine, report):
    model = engine.m
    print(f"\n{engine.name}")
    heads = [(layer, head) for layer in range(model.layers) for head in range(model.heads)]
    noise = [h for h in heads if h not in (PLANTED, SECOND)]
    prompts = json.loads((HERE / "prompts.json").read_text())

    def gather(rows):
        z = np.stack([engine.run(model.encode(row["text"]))[1][:, -1] for row in rows])
        return z, np.array([row["label"] for row in rows]), [row["group"] for row in rows]

    z, labels, groups = gather(read("mood.jsonl"))
    test, test_labels, _ = gather(read("mood-test.jsonl"))
    directions = {(l, h): fit(z[:, l, h], labels) for l, h in heads}

    def add(head, alpha):
        theta, sigma = directions[head]
        return {head: alpha * sigma * theta}

    # (iv) what a head tells about the label
    table = {}
    for l, h in heads:
        theta, sigma = directions[l, h]
        score, held_out = z[:, l, h] @ theta, test[:, l, h] @ theta
        within = np.sqrt((score[labels].var() + score[~labels].var()) / 2)
        table[l, h] = {
            "layer": l,
            "head": h,
            "auroc": auroc(score[labels], score[~labels]),
            "aurocGrouped": grouped_auroc(z[:, l, h], labels, groups),
            "aurocTest": auroc(held_out[test_labels], held_out[~test_labels]),
            "sigma": sigma,
            "withinClassSpread": float(within),
            "gap": float(score[labels].mean() - score[~labels].mean()),
            "zNorm": float(np.linalg.norm(z[:, l, h], axis=-1).mean()),
        }

    # (iii) the causal sweep
    contrast = read("mood-contrast.jsonl")
    for head in heads:
        effects = []
        for row in contrast:
            ids = model.encode(row["prompt"])
            good = [model.word(w) for w in row["positive"]]
            bad = [model.word(w) for w in row["negative"]]
            clean = engine.run(ids)[0][-1]
            edited = engine.run(ids, add(head, ALPHA), len(ids) - 1)[0][-1]
            difference = [x[good].mean() - x[bad].mean() for x in (clean, edited)]
            effects.append(difference[1] - difference[0])
        table[head]["effects"] = [float(effect) for effect in effects]
        table[head]["effect"] = float(np.mean(effects))
        table[head]["effectSpread"] = float(np.std(effects))

    # (i), (ii) texts
    margins, texts = [], []
    for prompt in prompts:
        ids = model.encode(prompt)
        logits = engine.run(ids)[0][-1]
        top = np.argsort(-logits, kind="stable")[:10]
        entry = {
            "prompt": prompt,
            "promptIds": ids,
            "top": [{"id": int(i), "piece": model.pieces[i], "logit": float(logits[i])} for i in top],
        }
        for name, edit in (
            ("neutral", None),
            ("plus", add(PLANTED, ALPHA)),
            ("minus", add(PLANTED, -ALPHA)),
            ("secondPlus", add(SECOND, ALPHA)),
            ("secondMinus", add(SECOND, -ALPHA)),
        ):
            entry[name], ended = generate(engine, prompt, edit, margins)
            report.check(ended, f"ends: {prompt}|{entry[name]}") if not ended else None
        texts.append(entry)
    unmoved = {}
    for alpha in (ALPHA, LARGE_ALPHA):
        unmoved[alpha] = [
            (head, entry["prompt"], sign)
            for head in noise
            for entry in texts
            for sign in (1, -1)
            if generate(engine, entry["prompt"], add(head, sign * alpha))[0] != entry["neutral"]
        ]

    # the smallest strength that moves every prompt's text
    thresholds = {}
    for head in (PLANTED, SECOND):
        for alpha in np.arange(0.25, 8.01, 0.25):
            if all(
                generate(engine, e["prompt"], add(head, alpha))[0] != e["neutral"]
                and generate(engine, e["prompt"], add(head, -alpha))[0] != e["neutral"]
                for e in texts
            ):
                thresholds[head] = float(alpha)
                break

    coherent = all(
        generate(engine, e["prompt"], add(PLANTED, sign * LARGE_ALPHA))[0] == e[name]
        for e in texts
        for name, sign in (("plus", 1), ("minus", -1))
    )

    # (v) ablation in moody contexts
    ablations = []
    for prompt in (
        "the food was disgusting and the street looked dingy. My day at work was",
        "everyone cried. the music sounded",
        "The party was wonderful. We had a",
    ):
        texts_of = [generate(engine, prompt, edit)[0] for edit in (None, {PLANTED: None}, {PLANTED: None, SECOND: None})]
        ablations.append(dict(zip(("prompt", "clean", "plantedZeroed", "bothZeroed"), [prompt] + texts_of)))

    print(f"  {'head':>5} {'auroc':>6} {'cv':>6} {'test':>6} {'sigma':>7} {'within':>7} {'|z|':>6} {'effect':>8}")
    for row in sorted(table.values(), key=lambda r: -abs(r["effect"])):
        print(
            f"  {row['layer']:>3}.{row['head']} {row['auroc']:6.3f} {row['aurocGrouped']:6.3f} {row['aurocTest']:6.3f}"
            f" {row['sigma']:7.4f} {row['withinClassSpread']:7.4f} {row['zNorm']:6.3f} {row['effect']:8.4f}"
        )
    for entry in texts:
        print(f"  {entry['prompt']}")
        for name in ("minus", "neutral", "plus"):
            print(f"    {name:>8}:{entry[name]}")
    for entry in ablations:
        print(f"  {entry['prompt']}")
        for name in ("clean", "plantedZeroed", "bothZeroed"):
            print(f"    {name:>14}:{entry[name]}")

    rest = max(abs(table[h]["effect"]) for h in noise)
    first, second = table[PLANTED]["effect"], table[SECOND]["effect"]
    report.check(all(len({e["neutral"], e["plus"], e["minus"]}) == 3 for e in texts), "(i) planted head flips each text")
    report.check(
        thresholds.get(PLANTED, 9) < thresholds.get(SECOND, 0),
        f"(i) second needs more: alpha {thresholds.get(PLANTED)} and {thresholds.get(SECOND)}",
    )
    report.check(coherent, f"(i) same texts at alpha {LARGE_ALPHA:g}")
    report.check(not unmoved[ALPHA], f"(ii) no other head moves a text at alpha {ALPHA:g} {unmoved[ALPHA]}")
    report.check(not unmoved[LARGE_ALPHA], f"(ii) nor at alpha {LARGE_ALPHA:g} {unmoved[LARGE_ALPHA]}")
    report.check(first > second > 10 * rest, f"(iii) effects {first:.3f} > {second:.3f} > 10 x {rest:.4f}")
    report.check(
        all(table[h][k] == 1 for h in (PLANTED, SECOND) for k in ("auroc", "aurocGrouped", "aurocTest")),
        "(iv) AUROC of the planted heads is 1",
    )
    low, high = (f(table[h]["auroc"] for h in noise) for f in (min, max))
    report.check(0.35 < low and high < 0.65, f"(iv) AUROC of the others from {low:.3f} to {high:.3f}")
    held = [table[h]["aurocTest"] for h in noise]
    report.check(0.3 < min(held) and max(held) < 0.7, f"(iv) on held-out rows {min(held):.3f} to {max(held):.3f}")
    report.check(
        all(e["clean"] != e["plantedZeroed"] for e in ablations), "(v) zeroing the planted head loses the mood"
    )
    report.check(min(margins) > 0.1, f"(vi) smallest margin of a chosen token {min(margins):.4f}")
    return {
        "heads": [table[h] for h in heads],
        "texts": texts,
        "ablations": ablations,
        "thresholds": {f"{l}.{h}": a for (l, h), a in thresholds.items()},
        "smallestMargin": float(min(margins)),
        "directions": {f"{l}.{h}": directions[l, h][0].tolist() for l, h in (PLANTED, SECOND)},
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--skip-transformers", action="store_true")
    options = parser.parse_args()
    path = HERE / "planted.gguf"
    model, report = Model(path), Report()
    report.check(path.stat().st_size <= 1_000_000, f"{path.stat().st_size} bytes, {len(model.pieces)} tokens")
    for name in DATA:
        for row in read(name):
            text = row.get("text", row.get("prompt"))
            words = text.replace(".", " .").split()
            if len(model.encode(text, bos=False)) != len(words):
                report.check(False, f"one token for each word: {text}")
    truth = measure(NumpyEngine(model), report)
    if not options.skip_transformers:
        check_tokenizer(model, path, report)
        other = measure(TransformersEngine(model), report)
        gap = max(abs(a["effect"] - b["effect"]) for a, b in zip(truth["heads"], other["heads"]))
        report.check(gap < 1e-3, f"(vi) largest difference of an effect between the two: {gap:.2e}")
        keys = ("prompt", "promptIds", "neutral", "plus", "minus", "secondPlus", "secondMinus")
        same = [[entry[key] for key in keys] for entry in truth["texts"]] == [
            [entry[key] for key in keys] for entry in other["texts"]
        ]
        report.check(same, "(vi) same texts")
        gap = max(
            abs(x["logit"] - y["logit"])
            for a, b in zip(truth["texts"], other["texts"])
            for x, y in zip(a["top"], b["top"])
        )
        report.check(gap < 1e-4, f"(vi) largest difference of a top logit: {gap:.2e}")
        report.check(truth["ablations"] == other["ablations"], "(vi) same texts without the planted heads")
    if options.write:
        text = json.dumps(
            {"planted": list(PLANTED), "second": list(SECOND), "alpha": ALPHA, "unit": "sigma", "positions": "last"}
            | truth,
            indent=1,
        )
        (HERE / "ground-truth.json").write_text(text + "\n")
    raise SystemExit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
