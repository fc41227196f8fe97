"""Packages that install.sh put beside this Python's own, each in a folder of its own."""

import os
import sys


def use(name: str) -> None:
    """Makes what the wheel NAME brought importable; where there is no such folder, what is installed otherwise."""
    folder = os.path.join(os.environ.get("HEADSTEER_BENCH_WHEELS") or os.path.join(sys.prefix, "wheels"), name)
    if os.path.isdir(folder):
        sys.path.insert(0, folder)
