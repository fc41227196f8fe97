#!/usr/bin/env bash
# Runs every command that writes on a disk that is full before it is done: full_disk.sh HEADSTEER (as root: mounts small tmpfs).
# Each has to end with status 66 and one line, and leave nothing but the journal of a run that can go on.
set -uo pipefail
program="$(readlink -f "$1")"
fixtures="$(cd "$(dirname "$0")/.." && pwd)"
planted="$fixtures/planted"
work="$(mktemp -d)"
disk="$work/disk"
mkdir "$disk"
mount -t tmpfs -o size=16m tmpfs "$disk" || exit 1
trap 'umount "$disk"; rm -rf "$work"' EXIT
failed=0

# try FREE_BYTES NAME ARGUMENTS…: as much room as that is left on the disk, in which the command writes.
try() {
    local free="$1" name="$2" status error left
    shift 2
    find "$disk" -mindepth 1 -delete
    mkdir "$disk/out"
    dd if=/dev/zero of="$disk/filler" bs=4096 2>/dev/null
    truncate -s "-$free" "$disk/filler"
    error="$(cd "$disk/out" && "$program" "$@" 2>&1 >/dev/null)"
    status=$?
    left="$(cd "$disk/out" && find . -type f | sort | tr '\n' ' ')"
    # Studies tell their stages on standard error, too.
    if [ $status -ne 66 ] || [ "$(grep -c '^error:' <<<"$error")" -ne 1 ] || [[ "${error##*$'\n'}" != "error: no space left"* ]]; then
        echo "FAILED $name, $free bytes: status $status; $error; left: $left"
        failed=1
    else
        echo "ok     $name, $free bytes; left: $left"
    fi
}

data=(--data "$planted/mood.jsonl")
contrast=(--contrast "$planted/mood-contrast.jsonl")
"$program" probe "$planted/planted.gguf" "${data[@]}" --permutations 0 --out "$work/probes.safetensors" >/dev/null
"$program" plan make "$planted/planted.gguf" --probes "$work/probes.safetensors" --heads 2.1 --strength 4 --out "$work/plan" >/dev/null
"$program" search "$planted/planted.gguf" "${data[@]}" "${contrast[@]}" --heads 2 --out "$work/run" >/dev/null
for free in 0 8192; do
    try $free collect collect "$planted/planted.gguf" "${data[@]}" --positions all --out a.safetensors
    try $free logits logits "$planted/planted.gguf" --prompt "My day at work was" --all-positions --out l.safetensors
    try $free probe probe "$planted/planted.gguf" "${data[@]}" --permutations 0 --out p.safetensors
    try $free search search "$planted/planted.gguf" "${data[@]}" "${contrast[@]}" --heads 2 --out run
    try $free evaluate evaluate "$planted/planted.gguf" --plan "$work/plan/plan.json" "${data[@]}" --report report
    try $free preset preset iti "$planted/planted.gguf" "${data[@]}" --out iti
    try $free bake bake "$planted/planted.gguf" --plan "$work/plan/plan.json" --at-all-positions --out baked.gguf
    try $free compare compare "$planted/planted.gguf" "$planted/planted.gguf" "${data[@]}" --out compared
    try $free view view "$work/run" --out page.html
    try $free audit audit "$planted/planted.gguf" "${data[@]}" "${contrast[@]}" --out audit
    try $free study study "$planted/planted.gguf" "$planted/study.json" --out study
    try $free monitor monitor fit "$planted/planted.gguf" --clean "$planted/mood.jsonl" --false-alarms 0.3 --out m.safetensors
done
try 0 probe-svg probe "$planted/planted.gguf" "${data[@]}" --permutations 0 --svg m.svg
try 0 control-vector convert "$planted/planted.gguf" --plan "$work/plan/plan.json" --to control-vector --out v.gguf
try 0 plan-make plan make "$planted/planted.gguf" --probes "$work/probes.safetensors" --heads 2.1 --strength 4 --out plan
try 0 plan-combine plan combine "mood=$work/plan/plan.json" --out both
exit $failed
