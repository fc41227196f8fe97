#!/usr/bin/env bash
# Fetches the vocabularies and chat templates that llama.cpp's own tests have (76 MB, for tests of tokenizers and templates),
# out of the source archive of llama-cpp-python in the Python package index.
#
#   Fixtures/fetch-llama-vocabularies.sh                  from the index, by package name
#   Fixtures/fetch-llama-vocabularies.sh ARCHIVE.tar.gz   from an archive brought here by other means (offline)
#
# They land in Fixtures/fetched/vocabularies (ggml-vocab-*.gguf with .inp and .out) and Fixtures/fetched/templates (*.jinja),
# which git ignores. Running it again is harmless: verified files are kept.
set -euo pipefail

case "${1:-}" in
-h | --help)
    sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
python="${PYTHON:-python3}"
"$python" -c '' >/dev/null 2>&1 || {
    printf '%s\n' "error: $python is not installed; install it (Debian, Ubuntu: apt-get install python3 python3-pip; macOS: xcode-select --install) and run this again" >&2
    exit 1
}
exec "$python" "$(dirname "${BASH_SOURCE[0]}")/fetch_llama_vocabularies.py" "$@"
