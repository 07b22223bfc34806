#!/usr/bin/env bash
# Five weeks of an example organisation, delivered night by night to two jobs:
# to one in time, to the other with a file that comes two days late, a day that
# is delivered twice, one that is missing for a night, and a crash. Both must end
# with the same tables, and each night must find what a replay of its day finds.
#
#   scripts/month.sh [HABITUAL]
set -euo pipefail
cd "$(dirname "$0")/.."
habitual=$(realpath "${1:-target/release/habitual}")
exec python3 -B scripts/reliability/month.py "$habitual"
