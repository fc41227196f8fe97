#!/usr/bin/env bash
# Makes the documentation of everything that other packages can import, with the articles.
#
#   Fixtures/documentation/make.sh [FOLDER]        FOLDER.doccarchive, by default .build/documentation/HeadSteer.doccarchive
#
# The list of all public declarations goes to .build/documentation/public-api.txt.
# BUILD_OPTIONS are given to swift build, so that a build with other options than its defaults can be used.
#
# Fails where a public symbol has no comment, a module has no page, a link leads nowhere, or a C type stands in a signature.
# `HeadSteer` only re-exports modules, so an ordinary symbol graph of it is empty: the graph is extracted with leave to follow
# its exports, and all symbols stand under one name, as an importer sees them.
#
# To read it: python3 -m http.server --directory .build/documentation/HeadSteer.doccarchive, then /documentation/headsteer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here="$PWD"
libraries=(HeadSteer SigningCertificates HeadSteerTesting HeadSteerXCTest HeadSteerSwiftTesting)

archive="${1:-.build/documentation/HeadSteer}"
archive="${archive%.doccarchive}.doccarchive"
work="$here/.build/documentation/work"
rm -rf "$work" "$archive"
mkdir -p "$work/graphs" "$(dirname "$archive")"

for library in "${libraries[@]}"; do
    # Words without white space.
    # shellcheck disable=SC2086
    swift build ${BUILD_OPTIONS:-} --target "$library" >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
done
built="$(swift build --show-bin-path)"

# Where clang finds the C modules under the Swift ones: what the build made, what the packages bring, and the system's.
imports=(-I "$built/Modules")
while read -r map; do imports+=(-Xcc "-fmodule-map-file=$map"); done < <(
    find "$built" -maxdepth 2 -name module.modulemap
    find .build/checkouts -path '*/Sources/*' -name module.modulemap
    echo "$here/Sources/COpenBLAS/module.modulemap"
)
for flag in $(pkg-config --cflags-only-I openblas lapacke); do imports+=(-Xcc "$flag"); done
target="$(swiftc -print-target-info | python3 -c 'import json, sys; print(json.load(sys.stdin)["target"]["triple"])')"
if [ "$(uname)" = Darwin ]; then imports+=(-sdk "$(xcrun --show-sdk-path)"); fi
for library in "${libraries[@]}"; do
    # Of another library of ours only the name is exported: its symbols are documented under that.
    exported="$(grep -rh '^@_exported import ' Sources/"$library" | sed 's/.* //' | grep -vx 'HeadSteer.*' | paste -sd, - || true)"
    swift symbolgraph-extract -module-name "$library" -experimental-allowed-reexported-modules="$exported" \
        -target "$target" "${imports[@]}" -module-cache-path "$work/cache" \
        -minimum-access-level public -skip-synthesized-members -emit-extension-block-symbols -output-dir "$work/graphs"
done

python3 Fixtures/documentation/public_api.py --graphs "$work/graphs" --out .build/documentation/public-api.txt
python3 Fixtures/documentation/pages.py --graphs "$work/graphs" --sources Sources --into "$work/HeadSteer.docc"

# A parameter whose name says all needs no words beside those that do.
docc="$(command -v docc || xcrun --find docc)"
"$docc" convert "$work/HeadSteer.docc" --additional-symbol-graph-dir "$work/graphs" --warnings-as-errors \
    --disable-parameters-and-returns-validation \
    --fallback-display-name HeadSteer --fallback-bundle-identifier HeadSteer --output-path "$archive"
rm -rf "$work"
echo "$archive"
