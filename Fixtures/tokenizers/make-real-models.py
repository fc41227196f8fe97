#!/usr/bin/env python3
"""Says which ids Hugging Face's `tokenizers` gives with the vocabularies of real models, as transformers reads them out of
their GGUF files. SmolLM2's are in make-smollm2.py.

For each model that Fixtures/fetch-model.sh has fetched, writes NAME.json (one for both sizes of Qwen2.5-Coder, whose
vocabularies are the same): some of the texts with their ids. With `--all FOLDER` it writes all texts to FOLDER, for a
check that isn't kept, and each tokenizer as a Hugging Face folder.

Run: python3 Fixtures/tokenizers/make-real-models.py   (needs the packages gguf, transformers and torch)
"""
import argparse
import json
import pathlib
import random

import gguf
from tokenizers import AddedToken
from transformers import AutoTokenizer

HERE = pathlib.Path(__file__).parent
FETCHED = HERE.parent / "fetched"
MODELS = {
    "qwen2.5-coder": "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    "gemma-3-270m": "gemma-3-270m-q4_k_m.gguf",
}
USER_DEFINED = 4
KEPT = [
    "My day at work was", "The capital of France is", "Hello, world! How's it going?", "  two spaces, then\ttab\n\nnew paragraph ", "1 + 1 = 2; 2024-11-21", "3.14159 1,299.99 10000000",
    "def fibonacci(n):\n    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)\n", "for (int i = 0; i < n; ++i) {\n\t\tsum += a[i];\n\n\n\t}\n", "SELECT * FROM t WHERE x <> 'y' -- z\r\n",
    "L'été à Paris, größer als das Übel; ÉCOLE", "日本語と한국어 и русский язык", "中文分词：今天天气很好。", "हिन्दी में नमस्ते", "สวัสดีครับ", "שלום עולם مرحبا بالعالم", "👩‍👩‍👧‍👦 family 🙂👍🏽", "antidisestablishmentarianism",
    "<|im_start|>user\nHi<|im_end|>\n", "<start_of_turn>user\nHi<end_of_turn>\n", "<|endoftext|><bos><eos><unk>", "I'm we're they'll she'd it's y'all's 'S", "", " ", "\n", "\n\n\n\n", "     a        b", "\t\t\tx",
    "http://a.b/c?d=e&f=g#h", "x" * 70, " " * 40, "e\u0301te\u0301 \u00a0\u2003\u3000", "<table><tr><td>a</td></tr></table>", "▁ ▁▁x", "\u0000\u001f\u007f\u0085", "²½Ⅷ٣๓ ①", "ﬁ ﬀ ᾳ ǅ", "$E=mc^2$ \\frac{a}{b}",
    "<0x0A> <0xE2>", "# Title\n\n- item\n  - sub\n\n```python\nprint('hi')\n```\n", "\U0010ffff\ue000\U0002ceb0",
]


def more():
    generator = random.Random(1)
    pools = [
        " ", "  ", "\n", "\t", " \t\n\r\u00a0\u2003\u3000\u0085", "abcXYZ", "0123456789", "'sStTrevVlL", ".,!?-_/()$+<=>^~|`\\@#", "éÜßñøÀ", "אבגمرح", "日本語今天한국", "²½Ⅷ٣๓", "\u0301\u0300\u200d\ufe0f", "🙂👩🏽🌊", "▁",
        "light night happy the of return self import def class void".split(), ["<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>", "<bos>", "<table>", "\n\n", "   ", "<unused5>", "<|fim_prefix|>"],
    ]
    for _ in range(400):
        parts = []
        for _ in range(generator.randint(1, 16)):
            pool = generator.choice(pools)
            parts += [generator.choice(pool) for _ in range(generator.randint(1, 4))]
        yield "".join(parts)


def cases(backend, texts):
    result = []
    for text in texts:
        backend.encode_special_tokens = False
        parsed = backend.encode(text, add_special_tokens=False).ids
        backend.encode_special_tokens = True
        plain = backend.encode(text, add_special_tokens=False).ids
        backend.encode_special_tokens = False
        decoded = backend.decode(parsed, skip_special_tokens=False)
        result.append({"text": text, "parsed": parsed, "plain": plain, "decoded": None if "\ufffd" in decoded else decoded})
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", type=pathlib.Path)
    options = parser.parse_args()
    for name, file in MODELS.items():
        if not (FETCHED / file).exists():
            print(f"{file} is not there; Fixtures/fetch-model.sh brings it")
            continue
        tokenizer = AutoTokenizer.from_pretrained(str(FETCHED), gguf_file=file)
        backend = tokenizer.backend_tokenizer
        fields = gguf.GGUFReader(str(FETCHED / file)).fields
        tokens, kinds = (fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "token_type"))
        # transformers leaves these out; the models' own tokenizer.json has them among its added tokens, spaces written `▁`.
        backend.add_tokens([AddedToken(token.replace(" ", "▁"), normalized=False) for token, kind in zip(tokens, kinds) if kind == USER_DEFINED])
        assert backend.get_vocab_size() == len(tokens), (backend.get_vocab_size(), len(tokens))
        # llama.cpp takes the longest runs of spaces first, and a `▁` in a text never for one; so does a GGUF's tokenizer here.
        kept = [text for text in KEPT if backend.normalizer is None or "▁" not in text and " " * 32 not in text]
        result = {"vocabulary": len(tokens), "cases": cases(backend, kept)}
        (HERE / f"{name}.json").write_text(json.dumps(result, ensure_ascii=True, separators=(",", ":")) + "\n")
        if options.all:
            folder = options.all / name
            folder.mkdir(parents=True, exist_ok=True)
            backend.save(str(folder / "tokenizer.json"))
            result["cases"] = cases(backend, KEPT + list(more()))
            (options.all / f"{name}.json").write_text(json.dumps(result, ensure_ascii=True) + "\n")


main()
