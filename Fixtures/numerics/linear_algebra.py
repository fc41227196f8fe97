"""Products, eigenvalues and solutions of small matrices by numpy and scipy: run in this folder."""

import json

import numpy as np
import scipy
import scipy.linalg

rng = np.random.default_rng(20)


def products(rows, columns):
    x = rng.normal(size=(rows, columns)).round(3)
    v, w = rng.normal(size=columns).round(3), rng.normal(size=rows).round(3)
    return {
        "columns": columns, "rows": x.ravel().tolist(), "gram": (x @ x.T).ravel().tolist(),
        "scatter": (x.T @ x).ravel().tolist(), "right": v.tolist(), "product": (x @ v).tolist(), "left": w.tolist(),
        "transposedProduct": (x.T @ w).tolist(),
    }


def symmetric(name, a):
    size = len(a)
    b = rng.normal(size=size).round(3)
    values, vectors = scipy.linalg.eigh(a)
    leading = vectors[:, -1]
    leading = leading * np.sign(leading[np.abs(leading).argmax()])
    case = {
        "name": name, "size": size, "matrix": a.ravel().tolist(), "eigenvalues": values.tolist(),
        "leading": leading.tolist(), "right": b.tolist(), "minimumNorm": (np.linalg.pinv(a, rcond=1e-12) @ b).tolist(),
    }
    # Definite or not, and solved, with a diagonal of ones, so that the rows' scales don't count.
    if (np.diag(a) > 0).all():
        scale = 1 / np.sqrt(np.diag(a))
        scaled = a * np.outer(scale, scale)
        if np.linalg.eigvalsh(scaled)[0] > 1e-9:
            case["solution"] = (scale * scipy.linalg.solve(scaled, scale * b, assume_a="pos")).tolist()
    return case


def covariance(rows, columns):
    x = rng.normal(size=(rows, columns))
    return (x.T @ x).round(4)


duplicated = covariance(9, 4)[np.ix_([0, 1, 2, 3, 1], [0, 1, 2, 3, 1])]
constant = covariance(9, 4)
constant[2] = constant[:, 2] = 0
indefinite = rng.normal(size=(6, 6)).round(3)
wide = rng.normal(size=(3, 7)).round(2)

with open("linear-algebra.json", "w") as file:
    json.dump(
        {
            "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
            "products": [products(7, 3), products(3, 7), products(1, 5), products(5, 1), products(1, 1)],
            "symmetric": [
                symmetric("positive definite", covariance(20, 7)),
                symmetric("one element", np.array([[2.5]])),
                symmetric("one negative element", np.array([[-2.5]])),
                symmetric("a feature twice", duplicated),
                symmetric("a constant feature", constant),
                symmetric("indefinite", indefinite + indefinite.T),
                symmetric("fewer rows than columns", wide.T @ wide),
                symmetric("badly scaled", np.diag([1e-8, 1.0, 1e8]) @ covariance(9, 3) @ np.diag([1e-8, 1.0, 1e8])),
            ],
        },
        file,
        separators=(",", ":"),
    )
    file.write("\n")
