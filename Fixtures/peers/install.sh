#!/usr/bin/env bash
# Installs the peers of headsteer-bench into Fixtures/venv, which git ignores, and makes the formats of the model that they
# are measured in. Needs the clang that comes with Swift, cmake, Python 3.11 or later with venv, about 9 GB of disk, and an hour
# and a half on two cores the first time: llama.cpp is built twice for this very processor, ik_llama.cpp once. Running it again
# does what is missing. A peer that can't be installed here is named and left out; the bench names it, too.
set -euo pipefail

peers="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
fixtures="$(dirname "$peers")"
venv="$fixtures/venv"
model="$fixtures/fetched/SmolLM2-135M-Instruct.Q4_1.gguf"
llama="llama-cpp-python==0.3.36"
ik="ik-llama-cpp-python==0.1.5"

say() { printf '%s\n' "$*" >&2; }
case "${1:-}" in
"") ;;
-h | --help)
    sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
*)
    say "error: unknown option $1; install.sh takes none"
    exit 64
    ;;
esac
for tool in "${PYTHON:-python3}" cmake; do
    command -v "$tool" >/dev/null 2>&1 || {
        say "error: $tool is not installed; install it (Debian, Ubuntu: apt-get install python3 python3-venv cmake)"
        exit 1
    }
done

[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
pip=("$venv/bin/python" -m pip install --disable-pip-version-check --quiet)
missing=()

say "Installing PyTorch and transformers …"
"${pip[@]}" --requirement "$peers/requirements.txt"

# The source archive holds the bindings as well; the peer says which build of the library they call.
if ! [ -d "$venv/llama.cpp/source" ]; then
    say "Fetching the source of $llama …"
    mkdir -p "$venv/llama.cpp"
    work="$(mktemp -d "$venv/llama.cpp/source.XXXXXX")"
    "$venv/bin/python" -m pip download --disable-pip-version-check --quiet --no-deps \
        --no-binary llama-cpp-python --dest "$work" "$llama"
    mkdir "$work/source"
    tar -xzf "$work"/llama_cpp_python-*.tar.gz -C "$work/source" --strip-components 1
    mv "$work/source" "$venv/llama.cpp/source"
    rm -r "$work"
fi
"${pip[@]}" diskcache jinja2 typing-extensions
for kind in native without-amx; do
    if [ -d "$venv/llama.cpp/$kind" ]; then continue; fi
    say "Building llama.cpp for this processor, $kind …"
    "$peers/build-llama-cpp.sh" "$kind" "$venv/llama.cpp/source/vendor/llama.cpp" "$venv/llama.cpp/$kind" ||
        missing+=("llama.cpp $kind")
done

# In a folder of its own: its shared libraries have the names of llama.cpp's. The wheel is built for AVX2, so its libraries are
# exchanged for such as are built here; where that fails, they stay.
if ! [ -d "$venv/ik" ]; then
    say "Installing $ik …"
    rm -rf "$venv/ik.partial"
    if "${pip[@]}" --no-deps --target "$venv/ik.partial" "$ik"; then
        mv "$venv/ik.partial" "$venv/ik"
    else
        missing+=("$ik")
    fi
fi
if [ -d "$venv/ik" ] && ! [ -d "$venv/ik.native" ]; then
    say "Building ik_llama.cpp for this processor …"
    rm -rf "$venv/ik.source"
    mkdir "$venv/ik.source"
    if "$venv/bin/python" -m pip download --disable-pip-version-check --quiet --no-deps \
        --no-binary ik-llama-cpp-python --dest "$venv/ik.source" "$ik" &&
        tar -xzf "$venv/ik.source"/ik_llama_cpp_python-*.tar.gz -C "$venv/ik.source" --strip-components 1 &&
        "$peers/build-llama-cpp.sh" native "$venv/ik.source/vendor/ik_llama.cpp" "$venv/ik.native"; then
        cp "$venv/ik.native"/lib*.so "$venv/ik/ik_llama_cpp/lib/"
    else
        missing+=("ik_llama.cpp for this processor; its wheel is measured")
    fi
    rm -rf "$venv/ik.source"
fi

# From their wheels, as they come; each in a folder of its own, for they ask for different versions of what they share.
for package in xllamacpp==2026.10.11549 mistralrs==0.9.5 openvino-genai==2026.4.1.0; do
    folder="$venv/wheels/${package%%=*}"
    if [ -d "$folder" ]; then continue; fi
    say "Installing $package …"
    mkdir -p "$venv/wheels"
    rm -rf "$folder.partial"
    if "${pip[@]}" --only-binary :all: --target "$folder.partial" "$package"; then
        mv "$folder.partial" "$folder"
    else
        missing+=("$package")
    fi
done
for name in ${missing[@]+"${missing[@]}"}; do say "Not installed: $name"; done

if [ -f "$model" ]; then
    "$venv/bin/python" "$peers/formats.py" "$model"
    say "The peers are ready: swift run -c release headsteer-bench compare"
else
    say "The peers are ready, the model isn't there: run Fixtures/fetch-smollm2.sh, then this again for its other formats."
fi
