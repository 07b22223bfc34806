"""Writes organisations, replays them, and prints what was found of what was
planted.

Every organisation is written, replayed and removed before the next one, so that
there is only ever one on the disk.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import tables

DIFFICULTIES = ("loud", "moderate", "stealthy")
# The unit of ru_maxrss.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
# What lies beside the logs and is none.
NO_LOGS = ("labels.json", "README.txt")


@dataclass
class Took:
    """What one process took, and what it said."""

    wall: float
    rss: int
    said: str


def run(command, stdout):
    """Runs a command to its end; what is incomplete is still a result."""
    with tempfile.TemporaryFile() as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        stderr.seek(0)
        said = stderr.read().decode(errors="replace")
    if process.returncode not in (0, 3):
        raise SystemExit(f"{command[1]} ended with {process.returncode}:\n{said[-2000:]}")
    return Took(wall, usage.ru_maxrss * RSS_UNIT, said)


def reviewed(labels):
    """The flags for the review that the labels name, if they do."""
    review = labels.get("review") if isinstance(labels, dict) else None
    return ["--review", f"{review['start']}..{review['end']}"] if review else []


def replay(habitual, folder, group, seed):
    """Replays the logs in `folder`, and joins the findings with its labels."""
    labels = json.loads((folder / "labels.json").read_text())
    logs = sorted(path for path in folder.iterdir() if path.name not in NO_LOGS and not path.name.startswith("."))
    command = [habitual, "replay", "-q", "--all", "-f", "jsonl", *reviewed(labels), "--", *map(str, logs)]
    with tempfile.TemporaryFile() as out:
        took = run(command, out)
        out.seek(0)
        findings = [tables.Finding.of(json.loads(line)) for line in out]
    return tables.Run(group, seed, findings, tables.labels_of(labels), took.wall, took.rss)


def laboratory(options, group, seed, extra):
    """Writes an organisation, replays it, and says how long both took."""
    print(f"== {group}, seed {seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=os.environ.get("EVALUATE_DIR")) as folder:
        folder = Path(folder) / "corp"
        command = [options.habitual, "demo", str(folder), "--no-replay", "--seed", str(seed)]
        command += ["--identities", str(options.identities), "--days", str(options.days), *extra]
        took = run(command, subprocess.DEVNULL)
        one = replay(options.habitual, folder, group, seed)
    said = re.search(r"([\d,]+) events in", took.said)
    one.n_events = int(said[1].replace(",", "")) if said else None
    one.write_wall, one.write_rss = took.wall, took.rss
    return one


def laboratories(options):
    """Every organisation that is asked for, and those with nothing planted."""
    for seed in range(1, options.seeds + 1):
        for difficulty in options.difficulty or DIFFICULTIES:
            yield laboratory(options, difficulty, seed, ["--difficulty", difficulty])
        yield laboratory(options, tables.CALM, seed, ["--scenarios", "quiet"])


def existing(options):
    """The folders that are there already."""
    for folder in options.against:
        print(f"== {folder}", file=sys.stderr)
        yield replay(options.habitual, folder, folder.name or str(folder), 0)


def heading_of(options):
    """The first lines: what was evaluated, and how to do it again."""
    yield "## Evaluation"
    yield ""
    if options.against:
        yield "Of " + ", ".join(f"`{folder}`" for folder in options.against) + "."
        return
    flags = f"--identities {options.identities} --days {options.days} --seeds {options.seeds}"
    flags += "".join(f" --difficulty {level}" for level in options.difficulty or ())
    yield (
        f"`scripts/evaluate.sh {flags}`: organisations of {options.identities} identities and {options.days} days, "
        f"the last seven under review; {options.seeds} seeds for each row of numbers."
    )


def main():
    """Evaluates, and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--habitual", required=True)
    parser.add_argument("--identities", type=int, default=400)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--difficulty", action="append", choices=DIFFICULTIES)
    parser.add_argument("--against", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.habitual = os.path.abspath(options.habitual)
    runs = list(existing(options) if options.against else laboratories(options))
    text = "\n".join([*heading_of(options), *tables.report_of(runs)]) + "\n"
    sys.stdout.write(text)
    if options.out:
        options.out.write_text(text)


if __name__ == "__main__":
    main()
