#!/usr/bin/env python3
"""Prints what share of each module's lines the tests run, from the file that `swift test --show-codecov-path` names.

usage: coverage.py FILE.json

Only folders of `Sources` count, not the packages that ours depends on. Lines are counted as llvm-cov counts
them: comments and declarations without code are none.
"""

import json
import sys
from collections import defaultdict


def modules(report):
    """(lines, of them run) of each folder of Sources."""
    counts = defaultdict(lambda: [0, 0])
    for file in report["data"][0]["files"]:
        path = file["filename"]
        if "/Sources/" not in path or "/.build/" in path:
            continue
        module = path.rsplit("/Sources/", 1)[1].split("/")[0]
        lines = file["summary"]["lines"]
        counts[module][0] += lines["count"]
        counts[module][1] += lines["covered"]
    return counts


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: coverage.py FILE.json")
    with open(sys.argv[1]) as file:
        counts = modules(json.load(file))
    if not counts:
        sys.exit(f"error: {sys.argv[1]} has no file of Sources; run swift test --enable-code-coverage first")
    counts["all modules"] = [sum(values) for values in zip(*counts.values())]
    for module, (lines, run) in sorted(counts.items(), key=lambda item: (item[0] == "all modules", item[0])):
        print(f"{module:24} {lines:6} lines {100 * run / max(lines, 1):6.1f} %")


main()
