"""Runs the cases of the benchmark in turn, round after round, and writes a
Markdown table of what they took.

A machine that slows down for a while slows down neighbouring runs alike, so
everything is said as a ratio to `gunzip` of the same round; the table gives the
median of these ratios, and their range.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

# The first instant of the later window: 30 days before it, 5 after.
CUT = "2026-04-01"
WINDOWS = ["--history", f"2026-03-02..{CUT}", "--review", f"{CUT}..2026-04-06"]
THREADS = 2
MIB = 1 << 20
# The unit of ru_maxrss.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass
class Run:
    """What one process took."""

    wall: float
    cpu: float
    rss: int


@dataclass
class Case:
    """One command, and what is right about its output."""

    name: str
    label: str
    command: list
    check: object
    runs: list = field(default_factory=list)

    def run(self):
        """Runs the command once, and checks what it says."""
        with tempfile.TemporaryDirectory() as folder:
            command = [part.replace("{out}", f"{folder}/out.json") for part in self.command]
            with open(f"{folder}/stdout", "wb") as stdout, open(f"{folder}/stderr", "wb") as stderr:
                start = time.perf_counter()
                process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
                _, status, usage = os.wait4(process.pid, 0)
                wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            said = Path(f"{folder}/stdout").read_text()
            if process.returncode != 0:
                errors = Path(f"{folder}/stderr").read_text()
                raise SystemExit(f"{self.name} ended with {process.returncode}:\n{errors[-2000:]}")
            out = Path(f"{folder}/out.json")
            self.check(self.name, json.loads(out.read_text()) if out.exists() else said)
        self.runs.append(Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * RSS_UNIT))

    def median(self, what):
        """The median of a column."""
        return statistics.median(getattr(run, what) for run in self.runs)

    def rss(self):
        """The largest memory of any round."""
        return max(run.rss for run in self.runs)


class Ratio:
    """One case over another, round by round."""

    def __init__(self, case, base, what="wall"):
        ratios = [
            getattr(one, what) / getattr(other, what)
            for one, other in zip(case.runs, base.runs, strict=True)
        ]
        self.median = statistics.median(ratios)
        self.low, self.high = min(ratios), max(ratios)

    def __str__(self):
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


def decodes(n_bytes):
    """A check that as many bytes were decompressed."""

    def check(name, said):
        if int(said) != n_bytes:
            raise SystemExit(f"{name} decompressed {said.strip()} of {n_bytes} bytes")

    return check


def uses(n_records):
    """A check that `habitual replay` used every record."""

    def check(name, report):
        coverage = report["coverage"]
        if (coverage["n_records"], coverage["n_used"]) != (n_records, n_records):
            raise SystemExit(
                f"{name} used {coverage['n_used']} of {coverage['n_records']} records; the corpus has {n_records}"
            )

    return check


def sees(n_records):
    """A check that `habitual inspect` saw every record."""

    def check(name, said):
        if f"total\t\trecords\t{n_records}\n" not in said:
            raise SystemExit(f"{name} did not see {n_records} records")

    return check


class SameTotals:
    """A check that all peers answer the same."""

    def __init__(self, n_records):
        self.n_records = n_records
        self.first = None

    def __call__(self, name, said):
        totals = json.loads(said)
        if totals["early_events"] + totals["late_events"] != self.n_records:
            raise SystemExit(f"{name} counted other events than the corpus has: {totals}")
        self.first = self.first or (name, totals)
        if self.first[1] != totals:
            raise SystemExit(f"{self.first[0]} and {name} differ:\n{self.first[1]}\n{totals}")


def corpus_of(folder):
    """What the generator says of the corpus in `folder`."""
    return json.loads((folder / "corpus.json").read_text())


def cases_of(options, totals):
    """The cases, in the order in which each round runs them."""
    corpus, single = corpus_of(options.corpus), corpus_of(options.single)
    cloudtrail = str(options.corpus / "cloudtrail")
    products = [str(options.corpus / product) for product in ("cloudtrail", "okta", "vault")]
    threads = ["--threads", str(THREADS)]
    replay = [options.habitual, "replay", "-q", *threads, *WINDOWS, "-f", "json", "-o", "{out}"]
    gunzip = [options.gunzip]
    n_records = corpus["cloudtrail_records"]
    n_all = n_records + corpus["okta_and_vault_lines"]
    # Every file has `{"Records":[` and `]}`, and commas between its records.
    n_files = sum(1 for _ in options.corpus.glob("cloudtrail/**/*.gz"))
    n_bytes = corpus["cloudtrail_bytes"] + n_records - n_files + 14 * n_files
    one = uses(single["cloudtrail_records"])
    cases = [
        Case("gunzip", "gunzip only (libdeflater)", [*gunzip, cloudtrail, str(THREADS)], decodes(n_bytes)),
        Case("inspect", "`habitual inspect`", [options.habitual, "inspect", "-q", *threads, cloudtrail], sees(n_records)),
        Case("replay", "`habitual replay`", [*replay, cloudtrail], uses(n_records)),
        Case("gunzip all", "gunzip only, with Okta and Vault", [*gunzip, str(options.corpus), str(THREADS)], decodes(corpus["decoded_bytes"])),
        Case("all", "`habitual replay`, with Okta and Vault", [*replay, *products], uses(n_all)),
        Case("many", "`habitual replay`, plain files", [*replay, str(options.single / "cloudtrail")], one),
        Case("records", "the same as one `{\"Records\":[…]}`", [*replay, str(options.single / "single.json")], one),
        Case("lines", "the same as one file of JSON lines", [*replay, str(options.single / "single.jsonl")], one),
    ]
    for peer in options.peers:
        script = Path(__file__).parent / "peers" / f"ask_{peer.lower()}.py"
        command = [options.python, str(script), cloudtrail, CUT, str(THREADS)]
        cases.append(Case(peer, peer, command, totals))
    return cases


def warm(folders):
    """Brings the files into the page cache."""
    buffer = bytearray(1 << 20)
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                with open(path, "rb", buffering=0) as file:
                    while file.readinto(buffer):
                        pass


# The base of each case's ratio; what is not here is over `gunzip`.
BASES = {"gunzip all": "gunzip all", "all": "gunzip all", "many": "many", "records": "many", "lines": "many"}


def table_of(cases):
    """The table of all cases."""
    by_name = {case.name: case for case in cases}
    yield "| | wall s | CPU s | wall, ratio (range) | CPU, ratio (range) | peak RSS MiB |"
    yield "|---|---|---|---|---|---|"
    for case in cases:
        base = by_name[BASES.get(case.name, "gunzip")]
        ratios = ("1", "1") if base is case else (Ratio(case, base), Ratio(case, base, "cpu"))
        yield (
            f"| {case.label} | {case.median('wall'):.2f} | {case.median('cpu'):.2f} "
            f"| {ratios[0]} | {ratios[1]} | {case.rss() / MIB:.0f} |"
        )


def goals_of(cases, n_records):
    """What is aimed at: a sentence, the value, the bound, and both as text."""
    by_name = {case.name: case for case in cases}

    def over(name, base, bound, text):
        if name in by_name and base in by_name:
            ratio = Ratio(by_name[name], by_name[base])
            cpu = Ratio(by_name[name], by_name[base], "cpu")
            yield text, ratio.median, bound, f"{ratio.median:.2f} (CPU {cpu.median:.2f})", f"{bound:g}"

    def within(name, bound, text):
        rss = by_name[name].rss() / MIB
        yield text, rss, bound, f"{rss:.0f} MiB", f"{bound} MiB"

    yield from over("replay", "gunzip", 1.6, "replay over gunzip, wall: goal")
    yield from over("replay", "gunzip", 2.0, "replay over gunzip, wall: hard stop")
    yield from over("replay", "DuckDB", 0.2, "replay over DuckDB, wall")
    yield from over("replay", "ClickHouse", 0.4, "replay over ClickHouse, wall")
    yield from within("replay", 64, "replay, peak RSS")
    # 0.8 million events a second and core.
    each = by_name["replay"].median("cpu") / n_records * 1e6
    yield "replay, CPU time per event", each, 1.25, f"{each:.2f} µs", "1.25 µs"
    for name, what in (("records", "one Records file"), ("lines", "one file of JSON lines")):
        yield from over(name, "many", 1.3, f"{what} over many files, wall")
        yield from within(name, 256, f"{what}, peak RSS")


def processor():
    """The processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def report_of(options, cases, loads):
    """The whole report, line by line."""
    corpus, single = corpus_of(options.corpus), corpus_of(options.single)
    yield "## habitual's benchmark"
    yield ""
    yield (
        f"{corpus['cloudtrail_records']:,} CloudTrail records, {corpus['cloudtrail_bytes'] / 1e6:,.0f} MB "
        f"(mean {corpus['mean']} bytes, p10/50/90/99 {corpus['p10']}/{corpus['p50']}/{corpus['p90']}/{corpus['p99']}), "
        f"and {corpus['okta_and_vault_lines']:,} lines of Okta and Vault: {corpus['files']:,} files, gzipped "
        f"{corpus['decoded_bytes'] / corpus['written_bytes']:.1f} times smaller. One file against many: "
        f"{single['cloudtrail_records']:,} records, {single['decoded_bytes'] / 1e6:,.0f} MB, plain."
    )
    yield ""
    yield (
        f"{len(cases[0].runs)} interleaved rounds, {THREADS} threads, page cache warm; "
        f"{os.cpu_count()} processors ({processor()}); load average {loads[0]:.1f} before, {loads[1]:.1f} after. "
        "Ratios are medians of the rounds, to the nearest gunzip or many-files row above."
    )
    yield ""
    yield from table_of(cases)
    yield ""
    yield "| goal | measured | bound | holds |"
    yield "|---|---|---|---|"
    goals = list(goals_of(cases, corpus["cloudtrail_records"]))
    for text, value, bound, shown, limit in goals:
        yield f"| {text} | {shown} | {limit} | {'yes' if value <= bound else '**no**'} |"
    missed = [text for text, value, bound, *_ in goals if value > bound]
    yield ""
    yield "Goals missed: " + "; ".join(missed) + "." if missed else "All goals hold."
    if max(loads) > os.cpu_count():
        yield "The machine was busy with other things: trust the CPU columns more than the wall ones."


def main():
    """Measures, and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--habitual", required=True)
    parser.add_argument("--gunzip", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--single", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--peers", nargs="*", default=[])
    options = parser.parse_args()
    totals = SameTotals(corpus_of(options.corpus)["cloudtrail_records"])
    cases = cases_of(options, totals)
    warm([options.corpus, options.single])
    before = os.getloadavg()[0]
    for number in range(options.rounds):
        for case in cases:
            print(f"round {number + 1} of {options.rounds}: {case.name}", file=sys.stderr)
            case.run()
    lines = "\n".join(report_of(options, cases, (before, os.getloadavg()[0]))) + "\n"
    sys.stdout.write(lines)
    if options.out:
        options.out.write_text(lines)


main()
