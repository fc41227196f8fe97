"""Reference values of the probing module: run in this folder, with numpy, scipy and scikit-learn."""

import itertools
import json
import math
from collections import Counter

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, roc_auc_score

VERSIONS = {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__}


def write(name, content):
    with open(name, "w") as file:
        json.dump({"versions": VERSIONS, **content}, file, separators=(",", ":"))
        file.write("\n")


# Directions


def direction_case(name, x, y):
    x64 = x.astype(np.float64)
    true, false = x64[y], x64[~y]
    theta = true.mean(0) - false.mean(0)
    unit = theta / np.linalg.norm(theta)
    projection = x64 @ unit
    within = np.where(y, projection - projection[y].mean(), projection - projection[~y].mean())
    logistic = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=10000).fit(x64, y)
    lbfgs = LogisticRegression(C=1.0, solver="lbfgs", tol=1e-10, max_iter=100000).fit(x64, y)
    assert np.abs(logistic.coef_ - lbfgs.coef_).max() < 1e-4
    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(x64, y)
    pca = PCA(n_components=1, svd_solver="full").fit(x64).components_[0]
    pca = pca * np.sign(pca @ theta)
    return {
        "name": name,
        "features": x.shape[1],
        "values": [float(v) for v in x.ravel()],
        "labels": [bool(v) for v in y],
        "massMean": theta.tolist(),
        "unit": unit.tolist(),
        "sigma": float(np.std(projection)),
        "withinClassSigma": float(np.sqrt((within**2).mean())),
        "headNorm": float(np.linalg.norm(x64, axis=1).mean()),
        "trueMean": true.mean(0).tolist(),
        "falseMean": false.mean(0).tolist(),
        "mean": x64.mean(0).tolist(),
        "logistic": logistic.coef_[0].tolist(),
        "logisticIntercept": float(logistic.intercept_[0]),
        "lda": lda.coef_[0].tolist(),
        "ldaIntercept": float(lda.intercept_[0]),
        "pca": pca.tolist(),
    }


def directions():
    rng = np.random.default_rng(4)

    def data(rows, columns, share, gap, scale):
        y = np.zeros(rows, dtype=bool)
        y[rng.permutation(rows)[: round(rows * share)]] = True
        mixing = rng.normal(size=(columns, columns)) * scale
        x = rng.normal(size=(rows, columns)) @ mixing + rng.normal(size=columns) * 2 * scale
        x[y] += rng.normal(size=columns) * gap * scale
        return x.astype(np.float32).round(4), y

    cases = []
    cases.append(direction_case("tall", *data(40, 6, 0.5, 1.0, 1.0)))
    cases.append(direction_case("wide", *data(12, 20, 0.5, 1.0, 0.3)))
    cases.append(direction_case("unbalanced", *data(30, 5, 0.2, 0.5, 1.0)))
    cases.append(direction_case("separable", *data(24, 4, 0.5, 9.0, 3.0)))
    x, y = data(20, 5, 0.4, 0.7, 1.0)
    x[:, 2] = 1.5
    cases.append(direction_case("constant feature", x, y))
    x, y = data(10, 4, 0.5, 0.7, 1.0)
    cases.append(direction_case("duplicated rows", np.concatenate([x, x, x]), np.concatenate([y, y, y])))
    write("directions.json", {"cases": cases})


# Statistics


def placements(scores, y):
    kernel = (scores[y][:, None] > scores[~y][None]) + 0.5 * (scores[y][:, None] == scores[~y][None])
    return kernel.mean(1), kernel.mean(0)


def delong_variance(scores, y):
    v10, v01 = placements(scores, y)
    return np.var(v10, ddof=1) / len(v10) + np.var(v01, ddof=1) / len(v01)


def clustered_variance(scores, y, groups):
    """Obuchowski, Biometrics 53:567 (1997)."""
    v10, v01 = placements(scores, y)
    area, m, n = v10.mean(), len(v10), len(v01)
    names = np.unique(groups)
    g10, g01 = groups[y], groups[~y]
    x = np.array([v10[g10 == g].sum() - (g10 == g).sum() * area for g in names])
    z = np.array([v01[g01 == g].sum() - (g01 == g).sum() * area for g in names])
    i10, i01, i = len(np.unique(g10)), len(np.unique(g01)), len(names)
    s10 = i10 / ((i10 - 1) * m) * (x**2).sum()
    s01 = i01 / ((i01 - 1) * n) * (z**2).sum()
    s11 = i / (i - 1) * (x * z).sum()
    return s10 / m + s01 / n + 2 * s11 / (m * n)


def areas():
    rng = np.random.default_rng(5)
    cases = []
    for rows, ties, count in [(10, False, 10), (37, True, 12), (300, True, 60), (24, False, 6)]:
        y = rng.random(rows) < 0.45
        scores = rng.normal(size=rows) + y
        scores = scores.round(1) if ties else scores.round(6)
        groups = rng.integers(0, count, rows)
        variance = delong_variance(scores, y)
        area = roc_auc_score(y, scores)
        reach = scipy.stats.norm.ppf(0.975) * math.sqrt(variance) / (area * (1 - area))
        centre = scipy.special.logit(area)
        cases.append({
            "scores": scores.tolist(), "labels": y.tolist(), "groups": groups.tolist(), "area": area,
            "delong": variance, "clustered": clustered_variance(scores, y, groups),
            "low": float(scipy.special.expit(centre - reach)), "high": float(scipy.special.expit(centre + reach)),
            "accuracy": accuracy_score(y, scores > 0.5), "balancedAccuracy": balanced_accuracy_score(y, scores > 0.5),
        })
    return cases


def wilson():
    cases = []
    for successes, trials, level in [(0, 10, 0.95), (10, 10, 0.95), (7, 9, 0.95), (33, 40, 0.99), (500, 1000, 0.9)]:
        low, high = scipy.stats.binomtest(successes, trials).proportion_ci(level, method="wilson")
        cases.append({"successes": successes, "trials": trials, "level": level, "low": low, "high": high})
    return cases


def max_t():
    """All relabellings of two heads' fixed scores: rows 0-3 in two groups with both labels, 4-8 each a group."""
    rng = np.random.default_rng(6)
    y = np.array([1, 0, 0, 1, 1, 1, 0, 0, 0], dtype=bool)
    groups = [0, 0, 1, 1, 4, 5, 6, 7, 8]
    heads = rng.normal(size=(2, 9)).round(4)
    heads[0] += y * 1.2
    heads[1] += y * 0.4
    labellings = []
    for a, b in itertools.product([(1, 0), (0, 1)], repeat=2):
        for chosen in itertools.combinations(range(4, 9), 2):
            labellings.append(np.array(list(a) + list(b) + [i in chosen for i in range(4, 9)], dtype=bool))
    observed = np.array([roc_auc_score(y, h) for h in heads])
    permuted = np.array([[roc_auc_score(l, h) for h in heads] for l in labellings])
    return {
        "scores": heads.tolist(), "labels": y.tolist(), "groups": groups, "count": len(labellings),
        "observed": observed.tolist(), "unadjusted": (permuted >= observed - 1e-9).mean(0).tolist(),
        "adjusted": (permuted.max(1)[:, None] >= observed - 1e-9).mean(0).tolist(),
    }


def generator():
    """xoshiro256** seeded by SplitMix64, from their definitions."""
    mask = (1 << 64) - 1

    def splitmix(state):
        while True:
            state = (state + 0x9E3779B97F4A7C15) & mask
            z = state
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
            yield z ^ (z >> 31)

    def rotate(x, k):
        return ((x << k) | (x >> (64 - k))) & mask

    # The first value of SplitMix64 for seed 1234567 that is published with it.
    assert next(splitmix(1234567)) == 6457827717110365317
    source = splitmix(42)
    s = [next(source) for _ in range(4)]
    output = []
    for _ in range(6):
        output.append(str(rotate((s[1] * 5) & mask, 7) * 9 & mask))
        t = (s[1] << 17) & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45)
    return output


def log_odds():
    """z scores of Monroe, Colaresi & Quinn (2008) with the pooled counts as prior."""
    texts, labels = [[1, 2, 3, 3], [3, 4, 1], [5, 5, 1], [2, 6, 5, 1]], [True, True, False, False]
    counts = [Counter(), Counter()]
    for text, label in zip(texts, labels):
        counts[0 if label else 1].update(text)
    sizes = [sum(c.values()) for c in counts]
    result = {}
    for token in sorted(set(counts[0]) | set(counts[1])):
        prior = counts[0][token] + counts[1][token]
        y = [c[token] + prior for c in counts]
        rest = [n + sum(sizes) - v for n, v in zip(sizes, y)]
        z = (math.log(y[0] / rest[0]) - math.log(y[1] / rest[1])) / math.sqrt(1 / y[0] + 1 / y[1])
        result[str(token)] = z
    return {"texts": texts, "labels": labels, "z": result}


def statistics():
    rng = np.random.default_rng(7)
    p = (rng.random(20) ** 3).round(5)
    p[3] = p[4]
    sorted_values = np.sort(rng.normal(size=11).round(4))
    probabilities = [0.001, 0.025, 0.3, 0.5, 0.975, 0.9999]
    write("statistics.json", {
        "areas": areas(),
        "wilson": wilson(),
        "maxT": max_t(),
        "generator": generator(),
        "logOdds": log_odds(),
        "benjaminiHochberg": {"p": p.tolist(), "q": scipy.stats.false_discovery_control(p).tolist()},
        "normal": {"p": probabilities, "z": scipy.stats.norm.ppf(probabilities).tolist()},
        "quantiles": {
            "values": sorted_values.tolist(), "p": probabilities,
            "q": np.quantile(sorted_values, probabilities).tolist(),
        },
    })


directions()
statistics()
