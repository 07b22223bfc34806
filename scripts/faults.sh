#!/usr/bin/env bash
# Lets every system call by which `learn --update` and `nightly` change a file
# fail in turn, with EIO and with ENOSPC, and kills them there (SIGKILL): the
# exit status must be 1 with a message that names what failed, the state exactly
# the old or the new one, and the next run must end as if nothing had happened.
# Needs strace (Debian: apt-get install strace).
#
#   scripts/faults.sh [HABITUAL]
set -euo pipefail
cd "$(dirname "$0")/.."
habitual=$(realpath "${1:-target/debug/habitual}")
if ! command -v strace > /dev/null; then
    echo "skipped: there is no strace" >&2
    exit 0
fi
exec python3 -B scripts/reliability/faults.py "$habitual"
