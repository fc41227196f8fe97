"""Renders the test cases of ChatTemplating with Python's jinja2 and writes what comes out.

    python3 make_template_cases.py

writes cases.json (snippets from snippets.py and the templates beside this script), conversations.json and, where
../fetch-llama-vocabularies.sh has brought chat templates of real models, models.json: what eight of them give, without the
templates themselves, and all-models.json: a digest of what each of them gives. Needs Jinja2 3.1.6.
"""

import json
import pathlib

import conversations
import oracle
import snippets

HERE = pathlib.Path(__file__).parent
FETCHED = HERE.parent / "fetched" / "templates"
MODELS = [
    "HuggingFaceTB-SmolLM3-3B",
    "Qwen-Qwen2.5-7B-Instruct",
    "Qwen-Qwen3-0.6B",
    "google-gemma-2-2b-it",
    "meta-llama-Llama-3.1-8B-Instruct",
    "meta-llama-Llama-3.2-3B-Instruct",
    "microsoft-Phi-3.5-mini-instruct",
    "mistralai-Mistral-Nemo-Instruct-2407",
]


def tagged(value):
    """Keeps the order of dictionaries and the difference between 1 and 1.0 in JSON."""
    if isinstance(value, dict):
        return {"pairs": [[key, tagged(item)] for key, item in value.items()]}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, (list, tuple)):
        return [tagged(item) for item in value]
    return value


def snippet_cases():
    for group, sources in snippets.GROUPS.items():
        for source in sources:
            yield {"group": group, "template": source, **oracle.render(source, dict(snippets.VARIABLES))}


def own_template_cases():
    for path in sorted(HERE.glob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        yield from conversation_cases(path.name, source)


def conversation_cases(name, source):
    for title, variables in conversations.all_variables():
        result = oracle.render(source, dict(variables))
        yield {"template": name, "conversation": title, **result}


def digest(result):
    """FNV-1a of 32 bits of a text, as hexadecimal digits; an error by its kind, a template's own by its message too."""
    text = result["output"] if "output" in result else result["error"]
    if result.get("error") == "raisedByTemplate":
        text += result["message"]
    value = 0x811C9DC5
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return ("" if "output" in result else "!") + f"{value:08x}"


def write(name, content):
    parts = []
    for key, value in content.items():
        rows = [json.dumps(row, ensure_ascii=False) for row in (value if isinstance(value, list) else [])]
        text = "[\n" + ",\n".join(rows) + "\n]" if rows else json.dumps(value, ensure_ascii=False)
        parts.append(f"{json.dumps(key)}: {text}")
    (HERE / name).write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


def main():
    told = [{"title": title, "variables": tagged(variables)} for title, variables in conversations.all_variables()]
    write(
        "cases.json",
        {
            "now": oracle.NOW.isoformat() + "Z",
            "variables": tagged(snippets.VARIABLES),
            "snippets": list(snippet_cases()),
            "templates": list(own_template_cases()),
        },
    )
    write("conversations.json", {"conversations": told})
    if FETCHED.exists():
        rows = []
        for name in MODELS:
            rows += conversation_cases(f"{name}.jinja", (FETCHED / f"{name}.jinja").read_text(encoding="utf-8"))
        write("models.json", {"templates": rows})
        digests = []
        for path in sorted(FETCHED.glob("*.jinja")):
            results = conversation_cases(path.name, path.read_text(encoding="utf-8"))
            digests.append({"template": path.name, "digests": " ".join(map(digest, results))})
        write("all-models.json", {"templates": digests})


main()
