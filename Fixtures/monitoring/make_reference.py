"""Writes reference.json: covariances by scikit-learn's LedoitWolf, Mahalanobis distances and moving averages by NumPy, and
conformal quantiles as the definition has them, for the tests of the monitor.

    pip install numpy scikit-learn && python3 make_reference.py
"""

import json
import math
import os

import numpy as np
from sklearn.covariance import LedoitWolf


def covariance_case(rng, rows, columns, offset):
    """Correlated rows with heavy tails, some distance from 0."""
    mixing = rng.normal(size=(columns, columns))
    x = rng.standard_t(4, size=(rows, columns)) @ mixing + offset
    # As the library sees them: float32.
    x = x.astype(np.float32).astype(np.float64)
    fitted = LedoitWolf().fit(x)
    mean = x.mean(0)
    centred = x - mean
    scale = math.sqrt(np.trace(fitted.covariance_) / columns)
    inverse = np.linalg.inv(np.linalg.cholesky(fitted.covariance_ / scale**2 + 1e-6 * np.eye(columns)))
    y = centred / scale @ inverse.T
    smoothing = 0.1
    average, shifts = np.zeros(columns), []
    for t, row in enumerate(y, 1):
        average = smoothing * row + (1 - smoothing) * average
        variance = smoothing / (2 - smoothing) * (1 - (1 - smoothing) ** (2 * t))
        shifts.append(float(np.log(average @ average / (columns * variance))))
    return {
        "columns": columns,
        "rows": x.ravel().tolist(),
        "mean": mean.tolist(),
        "covariance": fitted.covariance_.ravel().tolist(),
        "shrinkage": float(fitted.shrinkage_),
        "mahalanobis": np.einsum("ij,jk,ik->i", centred, np.linalg.inv(fitted.covariance_), centred).tolist(),
        "shift": shifts,
    }


def conformal_case(rng, groups, rate):
    """The least score that satisfies (n R + 1) / (n + 1) <= rate, found by trying all of them."""
    scores = [
        [rng.normal(size=rng.integers(1, 6)).round(2).tolist() for _ in range(rng.integers(1, 4))]
        for _ in range(groups)
    ]

    def risk(threshold):
        return np.mean([np.mean([np.mean([s > threshold for s in text]) for text in group]) for group in scores])

    candidates = sorted({s for group in scores for text in group for s in text})
    n = len(scores)
    allowed = [c for c in candidates if (n * risk(c) + 1) / (n + 1) <= rate + 1e-9]
    return {"scores": scores, "rate": rate, "threshold": allowed[0] if allowed else None}


def main():
    rng = np.random.default_rng(12)
    reference = {
        "covariances": [
            covariance_case(rng, 60, 8, 0.0),
            covariance_case(rng, 12, 16, 3.0),
            covariance_case(rng, 40, 5, 1000.0),
        ],
        "conformal": [conformal_case(rng, n, rate) for n, rate in ((9, 0.1), (19, 0.1), (40, 0.05), (8, 0.1), (30, 0.2))],
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(reference, file)
        file.write("\n")


main()
