# Sourced by the scripts that build peers: exports CC and CXX, unless they are set, as the clang that comes with Swift. Not the
# system's compiler: gcc 12 drops the stores that fill the configuration of AMX's tiles, and what it builds ends with SIGILL.
if [ -z "${CC:-}" ]; then
    # It lies beside swift, wherever a link to that lies.
    for clang in "$(dirname "$(readlink -f "$(command -v swift || true)")")/clang" "$(command -v clang || true)"; do
        if [ -x "$clang" ]; then
            export CC="$clang" CXX="${CXX:-$clang++}"
            break
        fi
    done
fi
[ -n "${CC:-}" ] || {
    printf '%s\n' "error: there is no clang beside swift or on the PATH; name a compiler with CC and CXX" >&2
    exit 69
}
