"""What NumPy in float64 says of the differences between the planted model and an altered copy of it: the reference values of
ModelComparisonTests, what SciPy says of their answers, and linear CKA of small random matrices.

The copy B has, of some of A's matrices, w (1 + 0.2 sin(1 + i)) in float32, i being the weight's place in its row. The copies
whose answers are compared have one matrix w (1 + a sin(1 + i)). The tests write the same files.

Run: python3 reference.py
Needs: numpy, scipy, gguf.
"""

import json
import pathlib
import sys

import numpy as np
from scipy import stats

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "planted"))
import verify  # noqa: E402

# Tensors, and the heads whose rows (of attn_output: columns) are altered; None for all of the matrix.
ALTERED = {
    "blk.1.attn_q.weight": [2],
    "blk.2.attn_v.weight": [0, 1],
    "blk.3.attn_output.weight": [3],
    "blk.4.attn_k.weight": [1],
    "blk.1.ffn_down.weight": None,
}

# Copies with other answers: some that change sides, and some that move a little to both sides. (matrix, a)
ANSWERING = [("token_embd.weight", 3.0), ("blk.3.attn_output.weight", 1.5)]


def altered(model, tensors=ALTERED, amplitude=0.2):
    factors = 1 + amplitude * np.sin(1 + np.arange(4096, dtype=np.float64))
    other = verify.Model(HERE.parent / "planted" / "planted.gguf")
    for name, heads in tensors.items():
        w = model.tensors[name]
        new = (w * factors[: w.shape[1]]).astype(np.float32).astype(np.float64)
        if heads is not None:
            part = np.zeros(w.shape, bool)
            for head in heads:
                lines = slice(head * model.size, (head + 1) * model.size)
                part[(slice(None), lines) if "output" in name else lines] = True
            new = np.where(part, new, w)
        other.tensors[name] = new
    return other


def cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return float(np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)))


def log_softmax(logits):
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def answers(rows, texts, a, b):
    """The items' logit differences in both models, and paired tests of the change."""

    def differences(model):
        last = [verify.NumpyEngine(model).run(ids)[0][-1] for ids in texts]
        return np.array([
            logits[[model.word(word) for word in row["positive"]]].mean()
            - logits[[model.word(word) for word in row["negative"]]].mean()
            for row, logits in zip(rows, last)
        ])

    first, second = differences(a), differences(b)
    change = second - first
    flips = stats.permutation_test((change,), np.mean, permutation_type="samples", n_resamples=np.inf)
    gained, lost = int(((first <= 0) & (second > 0)).sum()), int(((first > 0) & (second <= 0)).sum())
    return {
        "differencesA": first.tolist(), "differencesB": second.tolist(),
        "agreement": float(((first > 0) == (second > 0)).mean()),
        "accuracyA": float((first > 0).mean()), "accuracyB": float((second > 0).mean()),
        "change": float(change.mean()), "signFlip": float(flips.pvalue),
        "wilcoxon": float(stats.wilcoxon(change, method="exact").pvalue),
        "sign": float(stats.binomtest(int((change > 0).sum()), len(change)).pvalue),
        "mcNemar": float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0,
    }


def main():
    a = verify.Model(HERE.parent / "planted" / "planted.gguf")
    b = altered(a)
    rows = [json.loads(line) for line in open(HERE.parent / "planted" / "mood-contrast.jsonl")]
    texts = [a.encode(row["prompt"]) for row in rows]
    z, kl, reverse, same, entropy = ([], []), [], [], [], ([], [])
    for ids in texts:
        logits = []
        for k, model in enumerate((a, b)):
            values, activations = verify.NumpyEngine(model).run(ids)
            logits.append(log_softmax(values[:-1]))
            z[k].append(activations)  # [L, T, H, d]
        first, second = logits
        kl += list((np.exp(first) * (first - second)).sum(-1))
        reverse += list((np.exp(second) * (second - first)).sum(-1))
        same += list(first.argmax(-1) == second.argmax(-1))
        for k in range(2):
            entropy[k].extend(-logits[k][np.arange(len(ids) - 1), ids[1:]])
    answered = [
        {"tensor": name, "amplitude": amplitude, **answers(rows, texts, a, altered(a, {name: None}, amplitude))}
        for name, amplitude in ANSWERING
    ]
    za, zb = (np.concatenate(values, axis=1) for values in z)

    heads = []
    for layer in range(a.layers):
        for head in range(a.heads):
            lines = slice(head * a.size, (head + 1) * a.size)
            parts, change, square = {}, 0, 0
            for name in ("q", "k", "v", "output"):
                at = (slice(None), lines) if name == "output" else lines
                w, d = (m.tensors[f"blk.{layer}.attn_{name}.weight"][at] for m in (a, b))
                parts[name] = float(np.linalg.norm(d - w) / np.linalg.norm(w))
                change += np.linalg.norm(d - w) ** 2
                square += np.linalg.norm(w) ** 2
            x, y = za[layer, :, head], zb[layer, :, head]
            norms = np.linalg.norm(x, axis=1), np.linalg.norm(y, axis=1)
            heads.append({
                "layer": layer, "head": head, "query": parts["q"], "key": parts["k"], "value": parts["v"],
                "output": parts["output"], "weightChange": float(np.sqrt(change / square)),
                "activationCosine": float(((x * y).sum(1) / (norms[0] * norms[1])).mean()), "cka": cka(x, y),
                "normRatio": float((norms[1] / norms[0]).mean()),
            })
    w, d = (m.tensors["blk.1.ffn_down.weight"] for m in (a, b))
    worst = sorted(kl)[::-1][: len(kl) // 20]

    random = np.random.default_rng(1)
    cases = []
    for rows, columns, noise in ((5, 8, 0.5), (40, 6, 0.1), (40, 6, 3.0)):
        x = random.standard_normal((rows, columns))
        y = x @ random.standard_normal((columns, columns)) + noise * random.standard_normal((rows, columns)) + 2
        cases.append({"columns": columns, "x": x.ravel().round(4).tolist(), "y": y.ravel().round(4).tolist()})
        rounded = [np.array(cases[-1][k]).reshape(rows, columns) for k in "xy"]
        cases[-1]["cka"] = cka(*rounded)

    out = {
        "altered": {name: heads if heads is not None else [] for name, heads in ALTERED.items()},
        "texts": texts, "heads": heads, "answers": answered, "down": float(np.linalg.norm(d - w) / np.linalg.norm(w)),
        "kl": float(np.mean(kl)), "reverseKL": float(np.mean(reverse)), "klOfWorst": float(np.mean(worst)),
        "sameTopToken": float(np.mean(same)), "crossEntropyA": float(np.mean(entropy[0])),
        "crossEntropyB": float(np.mean(entropy[1])), "positions": len(kl), "cka": cases,
    }
    (HERE / "reference.json").write_text(json.dumps(out) + "\n")


main()
