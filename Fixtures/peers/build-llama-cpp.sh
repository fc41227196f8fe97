#!/usr/bin/env bash
# Builds the libraries of llama.cpp, or of ik_llama.cpp, from its unpacked source, for this processor, with the toolchain's clang.
#
#   build-llama-cpp.sh native       SOURCE TARGET   with all that the processor has: AMX, too
#   build-llama-cpp.sh without-amx  SOURCE TARGET   with all but AMX: the vector instructions named one by one
#
# TARGET gets libllama and libggml, whole or not at all. Further targets of llama.cpp's (llama-bench) may follow; their
# programs are put there as well. CC and CXX name another compiler.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
[ "$#" -ge 3 ] || {
    say "usage: build-llama-cpp.sh native|without-amx SOURCE TARGET [llama-bench …]"
    exit 64
}
kind="$1" source="$2" target="$3"
shift 3

# has FLAG: whether the processor has an instruction set, as Linux names it.
has() { grep -m1 '^flags' /proc/cpuinfo 2>/dev/null | grep -qw "$1"; }
# on NAME FLAG: -DNAME=ON where the processor has it.
on() { if has "$2"; then printf -- '-D%s=ON ' "$1"; fi; }

case "$kind" in
native) options="-DGGML_NATIVE=ON" ;;
without-amx)
    has avx2 || {
        say "error: this processor has no AVX2, so there is nothing to name; AMX is of x86 only"
        exit 69
    }
    options="-DGGML_NATIVE=OFF $(on GGML_AVX_VNNI avx_vnni)$(on GGML_AVX512 avx512f)$(on GGML_AVX512_VBMI avx512vbmi)"
    options+="$(on GGML_AVX512_VNNI avx512_vnni)$(on GGML_AVX512_BF16 avx512_bf16)"
    ;;
*)
    say "error: unknown kind $kind; it is native or without-amx"
    exit 64
    ;;
esac

# Not the system's compiler: gcc 12 drops the stores that fill the configuration of AMX's tiles, and what it builds ends with
# SIGILL. The toolchain's clang lies beside swift, wherever a link to that lies.
if [ -z "${CC:-}" ]; then
    for clang in "$(dirname "$(readlink -f "$(command -v swift || true)")")/clang" "$(command -v clang || true)"; do
        if [ -x "$clang" ]; then
            export CC="$clang" CXX="${CXX:-$clang++}"
            break
        fi
    done
fi
[ -n "${CC:-}" ] || {
    say "error: there is no clang beside swift or on the PATH; name a compiler with CC and CXX"
    exit 69
}

work="$(mktemp -d "$target.XXXXXX")"
trap 'rm -rf "$work"' EXIT
# clang spends minutes on optimising ik_llama.cpp's tables of Unicode, with which nothing computes.
cat >"$work/launch" <<'LAUNCH'
#!/bin/sh
case "$*" in *unicode-data.cpp) set -- "$@" -O0 ;; esac
exec "$@"
LAUNCH
chmod +x "$work/launch"
# shellcheck disable=SC2086,SC2016 # the options are words; cmake is to see $ORIGIN
cmake -S "$source" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON $options \
    -DGGML_OPENMP=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
    -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_BUILD_TOOLS="$([ "$#" -gt 0 ] && echo ON || echo OFF)" \
    "-DCMAKE_CXX_COMPILER_LAUNCHER=$work/launch" "-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=$work/build/bin" \
    -DCMAKE_BUILD_RPATH_USE_ORIGIN=ON '-DCMAKE_BUILD_RPATH=$ORIGIN' -DCMAKE_CXX_FLAGS=-w -DCMAKE_C_FLAGS=-w >"$work/log"
cmake --build "$work/build" --target llama "$@" --parallel "${JOBS:-$(getconf _NPROCESSORS_ONLN)}" >>"$work/log" || {
    tail -n 30 "$work/log" >&2
    say "error: $source can't be built"
    exit 70
}
mkdir "$work/made"
cp -a "$work/build/bin/." "$work/made/"
mv "$work/made" "$target"
