"""HSI's protocol as published (Darm & Riccardi 2025, arXiv 2502.05945), beside CAA's and ITI's, as a table.

    python3 Fixtures/evidence/hsi.py HEADSTEER MODEL FOLDER [--judge-model JUDGE] [--precision fast]

HEADSTEER is the program, MODEL an instruct model, FOLDER where runs are kept (a run that is there isn't made again). The judge is the model
itself unless JUDGE is another one.

HSI and ITI take the 18 completions in hsi-completions.jsonl, three for and three against each of three questions, which end in the
choice; HSI's strength is chosen on 20 other questions, of coordinate-other-ais (Perez et al. 2022), and CAA has sixty of these. ITI's
probes are judged on the completions that they are fitted on: three questions can't be divided. Forty more questions are the test, in both
orders of their options, and 24 of them without options. Below each recipe as it was published stands the same plan at the strength that
costs 0.1 nats a token on neutral text."""

import argparse
import json
import pathlib

import runs

arguments = argparse.ArgumentParser()
for name in ["program", "model", "folder"]:
    arguments.add_argument(name)
arguments.add_argument("--judge-model")
arguments.add_argument("--precision", default="exact")
given = arguments.parse_args()
folder = pathlib.Path(given.folder)
here = pathlib.Path(__file__).resolve().parent
folder.mkdir(parents=True, exist_ok=True)

study = json.loads((here / "coordinate-other-ais.json").read_text())
test, others = runs.divided(runs.rows(here.parent / "fetched/behaviour" / study["data"]), 40)
validation, caa = others[:20], others[20:80]


def completed(index, row):
    """A question as two labelled rows, whose completions are the letters."""
    return [
        {"prompt": row["question"], "completion": row[f"answer_{side}_behavior"], "label": side == "matching",
         "group": f"validation-{index}"} for side in ["matching", "not_matching"]]


completions = runs.rows(here / "hsi-completions.jsonl")
runs.write(folder / "hsi.jsonl", completions + [r for i, row in enumerate(validation) for r in completed(i, row)])
runs.write(folder / "iti.jsonl", completions)
runs.write(folder / "caa.jsonl", caa)
runs.write(folder / "test.jsonl", test)
runs.write(folder / "open.jsonl", [runs.opened(row) for row in test])


def run(name, *options):
    return runs.run(given.program, folder, name, *options, "--precision", given.precision)


def share(scores):
    accuracy = scores["both"]["accuracy"]
    return f"{accuracy['share']:.0%} ({accuracy['ciLow']:.0%} … {accuracy['ciHigh']:.0%})"


print("| recipe | for it | change of the log-odds | random directions | KL | open answers, 0 to 5 |")
print("|---|---|---|---|---|---|")
presets = {
    "HSI": ["hsi", "--data", folder / "hsi.jsonl"],
    "CAA, one layer": ["caa", "--data", folder / "caa.jsonl", "--chat"],
    "ITI, four heads at 15 σ": [
        "iti", "--data", folder / "iti.jsonl", "--chat", "--heads", 4, "--alpha", 15, "--folds", 1],
}
BUDGET = 0.1


def evaluated(preset, *options):
    name = "-".join([preset, "evaluation"] + ["budget"] * bool(options))
    return run(
        name, "evaluate", given.model, "--plan", folder / preset / "plan.json", "--data", folder / "test.jsonl", "--chat",
        "--instruction", study["instruction"], "--repetitions", 5,
        *runs.judge_options(given.judge_model or given.model, study, folder / "open.jsonl", here), *options)


def row(name, found):
    random = found["controls"]["randomDirections"]
    print(f"| {name} | {share(found['choiceSteered'])} | {found['change']['mean']:+.2f} "
          f"({runs.interval(found['change'])}) | {random['mean']:+.2f} (≤ {random['largest']:.2f}) | "
          f"{found['sideEffects']['neutral']['kl']['mean']:.3f} | "
          f"{runs.judged(found['textsBase'], found['textsSteered'])} |", flush=True)


for name, (preset, *options) in presets.items():
    run(preset, "preset", preset, given.model, *options, "--out", folder / preset)
    found = evaluated(preset)
    if preset == "hsi":
        print(f"| nothing | {share(found['choiceBase'])} | | | | {found['textsBase']['judged']['model']['mean']:.2f} |")
        prompt = found["prompt"]
        print(f"| a prompt that asks | {prompt['scores']['accuracy']:.0%} | {prompt['change']['change']['mean']:+.2f} "
              f"({runs.interval(prompt['change']['change'])}) | | | {runs.judged(found['textsBase'], prompt['texts'])} |")
    row(name, found)
    row(f"… its strength for {BUDGET} nats a token", evaluated(preset, "--budget-kl", BUDGET))
