#!/usr/bin/env python3
"""Says how pre-tokenizers cut adversarial strings. The oracles are the programs themselves: llama.cpp's own splitting
(compiled from its source) for the names of GGUF files, Hugging Face's `tokenizers` for what tokenizer.json files have.

Writes splits.json: the strings, and for each pre-tokenizer the lengths of their parts in UTF-8 bytes.

Run: python3 Fixtures/tokenizers/make-splits.py LLAMA_CPP
     LLAMA_CPP: vendor/llama.cpp of the archive that Fixtures/fetch-llama-vocabularies.sh fetches. Needs g++ and the
     package tokenizers. With `--many N` it writes N more strings to splits-more.json, for a check that isn't kept.
"""
import argparse
import ast
import json
import pathlib
import random
import re
import subprocess
import tempfile
import unicodedata

from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).parent
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
FOLDED = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
MODERN = FOLDED + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES
CAPITAL, SMALL = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CASED = r"[^\r\n\p{L}\p{N}]?" + CAPITAL + "*" + SMALL + r"+END|[^\r\n\p{L}\p{N}]?" + CAPITAL + "+" + SMALL + r"*END|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + SPACES
DEEPSEEK3 = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|""" + SPACES
KANA = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"
IDEOGRAPHS = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def byte_level(use_regex=False):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def digits(individual):
    return {"type": "Digits", "individual_digits": individual}


def hugging_face(letters):
    """What the tokenizer.json files of these models have."""
    return {
        "gpt-2": [byte_level(True)],
        "llama 3": [split(MODERN.replace("DIGITS", "{1,3}")), byte_level()],
        "qwen 2": [split(MODERN.replace("DIGITS", "")), byte_level()],
        "qwen 3.5": [split(FOLDED + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + SPACES), byte_level()],
        "cl100k": [split(r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+", "Removed", True), byte_level()],
        "tekken": [split(CASED.replace("DIGITS", "").replace("END", "")), byte_level()],
        "gpt-4o": [split(CASED.replace("DIGITS", "{1,3}").replace("END", FOLDED + "?"), "Removed", True), byte_level()],
        "seed-coder": [split(FOLDED + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}" + "\r\n" + r"]+|\s*[" + "\r\n" + r"]+|\s+(?!\S)|\s+"), byte_level()],
        "deepseek-llm": [split("[\r\n]"), split(r"\s?" + letters + "+"), split("\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+"), split(r"\s+$"), split(IDEOGRAPHS), digits(True), byte_level()],
        "deepseek-coder": [split("[\r\n]"), split(r"\s?\p{L}+"), split(r"\s?\p{P}+"), split(IDEOGRAPHS), digits(True), byte_level()],
        "deepseek-v3": [split(r"\p{N}{1,3}"), split(KANA), split(DEEPSEEK3), byte_level()],
        "command-r": [digits(True), byte_level(True)],
        "falcon": [{"type": "Punctuation", "behavior": "Contiguous"}, byte_level(True), digits(False), split("[0-9][0-9][0-9]")],
        "exaone-moe": [split(FOLDED + r"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"), byte_level()],
        "bloom": [split(" ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"), byte_level()],
        "gemma": [split(" ", "MergedWithPrevious", kind="String")],
        # No model's: the behaviors, the order of alternatives, what is given back, intersections.
        "behaviors 1": [split(r"[aeiou0-9]", "MergedWithNext"), split(".", "Contiguous", kind="String"), {"type": "Punctuation", "behavior": "MergedWithPrevious"}],
        "behaviors 2": [split(r"\p{P}+", "Removed"), split(r"\p{L}+", "Removed", True)],
        "behaviors 3": [{"type": "Punctuation", "behavior": "Isolated"}, byte_level(), split(r"[\p{L}&&[^a-z]]+", "Contiguous"), digits(True)],
        "engine": [split(r"(?>[a-z]+)[a-z]|\p{Lu}{2,3}(?=\p{Ll})|\s+$|(?:'|x|xy)+z|[^\P{L}a-m]{2}|\d++\d|(\p{N}|\p{N},)+,?(?![^ ])")],
    }


def named(source):
    """llama.cpp's patterns by name: from the text of llama-vocab.cpp."""
    text = (source / "src/llama-vocab.cpp").read_text(encoding="utf-8")
    constructor = text[text.index("struct llm_tokenizer_bpe : llm_tokenizer"):text.index("std::vector<std::string> regex_exprs;")]
    patterns = {}
    types = []
    for line in constructor.splitlines():
        line = line.strip()
        if case := re.fullmatch(r"case LLAMA_VOCAB_PRE_TYPE_(\w+):", line):
            types.append(case.group(1))
        elif line == "default:":
            types.append("DEFAULT")
        elif line.startswith('"'):
            pattern = ast.literal_eval(line[:line.rindex('"') + 1])
            for kind in types:
                patterns.setdefault(kind, []).append(pattern)
        elif line == "break;":
            types = []
    names = {}
    pending = []
    for line in text[text.index('tokenizer_pre == "default"'):text.index("unknown pre-tokenizer type")].splitlines():
        pending += re.findall(r'tokenizer_pre == "([^"]+)"', line)
        if kind := re.search(r"pre_type = LLAMA_VOCAB_PRE_TYPE_(\w+);", line):
            for name in pending:
                names[name] = patterns[kind.group(1)]
            pending = []
    return names


# What needs scripts, empty matches, or texts that are not cut as bytes.
UNSUPPORTED = {"kimi-k2", "superbpe", "whitespace", "sarvam-moe", "gemma4", "granite-embed-multi-311m", "granite-embed-multi-97m"}
# Encoders, and what they alone have.
ENCODERS = {"jina-v5-nano", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "jina-v1-en", "jina-v2-code"}


def random_character(generator):
    while True:
        character = chr(generator.choice([generator.randint(0, 0x2FF), generator.randint(0, 0xFFFF), generator.randint(0, 0x2FFFF)]))
        category = unicodedata.category(character)
        # Only characters of which Unicode 3.2 and this Python's version say the same.
        if category not in ("Cn", "Cs", "Co") and unicodedata.ucd_3_2_0.category(character) == category:
            return character


FIXED = [
    "ÉCOLE École éCole HelloWORLD iPhoneX ΑΒγδ ЖЗий McDonald's", "don't DON'T I'LL we'Ve x'ſ 'S'T'", "1234567 12 3 1,234,567.89 ٣٤٥٦٧٨٩ ½²Ⅷ",
    "a\n\nb\r\n  c \n \n  d   \n", "path/to//file/\n/\n// x", "!abc .com #tag @you -x _y ~z [a] {b} \\c", "日本語のテスト。カタカナ、漢字 한국어 ไทย ကမ ខ្មែរ", "e\u0301 n\u0303o \u0301x क्षि नमस्ते",
    "ǅ ǈa ʰa aʰ A\u0301b a\u0301B", "   a    b     \t\t c\u00a0\u2003d\u3000e\u3000\u3000、。f", "<sentinel:12> IMGIMGABZ IMGIMGAZ x", "  !!\n\n??\r  \r\n.", "x  ", " ", "\n", "\u0085\u2028a\u0085",
    "１２３ＡＢＣａｂｃ！？「」", "🙂🙂 \u200d\ufe0f 👍🏽x", " " * 40 + "a" + " " * 21, "A" * 30 + "a" * 3 + "B", "7" * 22 + "x" + "8" * 9, "ß'Ss xyzz'xz ABc ABCd abc1", "\x00\x1f\x7f\u00ad\u200b\ue000",
]


def strings(seed, count):
    generator = random.Random(seed)
    pools = [
        " ", " ", " \t\n\r\u000b\u000c", "\u00a0\u2003\u3000\u0085\u2028\u1680\u001c\u200b", "abcXYZ", "éßÄя中のカ한אǅʰขကक", "0123456789", "²½Ⅷ٣๓一", "\u0301\u0308\u093f\u0300",
        "'", "'sStTmMdDrReEvVlLſ", ".,!?-_/()", "$+<=>^~|`", "！…、。：「」", "§©€\u0301\u200d\ufe0f🙂", "\r\n/",
    ]
    for _ in range(count):
        parts = []
        for _ in range(generator.randint(1, 12)):
            if generator.random() < 0.12:
                parts.append(random_character(generator))
            else:
                pool = generator.choice(pools)
                parts += [generator.choice(pool) for _ in range(generator.randint(1, 4))]
        yield "".join(parts)


def llama_cpp(source, patterns, texts):
    """The lengths that llama.cpp gives for each of several lists of patterns."""
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "splits"
        subprocess.run(["g++", "-O1", "-std=c++17", f"-I{source}/src", "-o", program, HERE / "llama_cpp_splits.cpp", source / "src/unicode.cpp", source / "src/unicode-data.cpp"], check=True)
        lines = []
        for group in patterns:
            lines.append("=" + ",".join(pattern.encode().hex() for pattern in group))
            lines += [text.encode().hex() for text in texts]
        output = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True).stdout.splitlines()
    lengths = [[int(number) for number in line.split()] for line in output]
    assert len(lengths) == len(patterns) * len(texts)
    groups = [lengths[index * len(texts):(index + 1) * len(texts)] for index in range(len(patterns))]
    for group in groups:
        for text, parts in zip(texts, group):
            assert sum(parts) == len(text.encode()), (text, parts)
    return groups


def tokenizers_lengths(steps, texts):
    pre_tokenizer = steps[0] if len(steps) == 1 else {"type": "Sequence", "pretokenizers": steps}
    tokenizer = Tokenizer.from_str(json.dumps({"version": "1.0", "added_tokens": [], "pre_tokenizer": pre_tokenizer, "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}))
    is_byte_level = any(step["type"] == "ByteLevel" for step in steps)
    # After ByteLevel each character stands for a byte.
    return pre_tokenizer, [[len(piece) if is_byte_level else len(piece.encode()) for piece, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)] for text in texts]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("llama_cpp", type=pathlib.Path)
    parser.add_argument("--many", type=int)
    options = parser.parse_args()
    texts = FIXED + list(strings(1, 60)) if options.many is None else list(strings(2, options.many))

    groups = {}
    for name, patterns in named(options.llama_cpp).items():
        if name not in UNSUPPORTED | ENCODERS:
            groups.setdefault(tuple(patterns), []).append(name)
    lengths = llama_cpp(options.llama_cpp, list(groups), texts)
    result = {
        "texts": texts,
        "named": [{"names": names, "lengths": group} for names, group in zip(groups.values(), lengths)],
        "pre_tokenizers": [],
    }
    letters = re.search(r"\[A-Za-z[^]]*\]", next(pattern for patterns in groups for pattern in patterns if "A-Za-z\u00b5" in pattern)).group()
    for name, steps in hugging_face(letters).items():
        pre_tokenizer, group = tokenizers_lengths(steps, texts)
        result["pre_tokenizers"].append({"name": name, "pre_tokenizer": pre_tokenizer, "lengths": group})
    path = HERE / ("splits.json" if options.many is None else "splits-more.json")
    path.write_text(json.dumps(result, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(f"{path.name}: {len(texts)} strings, {len(result['named'])} named pre-tokenizers ({sum(len(g['names']) for g in result['named'])} names), {len(result['pre_tokenizers'])} of tokenizer.json")


main()
