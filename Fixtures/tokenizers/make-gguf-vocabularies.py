#!/usr/bin/env python3
"""Writes small vocabulary-only GGUF files, and which ids llama.cpp's algorithms give for adversarial strings.

The algorithms are written out below in their plainest form (quadratic, on Python strings, patterns by the `regex`
package), from what llama.cpp does: special tokens longest first, then either byte-level BPE or SentencePiece BPE.
The vocabularies come from the tokenizers beside this script.

Run: python3 Fixtures/tokenizers/make-gguf-vocabularies.py   (needs the packages gguf and regex)
"""
import json
import pathlib
import random

import gguf
import regex

HERE = pathlib.Path(__file__).parent
NORMAL, UNKNOWN, CONTROL, USER, UNUSED, BYTE = 1, 2, 3, 4, 5, 6

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
MODERN = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [MODERN.replace("DIGITS", "{1,3}")],
    "qwen2": [MODERN.replace("DIGITS", "")],
    None: [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", r"[0-9][0-9][0-9]"],
}


def byte_alphabet():
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {**{byte: chr(byte) for byte in printable}, **{byte: chr(256 + index) for index, byte in enumerate(others)}}


ALPHABET = byte_alphabet()


def partition(text, vocabulary, parse):
    """The text's fragments: ids of special tokens, and strings between them."""
    fragments = [text] if text else []
    special = [(token, id_, kind) for id_, (token, kind, _) in enumerate(vocabulary) if kind in (CONTROL, USER, UNKNOWN)]
    for token, id_, kind in sorted(special, key=lambda entry: (-len(entry[0].encode()), entry[1])):
        if not parse and kind != USER:
            continue
        next_fragments = []
        for fragment in fragments:
            while isinstance(fragment, str) and token in fragment:
                left, fragment = fragment.split(token, 1)
                next_fragments += [left] if left else []
                next_fragments.append(id_)
            if fragment != "":
                next_fragments.append(fragment)
        fragments = next_fragments
    return fragments


def cut(text, patterns):
    parts = [text]
    for pattern in patterns:
        next_parts = []
        for part in parts:
            start = 0
            for match in regex.finditer(pattern, part):
                next_parts += [part[start:match.start()], match.group()]
                start = match.end()
            next_parts.append(part[start:])
        parts = [part for part in next_parts if part]
    return parts


def byte_level(text, vocabulary, merges, pre):
    ids = {token: id_ for id_, (token, _, _) in enumerate(vocabulary)}
    ranks = {}
    for rank, merge in enumerate(merges):
        ranks.setdefault(tuple(merge.split(" ", 1)), rank)
    output = []
    for word in cut(text, PATTERNS[pre]):
        symbols = [ALPHABET[byte] for byte in word.encode()]
        if pre == "llama-bpe" and "".join(symbols) in ids:
            symbols = ["".join(symbols)]
        while len(symbols) > 1:
            pairs = [(ranks.get((symbols[index], symbols[index + 1]), 1 << 40), index) for index in range(len(symbols) - 1)]
            rank, index = min(pairs)
            if rank == 1 << 40:
                break
            symbols[index:index + 2] = [symbols[index] + symbols[index + 1]]
        for symbol in symbols:
            if symbol in ids:
                output.append(ids[symbol])
            else:
                output += [ids[character] for character in symbol if ord(character) < 0x80 and character in ids]
    return output


def sentence_piece(fragments, vocabulary, space_prefix):
    mergeable = {token: id_ for id_, (token, kind, _) in enumerate(vocabulary) if kind not in (CONTROL, UNKNOWN)}
    output = []
    after_special = True
    for fragment in fragments:
        if not isinstance(fragment, str):
            output.append(fragment)
            after_special = True
            continue
        symbols = list(((" " if space_prefix and after_special else "") + fragment).replace(" ", "▁"))
        after_special = False
        while len(symbols) > 1:
            pairs = []
            for index in range(len(symbols) - 1):
                id_ = mergeable.get(symbols[index] + symbols[index + 1])
                if id_ is not None:
                    pairs.append((-vocabulary[id_][2], index))
            if not pairs:
                break
            _, index = min(pairs)
            symbols[index:index + 2] = [symbols[index] + symbols[index + 1]]
        for symbol in symbols:
            if symbol in mergeable:
                output.append(mergeable[symbol])
            else:
                output += [mergeable.get(f"<0x{byte:02X}>", 0) for byte in symbol.encode()]
    return output


def characters(text, vocabulary, merges):
    """Gemma 4: ranked merges over characters between line feeds, with `▁` for spaces and tokens for bytes."""
    ids = {token: id_ for id_, (token, kind, _) in enumerate(vocabulary) if kind not in (CONTROL, UNKNOWN)}
    ranks = {}
    for rank, merge in enumerate(merges):
        ranks.setdefault(tuple(merge.split(" ", 1)), rank)
    output = []
    for word in regex.findall(r"[^\n]+|\n+", text.replace(" ", "▁")):
        symbols = [word] if word[0] == "\n" and word in ids else list(word)
        while len(symbols) > 1:
            pairs = [(ranks.get((symbols[index], symbols[index + 1]), 1 << 40), index) for index in range(len(symbols) - 1)]
            rank, index = min(pairs)
            if rank == 1 << 40:
                break
            symbols[index:index + 2] = [symbols[index] + symbols[index + 1]]
        for symbol in symbols:
            output += [ids[symbol]] if symbol in ids else [ids[f"<0x{byte:02X}>"] for byte in symbol.encode()]
    return output


def strings(seed):
    generator = random.Random(seed)
    pools = [
        " ", " \t\n\r\u00a0\u2003", "abcXYZ", "0123456789", "'sStTrRevVlL", ".,!?-_/()$+<=>^~|`", "éÜßñø", "日本語灯台海", "²½Ⅷ٣", "\u0301🙂🌊", "▁",
        "lighthouse keeper light night happy the of".split(), ["<s>", "</s>", "<|begin|>", "<|end|>", "<tag>", "<unk>", "   ", "  ", "<|b|>"],
    ]
    fixed = ["", " ", "Hello world", " Hello  world ", "<s>Hello</s> <s> x", "<tag>a<tag> b", "a   b    c     d", "1234567 12 3", "don't DON'T", "x" * 100, " " * 60, "lightlight" * 8]
    for _ in range(80):
        parts = []
        for _ in range(generator.randint(1, 12)):
            pool = generator.choice(pools)
            parts += [generator.choice(pool) for _ in range(generator.randint(1, 4))]
        fixed.append("".join(parts))
    return fixed


def write(name, vocabulary, settings, encode, seed):
    writer = gguf.GGUFWriter(str(HERE / f"{name}.gguf"), "llama")
    writer.add_tokenizer_model(settings["model"])
    writer.add_token_list([token for token, _, _ in vocabulary])
    writer.add_token_types([kind for _, kind, _ in vocabulary])
    if settings["model"] == "llama":
        writer.add_token_scores([score for _, _, score in vocabulary])
    else:
        writer.add_token_merges(settings["merges"])
        if settings["pre"]:
            writer.add_tokenizer_pre(settings["pre"])
    for key, value in settings.get("ids", {}).items():
        writer.add_uint32(f"tokenizer.ggml.{key}", value)
    for key, value in settings.get("flags", {}).items():
        writer.add_bool(f"tokenizer.ggml.{key}", value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    cases = [{"text": text, "parsed": encode(text, True), "plain": encode(text, False), "decoded": None} for text in strings(seed)]
    result = {"vocabulary": len(vocabulary), "cases": cases}
    (HERE / f"{name}.gguf.json").write_text(json.dumps(result, ensure_ascii=True, separators=(",", ":")) + "\n")


def write_byte_level(name, folder, pre, seed, extra=(), dropped=(), flags=None):
    data = json.loads((HERE / folder / "tokenizer.json").read_text())
    pieces = sorted(data["model"]["vocab"].items(), key=lambda entry: entry[1])
    special = {"<|begin|>": CONTROL, "<|end|>": CONTROL}
    vocabulary = [(token, special.get(token, NORMAL), 0.0) for token, _ in pieces if token not in dropped]
    vocabulary += [(token, kind, 0.0) for token, kind in extra]
    merges = [" ".join(merge) if isinstance(merge, list) else merge for merge in data["model"]["merges"]]

    def encode(text, parse):
        output = []
        for fragment in partition(text, vocabulary, parse):
            output += byte_level(fragment, vocabulary, merges, pre) if isinstance(fragment, str) else [fragment]
        return output

    settings = {"model": "gpt2", "pre": pre, "merges": merges, "ids": {"bos_token_id": 0, "eos_token_id": 1}, "flags": flags or {}}
    write(name, vocabulary, settings, encode, seed)


def write_sentence_piece(name, seed, space_prefix, dropped=(), extra=()):
    data = json.loads((HERE / "llama2-style" / "tokenizer.json").read_text())
    pieces = sorted(data["model"]["vocab"].items(), key=lambda entry: entry[1])
    generator = random.Random(seed)
    vocabulary = []
    for index, (token, _) in enumerate(pieces):
        if token in dropped:
            continue
        kind = UNKNOWN if token == "<unk>" else CONTROL if token in ("<s>", "</s>") else BYTE if token.startswith("<0x") else NORMAL
        # Mostly falling scores, as in real models, with ties and some out of order.
        score = 0.0 if kind != NORMAL else -float(index // 3 if generator.random() < 0.9 else generator.randint(0, 300))
        vocabulary.append((token, kind, score))
    vocabulary += [(token, kind, 0.0) for token, kind in extra]

    def encode(text, parse):
        return sentence_piece(partition(text, vocabulary, parse), vocabulary, space_prefix)

    flags = {"add_space_prefix": space_prefix}
    write(name, vocabulary, {"model": "llama", "ids": {"bos_token_id": 1, "eos_token_id": 2, "unknown_token_id": 0}, "flags": flags}, encode, seed)


def write_characters(name, seed):
    data = json.loads((HERE / "gemma-style" / "tokenizer.json").read_text())
    pieces = sorted([*data["model"]["vocab"].items(), *((token["content"], token["id"]) for token in data["added_tokens"])], key=lambda entry: entry[1])
    special = {token["content"]: CONTROL if token["special"] else USER for token in data["added_tokens"]} | {"<unk>": UNKNOWN}
    # A merged step that is no token, and a run of line feeds that no user-defined token has.
    vocabulary = [(token, special.get(token, BYTE if token.startswith("<0x") else NORMAL), 0.0) for token, _ in dict(pieces).items() if token not in ("▁t", "\n\n")]
    vocabulary.append(("\n" * 5, NORMAL, 0.0))
    merges = [" ".join(merge) if isinstance(merge, list) else merge for merge in data["model"]["merges"]]

    def encode(text, parse):
        output = []
        for fragment in partition(text, vocabulary, parse):
            output += characters(fragment, vocabulary, merges) if isinstance(fragment, str) else [fragment]
        return output

    settings = {"model": "gemma4", "pre": None, "merges": merges, "ids": {"bos_token_id": 1, "eos_token_id": 2}, "flags": {"add_bos_token": False, "add_space_prefix": False}}
    write(name, vocabulary, settings, encode, seed)


def main():
    write_byte_level("smollm", "smollm-style", "smollm", 1)
    # White space and markup as user-defined tokens, as in Phi-2 or Pythia; steps of merges that are no tokens.
    write_byte_level(
        "user-defined", "gpt2-style", "gpt-2", 2, extra=[("   ", USER), ("  ", USER), ("<tag>", USER), ("<|b|>", CONTROL)],
        dropped=("Ġt", "li", "igh", "e", "Ã", "Q"), flags={"add_bos_token": True})
    write_byte_level("llama-bpe", "llama3-style", "llama-bpe", 3, extra=[("<tag>", CONTROL)])
    write_byte_level("qwen2", "qwen2-style", "qwen2", 4, extra=[("<tag>", USER)])
    write_byte_level("no-pre", "gpt2-style", None, 5)
    write_characters("gemma4", 8)
    write_sentence_piece("llama-spm", 6, True, extra=[("<tag>", USER)])
    write_sentence_piece("no-space-prefix", 7, False, dropped=("<0xF0>", "<0xCC>", "e"), extra=[("▁▁▁", USER), ("   ", USER)])


main()
