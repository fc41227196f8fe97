#!/usr/bin/env bash
# Compares the kernels of CWeightKernels with those in plain C (compare.c): bit for bit what doesn't depend on the instruction set
# (products of packed weights in all 13 formats, with one plane and three, few vectors and many, odd numbers of rows, extreme codes,
# values that aren't finite; rounding; unpacking; exponentials), and nearly what does (products in float32, attention).
#
#   Fixtures/kernels/check.sh            this processor's instruction sets, with the address sanitizer
#   Fixtures/kernels/check.sh aarch64    those of AArch64 in an emulator: as a processor with all extensions, as one without
#                                        products of matrices, and as one without dot products; also that each chooses its best
#
# Needs clang; for AArch64 on another processor also what Debian's packages gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and
# qemu-user have. It takes some minutes.
set -euo pipefail

case "${1:-}" in
"" | aarch64) ;;
-h | --help)
    sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
*)
    echo "error: unknown argument $1; it is aarch64 or none" >&2
    exit 64
    ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/../../Sources/CWeightKernels"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
compile=("${CC:-clang}" -std=gnu11 -Wall -Wextra -I . -I include ../../Fixtures/kernels/compare.c ./*.c -lm
    -o "$folder/compare")

if [ "${1:-}" != aarch64 ]; then
    # The gold linker warns of symbols that it needn't export.
    "${compile[@]}" -O1 -g -fsanitize=address,float-cast-overflow -fno-sanitize-recover \
        2> >(grep -v 'Cannot export local symbol' >&2)
    "$folder/compare"
    exit
fi

"${compile[@]}" -O2 --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include -static
while read -r processor best names; do
    echo "# $processor"
    # shellcheck disable=SC2086 # the names are words
    qemu-aarch64 -cpu "$processor" "$folder/compare" $names | tee "$folder/output"
    grep -qx "the best here: $best" "$folder/output" || {
        echo "$processor chose another instruction set than $best" >&2
        exit 1
    }
done <<'PROCESSORS'
max neoni8mm neon neondot neoni8mm
cortex-a76 neondot neon neondot
cortex-a53 neon neon
PROCESSORS
