"""A loop over heads with scikit-learn and NumPy, the usual way to probe them, as a peer of headsteer-bench.

    peer_scikit_learn.py FILE --heads H --rows N --size D [--threads 2]

FILE holds float32 values, [H, N, D]; rows 0, 2, 4, … are of one class. Operations: about, logistic, permutations.
"""

import argparse
import os
import sys
import time
import warnings

options = argparse.ArgumentParser()
options.add_argument("file")
options.add_argument("--heads", type=int, required=True)
options.add_argument("--rows", type=int, required=True)
options.add_argument("--size", type=int, required=True)
options.add_argument("--threads", type=int, default=2)
options = options.parse_args()

# Before NumPy is loaded, or its BLAS takes all cores.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(options.threads)

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import line_server

warnings.filterwarnings("ignore")
data = np.fromfile(options.file, "<f4").reshape(options.heads, options.rows, options.size)
labels = np.arange(options.rows) % 2 == 0
rng = np.random.default_rng(0)
fold = rng.permutation(options.rows) % 5


def about() -> dict:
    return {"name": "scikit-learn", "version": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}"}


def logistic() -> dict:
    """Five folds of logistic regression for each head, with scikit-learn's own settings."""
    start = time.perf_counter()
    for x in data:
        for k in range(5):
            model = LogisticRegression(max_iter=1000).fit(x[fold != k], labels[fold != k])
            model.decision_function(x[fold == k])
    return {"seconds": time.perf_counter() - start}


def permutations(count: int) -> dict:
    """Cross-validated mass-mean scores of each head for `count` relabellings."""
    start = time.perf_counter()
    for x in data:
        for _ in range(count):
            relabelled = rng.permutation(labels)
            scores = np.zeros(options.rows)
            for k in range(5):
                train = fold != k
                a, b = x[train & relabelled].mean(0), x[train & ~relabelled].mean(0)
                scores[~train] = (x[~train] @ (a - b) - (a @ a - b @ b) / 2) / np.linalg.norm(a - b)
            roc_auc_score(relabelled, scores)
    return {"seconds": time.perf_counter() - start}


line_server.serve({"about": about, "logistic": logistic, "permutations": permutations})
