"""Gives random command lines to the program: commands with their own options, with values that are numbers at limits, paths of broken
and other files, bytes that are no text, names, nothing. Each must end by itself, with a status of the contract and, where it failed,
one line that begins with "error:".

Run: python3 command_lines.py HEADSTEER [SECONDS [SEED]] (needs no packages). Exit status 1 where a line misbehaved.
"""

import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

FIXTURES = pathlib.Path(__file__).resolve().parent.parent
HEADSTEER = str(pathlib.Path(sys.argv[1]).resolve())
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 60
generator = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0)


def text(*arguments):
    return subprocess.run([HEADSTEER, *arguments], capture_output=True, text=True).stdout


def subcommands(*command):
    part = text(*command, "--help").partition("SUBCOMMANDS:")[2]
    return re.findall(r"^  ([a-z-]+)", part, re.M)


COMMANDS = []
for name in subcommands():
    inner = subcommands(name)
    COMMANDS += [(name, other) for other in inner] or [(name,)]
COMMANDS = [command for command in COMMANDS if command[0] not in ("help", "quickstart", "bench")]
OPTIONS = {command: sorted(set(re.findall(r"--[a-z][a-z-]+", text(*command, "--help")))) for command in COMMANDS}
NUMBERS = ["0", "-1", "1", "3", "1e308", "-1e-308", "nan", "inf", "9223372036854775807", "18446744073709551616", "0x10", "1,2,3", "-0", "2.5"]
FILES = ["planted/planted.gguf", "tiny-llamas/grouped.gguf", "families/qwen2", "planted/mood.jsonl", "planted/mood-contrast.jsonl", "planted/study.json",
         "interchange/baking/grouped.plan.json", "fuzz/corpus/probes/llama", "fuzz/corpus/monitor/llama", "fuzz/corpus/guard/guard", "fuzz/corpus/gguf/llama.gguf",
         "fuzz/corpus/plan/edits", "fuzz/corpus/messages/messages", "fuzz/corpus/phrases/list", "planted", "missing", "interchange/honest-llama/labels.npy"]
WORDS = ["", " ", "-", "--", "=", "a=b", "x" * 5000, "last", "all", "z", "2.1", "99.99", "-1.-1", "0.0,0.1", "raw", "sigma", "{", '{"from": 3, "to": 1}', "\u00e4\U0001F600\u202e",
         "<s>", "/dev/null", "/", "..", "%s%n", "mood=x", "exact", "logistic", "1:2", "true", "2026-02-30", "NAME=[[[["]


def value():
    kind = generator.randrange(4)
    if kind == 0:
        return generator.choice(NUMBERS).encode()
    if kind == 1:
        return str(FIXTURES / generator.choice(FILES)).encode()
    if kind == 2:
        return generator.choice(WORDS).encode()
    return bytes(generator.randrange(1, 256) for _ in range(generator.randrange(1, 12)))


MODELS = [str(FIXTURES / name).encode() for name in ("planted/planted.gguf", "tiny-llamas/grouped.gguf", "fuzz/corpus/gguf/llama.gguf", "families/qwen2")]
failures = count = 0
statuses = {}
end = time.monotonic() + SECONDS
with tempfile.TemporaryDirectory() as folder:
    while time.monotonic() < end:
        command = generator.choice(COMMANDS)
        line = [part.encode() for part in command]
        if generator.random() < 0.9:
            line.append(generator.choice(MODELS))
        for _ in range(generator.randrange(6)):
            if OPTIONS[command] and generator.random() < 0.9:
                line.append(generator.choice(OPTIONS[command]).encode())
            if generator.random() < 0.8:
                line.append(value())
        # What would be written stays in the folder, and nothing waits for a terminal.
        line = [b"out" if i and line[i - 1] in (b"--out", b"--report", b"--svg", b"--csv", b"--show-svg") else part for i, part in enumerate(line)]
        try:
            done = subprocess.run([HEADSTEER, *line], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        except subprocess.TimeoutExpired:
            print("took two minutes:", line)
            failures += 1
            continue
        count += 1
        statuses[done.returncode] = statuses.get(done.returncode, 0) + 1
        errors = [text for text in done.stderr.splitlines() if text.startswith(b"error:")]
        wanted = 0 if done.returncode in (0, 1) else 1
        if done.returncode not in (0, 1, 64, 65, 66) or len(errors) != wanted or (wanted and done.stdout):
            print(done.returncode, line, done.stderr[-400:].decode(errors="replace"), flush=True)
            failures += 1
print(count, "command lines;", json.dumps({str(key): statuses[key] for key in sorted(statuses)}), "by status;", failures, "misbehaved")
sys.exit(failures > 0)
