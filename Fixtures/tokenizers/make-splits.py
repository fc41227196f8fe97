#!/usr/bin/env python3
"""Says how the pre-tokenizers' regular expressions cut adversarial strings, with the `regex` package as the oracle.

Writes splits.json: for each pre-tokenizer its patterns (each cuts what the one before it left, matches and what is
between them apart) and strings with the lengths of their parts in UTF-8 bytes.

Run: python3 Fixtures/tokenizers/make-splits.py   (needs the package regex)
"""
import json
import pathlib
import random
import unicodedata

import regex

HERE = pathlib.Path(__file__).parent

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
TAIL = r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SPELLED = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])" + TAIL
FOLDED = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)" + TAIL

# The names are those of tokenizer.ggml.pre, or the pattern itself where a tokenizer.json would give it.
PRE_TOKENIZERS = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [SPELLED.replace("DIGITS", "{1,3}")],
    "qwen2": [SPELLED.replace("DIGITS", "")],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", r"[0-9][0-9][0-9]"],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, r"[0-9][0-9][0-9]"],
    FOLDED.replace("DIGITS", "{1,3}"): [FOLDED.replace("DIGITS", "{1,3}")],
    FOLDED.replace("DIGITS", ""): [FOLDED.replace("DIGITS", "")],
    FOLDED.replace("DIGITS", "+"): [FOLDED.replace("DIGITS", "+")],
    r"\p{N}{1,3}": [r"\p{N}{1,3}"],
}


def cut(text, patterns):
    parts = [text]
    for pattern in patterns:
        next_parts = []
        for part in parts:
            start = 0
            for match in regex.finditer(pattern, part):
                if match.start() > start:
                    next_parts.append(part[start:match.start()])
                if match.group():
                    next_parts.append(match.group())
                start = match.end()
            if start < len(part):
                next_parts.append(part[start:])
        parts = next_parts
    assert "".join(parts) == text
    return [len(part.encode()) for part in parts]


def classes(character):
    """What the patterns can tell of a character, by `regex` and by two versions of Unicode."""
    category = unicodedata.category(character)
    return category[0] if category not in ("Cn", "Cs", "Co") else None


def random_character(generator):
    while True:
        character = chr(generator.choice([generator.randint(0, 0x2FF), generator.randint(0, 0xFFFF), generator.randint(0, 0x2FFFF)]))
        kind = classes(character)
        # Only characters of which Unicode 3.2, this Python and the regex package say the same.
        if kind is None or unicodedata.ucd_3_2_0.category(character) != unicodedata.category(character):
            continue
        if bool(regex.match(r"\p{L}", character)) == (kind == "L") and bool(regex.match(r"\p{N}", character)) == (kind == "N"):
            return character


def strings(seed, count):
    generator = random.Random(seed)
    pools = [
        " ", " ", " \t\n\r\u000b\u000c", "\u00a0\u2003\u3000\u0085\u2028\u1680\u001c\u200b", "abcXYZ", "éßÄя中の한א", "0123456789", "²½Ⅷ٣๓一",
        "'", "'sStTmMdDrReEvVlLſ", ".,!?-_/()", "$+<=>^~|`", "§©€\u0301\u200d\ufe0f🙂",
    ]
    for _ in range(count):
        parts = []
        for _ in range(generator.randint(1, 14)):
            if generator.random() < 0.15:
                parts.append(random_character(generator))
            else:
                pool = generator.choice(pools)
                parts += [generator.choice(pool) for _ in range(generator.randint(1, 4))]
        yield "".join(parts)


def main():
    result = []
    for index, (name, patterns) in enumerate(PRE_TOKENIZERS.items()):
        cases = [{"text": text, "lengths": cut(text, patterns)} for text in strings(index, 250)]
        result.append({"name": name, "patterns": patterns, "cases": cases})
    (HERE / "splits.json").write_text(json.dumps(result, ensure_ascii=True, separators=(",", ":")) + "\n")


main()
