#!/usr/bin/env bash
# Measures habitual against the floor (decompressing and nothing else) and
# against DuckDB, ClickHouse and Polars, on a seeded corpus of logs.
#
#   scripts/bench.sh [--small] [--megabytes N] [--rounds N] [--out FILE]
#                    [--no-peers] [--clean]
#
# See scripts/bench/README.md. Needs cargo, and python3 with venv and pip.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '/^set/q; 2,$s/^# \{0,1\}//p' scripts/bench.sh
}

megabytes=2008
single=1000
rounds=5
out=
peers=(DuckDB ClickHouse Polars)
clean=
while [ $# -gt 0 ]; do
    case "$1" in
        --small) megabytes=245 single=120 ;;
        --megabytes) megabytes="${2:?$1 needs a number}" && shift ;;
        --rounds) rounds="${2:?$1 needs a number}" && shift ;;
        --out) out="${2:?$1 needs a file}" && shift ;;
        --no-peers) peers=() ;;
        --clean) clean=yes ;;
        -h | --help) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
    esac
    shift
done

# The peers' modules lie in the source tree, which stays as it is.
export PYTHONDONTWRITEBYTECODE=1

cache="${BENCH_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/habitual-bench}"
if [ -n "$clean" ]; then
    rm -rf "$cache"
    exit 0
fi
mkdir -p "$cache"
plain="$cache/plain.$$"
trap 'rm -rf "$plain" "$cache"/*.part.$$' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() {
    echo "== $*" >&2
}

step "building"
if [ -n "${HABITUAL:-}" ]; then
    habitual="$HABITUAL"
else
    cargo build --release --locked --quiet
    habitual="${CARGO_TARGET_DIR:-target}/release/habitual"
fi
CARGO_TARGET_DIR="$cache/target" cargo build --release --locked --quiet --bins --examples \
    --manifest-path scripts/bench/Cargo.toml
generator="$cache/target/release/habitual-bench"
gunzip="$cache/target/release/examples/gunzip"

# A corpus is written once for each size and each state of the generator.
state=$(cat scripts/bench/src/*.rs scripts/bench/events.txt scripts/bench/Cargo.lock | cksum | cut -d ' ' -f 1)
corpus="$cache/corpus-$megabytes-$state"
if [ ! -e "$corpus/corpus.json" ]; then
    step "writing $megabytes MB of logs"
    rm -rf "$cache"/corpus-"$megabytes"-*
    part="$cache/corpus.part.$$"
    mkdir "$part"
    "$generator" "$part" --megabytes "$megabytes" >"$part/corpus.json"
    mv "$part" "$corpus"
fi

step "writing $single MB as one file and as many, not compressed"
mkdir "$plain"
"$generator" "$plain" --megabytes "$single" --shape many-plain >/dev/null
"$generator" "$plain" --megabytes "$single" --shape single-jsonl >/dev/null
"$generator" "$plain" --megabytes "$single" --shape single-records >"$plain/corpus.json"

# Peers that cannot be installed are left out, and said to be.
python="$cache/venv/bin/python"
install_peers() {
    local requirements=scripts/bench/peers/requirements.txt
    cmp -s "$requirements" "$cache/venv/requirements.txt" && return
    step "installing ${peers[*]}"
    rm -rf "$cache/venv"
    python3 -m venv "$cache/venv" &&
        "$python" -m pip install --quiet --disable-pip-version-check -r "$requirements" &&
        cp "$requirements" "$cache/venv/"
}
if [ ${#peers[@]} -gt 0 ] && ! install_peers; then
    step "measuring without ${peers[*]}: they could not be installed"
    peers=()
fi

# Imported once, so that the first round does not pay for reading the packages.
for peer in ${peers[@]+"${peers[@]}"}; do
    case "$peer" in
        DuckDB) "$python" -c 'import duckdb' ;;
        ClickHouse) "$python" -c 'import chdb' ;;
        Polars) "$python" -c 'import polars' ;;
    esac
done

step "measuring"
python3 scripts/bench/run.py --habitual "$habitual" --gunzip "$gunzip" --python "$python" \
    --corpus "$corpus" --single "$plain" --rounds "$rounds" ${out:+--out "$out"} \
    --peers ${peers[@]+"${peers[@]}"}
