#!/usr/bin/env bash
# Runs every block of commands in docs/ as a reader would: page by page, in a
# folder with the example organisation in logs/, with jq and DuckDB at hand.
# A block behind "<!-- not run: … -->" is left out, and its reason printed.
#
#   scripts/check-docs.sh [HABITUAL]
set -euo pipefail
cd "$(dirname "$0")/.."
habitual=$(realpath "${1:-target/debug/habitual}")
docs=$(realpath docs)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

command -v jq >/dev/null || { echo "jq is missing; install it, as in: sudo apt-get install jq" >&2; exit 1; }
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet duckdb-cli polars pandas pyarrow
ln -s "$habitual" "$room/venv/bin/habitual"
export PATH="$room/venv/bin:$PATH"

cd "$room"
habitual demo example -q --no-replay
mkdir logs
mv example/cloudtrail example/okta example/vault logs/
rm -r example

python3 - "$docs" <<'PY'
import os
import pathlib
import re
import shutil
import subprocess
import sys

BLOCK = re.compile(r"(?:<!-- (?P<note>[^>]*) -->\n)?^```(?P<language>sh|python)\n(?P<text>.*?)^```$", re.M | re.S)
n_failed = 0
for page in sorted(pathlib.Path(sys.argv[1]).glob("*.md")):
    folder = pathlib.Path("pages") / page.stem
    folder.mkdir(parents=True)
    (folder / "logs").symlink_to(pathlib.Path("logs").resolve())
    for block in BLOCK.finditer(page.read_text()):
        line = page.read_text()[: block.start("text")].count("\n") + 1
        where = f"{page.name}:{line}"
        if (block["note"] or "").startswith("not run"):
            print(f"{where}: {block['note']}")
            continue
        if "cp -r example/" in block["text"]:  # the page makes the logs that are here already
            (folder / "logs").unlink()
        shell = ["bash", "-euo", "pipefail", "-c"] if block["language"] == "sh" else ["python3", "-c"]
        run = subprocess.run([*shell, block["text"]], cwd=folder, capture_output=True, text=True)
        if run.returncode or not (run.stdout or run.stderr or "example" in block["text"]):
            n_failed += 1
            print(f"{where}: status {run.returncode}\n{block['text']}{run.stderr[-2000:]}")
        else:
            print(f"{where}: {len(run.stdout.splitlines())} lines")
sys.exit(bool(n_failed))
PY
