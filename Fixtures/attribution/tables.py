"""How far attribution's estimates are from what is measured: the tables in the article "Attribute heads".

    python3 Fixtures/attribution/tables.py HEADSTEER MODEL FOLDER [--planted] [--steps 2] [--patched 14]

HEADSTEER is the program, MODEL a model, FOLDER where runs are kept (a run that is there isn't made again). Directions are
averages over `behaviour/mood.jsonl`, and effects are on `behaviour/mood-contrast.jsonl`; with `--planted`, on the planted
model's own files.

Patches take z, queries and keys from `cheerful.jsonl` to the prompts of `gloomy.jsonl`, which have as many tokens with the
tokenizers of the models that the article is about. `--steps` also integrates over so many points, which takes long.
`--patched` is the number of these prompts that are taken."""

import argparse
import json
import pathlib
import sys

fixtures = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(fixtures / "evidence"))
import runs

arguments = argparse.ArgumentParser()
for name in ["program", "model", "folder"]:
    arguments.add_argument(name)
arguments.add_argument("--planted", action="store_true")
arguments.add_argument("--steps", type=int)
arguments.add_argument("--patched", type=int, default=14)
given = arguments.parse_args()
model, folder = given.model, pathlib.Path(given.folder)
data = fixtures / ("planted" if given.planted else "behaviour")
texts, contrasts = data / "mood.jsonl", data / "mood-contrast.jsonl"
STRENGTHS = [0.5, 2, 8, 16]
folder.mkdir(parents=True, exist_ok=True)


def run(name, *options):
    return runs.run(given.program, folder, name, *options)


def agreement(name, found):
    def number(value):
        return "–" if value is None else f"{value:.3f}"
    sign = found.get("signAgreement")
    print(
        f"| {name} | {number(found.get('pearson'))} | {number(found.get('spearman'))} | "
        f"{round(found['topRecall'] * min(10, found['heads']))} | {'–' if sign is None else f'{100 * sign:.0f} %'} |")


def heading(first):
    print(f"\n| {first} | Pearson | Spearman | of the true ten | same sign |\n|---|---|---|---|---|")


def effects(found):
    return {f"{head['layer']}.{head['head']}": head["effect"] for head in found["heads"]}


directions = folder / "directions.safetensors"
run("directions", "probe", model, "--data", texts, "--permutations", 0, "--out", directions)
moved = ["attribute", model, "--directions", directions]
strengths = ",".join(map(str, STRENGTHS))

heading("strength")
for found in run("last", *moved, "--data", contrasts, "--check", strengths)["agreement"]:
    agreement(f"{found['strength']:g} σ", found)
heading("strength, all positions")
for found in run("everywhere", *moved, "--data", contrasts, "--positions", "all", "--check", strengths)["agreement"]:
    agreement(f"{found['strength']:g} σ", found)
if not given.planted:
    heading("strength, all tokens of long answers")
    answers = ["--data", fixtures / "attribution/long-answers.jsonl", "--whole-answers"]
    for found in run("answers", *moved, *answers, "--check", strengths)["agreement"]:
        agreement(f"{found['strength']:g} σ", found)
if given.steps:
    heading(f"strength, {given.steps} steps")
    found = run("steps", *moved, "--data", contrasts, "--steps", given.steps, "--check", 8)["agreement"][0]
    agreement("8 σ", found)

if not given.planted:
    pairs = []
    for name in ["gloomy", "cheerful"]:
        pairs.append(folder / f"{name}-{given.patched}.jsonl")
        runs.write(pairs[-1], runs.rows(fixtures / f"attribution/{name}.jsonl")[:given.patched])
    heading("replaced")
    found = run(
        "patches", "attribute", model, "--data", pairs[0], "--corrupted", pairs[1], "--query-key", "--check-patches")
    for name in ["z", "queries", "keys"]:
        agreement(name, found["patchAgreement"][name])
    found = run(
        "patches-4", "attribute", model, "--data", pairs[0], "--corrupted", pairs[1], "--steps", 4, "--check-patches")
    agreement("z, 4 steps", found["patchAgreement"]["z"])

measured = [effects(run(f"sweep-{x:g}", "sweep", model, "--data", contrasts, "--directions", directions, "--strength", x))
            for x in STRENGTHS[1:]]
estimated = [effects(run(f"estimates-{x:g}", *moved, "--data", contrasts, "--strength", x)) for x in STRENGTHS[1:]]
print("\n| head |" + "".join(f" measured at {x:g} σ |" for x in STRENGTHS[1:])
      + "".join(f" estimated at {x:g} σ |" for x in STRENGTHS[1:]))
print("|---|" + "---|" * 6)
# The heads with the largest estimates, and those that the estimates are furthest from.
most = sorted(estimated[2], key=lambda head: -abs(estimated[2][head]))[:3]
furthest = sorted(estimated[2], key=lambda head: -abs(estimated[2][head] - measured[2][head]))
for head in most + [head for head in furthest if head not in most][:3]:
    print(f"| {head} | " + " | ".join(f"{part[head]:.2f}" for part in measured + estimated) + " |")

print("\n| screen | seconds | multiplications, 10⁹ | heads |\n|---|---|---|---|")
for screen in ["exact", "attribution"]:
    found = run(
        f"search-{screen}", "search", model, "--data", texts, "--contrast", contrasts, "--screen", screen,
        "--heads", 4, "--out", folder / f"search-{screen}")
    (stage,) = [stage for stage in found["seconds"] if stage["stage"] == "screen"]
    plan = json.loads((folder / f"search-{screen}/plan.json").read_text())
    heads = ", ".join(f"{edit['layer']}.{edit['head']}" for edit in plan["edits"])
    print(f"| {screen} | {stage['seconds']:.1f} | {stage['multiplications'] / 1e9:.0f} | {heads} |")
