#!/usr/bin/env bash
# The HTML reports in a real browser: how they look at three widths, in the dark
# and on paper; whether it can be used by everybody (axe-core) and without a
# script; and that logs written by an attacker neither run, load nor break
# anything.
#
#   scripts/check-html.sh [PROGRAM] [FOLDER]
#
# PROGRAM is the habitual to ask, target/debug/habitual if none is named;
# FOLDER is where the pages and screenshots go, a new one if none is named.
# Needs node, npm and chromium. Two packages are fetched by npm into a folder
# of their own; that is why scripts/check.sh leaves this out.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${1:-target/debug/habitual}
folder=${2:-$(mktemp -d)}
browser=$(command -v "${CHROMIUM:-chromium}" || command -v chromium-browser || true)

die() {
    echo "check-html: $*" >&2
    exit 2
}

[ -x "$program" ] || die "no $program; build it first: cargo test --no-run"
command -v node >/dev/null && command -v npm >/dev/null || die "node and npm are needed"
[ -n "$browser" ] || die "chromium is needed: apt-get install chromium, or set CHROMIUM"

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")

modules=${CHECK_HTML_MODULES:-$folder/modules}
if [ ! -d "$modules/node_modules/axe-core" ] || [ ! -d "$modules/node_modules/puppeteer-core" ]; then
    mkdir -p "$modules"
    (cd "$modules" && npm init -y >/dev/null && npm install --no-audit --no-fund axe-core@4 puppeteer-core@24 >/dev/null)
fi

scripts=$PWD/scripts/check-html
cd "$folder"
rm -rf demo hostile
"$program" -q demo demo >/dev/null
"$program" replay demo/cloudtrail demo/okta demo/vault -q -f html -o demo.html
"$program" backtest demo/cloudtrail demo/okta demo/vault -q --reviews 4 --plants 4000 -f html -o backtest.html
node "$scripts/hostile.mjs" hostile
# 3: one of the files is no log, and that shall be told too.
"$program" replay hostile -q --all -f html -o hostile.html || [ $? -eq 3 ]
node "$scripts/check.mjs" "$modules" "$browser" "$folder"
echo "check-html: passed; screenshots are in $folder"
