"""What transformers computes with stories260K (karpathy/tinyllamas, MIT): sites, greedy text, logits under edits.

    python Fixtures/reference/stories260k.py FOLDER      FOLDER holds hf/ and tok512.bin

Writes stories260K.safetensors, stories260K.edits.safetensors and stories260K.json beside itself. The text is decoded here
from llama2.c's own vocabulary file, and is checked against the text that llama2.c's test expects at temperature 0.
"""

import json
import pathlib
import struct
import sys

from safetensors.torch import load_file, save_file

import edit_cases
import llama_sites
import plain_llama

here = pathlib.Path(__file__).resolve().parent
source = pathlib.Path(sys.argv[1])

# From llama2.c's test_all.py: `run stories260K.bin -z tok512.bin -t 0.0 -n 200`.
known_text = (
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, "
    "red ball. She wanted to play with it, but it was too high.\nLily's mom said, \"Lily, let's go to the park.\" Lily was "
    "sad and didn't know what to do. She said, \"I want to play with your ball, but I can't find it.\"\nLily was sad and "
    "didn't know what to do. She said, \"I'm sorry, Lily. I didn't know what to do.\"\nLily didn't want to help her mom, "
    "so she"
)


def vocabulary(path: pathlib.Path) -> list[bytes]:
    """tok512.bin: the longest piece's length, then for each token its score (float32), length and bytes."""
    data, offset, pieces = path.read_bytes(), 4, []
    while offset < len(data):
        _, length = struct.unpack_from("<fi", data, offset)
        pieces.append(data[offset + 8:offset + 8 + length])
        offset += 8 + length
    return pieces


def decode(ids: list[int], pieces: list[bytes]) -> str:
    """As llama2.c does: no space straight after BOS, <0xNN> is that byte."""
    text = b""
    for before, token in zip([1] + ids, ids):
        piece = pieces[token]
        if before == 1 and piece.startswith(b" "):
            piece = piece[1:]
        if len(piece) == 6 and piece.startswith(b"<0x"):
            piece = bytes([int(piece[3:5], 16)])
        text += piece
    return text.decode()


model = llama_sites.load(str(source / "hf"))
pieces = vocabulary(source / "tok512.bin")
story, logits = llama_sites.greedy(model, [1], 200)
text = decode(story, pieces)
print(text)
print("agrees with llama2.c's known text:", text.startswith(known_text))

ids = [1] + story[40:51]
sites = llama_sites.capture(model, ids)
exact = plain_llama.run(json.loads((source / "hf/config.json").read_text()), load_file(source / "hf/model.safetensors"), ids)
difference = max(float((sites[key] - exact[key]).abs().max() / exact[key].abs().max()) for key in sites)
save_file({key: value.contiguous() for key, value in sites.items()}, here / "stories260K.safetensors")

tensors, edits = edit_cases.record(model, [1] + story[:7], 8, 260, whole_prompt=False)
save_file(tensors, here / "stories260K.edits.safetensors")
report = {
    "ids": ids,
    "logprobs": [round(float(value), 6) for value in llama_sites.logprobs(model, ids)],
    "greedy": {"prompt": [1], "ids": story, "text": text, "smallestMargin": min(llama_sites.margins(logits))},
    "edits": edits,
    "largestRelativeDifferenceToFloat64": difference,
}
(here / "stories260K.json").write_text(json.dumps(report, indent=1) + "\n")
print(f"float32 against float64: {difference:.1e} relative; smallest greedy margin {report['greedy']['smallestMargin']}")
for case in edits["cases"]:
    print("   ", case["name"], case["largestChangeOfFirstLogits"], min(case["margins"]), case["ids"] == edits["uneditedIds"])
