"""Reference values of confidence intervals: run in this folder, with numpy and scipy."""

import json

import numpy as np
import scipy
import scipy.optimize
import scipy.stats

Z = scipy.stats.norm.ppf(0.975)


def newcombe(value, m, n):
    """Lower bound of Newcombe's method 5 (Statistics in Medicine 25:559, 2006)."""
    star = (m + n) / 2 - 1

    def excess(a):
        return value - a - Z * np.sqrt(a * (1 - a) * (1 + star * (1 - a) / (2 - a) + star * a / (1 + a)) / (m * n))

    return scipy.optimize.brentq(excess, 0, value - 1e-15, xtol=1e-15, rtol=1e-14)


def clustered_wilson(shares, groups):
    """Wilson's interval for the rows divided by the design effect."""
    n, mean = len(shares), shares.mean()
    names = np.unique(groups)
    trials = len(names)
    if 0 < mean < 1:
        squares = sum(((shares[groups == g] - mean).sum()) ** 2 for g in names)
        clustered = squares * len(names) / (len(names) - 1) / n**2
        trials = n / max(clustered / (mean * (1 - mean) / n), 1)
    centre = (mean + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    reach = Z / (1 + Z**2 / trials) * np.sqrt(mean * (1 - mean) / trials + Z**2 / (4 * trials**2))
    return {
        "shares": shares.tolist(), "groups": groups.tolist(), "low": 0.0 if mean == 0 else centre - reach,
        "high": 1.0 if mean == 1 else centre + reach,
    }


rng = np.random.default_rng(8)
cases = [(3, 3, 1.0), (48, 48, 1.0), (20, 35, 1.0), (20, 35, 1 - 1 / 700)]
groups = np.repeat(np.arange(12), 4)
correlated = np.repeat(rng.random(12) < 0.7, 4) ^ (rng.random(48) < 0.1)
with open("intervals.json", "w") as file:
    json.dump({
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
        "areas": [{"trues": m, "falses": n, "value": v, "low": newcombe(v, m, n)} for m, n, v in cases],
        "accuracies": [
            clustered_wilson(correlated.astype(float), groups),
            clustered_wilson((rng.random(48) < 0.6) * 0.5 + (rng.random(48) < 0.5) * 0.5, groups),
            clustered_wilson(np.ones(48), groups),
        ],
    }, file, separators=(",", ":"))
    file.write("\n")
