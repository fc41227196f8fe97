"""Reference values on real activations: run in this folder, with numpy, scipy and scikit-learn.

`python3 real_heads.py ACTIVATIONS` first cuts three heads out of a file that `headsteer collect` wrote for
Fixtures/behaviour/mood.jsonl on SmolLM2-135M-Instruct; without an argument it takes those that are here.
"""

import json
import struct
import sys

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn.covariance import ledoit_wolf
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

HEADS = [[16, 1], [20, 4], [3, 0]]


def read(path):
    """A safetensors file of float32 tensors, without the package."""
    raw = open(path, "rb").read()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(raw[8 + length :][start:end], np.float32).reshape(entry["shape"])
    return tensors, metadata


def write(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, values in tensors.items():
        values = np.ascontiguousarray(values, np.float32)
        header[name] = {
            "dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + values.nbytes],
        }
        data += values.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + data)


def cut(path):
    tensors, metadata = read(path)
    z = np.stack([tensors["z"][:, layer, head] for layer, head in HEADS], 1)[:, :, None]
    write("real-heads.safetensors", {"z": z, "residual-norms": np.ones(len(HEADS))}, {
        "format": "headsteer.activations/1", "site": "z", "positions": "last",
        "labels": metadata["labels"], "groups": metadata["groups"],
    })


def paired(x, y, groups):
    return np.mean([x[(groups == g) & y].mean(0) - x[(groups == g) & ~y].mean(0) for g in np.unique(groups)], 0)


def fit(x, y, groups):
    """Weights and thresholds of every estimator."""
    theta = x[y].mean(0) - x[~y].mean(0)
    middle = (x[y].mean(0) + x[~y].mean(0)) / 2
    logistic = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=10000).fit(x, y)
    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(x, y)
    pca = PCA(n_components=1, svd_solver="full").fit(x).components_[0]
    pca = pca * np.sign(pca @ theta)
    pairs = paired(x, y, groups)
    return {
        "mass-mean": (theta, theta @ middle),
        "paired-mean": (pairs, pairs @ middle),
        "logistic": (logistic.coef_[0], -logistic.intercept_[0]),
        "lda": (lda.coef_[0], -lda.intercept_[0]),
        "pca": (pca, pca @ middle),
    }


def within(sets):
    centred = np.concatenate([np.where(y[:, None], x - x[y].mean(0), x - x[~y].mean(0)) for x, y in sets])
    scaler = StandardScaler()
    shrunk = ledoit_wolf(scaler.fit_transform(centred))[0]
    return scaler.scale_[:, None] * shrunk * scaler.scale_[None]


def main():
    if len(sys.argv) > 1:
        cut(sys.argv[1])
    tensors, metadata = read("real-heads.safetensors")
    y = np.array(json.loads(metadata["labels"]))
    names = json.loads(metadata["groups"])
    groups = np.array([names.index(n) for n in names])
    folds = np.unique(groups, return_inverse=True)[1] % 5
    other = np.unique(groups, return_inverse=True)[1] % 2 == 0
    heads = []
    for number in range(len(HEADS)):
        x = tensors["z"][:, number, 0].astype(np.float64)
        estimators = {}
        for name, (weights, threshold) in fit(x, y, groups).items():
            unit = weights / np.linalg.norm(weights)
            projection = x @ unit
            spread = np.where(y, projection - projection[y].mean(), projection - projection[~y].mean())
            scores = np.zeros(len(y))
            for fold in range(5):
                train = folds != fold
                w, t = fit(x[train], y[train], groups[train])[name]
                scores[~train] = (x[~train] @ w - t) / np.linalg.norm(w)
            estimators[name] = {
                "weights": weights.tolist(), "threshold": float(threshold / np.linalg.norm(weights)),
                "sigma": float(projection.std()), "withinClassSigma": float(np.sqrt((spread**2).mean())),
                "sigmaOnOther": float((x[other] @ unit).std()),
                "scores": scores.tolist(), "auroc": roc_auc_score(y, scores),
                "accuracy": accuracy_score(y, scores > 0), "balancedAccuracy": balanced_accuracy_score(y, scores > 0),
            }
        a = fit(x[other], y[other], groups[other])["mass-mean"][0]
        b = fit(x[~other], y[~other], groups[~other])["mass-mean"][0]
        covariance = within([(x[other], y[other]), (x[~other], y[~other])])
        heads.append({
            "estimators": estimators,
            "cosine": float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)),
            "mahalanobisCosine": float(
                a @ covariance @ b / np.sqrt((a @ covariance @ a) * (b @ covariance @ b))),
            "firstOnSecond": roc_auc_score(y[~other], x[~other] @ a),
            "secondOnFirst": roc_auc_score(y[other], x[other] @ b),
        })
    with open("real-heads.json", "w") as file:
        json.dump({
            "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
            "heads": HEADS, "folds": folds.tolist(), "isFirstSet": other.tolist(), "values": heads,
        }, file, separators=(",", ":"))
        file.write("\n")
    for head, value in zip(HEADS, heads):
        print(head, {n: round(e["auroc"], 3) for n, e in value["estimators"].items()}, value["mahalanobisCosine"])


main()
