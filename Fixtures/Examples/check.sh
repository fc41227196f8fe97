#!/usr/bin/env bash
# Builds and runs the examples on the planted model. They share one folder with what is built, so that HeadSteer is built once.
#
# usage: Fixtures/Examples/check.sh [--without-service] [--scratch-path FOLDER]
#   --without-service   leaves out the one that builds a web server, which takes longer than all others together
#   --scratch-path      where things are built; by default .build-examples in the checkout. The checkout's own .build saves building
#                       HeadSteer again; BUILD_OPTIONS are then those that it was built with.
set -euo pipefail
cd "$(dirname "$0")"
planted="$PWD/../planted"
scratch="$PWD/../../.build-examples"
service=yes
while [ $# -gt 0 ]; do
    case "$1" in
        --without-service) service=no ;;
        --scratch-path) scratch="$2" && shift ;;
        *) echo "usage: $0 [--without-service] [--scratch-path FOLDER]" >&2 && exit 64 ;;
    esac
    shift
done
folder="$(mktemp -d)"
server=""
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT

fail() {
    echo "error: $*" >&2
    exit 1
}
# build EXAMPLE OPTIONS…: fails on a warning of the example's own.
build() {
    local example="$1" start=$SECONDS
    shift
    # Words without white space.
    # shellcheck disable=SC2086
    swift build ${BUILD_OPTIONS:-} --package-path "$example" --scratch-path "$scratch" "$@" >"$folder/build.log" 2>&1 ||
        { grep -vE '^\[[0-9]+/[0-9]+\]' "$folder/build.log" >&2; fail "$example doesn't build"; }
    if grep -E "Examples/.*warning:" "$folder/build.log"; then fail "$example has warnings"; fi
    echo "$example built in $((SECONDS - start)) s"
}
# expect FILE TEXT: the file has the text.
expect() { grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "“$2” isn't in the output"; }; }

build Script
"$scratch/debug/Script" "$planted/planted.gguf" "$planted/mood.jsonl" >"$folder/script"
expect "$folder/script" "head 2.1: AUROC 1.0"
expect "$folder/script" "-8.0  dreadful and everyone felt gloomy"
expect "$folder/script" "0.0  ordinary and everyone felt calm"
expect "$folder/script" "8.0  wonderful and everyone felt cheerful"

build Tool
steer() { "$scratch/debug/steer" "$planted/planted.gguf" "$@" --data "$planted/mood.jsonl" --max-tokens 8; }
steer "My day at work was" --head 2.1 --sigmas=-8 >"$folder/tool"
expect "$folder/tool" "dreadful and everyone felt gloomy"
expect "$folder/tool" "(length)"
status=0 && steer "My day" --head 9.9 2>"$folder/tool" || status=$?
[ "$status" -eq 64 ] || fail "a head that isn't there gives the status $status"
expect "$folder/tool" "9.9"

build Experiments --build-tests
HEADSTEER_SEED=1 HEADSTEER_ARTEFACTS="$folder/artefacts" HEADSTEER_MODEL="" \
    swift test ${BUILD_OPTIONS:-} --skip-build --package-path Experiments --scratch-path "$scratch" >"$folder/experiments" 2>&1 ||
    { cat "$folder/experiments" >&2; fail "the experiments fail"; }
expect "$folder/experiments" "set HEADSTEER_MODEL to a model's path"
expect "$folder/experiments" "wrote $folder/artefacts/MoodTests/results.xml"
expect "$folder/artefacts/MoodTests/results.xml" 'tests="3" failures="0" errors="0" skipped="0"'
expect "$folder/artefacts/OwnModelTests/results.xml" 'tests="1" failures="0" errors="0" skipped="1"'
expect "$folder/artefacts/MoodTests/manifest.json" '"seed" : 1'

if [ "$service" = yes ]; then
    build Service
    port=$((20000 + $$ % 10000))
    "$scratch/debug/Service" "$planted/planted.gguf" "$planted/mood.jsonl" "$port" >"$folder/server" 2>&1 &
    server=$!
    for _ in $(seq 100); do
        curl -sf "localhost:$port/load" >"$folder/load" && break
        sleep 0.1
    done
    expect "$folder/load" 0
    # Several at once, each with a plan of its own.
    for sigmas in -8 0 8; do
        curl -sfN -d "{\"prompt\": \"My day at work was\", \"sigmas\": {\"2.1\": $sigmas}, \"maxTokens\": 8}" \
            -H "Content-Type: application/json" "localhost:$port/generate" >"$folder/text$sigmas" &
        clients="${clients:-} $!"
    done
    for client in $clients; do wait "$client"; done
    expect "$folder/text-8" '{"text":" dreadful"}'
    expect "$folder/text0" '{"text":" ordinary"}'
    expect "$folder/text8" '{"text":" wonderful"}'
    expect "$folder/text8" 'data: length'
    # What is too long is refused; a client that goes leaves nothing behind.
    ask() { curl -s -H "Content-Type: application/json" -d "$1" "${@:2}" "localhost:$port/generate"; }
    ask '{"prompt": "My day", "sigmas": {}, "maxTokens": 600}' -w '%{http_code}' >"$folder/refused"
    expect "$folder/refused" "512 tokens for both"
    expect "$folder/refused" 400
    ask '{"prompt": "My day", "sigmas": {}, "maxTokens": 480}' -N | head -n 1 >"$folder/begun" || true
    expect "$folder/begun" 'data: '
    for _ in $(seq 50); do
        curl -sf "localhost:$port/load" >"$folder/load"
        [ "$(cat "$folder/load")" -ne 0 ] || break
        sleep 0.1
    done
    expect "$folder/load" 0
fi
echo "the examples build and run, in $SECONDS s"
