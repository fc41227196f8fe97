"""Writes, for every weight format, blocks of bytes and the float32 values that the `gguf` package reads from them.

    python3 make_weights.py        # needs numpy and gguf (the values here are from the version in VERSION.txt)

FORMAT.blocks holds whole blocks: first 8 of seeded random bytes whose half-precision scales are ordinary numbers, then
one for each special half (zeros, subnormal numbers, the largest numbers, infinities, NaN) as its scales. Formats with
codebooks have as many ordinary blocks as it takes for every entry to occur. The special scales of MXFP4 are exponents.
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
    "IQ4_NL": [0],
    "IQ4_XS": [0],
    "IQ2_XXS": [0],
    "IQ2_XS": [0],
    "IQ2_S": [0],
    "IQ3_XXS": [0],
    "IQ3_S": [0],
    "IQ1_S": [0],
    "TQ1_0": [52],
    "TQ2_0": [64],
}
SPECIAL_HALVES = [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00]
# The number of entries of each codebook. IQ1_M has that of IQ1_S.
ENTRIES = {"IQ2_XXS": 256, "IQ2_XS": 512, "IQ2_S": 1024, "IQ3_XXS": 256, "IQ3_S": 512, "IQ1_S": 2048}
SPECIAL_EXPONENTS = [0, 1, 2, 3, 126, 127, 128, 252, 253, 254, 255]


def put_index(name: str, block: np.ndarray, k: int, index: int) -> None:
    """Stores the index of the block's k-th codebook entry."""
    low, high = index & 255, index >> 8
    if name == "IQ2_XXS":
        block[2 + k // 4 * 8 + k % 4] = index
    elif name == "IQ2_XS":
        block[2 + 2 * k] = low
        block[3 + 2 * k] = block[3 + 2 * k] & 0xFE | high
    else:
        # Where the upper bits lie, in words of how many bytes, and how many there are of each index.
        place, word, bits = {"IQ2_S": (66, 1, 2), "IQ3_XXS": (0, 1, 0), "IQ3_S": (66, 1, 1), "IQ1_S": (34, 2, 3)}[name]
        block[2 + k] = low
        if bits:
            per_word = 8 // bits if word == 1 else 4
            start = place + k // per_word * word
            field = block[start : start + word].view({1: np.uint8, 2: np.dtype("<u2")}[word])
            shift = k % per_word * bits
            field[0] = int(field[0]) & ~(((1 << bits) - 1) << shift) | high << shift


def every_entry(name: str, random: np.random.Generator) -> np.ndarray:
    """Ordinary blocks in which each entry of the format's codebook occurs."""
    _, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    in_block = 256 // (4 if name.startswith("IQ3") else 8)
    blocks = random.integers(0, 256, (max(8, ENTRIES[name] // in_block), size), dtype=np.uint8)
    for b, block in enumerate(blocks):
        block[:2] = np.float16(random.normal()).reshape(1).view(np.uint8)
        for k in range(in_block):
            put_index(name, block, k, (b * in_block + k) % ENTRIES[name])
    return blocks


def iq1_m_blocks(random: np.random.Generator) -> np.ndarray:
    """Its half lies in the upper quarters of four 16-bit words."""
    blocks = random.integers(0, 256, (8 + len(SPECIAL_HALVES), 56), dtype=np.uint8)
    for i, block in enumerate(blocks):
        half = int(np.float16(random.normal() * 10.0 ** random.integers(-4, 1)).view(np.uint16))
        half = SPECIAL_HALVES[i - 8] if i >= 8 else half
        words = block[48:56].view("<u2")
        words[:] = words & 0x0FFF | [half << 12 & 0xF000, half << 8 & 0xF000, half << 4 & 0xF000, half & 0xF000]
    return blocks


def mxfp4_blocks(random: np.random.Generator) -> np.ndarray:
    blocks = random.integers(0, 256, (8 + len(SPECIAL_EXPONENTS), 17), dtype=np.uint8)
    blocks[:8, 0] = random.integers(116, 131, 8)
    blocks[8:, 0] = SPECIAL_EXPONENTS
    return blocks


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


def blocks_of(name: str, random: np.random.Generator) -> np.ndarray:
    if name == "IQ1_M":
        return iq1_m_blocks(random)
    if name == "MXFP4":
        return mxfp4_blocks(random)
    blocks = quantised_blocks(name, random)
    return np.concatenate([every_entry(name, random), blocks[8:]]) if name in ENTRIES else blocks


def main() -> None:
    folder = pathlib.Path(__file__).parent
    for name in ["F32", "F16", "BF16", *HALVES, "IQ1_M", "MXFP4"]:
        random = np.random.default_rng(20240531 + gguf.GGMLQuantizationType[name])
        is_single = name in ["F32", "F16", "BF16"]
        blocks = single_values(name, random) if is_single else blocks_of(name, random).reshape(-1)
        with np.errstate(invalid="ignore", over="ignore"):
            expected = gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType[name])
        (folder / f"{name}.blocks").write_bytes(blocks.tobytes())
        (folder / f"{name}.expected").write_bytes(expected.astype("<f4").tobytes())
    (folder / "VERSION.txt").write_text(
        f"gguf {importlib.metadata.version('gguf')}, numpy {np.__version__}\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
