"""Writes the inputs that fuzzing begins with: the smallest files that their readers accept, a folder for each target
(corpus/TARGET), and what has to lie beside an input to be read (beside/TARGET).

Run: python3 make_seeds.py HEADSTEER READERFUZZER (the programs, for what they write themselves: probes, monitors, activations, states of
unfinished work; needs numpy, gguf, safetensors and tokenizers). Files that are in corpus besides are inputs that did harm once.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from gguf import GGUFWriter
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

HERE = pathlib.Path(__file__).parent
HEADSTEER, READERFUZZER = sys.argv[1:3]
random = np.random.default_rng(7)
PIECES = ["<unk>", "<s>", "</s>", "\u2581"] + [chr(c) for c in range(ord("a"), ord("z") + 1)] + ["th", "the", "\u2581the", "do", "dog", "ha", "happy"]
V, M, H, K, D, F = len(PIECES), 16, 2, 1, 8, 8
TEMPLATE = "{% for m in messages %}<s>{{ m['role'] }} {{ m.content | trim }}</s>{% endfor %}{% if add_generation_prompt %}<s>{% endif %}"


def place(kind, target, name):
    folder = HERE / kind / target
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def put(target, name, content, kind="corpus"):
    data = content if isinstance(content, bytes) else (content if isinstance(content, str) else json.dumps(content)).encode()
    place(kind, target, name).write_bytes(data)


def weights(*shape):
    return (random.standard_normal(shape) * 0.3).astype(np.float32)


# MARK: models

HF = {
    "model.embed_tokens.weight": weights(V, M), "model.norm.weight": weights(M),
    "model.layers.0.input_layernorm.weight": weights(M), "model.layers.0.post_attention_layernorm.weight": weights(M),
    "model.layers.0.self_attn.q_proj.weight": weights(H * D, M), "model.layers.0.self_attn.k_proj.weight": weights(K * D, M),
    "model.layers.0.self_attn.v_proj.weight": weights(K * D, M), "model.layers.0.self_attn.o_proj.weight": weights(M, H * D),
    "model.layers.0.mlp.gate_proj.weight": weights(F, M), "model.layers.0.mlp.up_proj.weight": weights(F, M),
    "model.layers.0.mlp.down_proj.weight": weights(M, F),
}
CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": M, "intermediate_size": F, "num_hidden_layers": 1,
    "num_attention_heads": H, "num_key_value_heads": K, "head_dim": D, "vocab_size": V, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
    "max_position_embeddings": 64, "tie_word_embeddings": True, "hidden_act": "silu", "bos_token_id": 1, "eos_token_id": 2,
    "torch_dtype": "float32", "attention_bias": False, "mlp_bias": False,
}
GGUF_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_gguf(path, context=64):
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(1), writer.add_context_length(context), writer.add_embedding_length(M), writer.add_feed_forward_length(F)
    writer.add_head_count(H), writer.add_head_count_kv(K), writer.add_key_length(D), writer.add_value_length(D)
    writer.add_layer_norm_rms_eps(1e-5), writer.add_rope_dimension_count(D), writer.add_rope_freq_base(10000.0), writer.add_vocab_size(V)
    writer.add_tokenizer_model("llama"), writer.add_token_list(PIECES), writer.add_token_scores([-float(i) for i in range(V)])
    writer.add_token_types([2, 3, 3] + [1] * (V - 3)), writer.add_bos_token_id(1), writer.add_eos_token_id(2), writer.add_unk_token_id(0)
    writer.add_add_bos_token(True), writer.add_chat_template(TEMPLATE)
    for name, values in HF.items():
        short = GGUF_NAMES.get(name) or "blk.0." + GGUF_NAMES[name[15:-7]] + ".weight"
        writer.add_tensor(short, values)
    writer.write_header_to_file(), writer.write_kv_data_to_file(), writer.write_tensors_to_file(), writer.close()


write_gguf(place("corpus", "gguf", "llama.gguf"))
save_file(HF, place("corpus", "weights", "llama"), metadata={"format": "pt"})
put("config", "llama", CONFIG)
put("index", "llama", {"metadata": {"total_size": 1}, "weight_map": {name: "model.safetensors" for name in HF}})
for target in ("config", "weights", "index"):
    if target != "config":
        put(target, "config.json", CONFIG, "beside")
    if target != "weights":
        save_file(HF, place("beside", target, "model.safetensors"), metadata={"format": "pt"})
for family in ("gemma3", "phi3", "gpt_oss", "qwen3_moe"):
    put("config", family, (HERE / f"../families/{family}/config.json").read_bytes())

put("sealed", "reference", (HERE / "../sealing/reference.sealed").read_bytes())
put("sealed", "key.hex", (HERE / "../sealing/key.hex").read_bytes(), "beside")
for target, names in (
    ("signature", ("folder.p256.sig", "certificate.sig", "keyless.sig", "p256.pub", "p384.pkcs8.pem")),
    ("certificates", ("certificate.sig", "keyless.sig", "chain.pem")),
    ("trusted-root", ("trusted_root.json",)),
):
    for name in names:
        put(target, name, (HERE / "../signing" / name).read_bytes())
for name in ("root.pem", "trusted_root.json"):
    put("certificates", name, (HERE / "../signing" / name).read_bytes(), "beside")
put("trusted-root", "m.sig", (HERE / "../signing/keyless.sig").read_bytes(), "beside")

# MARK: tokenizers

LETTERS = [chr(c) for c in range(ord("a"), ord("z") + 1)]


def bpe(pieces, merges, **options):
    return models.BPE({piece: i for i, piece in enumerate(pieces)}, merges, **options)


byte_level = Tokenizer(bpe(LETTERS + ["\u0120", "\u00c3", "\u00a4", "th", "the", "\u0120the"], [("t", "h"), ("th", "e"), ("\u0120", "the")]))
byte_level.pre_tokenizer = pre_tokenizers.Sequence([
    pre_tokenizers.Split(r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", "isolated"),
    pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
byte_level.decoder = decoders.ByteLevel()
byte_level.add_special_tokens(["<s>", "</s>"])
byte_level.add_tokens([AddedToken("<tag>", lstrip=True, single_word=True)])
scored = Tokenizer(bpe(PIECES, [("t", "h"), ("th", "e"), ("\u2581", "the")], unk_token="<unk>", fuse_unk=True, byte_fallback=True))
scored.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
scored.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
scored.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
scored.add_special_tokens(["<unk>", "<s>", "</s>"])
for name, tokenizer in (("byte-level", byte_level), ("scored", scored)):
    put("tokenizer", name, tokenizer.to_str(pretty=False))
SETTINGS = {"bos_token": "<s>", "eos_token": {"content": "</s>", "special": True}, "unk_token": None, "add_bos_token": True, "chat_template": TEMPLATE}
put("tokenizer-config", "settings", SETTINGS)
put("tokenizer", "tokenizer_config.json", SETTINGS, "beside")
put("tokenizer-config", "tokenizer.json", byte_level.to_str(pretty=False), "beside")

# MARK: texts

put("template", "plain", TEMPLATE)
put("template", "everything", """{%- macro say(m, n=1) -%}{{ "%s: %5.2f" % (m.role, n) }}{%- endmacro -%}
{% set ns = namespace(x=0) %}{% for m in messages if m.role != "tool" recursive %}{% set ns.x = ns.x + loop.index0 ** 2 %}{{ say(m, ns.x // 3) }}
{{ m.content | default("none", true) | replace("e", "x") | upper | indent(2) }}{% else %}nobody{% endfor %}
{{ range(3) | list | join(", ") }} {{ tools | tojson(indent=2) }} {{ "a-b-c".split("-")[::-1] }} {{ [3, 1, 2] | sort | batch(2) | list }}
{{ {"a": 1}.items() | list }} {{ strftime_now("%Y-%m-%d") }} {{ "{:>8,}".format(12345) }} {{ messages | selectattr("role", "equalto", "user") | list | length }}
{% if messages[0]["content"] is string and not (1 > 2 or "x" in "xyz") %}{{ raise_exception("no") }}{% elif messages is iterable %}ok{% endif %}""")
put("messages", "messages", [{"role": "user", "content": "hi"}, {"role": "assistant", "content": [{"type": "text", "text": "yes"}], "tool_calls": []}])
ROWS = [{"text": "The dog was happy.", "label": True, "group": "a"}, {"prompt": "It", "completion": " was sad.", "label": 0, "group": "b"}]
QUESTIONS = [{"question": "Is it so?\n (A) yes\n (B) no", "answer_matching_behavior": " (A)", "answer_not_matching_behavior": [" (B)"]}]
CONTRASTS = [{"prompt": "The soup tasted", "positive": [" good"], "negative": [" bad"]}]
TEXTS = ["A text.", {"prompt": "One", "completion": " two."}]
for name, rows in (("labelled", ROWS), ("choice", QUESTIONS), ("contrast", CONTRASTS), ("texts", TEXTS)):
    put("json-lines", name, "".join(json.dumps(row) + "\n" for row in rows))
    put("array", name, rows)
put("csv", "statements", 'statement,label\n"He said ""yes"", twice",1\nNo,0\n')
put("csv", "columns", "text,label,group\r\na b,true,g\r\n\"two\nlines\",false,h\r\n")
put("csv", "questions", 'Category,Question,Best Answer,Correct Answers,Incorrect Answers\nLaw,"Is it?",No,No; Not at all,"Yes; ""Sure"""\n')
put("phrases", "list", "# a comment\ncake, please\n[cooking]\n/a+h!?/\n")
put("guard", "guard", {"format": "headsteer.guard/1", "input": [{"phrases": "phrases.txt"}], "output": [{"command": ["/bin/true"]}]})
put("guard-log", "log", '{"time":"2026-11-28T22:04:12Z","week":"2026-W48","outcome":"allowed"}\n')

# MARK: findings

EDITS = [
    {"layer": 0, "head": 1, "operation": "add", "direction": "0.1", "strength": 4, "unit": "sigma", "positions": "last", "behaviour": "mood"},
    {"layer": 0, "head": 0, "operation": "rotate", "direction": [1, 0, 0, 0, 0, 0, 0, 2.5], "strength": 30, "positions": {"from": -2, "to": -1}, "keepNorm": False},
    {"layer": 1, "site": "residual-post", "operation": "clamp", "direction": "residual-post.1", "strength": 1, "positions": {"tokens": [1, 2]},
     "schedule": {"decay": 0.1}, "gate": {"layer": 0, "head": 1, "direction": "0.1", "opens": "below", "mode": "token"}},
    {"layer": 0, "head": 0, "operation": "mean", "direction": "0.1", "positions": "all"},
]
PLAN = {"format": "headsteer.plan/1", "model": {"fingerprint": "sha256:00", "architecture": "llama", "layers": 1, "heads": 2, "headSize": 8},
        "directions": "directions.safetensors", "whereBehavioursMeet": "orthogonal", "edits": EDITS}
DIRECTIONS = {"0.1": weights(D), "0.1.sigma": weights(1) ** 2, "0.1.mean": weights(D), "0.1.head-norm": weights(1) ** 2,
              "0.1.residual-norm": weights(1) ** 2, "0.1.threshold": weights(1), "residual-post.1": weights(M)}
put("plan", "edits", PLAN)
put("plan", "learned", PLAN | {"edits": [
    {"layer": 0, "head": 0, "operation": "multiply", "direction": [1, 1, 1, 1, 1, 1, 1, 0.5], "positions": "last"},
    {"layer": 0, "head": 1, "operation": "scale", "strength": 0, "positions": "all"}]})
save_file(DIRECTIONS, place("beside", "plan", "directions.safetensors"))
save_file(DIRECTIONS, place("corpus", "directions", "head"), metadata={"site": "z"})
save_file({"layer.1": weights(M)}, place("corpus", "directions", "former-name"), metadata={"site": "residual-post"})
put("directions", "plan.json", PLAN, "beside")
for name, array in (("directions", weights(4, 3)), ("activations", weights(3, 2, 6)), ("labels", np.array([1, 0, 1])), ("sigmas", weights(2, 2) ** 2)):
    np.save(place("corpus", "numpy", name + ".npy"), array)
    place("corpus", "numpy", name + ".npy").rename(place("corpus", "numpy", name))

# MARK: work

DOUBLED = {"prompts": ["a"], "doses": {"strength": 4, "unit": "sigma", "points": [
    {"factor": 0, "texts": {"texts": ["x"]}}, {"factor": 1, "texts": {"texts": ["y"]}}]}}
put("run-report", "search", {"format": "headsteer.search/2", "provenance": {"data": "a.jsonl", "model": "m.gguf"}, "heads": ["0.1"],
    "sweep": [{"layer": 0, "head": 1, "effect": 1.5, "q": 0.01, "nullEffects": [1]}, {"layer": 0, "head": 0, "effect": -0.5, "q": None}],
    "tokens": [{"layer": 0, "head": 1, "raised": [{"token": 5, "piece": " a", "weight": 2}], "lowered": []}]})
put("run-report", "audit", {"protocol": "headsteer.audit/1", "behaviour": "mood", "heads": ["0.1"],
    "screen": [{"layer": 0, "head": 1, "effect": 2, "q": 0.01}], "firstLook": {"heads": [{"layer": 0, "head": 0, "cosine": 0.25}]}})
put("run-report", "doses", DOUBLED)
put("run-report", "evaluation", {"textsBase": {"texts": ["x"]}, "textsSteered": {"texts": ["y"]}})
put("run-report", "alarms", {"flagged": True, "tokenThreshold": 2, "alarms": [{"position": 3, "score": 4.5, "heads": ["0.1"]}]})
save_file(DIRECTIONS, place("beside", "run-report", "directions.safetensors"), metadata={"site": "z", "fingerprint": "sha256:00"})
put("run-log", "watch", '{"position":0,"score":0.5,"threshold":2}\n{"position":1,"score":3,"alarm":true,"heads":["0.1",'
    '{"layer":0,"head":0,"reason":"r"}],"sites":["s"],"changed":["0.1"]}\n')
put("run-log", "events", '{"time":"2026-11-28T22:04:12Z","week":"2026-W48","outcome":"flagged","layer":"input","filter":"f","reason":"r"}\n')
put("shard", "sweep", {"format": "headsteer.shard/1", "command": "sweep", "arguments": ["m.gguf"], "shard": "1/1",
    "identity": {"fingerprint": "sha256:00", "seed": "0"}, "kernels": "avx2", "finished": True})


def checked(text):
    digest = 0xCBF29CE484222325
    for byte in text.encode():
        digest = (digest ^ byte) * 0x100000001B3 % 2**64
    return f"{digest:016x}\t{text}"


HEAD = {"layer": 0, "head": 1, "strength": 8, "effect": 1.5, "positiveEffect": 1, "negativeEffect": -2, "nullEffects": [0.5]}
put("parts", "two", "headsteer.parts/1\tk\n0-3\t" + checked(json.dumps([HEAD])) + "\nstudy\t" + checked("[[0.5]]") + "\nx\t00\t[1,")

WORDS = "the dog was happy and sad in a big old house by the sea at night with my friend".split()
LABELLED = [{"text": " ".join(WORDS[(3 * i + j) % len(WORDS)] for j in range(3)) + (" dog", " hat")[i % 2], "label": i % 2 == 0,
             "group": f"g{i // 2}"} for i in range(12)]
PROMPTS = ("the dog", "a hat", "my dog", "the sea", "a big dog", "old hat", "the do", "my sea", "night", "in a house", "sad", "by my dog")
STUDY = {"format": "headsteer.study/1", "name": "small", "behaviour": "dogs", "data": "texts.jsonl", "contrast": "contrasts.jsonl", "heads": 1,
         "trainRows": 8, "testRows": 4, "texts": 2, "textTokens": 2, "exampleCounts": [4], "neutral": ["the dog", "a hat"],
         "judgeWords": {"dog": 1, "hat": -1}, "instruction": "the dog"}
put("study", "small", STUDY)
put("study", "happy-sad", (HERE / "../evidence/happy-sad.json").read_bytes())
put("state", "study.json", STUDY, "beside")
for target in ("study", "state", "share"):
    put(target, "texts.jsonl", "".join(json.dumps(row) + "\n" for row in LABELLED), "beside")
    write_gguf(place("beside", target, "llama.gguf"), context=512)
    if target != "share":
        rows = [{"prompt": text, "positive": [" the"], "negative": [" happy"]} for text in PROMPTS]
        put(target, "contrasts.jsonl", "".join(json.dumps(row) + "\n" for row in rows), "beside")
subprocess.run([READERFUZZER, "--fixtures", HERE, "--seeds", HERE / "corpus"], check=True)
put("journal", "one", "0 0000000000000000 128:8\n1 cbf29ce484222325 136:8\n")

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    model, texts = HERE / "corpus/gguf/llama.gguf", folder / "texts.jsonl"
    lines = [" ".join(WORDS[(3 * i + j) % len(WORDS)] for j in range(4)) for i in range(24)]
    texts.write_text("".join(json.dumps({"text": t, "label": i % 2 == 0}) + "\n" for i, t in enumerate(lines)))

    def run(*arguments):
        subprocess.run([HEADSTEER, *map(str, arguments), "--threads", "1"], check=True, stdout=subprocess.DEVNULL)

    for target in ("plan", "directions", "probes"):
        put(target, "llama.gguf", model.read_bytes(), "beside")
    run("collect", model, "--data", texts, "--out", folder / "activations.safetensors")
    run("probe", model, "--data", texts, "--permutations", 20, "--out", folder / "probes.safetensors")
    run("monitor", "fit", model, "--clean", texts, "--false-alarms", 0.2, "--out", folder / "monitor.safetensors")
    run("plan", "make", model, "--probes", folder / "probes.safetensors", "--heads", "0.1", "--strength", 2, "--unit", "sigma", "--out", folder / "made")
    put("plan", "recorded", (folder / "made/plan.json").read_bytes())
    run("bake", model, "--plan", folder / "made/plan.json", "--at-all-positions", "--out", folder / "baked.gguf")
    put("gguf", "baked", (folder / "baked.gguf").read_bytes())
    for name in ("activations", "probes", "monitor"):
        put(name, "llama", (folder / f"{name}.safetensors").read_bytes())
