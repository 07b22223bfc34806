#!/usr/bin/env bash
# Evaluates habitual against the truth: writes organisations with planted
# takeovers and ordinary changes, replays them, and prints as Markdown what was
# found, what was ranked that should not be, and whether the rates of false
# alarms are what they are said to be.
#
#   scripts/evaluate.sh [--small] [--identities N] [--days N] [--seeds N]
#                       [--difficulty LEVEL]... [--out FILE]
#   scripts/evaluate.sh --against DIR [--against DIR]... [--out FILE]
#
# --against takes folders with logs and a labels.json like those of
# `habitual demo`, and writes nothing into them. HABITUAL names a program to use
# instead of building one. See scripts/evaluate/README.md. Needs cargo and
# python3.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '/^set/q; 2,$s/^# \{0,1\}//p' scripts/evaluate.sh
}

arguments=()
while [ $# -gt 0 ]; do
    case "$1" in
        --small) arguments+=(--identities 100 --days 45 --seeds 2) ;;
        --identities | --days | --seeds | --difficulty | --against | --out)
            arguments+=("$1" "${2:?$1 needs a value}") && shift
            ;;
        -h | --help) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
    esac
    shift
done

# The modules lie in the source tree, which stays as it is.
export PYTHONDONTWRITEBYTECODE=1

if [ -n "${HABITUAL:-}" ]; then
    habitual="$HABITUAL"
else
    echo "== building" >&2
    cargo build --release --locked --quiet
    habitual="${CARGO_TARGET_DIR:-target}/release/habitual"
fi
exec python3 scripts/evaluate/run.py --habitual "$habitual" ${arguments[@]+"${arguments[@]}"}
