"""Renders the test cases of ChatTemplating with Python's jinja2 and writes what comes out.

    python3 make_template_cases.py [FOLDER]

writes cases.json (snippets from snippets.py and the templates beside this script) and, where FOLDER holds chat templates
of real models (*.jinja), models.json: conversations, options and expected results, without the templates themselves.
Needs Jinja2 3.1.6.
"""

import json
import pathlib
import sys

import conversations
import oracle
import snippets

HERE = pathlib.Path(__file__).parent


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
    if len(sys.argv) > 1:
        rows = []
        for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jinja")):
            rows += conversation_cases(path.name, path.read_text(encoding="utf-8"))
        write("models.json", {"templates": rows})


main()
