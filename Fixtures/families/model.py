"""Makes a family's small model with seeded random weights, and runs it in float32 or in float64."""

import contextlib
import re
import sys

import numpy
import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, Mxfp4Config

# Pattern of a parameter's name, mean, scale; the first that fits counts. Scales of None follow from the width, so that
# normalised inputs give values of the same size everywhere. Queries and keys are large, so that patterns aren't flat.
rules = [
    (r"([qk]_norm|[qk]_layernorm\.norms\.\d+)\.weight$", 1.6, 0.3),
    (r"(norm|ln_\w+)\.weight$", 1.0, 0.25),
    (r"sinks$", 0.5, 1.0),
    (r"bias$", 0.0, 0.3),
    (r"(embed_tokens|wte|embed_in|lm_head|embed_out)\.weight$", 0.0, 0.4),
    (r"wpe\.weight$", 0.0, 0.3),
    (r"(gate|router)\.weight$", 0.0, 0.5),
    (r"([qk]_proj|c_attn|qkv_proj|query_key_value)\.weight$", 0.0, None),
    (r"", 0.0, None),
]


def create(entry: dict, seed: int):
    """The model of a table's entry; its configuration gets the defaults that transformers adds."""
    own = dict(entry["config"])
    config = AutoConfig.for_model(own.pop("model_type"), **own)
    config.dtype = "float32"
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="eager").eval()
    random = numpy.random.default_rng(seed)
    width = config.hidden_size
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            _, mean, scale = next(rule for rule in entry.get("weights", []) + rules if re.search(rule[0], name))
            if scale is None:
                scale = (1.3 if re.search("q_proj|k_proj|c_attn|qkv|query", name) else 1.0) / width ** 0.5
            values = mean + scale * random.normal(size=tuple(parameter.shape))
            parameter.copy_(torch.tensor(values, dtype=torch.float32))
    return model


def load(folder, dtype=torch.float32):
    """A folder's model with attention and experts written out ("eager"): patterns exist, and float64 works.

    Every tensor of the file must be used, and none be missing.
    """
    config = AutoConfig.from_pretrained(folder)
    config._experts_implementation = "eager"
    packed = {"quantization_config": Mxfp4Config(dequantize=True)} if hasattr(config, "quantization_config") else {}
    model, info = AutoModelForCausalLM.from_pretrained(
        folder, config=config, dtype=torch.float32, attn_implementation="eager", output_loading_info=True, **packed)
    if any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")):
        raise SystemExit(f"{folder}: {info}")
    return model.to(dtype).eval()


class _Wide:
    """Stands for the module `torch` in a modeling file: what asks for float32 gets float64."""

    float32 = float = torch.float64

    def __getattr__(self, name):
        return getattr(torch, name)


@contextlib.contextmanager
def wide(model):
    """Within it a model of float64 computes in float64 throughout.

    transformers computes norms, angles and softmax in float32 whatever the type of the weights. The frequencies of the
    rotation stay those that transformers computes in float32 when the model is made.
    """
    modeling, narrow = sys.modules[type(model).__module__], torch.Tensor.float
    modeling.torch = _Wide()
    torch.Tensor.float = torch.Tensor.double
    try:
        yield
    finally:
        modeling.torch = torch
        torch.Tensor.float = narrow


def versions() -> dict:
    return {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
