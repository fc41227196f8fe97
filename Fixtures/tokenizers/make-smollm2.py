#!/usr/bin/env python3
"""Says which ids Hugging Face's `tokenizers` gives with the vocabulary of SmolLM2-135M-Instruct, and what jinja2 makes
of its chat template.

Reads Fixtures/fetched/SmolLM2-135M-Instruct.Q4_1.gguf (see Fixtures/fetch-smollm2.sh), writes smollm2.json.

Run: python3 Fixtures/tokenizers/make-smollm2.py   (needs the packages gguf, jinja2, regex and tokenizers)
"""
import json
import pathlib

import gguf
import jinja2
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers


HERE = pathlib.Path(__file__).parent

TEXTS = [
    "My day at work was", "The capital of France is", "Hello, world! How's it going?", "  two spaces, then\ttab\n\nnew paragraph ", "1 + 1 = 2; 2024-11-21",
    "def fibonacci(n):\n    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)\n", "L'été à Paris, größer als das Übel", "日本語と한국어 и русский",
    "👩‍👩‍👧‍👦 family 🙂", "antidisestablishmentarianism", "<|im_start|>user\nHi<|im_end|>\n", "I'm we're they'll she'd it's y'all's", "", " ", "\n",
]
CHATS = [
    [{"role": "user", "content": "Why is the sky blue?"}],
    [{"role": "system", "content": "You are terse."}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}, {"role": "user", "content": "Größe?\n\nBye"}],
]


def main():
    reader = gguf.GGUFReader(str(HERE.parent / "fetched" / "SmolLM2-135M-Instruct.Q4_1.gguf"))

    def field(key):
        return reader.fields[f"tokenizer.{key}"].contents()

    tokens, kinds = field("ggml.tokens"), field("ggml.token_type")
    merges = [tuple(merge.split(" ", 1)) for merge in field("ggml.merges")]
    tokenizer = Tokenizer(models.BPE({token: index for index, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token, kind in zip(tokens, kinds) if kind == 3])
    cases = []
    for text in TEXTS:
        tokenizer.encode_special_tokens = False
        parsed = tokenizer.encode(text).ids
        tokenizer.encode_special_tokens = True
        cases.append({"text": text, "parsed": parsed, "plain": tokenizer.encode(text).ids, "decoded": tokenizer.decode(parsed, skip_special_tokens=False)})
    tokenizer.encode_special_tokens = False
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(field("chat_template"))
    chats = []
    for messages in CHATS:
        text = template.render(messages=messages, add_generation_prompt=True, bos_token=tokens[1], eos_token=tokens[2])
        chats.append({"messages": messages, "text": text, "ids": tokenizer.encode(text).ids})
    result = {"vocabulary": len(tokens), "cases": cases, "chats": chats}
    (HERE / "smollm2.json").write_text(json.dumps(result, ensure_ascii=True, indent=1) + "\n")


main()
