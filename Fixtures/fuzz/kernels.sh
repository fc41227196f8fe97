#!/usr/bin/env bash
# Fuzzes the C kernels with libFuzzer and Address Sanitizer: kernels.sh [SECONDS [FOLDER]].
# What fails is written to FOLDER (default: fuzz-kernels), and `FOLDER/fuzz FILE` runs it again. Needs clang of LLVM with libFuzzer, as
# Swift's toolchains for Linux have; CC names another one.
set -euo pipefail
sources="$(cd "$(dirname "$0")/../../Sources/CWeightKernels" && pwd)"
fixture="$(cd "$(dirname "$0")" && pwd)"
seconds="${1:-60}"
folder="${2:-fuzz-kernels}"
cc="${CC:-$(dirname "$(readlink -f "$(command -v swiftc)")")/clang}"

mkdir -p "$folder/objects" "$folder/corpus"
for source in "$sources"/*.c "$fixture/kernels.c"; do
    object="$folder/objects/$(basename "$source" .c).o"
    [ "$object" -nt "$source" ] ||
        "$cc" -std=gnu11 -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address \
            -I "$sources/include" -c "$source" -o "$object"
done
"$cc" -fsanitize=fuzzer,address "$folder"/objects/*.o -lm -o "$folder/fuzz"
exec "$folder/fuzz" "$folder/corpus" -max_total_time="$seconds" -max_len=4096 -timeout=25 -artifact_prefix="$folder/"
