"""Writes three tiny Llamas with seeded random weights as Hugging Face folders, and what transformers computes with them.

    python Fixtures/tiny-llamas/make.py        (packages: Fixtures/reference/requirements.txt)

Each folder NAME holds a model alone. Beside it: NAME.sites.safetensors, every site for one input of 17 ids (names and
shapes: Fixtures/reference/README.md); NAME.edits.safetensors, logits under edits; NAME.json, ids, log-probabilities, cases.
`grouped` also has each site computed in float64 and then stored in float32, as SITE_f64; and grouped.gguf is the same
model as llama.cpp's converter would write it: q and k rows permuted for interleaved rotation, scaling as `rope_freqs`.
"""

import json
import pathlib
import shutil
import sys

import gguf
import numpy
import torch
from safetensors.torch import save_file

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "reference"))
import edit_cases  # noqa: E402
import llama_sites  # noqa: E402
import plain_llama  # noqa: E402

common = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "bos_token_id": 1,
    "eos_token_id": 2, "mlp_bias": False, "max_position_embeddings": 256,
}
models = {
    # Grouped queries, head size given and not hidden / heads, biases, own output matrix, Llama 3's rope scaling, float32.
    "grouped": (1, torch.float32, 1, {
        "vocab_size": 96, "hidden_size": 30, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 6,
        "num_key_value_heads": 2, "head_dim": 8, "rms_norm_eps": 1e-6, "attention_bias": True,
        "tie_word_embeddings": False, "rope_theta": 10000.0, "torch_dtype": "float32",
        "rope_scaling": {
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        },
    }),
    # Every head has its own keys, head size and kv heads not given, tied, linear scaling in its oldest spelling, float16.
    "llama2-like": (2, torch.float16, 1, {
        "vocab_size": 90, "hidden_size": 40, "intermediate_size": 56, "num_hidden_layers": 3, "num_attention_heads": 4,
        "rms_norm_eps": 1e-5, "attention_bias": False, "tie_word_embeddings": True, "rope_theta": 10000.0,
        "torch_dtype": "float16", "rope_scaling": {"type": "linear", "factor": 4.0},
    }),
    # Two shards with an index, bfloat16, tied, rope base 500000 under the newer `rope_parameters`.
    "sharded-bf16": (3, torch.bfloat16, 2, {
        "vocab_size": 96, "hidden_size": 48, "intermediate_size": 56, "num_hidden_layers": 3, "num_attention_heads": 6,
        "num_key_value_heads": 3, "head_dim": 8, "rms_norm_eps": 1e-5, "attention_bias": False,
        "tie_word_embeddings": True, "dtype": "bfloat16", "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0},
    }),
}


def random_weights(config: dict, seed: int) -> dict:
    """Normal(0, 0.25) matrices (more for q and k, so that patterns are not flat), uneven norms, biases well off zero."""
    random = numpy.random.default_rng(seed)
    width, inner = config["hidden_size"], config["intermediate_size"]
    heads = config["num_attention_heads"]
    size = config.get("head_dim", width // heads)
    kv = config.get("num_key_value_heads", heads) * size
    weights = {}

    def put(name, *shape, scale, mean=0.0):
        weights[name] = torch.tensor(mean + scale * random.normal(size=shape), dtype=torch.float32)

    put("model.embed_tokens.weight", config["vocab_size"], width, scale=0.25)
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        put(at + "input_layernorm.weight", width, scale=0.2, mean=1.0)
        for name, rows, scale in [("q", heads * size, 0.3), ("k", kv, 0.3), ("v", kv, 0.25)]:
            put(f"{at}self_attn.{name}_proj.weight", rows, width, scale=scale * (30 / width) ** 0.5)
            if config["attention_bias"]:
                put(f"{at}self_attn.{name}_proj.bias", rows, scale=0.5)
        put(at + "self_attn.o_proj.weight", width, heads * size, scale=0.25)
        if config["attention_bias"]:
            put(at + "self_attn.o_proj.bias", width, scale=0.3)
        put(at + "post_attention_layernorm.weight", width, scale=0.2, mean=1.0)
        put(at + "mlp.gate_proj.weight", inner, width, scale=0.25)
        put(at + "mlp.up_proj.weight", inner, width, scale=0.25)
        put(at + "mlp.down_proj.weight", width, inner, scale=0.25)
    put("model.norm.weight", width, scale=0.2, mean=1.0)
    if not config["tie_word_embeddings"]:
        put("lm_head.weight", config["vocab_size"], width, scale=0.25)
    return weights


def write_folder(name: str, config: dict, weights: dict, shards: int) -> pathlib.Path:
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    if shards == 1:
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return folder
    names, index = list(weights), {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        part = names[shard * len(names) // shards:(shard + 1) * len(names) // shards]
        save_file({key: weights[key] for key in part}, folder / file, metadata={"format": "pt"})
        index |= {key: file for key in part}
    total = sum(value.numel() * value.element_size() for value in weights.values())
    text = json.dumps({"metadata": {"total_size": total}, "weight_map": index}, indent=1)
    (folder / "model.safetensors.index.json").write_text(text + "\n")
    return folder


def permuted(rows: numpy.ndarray, heads: int) -> numpy.ndarray:
    """The rows of q or k as GGUF stores them: dimension i of a head beside dimension i + headSize / 2."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def write_gguf(path: pathlib.Path, config: dict, weights: dict) -> None:
    heads, kv, size = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny grouped Llama with random weights")
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_key_length(size)
    writer.add_value_length(size)
    writer.add_rope_dimension_count(size)
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    words = ["<unk>", "<s>", "</s>", "\u2581"] + [f"\u2581w{index}" for index in range(config["vocab_size"] - 4)]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(words)
    writer.add_token_scores([-float(index) for index in range(len(words))])
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    writer.add_token_types(kinds + [gguf.TokenType.NORMAL] * (len(words) - 3))
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    unscaled = plain_llama.rotation_frequencies({"rope_theta": config["rope_theta"]}, size, torch.float64)
    scaled = plain_llama.rotation_frequencies(config, size, torch.float64)
    writer.add_tensor("rope_freqs.weight", (unscaled / scaled).float().numpy())
    parts = {
        "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
        "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
        "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    }
    for key, value in weights.items():
        stem, kind = key.rsplit(".", 1)
        if stem.startswith("model.layers."):
            layer, stem = stem.removeprefix("model.layers.").split(".", 1)
            stored = f"blk.{layer}.{parts[stem]}.{kind}"
        else:
            stored = f"{parts[stem]}.{kind}"
        value = value.numpy()
        if stem in ("self_attn.q_proj", "self_attn.k_proj"):
            value = permuted(value, heads if "q_proj" in stem else kv)
        writer.add_tensor(stored, numpy.ascontiguousarray(value))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


for name, (seed, stored, shards, own) in models.items():
    config = common | own
    weights = {key: value.to(stored) for key, value in random_weights(config, seed).items()}
    folder = write_folder(name, config, weights, shards)
    model = llama_sites.load(str(folder))

    random = numpy.random.default_rng(100 + seed)
    ids = [1] + [int(i) for i in random.integers(3, config["vocab_size"], size=16)]
    sites = llama_sites.capture(model, ids)
    exact = plain_llama.run(config, weights, ids)
    assert sites.keys() == exact.keys()
    difference = max(float((sites[key] - exact[key]).abs().max() / exact[key].abs().max()) for key in sites)
    if name == "grouped":
        write_gguf(here / "grouped.gguf", config, weights)
        sites |= {key + "_f64": value.float().contiguous() for key, value in exact.items()}
    save_file({key: value.contiguous() for key, value in sites.items()}, here / f"{name}.sites.safetensors")

    prompt = ids[:6]
    greedy, logits = llama_sites.greedy(model, prompt, 24)
    tensors, edits = edit_cases.record(model, prompt, 8, seed, whole_prompt=True)
    save_file(tensors, here / f"{name}.edits.safetensors")
    report = {
        "ids": ids,
        "logprobs": [round(float(value), 6) for value in llama_sites.logprobs(model, ids)],
        "greedy": {"prompt": prompt, "ids": greedy, "margins": llama_sites.margins(logits)},
        "edits": edits,
        "largestRelativeDifferenceToFloat64": difference,
    }
    (here / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")
    sizes = {file.name: file.stat().st_size for file in folder.iterdir()}
    print(name, sizes, f"float32 against float64: {difference:.1e} relative, smallest greedy margin",
          min(report["greedy"]["margins"]), "logits' spread", round(float(sites["logits"].std()), 3),
          "largest pattern entry past the first row", round(float(sites["blocks.1.attn.hook_pattern"][:, 8].max()), 3))
    for case in edits["cases"]:
        print("   ", case["name"], case["largestChangeOfFirstLogits"], min(case["margins"]),
              case["ids"] == edits["uneditedIds"])
