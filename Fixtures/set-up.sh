#!/usr/bin/env bash
# Installs what HeadSteer needs beside Swift, on Debian, Ubuntu (as root, or with sudo) and macOS (with Homebrew).
#
#   Fixtures/set-up.sh                what the library, the command and their tests need
#   Fixtures/set-up.sh --model        that, and the model that quickstart shows the main job with (98 MB)
#   Fixtures/set-up.sh --model NAME   that, and another model: Fixtures/fetch-model.sh lists their names
#   Fixtures/set-up.sh --browser      that of the first line, and Chromium, in which pages are tested
#
# What is there already is left alone, so that running it again does nothing and needs no network.
set -euo pipefail

fixtures="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
least_swift="6.2"

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "error: $*"
    exit 1
}
usage() {
    say "error: $*; usage: set-up.sh [--model [NAME]] [--browser]"
    exit 64
}
has() { command -v "$1" >/dev/null 2>&1; }

model=""
browser=""
while [ "$#" -gt 0 ]; do
    case "$1" in
    -h | --help)
        sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 0
        ;;
    --model)
        model="smollm2-135m-instruct"
        if [ "$#" -gt 1 ] && [ "${2#-}" = "$2" ]; then
            model="$2"
            shift
        fi
        ;;
    --browser) browser="chromium" ;;
    *) usage "unknown option $1" ;;
    esac
    shift
done

# MARK: Swift

check_swift() {
    local version major minor
    has swift || fail "Swift $least_swift or later is not installed (or not on the PATH);" \
        "install it as swift.org/install says and run this again"
    version="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)"
    [ -n "$version" ] || fail "'swift --version' does not work; install Swift anew as swift.org/install says"
    IFS=. read -r major minor <<<"$version"
    [ "$((major * 1000 + minor))" -ge "$((${least_swift%.*} * 1000 + ${least_swift#*.}))" ] ||
        fail "this is Swift $version and $least_swift or later is needed; install it as swift.org/install says"
    say "Swift $version is there."
}

# MARK: Packages

# missing_packages: those of this system that are not there, one a line.
missing_packages() {
    if [ -n "$browser" ]; then
        has chromium || has chromium-browser || has google-chrome || echo "$browser"
    fi
    if [ "$(uname)" = Darwin ]; then
        [ -e "$(brew --prefix openblas)/lib/libopenblas.dylib" ] || echo openblas
        # OpenBLAS comes without a liblapacke of its own there.
        [ -e "$(brew --prefix lapack)/lib/liblapacke.dylib" ] || echo lapack
        return
    fi
    # SwiftPM asks pkg-config for their folders.
    has pkg-config || echo pkg-config
    pkg-config --exists openblas 2>/dev/null || echo libopenblas-dev
    pkg-config --exists lapacke 2>/dev/null || echo liblapacke-dev
    # SwiftPM fetches the package's dependencies with it.
    has git || printf '%s\n' git ca-certificates
    if [ -n "$model" ]; then
        has python3 || echo python3
        python3 -m pip --version >/dev/null 2>&1 || echo python3-pip
    fi
}

install_packages() {
    local as_root="" remedy="look at the lines above, go on a network if there is none, and run this again"
    if [ "$(uname)" = Darwin ]; then
        say "Installing $* …"
        brew install "$@" >&2 || fail "$* could not be installed; $remedy"
        return
    fi
    has apt-get || fail "$* are missing and this system has no apt-get; install what it has in their place" \
        "(OpenBLAS and LAPACKE with their headers, pkg-config, git, Python 3 with pip)"
    if [ "$(id -u)" != 0 ]; then
        has sudo || fail "$* are missing and only root may install them;" \
            "run as root: apt-get update && apt-get install -y $*"
        as_root="sudo"
    fi
    say "Installing $* …"
    $as_root apt-get update -qq || fail "apt-get update failed; $remedy"
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        fail "$* could not be installed; $remedy"
}

check_packages() {
    local missing
    [ "$(uname)" != Darwin ] || has brew || fail "Homebrew is not installed; install it as brew.sh says and run this again"
    # Names without white space, one a line.
    # shellcheck disable=SC2046
    set -- $(missing_packages)
    if [ "$#" -gt 0 ]; then
        install_packages "$@"
        missing="$(missing_packages)"
        [ -z "$missing" ] || fail "these are still missing after their installation: ${missing//$'\n'/ }" \
            "(another copy on the PATH may hide them); install them by hand and run this again"
    fi
    say "The system's packages are there."
}

check_swift
check_packages
if [ -n "$model" ]; then "$fixtures/fetch-model.sh" "$model"; fi
