#!/usr/bin/env bash
# Kills `learn --update` and `nightly` (SIGKILL) at moments that a seed chooses,
# N times each (default 1000), and holds what is left against two runs that
# were left alone: the state must be exactly the old or the new one, every byte
# of it checked, and the next run must leave nothing behind that a run which was
# never killed would not have left.
#
#   scripts/kill.sh [N] [SEED] [HABITUAL]
set -euo pipefail
cd "$(dirname "$0")/.."
n=${1:-1000}
seed=${2:-1}
habitual=$(realpath "${3:-target/debug/habitual}")
exec python3 -B scripts/reliability/kill.py "$n" "$seed" "$habitual"
