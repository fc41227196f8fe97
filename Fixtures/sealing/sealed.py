"""Sealed models as the article "Sign and seal" describes them, read and written by the Python package cryptography (50.0.2).

    python sealed.py make                   writes reference.sealed and key.hex
    python sealed.py open SEALED KEY FOLDER writes what a sealed file holds (to check it; headsteer itself never does)
"""

import hashlib
import json
import pathlib
import struct
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

here = pathlib.Path(__file__).resolve().parent


def derive(key, salt, purpose):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=purpose).derive(key)


def aligned(offset):
    return (offset + 4095) // 4096 * 4096


def content(model, files):
    """The directory and the files, each from a multiple of 4096 on."""
    start = 0
    while True:
        entries, end = [], start
        for name, data in files:
            entries.append({"count": len(data), "name": name, "offset": aligned(end)})
            end = aligned(end) + len(data)
        directory = {"files": entries, "format": "headsteer.sealed/1"}
        if model is not None:
            directory["model"] = model
        text = json.dumps(directory, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        if 8 + len(text) <= start:
            break
        start = aligned(8 + len(text))
    whole = struct.pack("<Q", len(text)) + text
    for (name, data), entry in zip(files, entries):
        whole = whole.ljust(entry["offset"], b"\0") + data
    return whole


def chunk_nonce(index, count):
    return struct.pack("<Q", index) + bytes([index == count - 1, 0, 0, 0])


def seal(key, salt, chunk_size, model, files):
    whole = content(model, files)
    header = b"headsteer.sealed" + struct.pack("<IIQ", 1, chunk_size, len(whole)) + salt
    header += derive(key, salt, b"headsteer.sealed/1 key check")
    cipher = AESGCM(derive(key, salt, b"headsteer.sealed/1 content"))
    count = (len(whole) - 1) // chunk_size + 1
    return header + b"".join(
        cipher.encrypt(chunk_nonce(i, count), whole[i * chunk_size:(i + 1) * chunk_size], header) for i in range(count))


def unseal(key, sealed):
    header = sealed[:96]
    magic, version, chunk_size, size, salt, check = struct.unpack("<16sIIQ32s32s", header)
    assert magic == b"headsteer.sealed" and version == 1
    assert check == derive(key, salt, b"headsteer.sealed/1 key check")
    cipher = AESGCM(derive(key, salt, b"headsteer.sealed/1 content"))
    count = (size - 1) // chunk_size + 1
    assert len(sealed) == 96 + size + 16 * count
    whole = b"".join(
        cipher.decrypt(chunk_nonce(i, count), sealed[96 + i * (chunk_size + 16):96 + (i + 1) * (chunk_size + 16)], header)
        for i in range(count))
    length = struct.unpack("<Q", whole[:8])[0]
    directory = json.loads(whole[8:8 + length])
    assert directory["format"] == "headsteer.sealed/1"
    return {f["name"]: whole[f["offset"]:f["offset"] + f["count"]] for f in directory["files"]}


def reference_files():
    return [
        ("config.json", b'{"a": 1}'), ("empty", b""),
        ("weights \u00e9.bin", b"".join(hashlib.sha256(bytes([i])).digest() for i in range(200))),
    ]


if __name__ == "__main__":
    if sys.argv[1] == "make":
        key, salt = bytes(range(32)), bytes(range(100, 132))
        (here / "key.hex").write_text(key.hex() + "\n")
        sealed = seal(key, salt, 4096, None, reference_files())
        assert unseal(key, sealed) == dict(reference_files())
        (here / "reference.sealed").write_bytes(sealed)
    else:
        key = bytes.fromhex(pathlib.Path(sys.argv[3]).read_text().strip())
        for name, data in unseal(key, pathlib.Path(sys.argv[2]).read_bytes()).items():
            (pathlib.Path(sys.argv[4]) / name).write_bytes(data)
