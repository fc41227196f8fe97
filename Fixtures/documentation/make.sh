#!/usr/bin/env bash
# Makes the documentation of the whole library: every symbol that `import HeadSteer` brings, and the articles.
#
#   Fixtures/documentation/make.sh [FOLDER]        FOLDER.doccarchive, default .build/documentation/HeadSteer.doccarchive
#
# Fails where a public symbol has no comment, a module has no page, a link leads nowhere, or a C type stands in a signature.
# `HeadSteer` only re-exports modules: an ordinary symbol graph of it is empty, so the graph is extracted with leave to follow
# its exports, and all symbols stand under one name, as a user of the library sees them.
#
# To read it: python3 -m http.server --directory .build/documentation/HeadSteer.doccarchive, then /documentation/headsteer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here="$PWD"

archive="${1:-.build/documentation/HeadSteer}"
archive="${archive%.doccarchive}.doccarchive"
work="$here/.build/documentation/work"
rm -rf "$work" "$archive"
mkdir -p "$work/graphs" "$(dirname "$archive")"

swift build --target HeadSteer >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
built="$(swift build --show-bin-path)"

# Where clang finds the C modules under the Swift ones: what the build made, what the packages bring, and the system's.
imports=(-I "$built/Modules")
while read -r map; do imports+=(-Xcc "-fmodule-map-file=$map"); done < <(
    find "$built" -maxdepth 2 -name module.modulemap
    find .build/checkouts -path '*/Sources/*' -name module.modulemap -not -path '*/Tests/*'
    echo "$here/Sources/COpenBLAS/module.modulemap"
)
for flag in $(pkg-config --cflags-only-I openblas lapacke); do imports+=(-Xcc "$flag"); done
target="$(swiftc -print-target-info | python3 -c 'import json, sys; print(json.load(sys.stdin)["target"]["triple"])')"
system=()
if [ "$(uname)" = Darwin ]; then system=(-sdk "$(xcrun --show-sdk-path)"); fi
exported="$(sed -n 's/^@_exported import //p' Sources/HeadSteer/HeadSteer.swift | paste -sd, -)"
swift symbolgraph-extract -module-name HeadSteer -experimental-allowed-reexported-modules="$exported" \
    -target "$target" ${system[@]+"${system[@]}"} "${imports[@]}" -module-cache-path "$work/cache" \
    -minimum-access-level public -skip-synthesized-members -emit-extension-block-symbols -output-dir "$work/graphs"

python3 Fixtures/documentation/pages.py --graphs "$work/graphs" --sources Sources --into "$work/HeadSteer.docc"

docc="$(command -v docc || xcrun --find docc)"
"$docc" convert "$work/HeadSteer.docc" --additional-symbol-graph-dir "$work/graphs" --warnings-as-errors \
    --fallback-display-name HeadSteer --fallback-bundle-identifier HeadSteer --output-path "$archive"
rm -rf "$work"
echo "$archive"
