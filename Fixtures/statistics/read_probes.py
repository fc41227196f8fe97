"""Reads the files of `headsteer collect` and `headsteer probe --out` with Python's safetensors alone, and checks that a
detector's scores and a direction's spread come out the same: `python3 read_probes.py ACTIVATIONS PROBES`.
"""

import json
import sys

import numpy as np
import safetensors

file = safetensors.safe_open(sys.argv[1], "np")
z = file.get_tensor("z")  # [examples, layers, heads, head size]
labels = np.array(json.loads(file.metadata()["labels"]))

probes = safetensors.safe_open(sys.argv[2], "np")
metadata = probes.metadata()
report = json.loads(metadata["statistics"])
assert metadata["format"] == "headsteer.probes/1" and metadata["fingerprint"] == file.metadata()["fingerprint"]
for best in report["heads"][:5]:
    layer, head = best["layer"], best["head"]
    unit = probes.get_tensor("probe.detector")[layer, head]
    scores = z[:, layer, head] @ unit - probes.get_tensor("probe.threshold")[layer, head, 0]
    direction = probes.get_tensor(f"{layer}.{head}")
    sigma = (z[:, layer, head] @ (direction / np.linalg.norm(direction))).std()
    assert abs(sigma - probes.get_tensor(f"{layer}.{head}.sigma")[0]) < 1e-4 * sigma
    for label, name in [(True, "true"), (False, "false")]:
        mean = probes.get_tensor(f"probe.{name}-mean")[layer, head]
        assert np.abs(mean - z[labels == label, layer, head].mean(0)).max() < 1e-5
    print(f"{layer}.{head}: AUROC {best['auroc']:.3f}, {(scores > 0)[labels].mean():.3f} of true and "
          f"{(scores <= 0)[~labels].mean():.3f} of false rows right when fitted on all")
