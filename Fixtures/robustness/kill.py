"""Kills collect, search, study and audit on the planted model at random moments (SIGKILL), lets the same command finish, and compares
every file with those of a run that was left alone; nothing else may be left behind.

Run: python3 kill.py HEADSTEER [KILLS [COMMAND…]] (50 kills of each command by default; needs no packages). Exit status 1 where a
file differs.
"""

import atexit
import json
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

FIXTURES = pathlib.Path(__file__).resolve().parent.parent
PLANTED = FIXTURES / "planted"
HEADSTEER = pathlib.Path(sys.argv[1]).resolve()
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 50
MODEL, DATA, CONTRAST = PLANTED / "planted.gguf", PLANTED / "mood.jsonl", PLANTED / "mood-contrast.jsonl"
NEUTRAL = ["My day at work was"]

# All stages of the planted study, little of each; a study's data lie beside it.
INPUTS = pathlib.Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, INPUTS)
for path in [DATA, CONTRAST]:
    shutil.copy(path, INPUTS)
STUDY = INPUTS / "study.json"
STUDY.write_text(
    json.dumps(
        json.loads((PLANTED / "study.json").read_text())
        | {"neutral": NEUTRAL, "testRows": 4, "texts": 2, "textTokens": 6, "exampleCounts": [4]}))
TEXTS = INPUTS / "neutral.txt"
TEXTS.write_text("\n".join(NEUTRAL) + "\n")

COMMANDS = {
    "collect": ["collect", MODEL, "--data", DATA, "--positions", "all", "--out", "out.safetensors"],
    "search": ["search", MODEL, "--data", DATA, "--contrast", CONTRAST, "--heads", "2", "--neutral", TEXTS, "--out", "out"],
    "study": ["study", MODEL, STUDY, "--out", "out"],
    "audit": ["audit", MODEL, "--data", DATA, "--contrast", CONTRAST, "--neutral", TEXTS, "--out", "out"],
}
# Wall-clock times differ from run to run, and have a file of their own.
TIMES = {"times.json"}


def files(folder):
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.name not in TIMES
    }


def start(command, folder):
    return subprocess.Popen(
        [HEADSTEER, *command, "--threads", "1"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(command, folder):
    process = start(command, folder)
    error = process.communicate()[1].decode()
    if process.returncode:
        sys.exit(f"error: {command} ended with {process.returncode}: {error}")


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


failures = 0
generator = random.Random(1)
for name in sys.argv[3:] or COMMANDS:
    command = list(map(str, COMMANDS[name]))
    before = processor_seconds()
    with tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        finish(command, pathlib.Path(folder))
        seconds = time.monotonic() - begin
        expected = files(pathlib.Path(folder))
    killed = trial = 0
    while killed < KILLS:
        trial += 1
        folder = pathlib.Path(tempfile.mkdtemp())
        # One to five kills of the same work, each at a moment of the time that all of it takes.
        for _ in range(min(generator.choice([1, 2, 3, 5]), KILLS - killed)):
            process = start(command, folder)
            time.sleep(generator.uniform(0, 1) * seconds)
            process.kill()
            killed += process.wait() == -9
            process.stderr.close()
        finish(command, folder)
        found = files(folder)
        for path in sorted(set(expected) | set(found)):
            if expected.get(path) != found.get(path):
                failures += 1
                what = "missing" if path not in found else "left behind" if path not in expected else "other bytes"
                print(f"{name}: trial {trial}: {path}: {what} ({folder})")
                break
        else:
            shutil.rmtree(folder)
    print(
        f"{name}: {seconds:.1f} s alone, killed {killed} times in {trial} runs, "
        f"{len(expected)} files compared, {processor_seconds() - before:.0f} s of processor time", flush=True)
sys.exit(failures > 0)
