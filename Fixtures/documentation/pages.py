#!/usr/bin/env python3
"""Completes the catalog of articles for docc, and checks what docc does not.

Each module that `HeadSteer` re-exports has a page, HeadSteer.docc/Modules/NAMEModule.md (a type or an article may have the bare
name), with a sentence on what it is for. Below what is written there this lists the module's types, grouped by the folder of the
source that they lie in; what the page lists itself isn't listed again.

Fails, with one line for each defect, where

- a public symbol has no comment, unless the compiler made it or it inherits the comment of a protocol's requirement;
- a module has no page, or a page no module;
- the declaration of a public symbol names a type of C.
"""
import argparse
import collections
import json
import pathlib
import re
import shutil
import sys


NAMES = {"HonestLlama": "honest_llama", "HuggingFace": "Hugging Face", "NumPy": "NumPy", "TruthfulQA": "TruthfulQA"}


def words(folder):
    """`HeadMaps` as a heading: Head maps."""
    if folder in NAMES:
        return NAMES[folder]
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", folder) or [folder]
    return " ".join([parts[0]] + [p if p.isupper() else p.lower() for p in parts[1:]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphs", type=pathlib.Path, required=True, help="folder of HeadSteer*.symbols.json")
    parser.add_argument("--sources", type=pathlib.Path, required=True)
    parser.add_argument("--into", type=pathlib.Path, required=True, help="where the completed catalog goes")
    arguments = parser.parse_args()

    defects = []
    # Module → heading → names of its top-level symbols.
    topics = collections.defaultdict(lambda: collections.defaultdict(set))
    counted = 0
    for file in sorted(arguments.graphs.glob("*.symbols.json")):
        graph = json.loads(file.read_text())
        for symbol in graph["symbols"]:
            if "location" not in symbol or symbol["kind"]["identifier"] == "swift.extension":
                continue  # made by the compiler; or an extension of another library's type, whose members are looked at
            path = pathlib.Path(symbol["location"]["uri"].split("/Sources/", 1)[1])
            place = f"Sources/{path}:{symbol['location']['position']['line'] + 1}"
            name = ".".join(symbol["pathComponents"])
            counted += 1
            if "docComment" not in symbol:
                defects.append(f"{place}: error: {name} has no comment")
            for fragment in symbol["declarationFragments"]:
                if fragment.get("preciseIdentifier", "").startswith("c:"):
                    defects.append(f"{place}: error: {name} shows {fragment['spelling']}, a type of C")
            if len(symbol["pathComponents"]) == 1 and graph["module"]["name"] == "HeadSteer":
                heading = words(path.parts[1]) if len(path.parts) > 2 else ""
                topics[path.parts[0]][heading].add(name)

    catalog = arguments.sources / "HeadSteer/HeadSteer.docc"
    pages = {page.stem.removesuffix("Module"): page for page in (catalog / "Modules").glob("*.md")}
    for module in sorted(topics.keys() - pages.keys()):
        defects.append(f"{catalog}/Modules: error: module {module} has no page {module}Module.md")
    for module in sorted(pages.keys() - topics.keys()):
        defects.append(f"{pages[module]}: error: there is no module {module} with public symbols")
    if defects:
        print("\n".join(defects), file=sys.stderr)
        print(f"{len(defects)} defects in {counted} public symbols", file=sys.stderr)
        sys.exit(1)

    shutil.copytree(catalog, arguments.into)
    for module, groups in topics.items():
        written = pages[module].read_text()
        text = written.rstrip("\n") + "\n"
        if "\n## Topics" not in text:
            text += "\n## Topics\n"
        for heading, names in sorted(groups.items()):
            names = sorted(n for n in names if f"- ``{n}``\n" not in written)
            if names:
                text += f"\n### {heading or 'Essentials'}\n\n" + "".join(f"- ``{n}``\n" for n in names)
        (arguments.into / "Modules" / pages[module].name).write_text(text)
    print(f"{counted} public symbols in {len(topics)} modules, all with a comment")


if __name__ == "__main__":
    main()
