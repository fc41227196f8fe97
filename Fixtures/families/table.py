"""What each family's small model looks like, and where transformers keeps the parts of its block.

`models[NAME]` has the fields of config.json, and:
    sites    one of the descriptions in `blocks`: the names of the modules that sites.py reads and edits
    weights  rules (pattern of the parameter's name, mean, scale) before the ordinary ones in model.py
    mxfp4    True where the experts' matrices are stored in four bits
    across   a prompt's length from which greedy ids are stored too: here the rotation changes while they are generated
    gguf     False where llama.cpp's converter loses something of the model (`note` says what), so that no GGUF is kept
"""

# Sizes for which no product hides a transposition: heads x head size is not the width where a family allows that, keys
# have fewer heads than queries, the MLP's width is neither. The text has 300 ids, so that windows of 24 end early.
window = 24

llama_like = {
    "layers": "model.layers", "embedding": "model.embed_tokens", "attention": "self_attn",
    "queries": ["q_proj", "k_proj", "v_proj"], "output": "o_proj", "mlp": "mlp",
    "gated": ["gate_proj", "up_proj", "down_proj"], "middle": "post_attention_layernorm",
}
blocks = {
    "llama": llama_like,
    # Norms that follow attention and the MLP: what is added to the residual stream is their output.
    "gemma": llama_like | {
        "attention_out": "post_attention_layernorm", "mlp_out": "post_feedforward_layernorm",
        "middle": "pre_feedforward_layernorm"},
    "olmo2": llama_like | {
        "attention_out": "post_attention_layernorm", "mlp_out": "post_feedforward_layernorm", "middle": "mlp"},
    "phi3": llama_like | {"fused": "qkv_proj", "order": "q k v", "gated": ["gate_up_proj", None, "down_proj"]},
    "granite": llama_like | {"multiplier": "residual_multiplier"},
    "experts": llama_like | {"gated": None, "router": "mlp.gate"},
    "gpt_oss": llama_like | {"gated": None, "router": "mlp.router"},
    "gpt2": {
        "layers": "transformer.h", "embedding": "transformer.wte", "attention": "attn", "fused": "c_attn",
        "order": "q k v", "output": "c_proj", "mlp": "mlp", "plain": ["c_fc", "c_proj"], "middle": "ln_2"},
    "gpt_neox": {
        "layers": "gpt_neox.layers", "embedding": "gpt_neox.embed_in", "attention": "attention",
        "fused": "query_key_value", "order": "each head's q k v", "output": "dense", "mlp": "mlp",
        "plain": ["dense_h_to_4h", "dense_4h_to_h"], "middle": "post_attention_layernorm"},
    "plain": llama_like | {"gated": None, "plain": ["up_proj", "down_proj"]},
}
shifted_norms = [(r"[qk]_norm\.weight$", 0.4, 0.3), (r"norm\.weight$", 0.0, 0.25)]  # the model multiplies by 1 + weight

epsilons = {"gpt2": "layer_norm_epsilon", "gpt_neox": "layer_norm_eps", "stablelm": "layer_norm_eps", "nemotron": "norm_eps"}


def model(model_type, sites, vocab, width, inner, layers, heads, kv_heads=None, head_dim=None, **more):
    """The fields that nearly all families spell alike; `more` are further fields of config.json or of the entry itself."""
    entry = {key: more.pop(key) for key in ("weights", "gguf", "note", "seed", "mxfp4", "across") if key in more}
    config = {
        "model_type": model_type, "vocab_size": vocab, "hidden_size": width, "intermediate_size": inner,
        "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": kv_heads, "head_dim": head_dim,
        "max_position_embeddings": 512, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None,
    } | more
    config.setdefault(epsilons.get(model_type, "rms_norm_eps"), 0.002)  # large enough to be seen when it is not read
    config = {key: value for key, value in config.items() if value is not None or key in more or key == "pad_token_id"}
    return {"config": config, "sites": sites} | entry


def rope(base, **more):
    return {"rope_theta": base, "rope_type": "default"} | more


# With bases of these sizes the ramp begins and ends between the four frequencies of a head.
yarn = {"rope_type": "yarn", "factor": 8.0, "beta_fast": 32.0, "beta_slow": 1.0, "original_max_position_embeddings": 4096}
untruncated = "all published models have truncate: false, which GGUF files don't say; llama.cpp's yarn rounds the bounds, as true does"
by_tanh = "llama.cpp computes gptneox's GELU by tanh, transformers (and what trained the models) by erf"

models = {
    "mistral": model(
        "mistral", "llama", 96, 24, 40, 3, 6, 2, 8, sliding_window=window, rope_parameters=rope(10000.0),
        gguf=False, note="llama.cpp stores Mistral as llama and has no window there: its converter drops sliding_window"),
    "mistral-full": model(
        "mistral", "llama", 92, 24, 40, 2, 6, 3, 8, sliding_window=None, rope_parameters=rope(1000000.0),
        seed=1),
    "qwen2": model("qwen2", "llama", 104, 36, 44, 3, 6, 2, rope_parameters=rope(1000000.0), tie_word_embeddings=True),
    "qwen2-window": model(
        "qwen2", "llama", 91, 24, 40, 3, 6, 2, 8, max_position_embeddings=8192, use_sliding_window=True, sliding_window=window, max_window_layers=1,
        rope_parameters=rope(10000.0) | yarn | {"factor": 4.0, "original_max_position_embeddings": 2048}, gguf=False, seed=1,
        note="llama.cpp knows neither a window nor a head size apart from width / heads for qwen2"),
    "qwen3": model("qwen3", "llama", 101, 24, 40, 3, 6, 3, 8, rope_parameters=rope(1000000.0), tie_word_embeddings=True),
    "gemma3": model(
        "gemma3_text", "gemma", 96, 24, 40, 6, 4, 2, 8, sliding_window=window, query_pre_attn_scalar=8, weights=shifted_norms,
        rope_parameters={"sliding_attention": rope(10000.0), "full_attention": rope(1000000.0) | {
            "rope_type": "linear", "factor": 8.0}}, bos_token_id=2, eos_token_id=1, pad_token_id=0),
    "gemma3-scaled": model(
        "gemma3_text", "gemma", 93, 24, 36, 3, 3, 1, 10, sliding_window=window, query_pre_attn_scalar=21,
        final_logit_softcapping=3.0, layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        rope_parameters={"sliding_attention": rope(5000.0), "full_attention": rope(80000.0)}, weights=shifted_norms,
        bos_token_id=2, eos_token_id=1, pad_token_id=0, gguf=False,
        note="llama.cpp has no query_pre_attn_scalar other than the head size, and no other pattern of layers than 5 : 1"),
    "gemma2": model(
        "gemma2", "gemma", 96, 24, 40, 4, 4, 2, 8, sliding_window=window, query_pre_attn_scalar=8, attn_logit_softcapping=5.0,
        final_logit_softcapping=4.0, rope_parameters=rope(10000.0), weights=shifted_norms, bos_token_id=2, eos_token_id=1,
        pad_token_id=0),
    "gemma2-27b": model(
        "gemma2", "gemma", 90, 24, 36, 2, 4, 2, 10, sliding_window=window, query_pre_attn_scalar=6, weights=shifted_norms,
        attn_logit_softcapping=5.0, final_logit_softcapping=4.0, rope_parameters=rope(10000.0), bos_token_id=2,
        eos_token_id=1, pad_token_id=0, gguf=False,
        note="llama.cpp scales by the width / heads only where the model has 46 layers, as the one of 27B"),
    "phi3": model(
        "phi3", "phi3", 100, 32, 44, 3, 4, 2, across=120, original_max_position_embeddings=128, sliding_window=None,
        tie_word_embeddings=True, rope_parameters=rope(10000.0) | {
            "rope_type": "longrope", "partial_rotary_factor": 0.75, "original_max_position_embeddings": 128,
            "short_factor": [1.0, 1.2, 1.5], "long_factor": [2.0, 3.0, 6.5]}),
    "phi3-window": model(
        "phi3", "phi3", 97, 24, 36, 2, 3, 1, original_max_position_embeddings=512, sliding_window=window,
        rope_parameters=rope(10000.0), note="llama.cpp ignores the file's attention.sliding_window (and logs that)"),
    "smollm3": model("smollm3", "llama", 104, 32, 44, 5, 4, 2, rope_parameters=rope(5000000.0), tie_word_embeddings=True),
    "smollm3-irregular": model(
        "smollm3", "llama", 95, 24, 36, 3, 3, 1, no_rope_layers=[0, 1, 0], use_sliding_window=True, sliding_window=window,
        attention_bias=True, mlp_bias=True, rope_parameters=rope(20000.0), tie_word_embeddings=False, gguf=False, seed=2,
        note="llama.cpp rotates all layers but each fourth, and has no window and no biases for smollm3"),
    "olmo2": model("olmo2", "olmo2", 99, 36, 44, 3, 6, 3, rope_parameters=rope(500000.0)),
    "granite": model(
        "granite", "granite", 98, 32, 44, 3, 4, 2, rope_parameters=rope(10000.0), embedding_multiplier=1.7,
        residual_multiplier=0.7, attention_multiplier=0.6, logits_scaling=1.3),
    "gpt2": model(
        "gpt2", "gpt2", 96, None, None, None, None, n_embd=24, n_layer=3, n_head=4, n_positions=512, n_ctx=512,
        max_position_embeddings=512, eos_token_id=2),
    "gpt_neox": model(
        "gpt_neox", "gpt_neox", 94, 32, 44, 3, 2, rope_parameters=rope(10000.0, partial_rotary_factor=0.25), note=by_tanh),
    "gpt_neox-sequential": model(
        "gpt_neox", "gpt_neox", 92, 24, 36, 2, 3, use_parallel_residual=False,
        rope_parameters=rope(10000.0, partial_rotary_factor=0.5), note=by_tanh),
    "mixtral": model(
        "mixtral", "experts", 96, 24, 20, 3, 6, 2, 8, num_local_experts=5, num_experts_per_tok=2, sliding_window=None,
        rope_parameters=rope(1000000.0), seed=1),
    "qwen3_moe": model(
        "qwen3_moe", "experts", 101, 24, 40, 3, 6, 3, 8, moe_intermediate_size=14, num_experts=8, num_experts_per_tok=3,
        norm_topk_prob=True, rope_parameters=rope(1000000.0)),
    "qwen3_moe-mixed": model(
        "qwen3_moe", "experts", 93, 24, 36, 3, 3, 1, 8, moe_intermediate_size=14, num_experts=6, num_experts_per_tok=2,
        norm_topk_prob=False, mlp_only_layers=[1], rope_parameters=rope(10000.0), gguf=False,
        note="llama.cpp's qwen3moe has experts in every layer and always norms the weights of the chosen"),
    "olmoe": model(
        "olmoe", "experts", 95, 32, 18, 3, 4, 4, num_experts=6, num_experts_per_tok=2, norm_topk_prob=False,
        rope_parameters=rope(10000.0), rms_norm_eps=1e-5, note="llama.cpp's converter writes 1e-5 whatever the file says"),
    "olmoe-grouped": model(
        "olmoe", "experts", 91, 24, 18, 2, 6, 2, num_experts=4, num_experts_per_tok=3, norm_topk_prob=True, clip_qkv=1.25,
        rope_parameters=rope(10000.0), gguf=False,
        note="llama.cpp's olmoe has as many keys as queries, doesn't clip them and doesn't norm the experts' weights"),
    "gpt_oss": model(
        "gpt_oss", "gpt_oss", 102, 24, 16, 4, 6, 2, 8, num_local_experts=5, num_experts_per_tok=2, sliding_window=window,
        max_position_embeddings=32768, rope_parameters=rope(150000.0) | yarn | {"truncate": False}, weights=[(r"gate_up_proj$", 0.0, 0.45), (r"experts.down_proj$", 0.0, 0.1),
            (r"[qk]_proj.weight$", 0.0, 0.2)], seed=2,
        note=untruncated),
    "gpt_oss-truncated": model(
        "gpt_oss", "gpt_oss", 96, 24, 14, 2, 3, 1, 8, num_local_experts=4, num_experts_per_tok=3, sliding_window=window,
        max_position_embeddings=32768, swiglu_limit=2.0, swiglu_alpha=1.4, rope_parameters=rope(150000.0) | yarn | {"truncate": True}, gguf=False,
        note="llama.cpp's swiglu has a limit of 7 and an alpha of 1.702 in the code"),
    "gpt_oss-mxfp4": model(
        "gpt_oss", "gpt_oss", 96, 32, 32, 2, 3, 1, 16, num_local_experts=4, num_experts_per_tok=2, sliding_window=window,
        max_position_embeddings=32768, rope_parameters=rope(150000.0) | yarn | {"truncate": False}, mxfp4=True, seed=1,
        note=untruncated + "; it multiplies matrices in four bits with activations rounded to eight"),
    "stablelm": model(
        "stablelm", "llama", 97, 32, 44, 3, 2, 1, use_qkv_bias=True, rope_parameters=rope(10000.0, partial_rotary_factor=0.25)),
    "stablelm-parallel": model(
        "stablelm", "llama", 93, 24, 36, 2, 3, 1, qk_layernorm=True, use_parallel_residual=True,
        rope_parameters=rope(10000.0, partial_rotary_factor=0.5),
        note="llama.cpp's converter fails at norms of single heads, which it returns where it should yield; make_gguf.py yields them"),
    "nemotron": model(
        "nemotron", "plain", 100, 32, 44, 3, 4, 2, rope_parameters=rope(10000.0, partial_rotary_factor=0.5),
        weights=shifted_norms),
}
