#!/usr/bin/env bash
# Fuzzes what reads files with libFuzzer and Address Sanitizer: readers.sh TARGET [SECONDS [FOLDER]]. Inputs that do harm are written
# to FOLDER (default: fuzz-readers) as crash-…, timeout-… and oom-…, and the others go on; read one again with
# `swift run ReaderFuzzer --target TARGET FILE`. Linux, where Swift's toolchain has libFuzzer; `swift run ReaderFuzzer` is for anywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="$1"
seconds="${2:-60}"
folder="${3:-fuzz-readers}"
program="${FUZZER:-.build-fuzz/debug/ReaderFuzzer}"

if [ -z "${FUZZER:-}" ]; then
    swift build --scratch-path .build-fuzz --product ReaderFuzzer \
        -Xswiftc -sanitize=fuzzer,address -Xswiftc -DLIBFUZZER -Xswiftc -O
fi
mkdir -p "$folder/corpus/$target" "$folder/files"
export FUZZ_TARGET="$target" FUZZ_FIXTURES="$PWD/Fixtures/fuzz" FUZZ_FOLDER="$folder/files"
export ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}" SWIFT_BACKTRACE=enable=no
# A single allocation of more than 64 MB for inputs of at most 32 KB is out of proportion.
exec "$program" "$folder/corpus/$target" "Fixtures/fuzz/corpus/$target" -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 \
    -max_total_time="$seconds" -max_len=32768 -timeout=20 -malloc_limit_mb=64 -rss_limit_mb=1536 \
    -artifact_prefix="$folder/$target-"
