"""Converts the families' folders to GGUF (F32) by llama.cpp's own converter.

    python Fixtures/families/make_gguf.py LLAMA_CPP_SOURCE [NAME ...]

LLAMA_CPP_SOURCE is vendor/llama.cpp of the source archive of llama-cpp-python 0.3.36. The converter wants a tokenizer;
the folders have none, so that a vocabulary of made-up words takes its place. Everything else is the converter's.
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("source", type=pathlib.Path)
parser.add_argument("names", nargs="*")
options = parser.parse_args()
sys.path.insert(0, str(options.source / "gguf-py"))
sys.path.insert(1, str(options.source))
import gguf  # noqa: E402
from conversion import ModelBase, ModelType, get_model_architecture, get_model_class  # noqa: E402

here = pathlib.Path(__file__).resolve().parent
sys.path.append(str(here))
from table import models  # noqa: E402


def words(config: dict) -> list[str]:
    named = {0: "<unk>", config["bos_token_id"]: "<s>", config["eos_token_id"]: "</s>", 3: "\u2581"}
    return [named.get(index, f"\u2581w{index}") for index in range(config["vocab_size"])]


def set_vocabulary(conversion) -> None:
    """In place of the converter's reading of a tokenizer: a SentencePiece-like vocabulary, as in ../tiny-llamas."""
    writer, config = conversion.gguf_writer, conversion.hparams
    pieces = words(config)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(pieces)
    writer.add_token_scores([-float(index) for index in range(len(pieces))])
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    writer.add_token_types(kinds + [gguf.TokenType.NORMAL] * (len(pieces) - 3))
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])


def yielding_what_it_returns(modify_tensors):
    """StableLM's conversion returns the stacked norms of single heads from a generator, and so loses them."""

    def corrected(conversion, data, name, block):
        returned = yield from modify_tensors(conversion, data, name, block)
        yield from returned or ()

    return corrected


def convert(name: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place) / name
        shutil.copytree(here / name, folder)
        config = ModelBase.load_hparams(folder, False)
        # Gemma's conversion counts the words of this file to cut the embedding's padding off.
        count = {word: index for index, word in enumerate(words(config))}
        (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": count}, "added_tokens": []}))
        converter = get_model_class(get_model_architecture(config, ModelType.TEXT))
        converter.set_vocab = set_vocabulary
        if config["model_type"] == "gpt_neox":  # this converter reads the spelling of transformers 4 alone
            config["rotary_pct"] = config["rope_parameters"]["partial_rotary_factor"]
        if config.get("qk_layernorm"):
            converter.modify_tensors = yielding_what_it_returns(converter.modify_tensors)
        target = here / f"{name}.gguf"
        title = "small " + name.replace("phi3", "Phi")  # llama.cpp takes "phi3" in a name as news of its vocabulary
        converter(folder, gguf.LlamaFileType.ALL_F32, target, model_name=title, hparams=config).write()
    reader = gguf.GGUFReader(target)
    types = {tensor.tensor_type.name for tensor in reader.tensors}
    print(f"{name}: {target.stat().st_size // 1024} KB, {len(reader.tensors)} tensors of {types}")
    assert types == ({"F32", "MXFP4"} if models[name].get("mxfp4") else {"F32"})


for name in options.names or [name for name, entry in models.items() if entry.get("gguf", True)]:
    convert(name)
