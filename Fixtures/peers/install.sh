#!/usr/bin/env bash
# Installs the peers of headsteer-bench into Fixtures/venv, which git ignores, and makes the formats of the model that they
# are measured in. Needs the clang that comes with Swift, cmake, Python 3.11 or later with venv, about 9 GB of disk, and an hour
# on two cores the first time: llama.cpp (twice) and ik_llama.cpp are built for this very processor. Running it again does
# what is missing. A peer that can't be installed here is named and left out; the bench names it, too.
#
#   Fixtures/peers/install.sh             everything
#   Fixtures/peers/install.sh --prebuilt  ik_llama.cpp from its AVX2 wheel: quick, but slower where the processor has AVX-512
set -euo pipefail

peers="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
fixtures="$(dirname "$peers")"
venv="$fixtures/venv"
model="$fixtures/fetched/SmolLM2-135M-Instruct.Q4_1.gguf"
llama="llama-cpp-python==0.3.36"
ik="ik-llama-cpp-python==0.1.5"

say() { printf '%s\n' "$*" >&2; }
prebuilt=""
case "${1:-}" in
"") ;;
--prebuilt) prebuilt=yes ;;
-h | --help)
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
*)
    say "error: unknown option $1; usage: install.sh [--prebuilt]"
    exit 64
    ;;
esac
command -v "${PYTHON:-python3}" >/dev/null 2>&1 || {
    say "error: ${PYTHON:-python3} is not installed; install it (Debian, Ubuntu: apt-get install python3 python3-venv)"
    exit 1
}

command -v cmake >/dev/null 2>&1 || [ -n "$prebuilt" ] || {
    say "error: cmake is not installed; install it (Debian, Ubuntu: apt-get install cmake) or give --prebuilt"
    exit 1
}
jobs="${JOBS:-$(getconf _NPROCESSORS_ONLN)}"
# shellcheck source=choose-clang.sh
. "$peers/choose-clang.sh"

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

# In a folder of its own: its shared libraries have the names of llama.cpp's. The package can't be built from its source
# distribution as it is (a folder is missing that only llama.cpp's example programs need), so its library is built by itself
# and put in the place of the wheel's.
if ! [ -d "$venv/ik" ]; then
    say "Installing $ik …"
    work="$(mktemp -d "$venv/ik.XXXXXX")"
    trap 'rm -rf "$work"' EXIT
    "${pip[@]}" --no-deps --target "$work/ik" "$ik"
    if [ -z "$prebuilt" ]; then
        say "Building ik_llama.cpp for this processor …"
        "$venv/bin/python" -m pip download --disable-pip-version-check --quiet --no-deps \
            --no-binary ik-llama-cpp-python --dest "$work" "$ik"
        mkdir "$work/source"
        tar -xzf "$work"/ik_llama_cpp_python-*.tar.gz -C "$work/source" --strip-components 1
        # Fused attention for key-value caches of 16 bits is all that is measured; the other kinds take an hour to compile.
        cmake -S "$work/source/vendor/ik_llama.cpp" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON \
            -DGGML_IQK_FA_ALL_QUANTS=OFF -DBUILD_SHARED_LIBS=ON -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF \
            -DCMAKE_BUILD_RPATH_USE_ORIGIN=ON '-DCMAKE_BUILD_RPATH=$ORIGIN' -DCMAKE_CXX_FLAGS=-w >"$work/log"
        cmake --build "$work/build" --target llama --parallel "$jobs" >>"$work/log"
        find "$work/build" -name 'libggml.*' -exec cp {} "$work/ik/ik_llama_cpp/lib/" \;
        find "$work/build" -name 'libllama.*' -exec cp {} "$work/ik/ik_llama_cpp/lib/" \;
    fi
    mv "$work/ik" "$venv/ik"
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
