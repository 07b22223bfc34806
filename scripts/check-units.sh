#!/usr/bin/env bash
# Holds the systemd units in docs/systemd against systemd itself, and runs their
# command line as they would: with an empty environment, twice.
#
#   scripts/check-units.sh [HABITUAL]
set -euo pipefail
cd "$(dirname "$0")/.."
habitual=$(realpath "${1:-target/debug/habitual}")
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

# The program is not installed here; the rest of the unit is as it is.
for unit in habitual.service habitual.timer; do
    sed "s|/usr/local/bin/habitual|$habitual|" "docs/systemd/$unit" > "$room/$unit"
done
if command -v systemd-analyze > /dev/null; then
    systemd-analyze verify --man=no "$room/habitual.service" "$room/habitual.timer"
    systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' docs/systemd/habitual.timer)" > "$room/calendar"
    systemd-analyze security --offline=yes --threshold=20 "$room/habitual.service" | tail -1
else
    echo "skipped: there is no systemd-analyze to verify the units" >&2
fi

"$habitual" demo "$room/corp" -q --no-replay --days 35
command=$(sed -n 's/^ExecStart=//p' "$room/habitual.service")
command=${command//\/var\/log\/audit/$room\/corp\/okta}
command=${command//\/var\/lib/$room\/lib}
mkdir -p -m 700 "$room/lib/habitual"
for night in first second; do
    status=0
    # shellcheck disable=SC2086
    env -i $command > "$room/out" 2> "$room/err" || status=$?
    echo "$night night: status $status, $(wc -c < "$room/out") bytes out, $(wc -l < "$room/err") lines beside"
    case $night:$status in
        first:0 | first:10) test -s "$room/lib/habitual/new.jsonl" ;;
        second:0) test ! -s "$room/out" && test ! -s "$room/err" ;;
        *) cat "$room/err" >&2; exit 1 ;;
    esac
done
