"""Writes, for every weight format, blocks of bytes and the float32 values that the `gguf` package reads from them.

    python3 make_weights.py        # needs numpy and gguf (the values here are from the version in VERSION.txt)

FORMAT.blocks holds whole blocks: first 8 of seeded random bytes whose half-precision scales are ordinary numbers, then
one for each special half (zeros, subnormal numbers, the largest numbers, infinities, NaN) as its scales.
FORMAT.expected holds the weights as little-endian float32.
"""

import importlib.metadata
import pathlib

import gguf
import numpy as np

# Where the halves (scale, minimum) lie in each block; the values of F16, BF16 and F32 are built apart.
HALVES = {
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q2_K": [80, 82],
    "Q3_K": [108],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
}
SPECIAL_HALVES = [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00]


def quantised_blocks(name: str, random: np.random.Generator) -> np.ndarray:
    _, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    blocks = random.integers(0, 256, (8 + len(SPECIAL_HALVES), size), dtype=np.uint8)
    for i, block in enumerate(blocks):
        for place in HALVES[name]:
            half = np.float16(random.normal() * 10.0 ** random.integers(-4, 1))
            if i >= 8:
                # The special half as scale with an ordinary minimum, or the other way round.
                turn = HALVES[name].index(place) == (i - 8) % len(HALVES[name])
                half = np.uint16(SPECIAL_HALVES[i - 8]).view(np.float16) if turn else half
            block[place : place + 2] = half.reshape(1).view(np.uint8)
    return blocks


def single_values(name: str, random: np.random.Generator) -> np.ndarray:
    fraction_bits, exponents = {"F16": (10, 32), "BF16": (7, 256), "F32": (23, 256)}[name]
    kind = np.uint32 if name == "F32" else np.uint16
    top = 2**fraction_bits - 1
    # A NaN here is quiet; whether a conversion makes a signalling one quiet is the processor's affair.
    fractions = [0, 1, 2, top // 3, top // 2 + 1, top]
    values = [
        (sign * exponents + exponent) << fraction_bits | fraction
        for sign in (0, 1)
        for exponent in range(exponents)
        for fraction in fractions
        if not (exponent == exponents - 1 and 0 < fraction <= top // 2)
    ]
    return np.array(values + list(random.integers(0, exponents // 2 << fraction_bits, 61)), dtype=kind).view(np.uint8)


def main() -> None:
    folder = pathlib.Path(__file__).parent
    for name in ["F32", "F16", "BF16", *HALVES]:
        random = np.random.default_rng(20240531 + gguf.GGMLQuantizationType[name])
        blocks = quantised_blocks(name, random).reshape(-1) if name in HALVES else single_values(name, random)
        with np.errstate(invalid="ignore", over="ignore"):
            expected = gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType[name])
        (folder / f"{name}.blocks").write_bytes(blocks.tobytes())
        (folder / f"{name}.expected").write_bytes(expected.astype("<f4").tobytes())
    (folder / "VERSION.txt").write_text(
        f"gguf {importlib.metadata.version('gguf')}, numpy {np.__version__}\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
