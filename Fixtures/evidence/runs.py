"""What the scripts share that run commands and make tables of what these say."""

import json
import random
import subprocess
import sys


def run(program, folder, name, *arguments):
    """What a command says, kept in FOLDER/NAME.json: a run that is there isn't made again, and one of another command is refused."""
    file, asked = folder / f"{name}.json", folder / f"{name}.arguments.json"
    words = [str(word) for word in arguments]
    if not file.exists():
        print(name, file=sys.stderr, flush=True)
        result = subprocess.run([program, *words, "--json"], stdout=subprocess.PIPE, check=True)
        asked.write_text(json.dumps(words))
        file.write_bytes(result.stdout)
    elif not asked.exists() or json.loads(asked.read_text()) != words:
        sys.exit(f"{file} is of another command; give another folder, or remove it")
    return json.loads(file.read_text())


def rows(file):
    """The rows of a JSON array or of JSON Lines."""
    data = file.read_text()
    return json.loads(data) if data[0] == "[" else [json.loads(line) for line in data.splitlines()]


def write(file, rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def divided(rows, count):
    """So many rows, evenly spaced so that neither part is of one kind where a file is sorted, and the others."""
    at = {i * len(rows) // count for i in range(count)}
    return [row for i, row in enumerate(rows) if i in at], [row for i, row in enumerate(rows) if i not in at]


def opened(row):
    """A choice question without its options."""
    question, found, _ = row["question"].partition("\n\nChoices:")
    if not found:
        sys.exit(f"a question without \"Choices:\" can't be asked openly: {question}")
    return {**row, "question": question}


def judge_options(judge, study, answers, studies):
    """What `evaluate` is told of a judge who is asked a study's question about open answers."""
    return [
        "--answers", answers, "--texts", 24, "--text-tokens", 48, "--judge-model", judge,
        "--judge-question", study["judgeQuestion"], "--judge-labels", studies / study["judgeLabels"]]


def judged(base, other):
    """The judge's mean change of its score of open answers, 0 to 5, with a 95 % interval by bootstrap."""
    if not base or not other or not base["scores"]:
        return ""
    (name,) = base["scores"]
    changes = [after - before for before, after in zip(base["scores"][name], other["scores"][name])]
    draws = random.Random(0)
    means = sorted(sum(draws.choices(changes, k=len(changes))) / len(changes) for _ in range(4000))
    return f"{sum(changes) / len(changes):+.2f} ({means[100]:+.2f} … {means[-101]:+.2f})"


def interval(change):
    return "" if change["ciLow"] is None else f"{change['ciLow']:+.2f} … {change['ciHigh']:+.2f}"
