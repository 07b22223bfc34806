#!/usr/bin/env bash
# Runs every fuzz target for a while and says what came of it.
#
#   scripts/fuzz.sh [SECONDS] [NAME...]
#
# SECONDS is the time for each (60 without it); a NAME is one of the first
# column. Ends with status 1 if anything was found: the input is in
# fuzz/artifacts, and scripts/fuzz.sh 0 NAME runs it again.
#
# The code forbids `unsafe`, so that no sanitizer is used unless SANITIZER
# (address, for the libraries in C) names one. BUILD_ONLY=1 stops there.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="${1:-60}"
shift || true

# A name, its target, and bytes of the longest input. Names that share a target
# differ in what they begin with.
rows=(
    "text       file       4096"
    "compressed file       4096"
    "archive    file       16384"
    "table      file       4096"
    "parquet    file       16384"
    "copied     copied     4096"
    "packed     packed     4096"
    "stream     stream     2048"
    "value      value      2048"
    "line       line       2048"
    "cloudtrail cloudtrail 8192"
    "okta       okta       8192"
    "vault      vault      8192"
    "mapped     mapped     4096"
    "mapping    mapping    8192"
    "time       time       64"
    "address    address    64"
    "user_agent user_agent 256"
)

missing() {
    echo "fuzz.sh: $1 is missing; install it with: $2" >&2
    exit 2
}
command -v cargo >/dev/null || missing cargo "https://rustup.rs"
cargo +nightly --version >/dev/null 2>&1 ||
    missing "the nightly toolchain" "rustup toolchain install nightly --profile minimal"
cargo fuzz --version >/dev/null 2>&1 || missing cargo-fuzz "cargo install --locked cargo-fuzz"

[ -d fuzz/corpus ] || scripts/fuzz-seeds.sh
cargo +nightly fuzz build --release --sanitizer "${SANITIZER:-none}"
[ -z "${BUILD_ONLY:-}" ] || exit 0
host="$(rustc +nightly -vV | sed -n 's/^host: //p')"
binaries="fuzz/target/$host/release"

# The last number behind a word in a log.
last() {
    grep -o "$1[: ]*[0-9]*" "$2" | tail -n 1 | grep -o '[0-9]*$' || echo 0
}

found=0
printf '%-11s %-11s %12s %9s %8s  %s\n' NAME TARGET EXECUTIONS COVERAGE SECONDS RESULT
for row in "${rows[@]}"; do
    read -r name target longest <<<"$row"
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    mkdir -p "fuzz/corpus/$name" "fuzz/artifacts/$name"
    log="fuzz/artifacts/$name.log"
    inputs=("fuzz/corpus/$name")
    if [ "$seconds" = 0 ]; then
        mapfile -t inputs < <(find "fuzz/artifacts/$name" -type f)
        [ ${#inputs[@]} -gt 0 ] || continue
    fi
    start=$SECONDS
    result=passed
    "$binaries/$target" "${inputs[@]}" -max_total_time="$seconds" -max_len="$longest" \
        -dict=fuzz/dictionary -rss_limit_mb=512 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="fuzz/artifacts/$name/" >"$log" 2>&1 || result="FOUND (see $log)"
    [ "$result" = passed ] || found=1
    printf '%-11s %-11s %12s %9s %8s  %s\n' "$name" "$target" \
        "$(last stat::number_of_executed_units "$log")" "$(last cov "$log")" \
        "$((SECONDS - start))" "$result"
done
exit "$found"
