"""The same configuration in the spelling of transformers 4, in which nearly all published models' config.json is written."""

import json
import tempfile

from transformers import AutoConfig


def respelled(config: dict) -> dict:
    """`rope_parameters` as the fields that came before it, `dtype` as `torch_dtype`, derived fields left out."""
    old = {key: value for key, value in config.items() if not key.startswith("_")}
    old["torch_dtype"] = old.pop("dtype")
    old["transformers_version"] = "4.50.0"
    rope = old.pop("rope_parameters", None)
    kind = old["model_type"]
    if rope is None:
        return old
    if kind == "gemma3_text":
        full, sliding = rope["full_attention"], rope["sliding_attention"]
        old["rope_theta"], old["rope_local_base_freq"] = full["rope_theta"], sliding["rope_theta"]
        rope = full
        if old["layer_types"] == [kind_of_six(layer) for layer in range(old["num_hidden_layers"])]:
            del old["layer_types"]
            old["sliding_window_pattern"] = 6
    elif kind == "gpt_neox":
        old["rotary_emb_base"], old["rotary_pct"] = rope["rope_theta"], rope["partial_rotary_factor"]
    else:
        old["rope_theta"] = rope["rope_theta"]
        if "partial_rotary_factor" in rope:
            old["partial_rotary_factor"] = rope["partial_rotary_factor"]
    scaling = {key: value for key, value in rope.items() if key not in ("rope_theta", "partial_rotary_factor", "rope_type")}
    if rope["rope_type"] != "default":
        spelling = "type" if kind == "phi3" else "rope_type"
        old["rope_scaling"] = {spelling: rope["rope_type"]} | scaling
    if kind == "phi3" and "rope_scaling" in old:  # published Phi files have it beside, not within
        old["original_max_position_embeddings"] = old["rope_scaling"].pop("original_max_position_embeddings")
    if kind in ("qwen2", "qwen3", "gemma2") and "layer_types" in old:
        del old["layer_types"]
    return old


def kind_of_six(layer: int) -> str:
    return "sliding_attention" if (layer + 1) % 6 else "full_attention"


def check(folder, old: dict) -> None:
    """transformers must read the same from both spellings."""
    with tempfile.TemporaryDirectory() as place:
        with open(f"{place}/config.json", "w") as file:
            json.dump(old, file)
        again, first = (AutoConfig.from_pretrained(path).to_dict() for path in (place, folder))
    (again.get("rope_parameters") or {}).pop("type", None)  # the old word is kept beside the new one
    other = {key: (first.get(key), again.get(key)) for key in again.keys() | first.keys()}
    harmless = ("transformers_version", "_name_or_path", "sliding_window_pattern", "partial_rotary_factor")
    other = {key: pair for key, pair in other.items() if pair[0] != pair[1] and key not in harmless}
    if other:
        raise SystemExit(f"{folder}: spelled as before it differs in {other}")
