"""Prints how far normally distributed weights move when they are stored in each format: ||rounded - w|| / ||w||, as ggml's own
quantiser rounds them. The figures of Sources/ModelComparison/Weights/RoundingFloor.swift are these, rounded up.

Run: python3 rounding.py PATH/TO/libggml-base.so
Needs: numpy, gguf; ggml's shared library, as llama.cpp builds it.
"""

import ctypes
import sys

import gguf
import numpy as np

ROWS, COLUMNS = 64, 4096
TYPES = [
    "F16", "BF16", "Q8_0", "Q6_K", "Q5_K", "Q5_1", "Q5_0", "Q4_K", "Q4_1", "Q4_0", "IQ4_NL", "IQ4_XS", "MXFP4", "Q3_K",
    "IQ3_S", "IQ3_XXS", "Q2_K", "IQ2_S", "IQ2_XS", "IQ2_XXS", "TQ1_0", "TQ2_0", "IQ1_M", "IQ1_S",
]


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    library.ggml_quantize_chunk.argtypes = [
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p
    ]
    weights = np.random.default_rng(0).standard_normal((ROWS, COLUMNS)).astype(np.float32)
    importance = np.ones(COLUMNS, np.float32)
    for name in TYPES:
        kind = gguf.GGMLQuantizationType[name]
        block, size = gguf.GGML_QUANT_SIZES[kind]
        data = np.zeros(ROWS * COLUMNS // block * size, np.uint8)
        written = library.ggml_quantize_chunk(
            int(kind), weights.ctypes.data, data.ctypes.data, 0, ROWS, COLUMNS, importance.ctypes.data
        )
        assert written == data.size, (name, written, data.size)
        rounded = gguf.dequantize(data.reshape(ROWS, -1), kind).reshape(weights.shape).astype(np.float64)
        print(f"{name:8} {np.linalg.norm(rounded - weights) / np.linalg.norm(weights):.5f}")


main()
