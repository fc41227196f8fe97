"""How long a loop over heads takes with scikit-learn: `python3 scikit_learn_loop.py [HEADS] [ROWS] [SIZE]`.

Five folds of logistic regression for each head with scikit-learn's own settings (C = 1, L-BFGS), and the same for the
permutation test of mass-mean directions in NumPy. Some heads are measured, the time for all is in proportion. Run it on
the processor that HeadSteer's time is taken on, with as many threads as BLAS takes by itself.
"""

import json
import sys
import time
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

warnings.filterwarnings("ignore")
heads, rows, size = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in [(1, 1024), (2, 1000), (3, 128)])
measured = 16
rng = np.random.default_rng(0)
y = np.arange(rows) % 2 == 0
fold = rng.permutation(rows) % 5
mixing = rng.normal(size=(size, size)) / np.sqrt(size)
data = []
for _ in range(measured):
    x = rng.normal(size=(rows, size)) @ mixing
    x[y] += 0.3 * rng.normal(size=size) / np.sqrt(size)
    data.append(x)

start = time.perf_counter()
for x in data:
    for k in range(5):
        model = LogisticRegression(max_iter=1000).fit(x[fold != k], y[fold != k])
        model.decision_function(x[fold == k])
logistic = (time.perf_counter() - start) / measured * heads

start = time.perf_counter()
relabellings = 20
for x in data[:4]:
    for _ in range(relabellings):
        labels = rng.permutation(y)
        scores = np.zeros(rows)
        for k in range(5):
            train = fold != k
            a, b = x[train & labels].mean(0), x[train & ~labels].mean(0)
            scores[~train] = (x[~train] @ (a - b) - (a @ a - b @ b) / 2) / np.linalg.norm(a - b)
        roc_auc_score(labels, scores)
permutations = (time.perf_counter() - start) / 4 / relabellings * heads * 1000

print(json.dumps({
    "heads": heads, "rows": rows, "size": size, "logisticSeconds": logistic, "permutationSeconds": permutations,
}))
