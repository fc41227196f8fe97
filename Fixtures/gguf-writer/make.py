"""Writes what the gguf package makes of some metadata and tensors: the reference of GGUFWriterTests; and the same model in
several files, for GGUFSplitTests: with a tensor in each, and with none in the first.

Run: python3 make.py (needs numpy and gguf)
"""

import pathlib

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType, GGUFWriter

HERE = pathlib.Path(__file__).parent


def write(name, alignment, **split):
    writer = GGUFWriter(HERE / name, "llama", **split)  # adds general.architecture
    writer.add_uint8("test.uint8", 200)
    writer.add_int8("test.int8", -100)
    writer.add_uint16("test.uint16", 60000)
    writer.add_int16("test.int16", -30000)
    writer.add_uint32("test.uint32", 4000000000)
    writer.add_int32("test.int32", -2000000000)
    writer.add_uint64("test.uint64", 10**19)
    writer.add_int64("test.int64", -(9 * 10**18))
    writer.add_float32("test.float32", 0.1)
    writer.add_float64("test.float64", -1e300)
    writer.add_bool("test.true", True)
    writer.add_bool("test.false", False)
    writer.add_string("test.string", "naïve ▁ 日本 🙂")
    for key, values, kind in (
        ("test.uint32s", [1, 2, 4000000000], GGUFValueType.UINT32),
        ("test.int32s", [-1, 0, 1], GGUFValueType.INT32),
        ("test.float32s", [0.5, -0.25, 1e-20], GGUFValueType.FLOAT32),
        ("test.bools", [True, False, True], GGUFValueType.BOOL),
        ("test.strings", ["a", "", "▁b"], GGUFValueType.STRING),
        ("test.uint16s", [7, 8], GGUFValueType.UINT16),
    ):
        writer.add_key_value(key, values, GGUFValueType.ARRAY, sub_type=kind)
    if alignment != 32:
        writer.add_custom_alignment(alignment)
    writer.add_tensor("odd.weight", np.arange(5, dtype=np.float32) / 4)
    writer.add_tensor("matrix.weight", (np.arange(21).reshape(3, 7) - 10).astype(np.float16))
    writer.add_tensor("cube.weight", np.arange(24, dtype=np.float32).reshape(2, 3, 4))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


write("reference.gguf", 32)
write("reference-aligned-256.gguf", 256)
write("split.gguf", 32, split_max_tensors=1)
write("split-metadata-first.gguf", 32, split_max_tensors=2, small_first_shard=True)


def write_types():
    """A tensor of each type that is none of weights, for GGUFTensorTypeTests."""
    writer = GGUFWriter(HERE / "types.gguf", "llama")
    for kind in (np.int8, np.int16, np.int32, np.int64, np.float64):
        writer.add_tensor(np.dtype(kind).name, np.arange(6).reshape(2, 3).astype(kind))
    for kind in (GGMLQuantizationType.NVFP4, GGMLQuantizationType.Q1_0):
        _, size = GGML_QUANT_SIZES[kind]
        blocks = np.arange(2 * size, dtype=np.uint8).reshape(1, 2 * size)
        writer.add_tensor(kind.name, blocks, raw_dtype=kind)
    writer.add_tensor("weights", np.arange(4, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


write_types()
