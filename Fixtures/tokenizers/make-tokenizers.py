#!/usr/bin/env python3
"""Trains tiny tokenizers with Hugging Face's `tokenizers` and says which ids they give.

Each folder made here holds a `tokenizer.json` (and what stands beside it in real models) and `expected.json`:
strings with the ids for special tokens parsed and as plain text, and the text that decoding gives. Deterministic:
the corpus is below, the random strings are seeded.

Run: python3 Fixtures/tokenizers/make-tokenizers.py   (needs the packages tokenizers and regex)
"""
import collections
import json
import pathlib
import random
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent

CORPUS = """The lighthouse keeper wrote in her log that the sea was calm and the gulls were loud. In 1894 the lamp burned
twelve litres of oil a night; by 1923 it needed 0.75 kWh. She's certain they'll come, he's sure they won't, and we've
no idea who'd be right. I'm here, you're there! "Where?" asked the boy. 'Nowhere,' said the keeper's daughter.
def keeper(lamp, oil=12):\n    if lamp.is_on:\n        return [x ** 2 for x in range(oil)]\n    raise ValueError("no lamp")
Der Leuchtturmwärter schrieb Größe, Übermut und Straße. L'été dernier, à la plage, nous étions cinq. ¿Dónde está el niño?
Маяк стоял на берегу моря. 灯台は海のそばにあります。 바다는 조용했다. Ο φάρος ήταν παλιός. שלום עולם مرحبا بالعالم
Prices: $3.50, €1,299.99, 20% off; see https://example.org/a?b=c&d=e#f or write to keeper@example.org.
happy happier happiest sad sadder saddest light lights lighting lighted night nights knight oil oils boiling
""" * 3

GPT4_STYLE = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

FIXED = [
    "", " ", "  ", "   a", "a   ", "\n", "\n\n", "\r\n", "\t", " \n \n ", "a\n", "a\n\nb", "a \n b", "\u00a0x", "\u2003\u2003y",
    "\u3000", "\u0085", "x\u0085y", "Hello world", " Hello world", "Hello  world", "The lighthouse keeper", "1", "12", "123",
    "1234567", "3.14159", "1,299.99", "a1b22c333d4444", "½ ² ٣٤٥ Ⅷ 一二三", "I'm you're he'll SHE'LL we'Ve 'S 'ſ 'ſx", "''s'' 're'''ve",
    "don't 'tis 'twas rock'n'roll", "été Übermut Straße", "e\u0301te\u0301 U\u0308", "ﬁ ﬀ Ⅳ ①", "가\u11ab \u1112\u1161\u11ab", "q\u0307\u0323", "\u0915\u093c \u212b", "日本語のテキスト", "灯台は海", "안녕", "Привет, мир!",
    "שלום עולם", "مرحبا", "🙂", "👩‍👩‍👧‍👦🏳️‍🌈", "🙂🙂🙂 a🙂b", "\u200b\u200d\ufeff", "a\u0300\u0301b", "...", "!!!???", " !", "! ", "#$%&*", "()[]{}",
    "<|begin|>", "<|begin|>Hello<|end|>", " <|begin|> Hello <|end|> ", "<|begin|><|begin|>", "<|begin", "<<|begin|>>", "a<s>b</s>c",
    "<s> x", "<s>", "</s></s>", "<unk>", "<tag>x</tag>", "x <tag> y", "<mark>", "a<mark>b", "a <mark> b", "  <mark>  b", "word", "a word b",
    "password word wordy", "\u2581", "\u2581x y", " \u2581 ", "<0x0A>", "x<0x41>y", "def f(x):\n    return x ** 2\n", "http://a.b/c?d=e&f=g",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "the" * 40, " " * 70, "\n" * 40,
    "lightlightslightinglightednightnightsknightoiloilsboilinghappyhappierhappiest", "\x00\x01\x1c\x7f", "\ud7ff\ue000\uffff\U0010ffff",
]


def assigned(character):
    """Whether Unicode 3.2 knew the character and thinks of it as today: no version of Unicode disagrees."""
    return (
        unicodedata.ucd_3_2_0.category(character) == unicodedata.category(character)
        and unicodedata.category(character) not in ("Cn", "Cs", "Co")
    )


def random_strings(count, seed):
    generator = random.Random(seed)
    pools = [
        " ", " \t\n\r\u00a0\u2003\u3000\u0085", "abcXYZ", "0123456789", "'", "'sStTmMdDrRevVlL", ".,!?-_/()$+<=>^~|`",
        "éÜßñø", "אבגمرح", "日本語灯台海", "²½Ⅷ٣๓", "\u0301\u0300\u200d\ufe0f", "🙂👩🏽🌊", "▁", "light night happy the of".split(),
        ["<s>", "</s>", "<|begin|>", "<|end|>", "<tag>", "<mark>", "word"],
    ]
    strings = []
    for _ in range(count):
        parts = []
        for _ in range(generator.randint(1, 12)):
            pool = generator.choice(pools)
            parts += [generator.choice(pool) for _ in range(generator.randint(1, 4))]
        if generator.random() < 0.3:
            character = chr(generator.randint(0x20, 0x2FFFF))
            if 0xD800 <= ord(character) < 0xE000 or not assigned(character):
                character = "q"
            parts.insert(generator.randint(0, len(parts)), character)
        strings.append("".join(parts))
    return strings


def special(text, **options):
    return AddedToken(text, special=True, normalized=False, **options)


ADDED = [AddedToken("<tag>", normalized=False), AddedToken("<mark>", normalized=False, lstrip=True, rstrip=True), AddedToken("word", normalized=True, single_word=True)]


def write(name, tokenizer, seed, extra=None):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    for file, value in (extra or {}).items():
        text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False) + "\n"
        (folder / file).write_text(text)
    cases = []
    for text in FIXED_VALID + random_strings(60, seed):
        tokenizer.encode_special_tokens = False
        parsed = tokenizer.encode(text, add_special_tokens=False).ids
        tokenizer.encode_special_tokens = True
        plain = tokenizer.encode(text, add_special_tokens=False).ids
        tokenizer.encode_special_tokens = False
        decoded = tokenizer.decode(parsed, skip_special_tokens=False)
        # What the library replaces inside one run of invalid bytes is its own affair.
        cases.append({"text": text, "parsed": parsed, "plain": plain, "decoded": None if "\ufffd" in decoded else decoded})
    result = {"vocabulary": tokenizer.get_vocab_size(), "cases": cases}
    (folder / "expected.json").write_text(json.dumps(result, ensure_ascii=True, separators=(",", ":")) + "\n")


FIXED_VALID = [text for text in FIXED if not any(0xD800 <= ord(character) < 0xE000 for character in text)]


def train(tokenizer, size, alphabet, specials):
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=specials, initial_alphabet=alphabet, show_progress=False, min_frequency=2
    )
    tokenizer.train_from_iterator(CORPUS.split("\n"), trainer)


def byte_level(pre_tokenizer, size, normalizer=None, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    train(tokenizer, size, sorted(pre_tokenizers.ByteLevel.alphabet()), ["<|begin|>", "<|end|>"])
    tokenizer.add_tokens(ADDED)
    return tokenizer


def split(digits):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(GPT4_STYLE.replace("DIGITS", digits)), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])


def without_merge_products(tokenizer):
    """Adds whole words that no merge makes, as Llama 3's vocabulary has them: only ignore_merges finds them."""
    data = json.loads(tokenizer.to_str())
    vocabulary = data["model"]["vocab"]
    base = tokenizer.get_vocab_size()
    for index, word in enumerate(["Ġlighthouse", "Ġzebra", "keeper"]):
        if word not in vocabulary:
            vocabulary[word] = base + index
    return Tokenizer.from_str(json.dumps(data))


def text_pieces(byte_fallback, fuse_unk, complete):
    """A SentencePiece model as converters write it: characters and bytes, merges over a whole text."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=fuse_unk, byte_fallback=byte_fallback))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else []
    if not complete:
        bytes_ = [name for name in bytes_ if name not in ("<0x9F>", "<0xA9>")]
    # The trainer breaks ties between rare characters at random, so the alphabet is chosen here.
    counts = collections.Counter(CORPUS.replace(" ", "▁").replace("\n", ""))
    alphabet = sorted(sorted(counts, key=lambda character: (-counts[character], character))[:60])
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=["<unk>", "<s>", "</s>"] + bytes_, show_progress=False, min_frequency=3,
        initial_alphabet=alphabet, limit_alphabet=len(alphabet)
    )
    tokenizer.train_from_iterator(CORPUS.split("\n"), trainer)
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = [token for token in data["added_tokens"] if token["content"] in ("<unk>", "<s>", "</s>")]
    return Tokenizer.from_str(json.dumps(data))


def sentence_piece_decoder():
    return decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])


def main():
    gpt2 = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), 700)
    write("gpt2-style", gpt2, 1, {
        "tokenizer_config.json": {"bos_token": "<|begin|>", "eos_token": {"content": "<|end|>", "special": True}, "add_bos_token": False},
    })
    prefixed = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True), 500)
    write("gpt2-prefix-space", prefixed, 2)
    smollm = byte_level(pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]), 600)
    write("smollm-style", smollm, 3, {"chat_template.jinja": "{% for m in messages %}<|begin|>{{ m.role }}: {{ m.content }}<|end|>{% endfor %}"})
    llama3 = without_merge_products(byte_level(split("{1,3}"), 700, ignore_merges=True))
    llama3.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<|begin|> $A", pair="<|begin|> $A <|begin|> $B:1", special_tokens=[("<|begin|>", llama3.token_to_id("<|begin|>"))]),
    ])
    write("llama3-style", llama3, 4, {"generation_config.json": {"bos_token_id": 0, "eos_token_id": [1, 5]}})
    write("qwen2-style", byte_level(split(""), 600, normalizer=normalizers.NFC()), 5, {
        "tokenizer_config.json": {"add_bos_token": False, "bos_token": None, "eos_token": "<|end|>", "chat_template": [
            {"name": "tool_use", "template": "tools"}, {"name": "default", "template": "{{ messages[0].content }}"}]},
    })
    llama2 = text_pieces(byte_fallback=True, fuse_unk=True, complete=True)
    llama2.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    llama2.pre_tokenizer = None
    llama2.decoder = sentence_piece_decoder()
    llama2.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B:1", special_tokens=[("<s>", 1)])
    data = json.loads(llama2.to_str())
    data["pre_tokenizer"] = None
    llama2 = Tokenizer.from_str(json.dumps(data))
    write("llama2-style", llama2, 6, {"special_tokens_map.json": {"bos_token": {"content": "<s>"}, "eos_token": "</s>", "unk_token": "<unk>"}})
    for scheme, split_, seed in (("first", False, 7), ("always", True, 8), ("never", True, 9)):
        metaspace = text_pieces(byte_fallback=True, fuse_unk=False, complete=False)
        metaspace.normalizer = normalizers.Sequence([])
        metaspace.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme=scheme, split=split_)
        metaspace.decoder = decoders.Metaspace(replacement="▁", prepend_scheme=scheme, split=split_)
        metaspace.add_tokens(ADDED)
        write(f"metaspace-{scheme}", metaspace, seed)
    unknown = text_pieces(byte_fallback=False, fuse_unk=True, complete=True)
    unknown.normalizer = normalizers.NFKC()
    unknown.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    write("unknown-fused", unknown, 10)
    gemma = text_pieces(byte_fallback=True, fuse_unk=True, complete=True)
    gemma.normalizer = normalizers.Replace(" ", "▁")
    gemma.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")
    gemma.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    gemma.add_special_tokens([special("<start_of_turn>"), special("<end_of_turn>")])
    gemma.add_tokens([AddedToken(text, normalized=False) for text in ("\n", "\n\n", "\n\n\n", "▁▁", "▁▁▁", "<tag>", "word")])
    gemma.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B:1", special_tokens=[("<s>", 1)])
    write("gemma-style", gemma, 11, {
        "generation_config.json": {"bos_token_id": 1, "eos_token_id": [2, gemma.token_to_id("<end_of_turn>")]},
        "tokenizer_config.json": {"add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>"},
    })
    cased = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+END|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*END|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    gpt4o = byte_level(pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(cased.replace("END", "(?i:'s|'t|'re|'ve|'m|'ll|'d)?")), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]), 600)
    gpt4o.add_special_tokens([special(text) for text in ("<|start|>", "<|channel|>", "<|message|>", "<|return|>", "<|call|>")])
    write("gpt-4o-style", gpt4o, 12)
    falcon = byte_level(pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation(behavior="contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False),
        pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), behavior="isolated"),
    ]), 500)
    write("falcon-style", falcon, 13)


main()
