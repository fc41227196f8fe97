"""Writes ../../Sources/CWeightKernels/codebooks.c: the codebooks of ggml's IQ1, IQ2 and IQ3 formats.

    python3 make_grids.py        # needs numpy and gguf

They are data that the formats are defined by. Here they come from what the `gguf` package (MIT licence, part of
llama.cpp) decodes; each entry's numbers are packed into 16 bits.
"""

import importlib.metadata
import pathlib

import gguf
import numpy as np

# The formats with a codebook of their own, and the bits of a number.
BOOKS = {"IQ2_XXS": 2, "IQ2_XS": 2, "IQ2_S": 2, "IQ3_XXS": 3, "IQ3_S": 3, "IQ1_S": 2}


def numbers(name: str) -> np.ndarray:
    """The codebook as the gguf package decodes it: [entries, numbers of an entry]."""
    quant = getattr(gguf.quants, name)
    quant.init_grid()
    return quant.grid.reshape(quant.grid.shape[-2:])


def packed(name: str, bits: int) -> np.ndarray:
    """Each entry as one integer: for each number its place among the book's values, the first number lowest."""
    book = numbers(name)
    codes = np.searchsorted(np.unique(book), book).astype(np.uint64)
    assert codes.max() < 1 << bits and codes.shape[1] * bits <= 16
    return (codes << (np.arange(codes.shape[1], dtype=np.uint64) * np.uint64(bits))).sum(axis=1)


def main() -> None:
    lines = [
        "// Made by Fixtures/weights/make_grids.py, not to be edited: the codebooks of the IQ1, IQ2 and IQ3 formats, as the",
        f"// package gguf {importlib.metadata.version('gguf')} has them (MIT licence, part of llama.cpp).",
        "",
        '#include "blocks.h"',
    ]
    for name, bits in BOOKS.items():
        book = packed(name, bits)
        values = ", ".join(f"{value:g}" for value in np.unique(numbers(name)))
        lines += ["", f"// {bits} bits a number: {values}.", f"static const uint16_t {name.lower()}[{len(book)}] = {{"]
        for start in range(0, len(book), 16):
            lines.append("    " + " ".join(f"{int(entry)}," for entry in book[start : start + 16]))
        lines.append("};")
    lines += ["", "const uint16_t *headsteer_codebook(int format) {", "    switch (format) {"]
    lines += [f"    case HEADSTEER_{name}: return {name.lower()};" for name in BOOKS]
    lines += ["    case HEADSTEER_IQ1_M: return iq1_s;", "    default: return NULL;", "    }", "}", ""]
    folder = pathlib.Path(__file__).parent.parent.parent / "Sources/CWeightKernels"
    (folder / "codebooks.c").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
