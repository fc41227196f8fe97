"""The fingerprint of a Llama in a GGUF file, computed apart from the program: what plans record of the model they are for.

    python Fixtures/planted/fingerprint.py MODEL.gguf          (packages: Fixtures/reference/requirements.txt)

The first line of what is hashed is how the program's first version printed its configuration, and must stay as it is.
"""

import hashlib
import sys

import gguf
import numpy

reader = gguf.GGUFReader(sys.argv[1])
tensors = {tensor.name: tensor for tensor in reader.tensors}


def value(key: str, otherwise=None):
    field = reader.fields.get("llama." + key)
    return otherwise if field is None else field.parts[field.data[0]][0]


heads, width = int(value("attention.head_count")), int(value("embedding_length"))
scaling = "none"
if "rope_freqs.weight" in tensors:
    divisors = [float(str(numpy.float32(divisor))) for divisor in tensors["rope_freqs.weight"].data]
    scaling = f"divisors({divisors})"
fields = {
    "architecture": '"llama"', "layers": int(value("block_count")), "heads": heads,
    "kvHeads": int(value("attention.head_count_kv", heads)), "headSize": int(value("attention.key_length", width // heads)),
    "width": width, "feedForward": int(value("feed_forward_length")),
    "vocabulary": int(tensors["token_embd.weight"].shape[1]), "context": int(value("context_length")),
    "normEpsilon": str(numpy.float32(value("attention.layer_norm_rms_epsilon"))), "ropeBase": float(value("rope.freq_base", 10000)),
    "ropeScaling": f"LlamaRuntime.RopeScaling.{scaling}", "tiedEmbeddings": str("output.weight" not in tensors).lower(),
}
digest = hashlib.sha256(("LlamaConfiguration(" + ", ".join(f"{k}: {v}" for k, v in fields.items()) + ")").encode())
for name, tensor in sorted(tensors.items()):
    shape = [int(size) for size in reversed(tensor.shape)]
    digest.update(f"\n{name} {shape} {tensor.tensor_type.name} ".encode())
    digest.update(hashlib.sha256(tensor.data.tobytes()).digest())
print("sha256:" + digest.hexdigest())
