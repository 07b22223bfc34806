"""Findings and labels, joined: recall, ranks, false alarms and their rates, as
Markdown."""

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, field

# How many findings somebody reads.
FIRST = 20
# Share of the ordinary identities that may stand before what counts as found.
FALSE_ALARMS = 0.01
# Nominal rates whose observed ones are told.
NOMINAL = (0.1, 0.03, 0.01, 0.003, 0.001)
# Lower ends of the bands of active days in the history.
BANDS = (1, 7, 14, 28, 45)
# The organisations with nothing planted.
CALM = "calm"
# Whose history is too short for habits: they are ranked behind all others.
THIN = ("new", "thin")
# Ordinary behaviour that must never be selected.
CONTROLS = ("S23", "S24")


@dataclass
class Finding:
    """What the report says of one identity."""

    key: str
    name: str
    kind: str
    rank: int | None
    p_value: float | None
    is_selected: bool
    active_days: int
    day_p_values: list
    verdict: str = "stable"
    accounts: tuple = ()  # keys of the others that are one with it

    @classmethod
    def of(cls, line):
        """The finding on one line of `-f jsonl`."""
        identity = line["identity"]
        days = (day["p_value"] for day in line["days"])
        return cls(
            identity["id"],
            identity["name"],
            identity["class"],
            line["rank"],
            line["p_value"],
            line["is_selected"],
            line["support"]["active_days"],
            [p_value for p_value in days if p_value is not None],
            line["support"]["verdict"],
            tuple(other["id"] for other in identity.get("linked", []) if other["kind"] == "merged"),
        )


@dataclass
class Label:
    """One identity's part in a story."""

    scenario: str
    case: int
    title: str
    key: str
    name: str
    is_planted: bool


def labels_of(document):
    """The labels of a document like `labels.json`; what only our own says may
    be missing."""
    lines = document["labels"] if isinstance(document, dict) else document
    return [
        Label(
            line.get("scenario", "planted"),
            line.get("case", 1),
            line.get("title", ""),
            line.get("identity_key") or line.get("identity") or "",
            line.get("identity_name") or line.get("identity_key") or line.get("identity") or "",
            line.get("kind", "planted") == "planted",
        )
        for line in lines
    ]


@dataclass
class Run:
    """One replay, and the truth about it."""

    group: str
    seed: int
    findings: list
    labels: list
    wall: float
    rss: int
    n_events: int | None = None
    write_wall: float | None = None
    write_rss: int | None = None
    by_key: dict = field(init=False)
    by_name: dict = field(init=False)

    def __post_init__(self):
        self.by_key = {key: finding for finding in self.findings for key in (finding.key, *finding.accounts)}
        self.by_name = {finding.name.lower(): finding for finding in self.findings}

    def finding(self, label):
        """What the report says of a label's identity; `None` if nothing."""
        return self.by_key.get(label.key) or self.by_name.get(label.key.lower())

    def cases(self, is_planted):
        """The labels of each telling of each story."""
        cases = defaultdict(list)
        for label in self.labels:
            if label.is_planted == is_planted:
                cases[label.scenario, label.case].append(label)
        return cases

    def n_ordinary_before(self, rank):
        """How many identities nothing was planted on stand before `rank`, and
        how many there are."""
        planted = {id(self.finding(label)) for label in self.labels if label.is_planted}
        ordinary = [f.rank for f in self.findings if f.rank is not None and id(f) not in planted]
        return sum(other < rank for other in ordinary), len(ordinary)

    def outcome(self, labels):
        """How well the best-ranked of these identities was found."""
        found = [finding for finding in map(self.finding, labels) if finding]
        ranks = [finding.rank for finding in found if finding.rank is not None]
        rank = min(ranks, default=None)
        is_before_alarms = False
        if rank is not None:
            n_before, n_ordinary = self.n_ordinary_before(rank)
            is_before_alarms = n_before <= FALSE_ALARMS * n_ordinary
        is_first = rank is not None and rank <= FIRST
        return Outcome(rank, is_first, any(f.is_selected for f in found), is_before_alarms)


@dataclass
class Outcome:
    """Where a story ended up."""

    rank: int | None
    is_first: bool
    is_selected: bool
    is_before_alarms: bool


@dataclass
class Aims:
    """How far a run is from what it should be; shares are from 0 to 1."""

    n_planted: int
    n_first: int
    precision: float
    recall: float
    n_quiet: int
    n_controls: int


def wilson(n_hits, n):
    """The 95 % interval of a share, after Wilson (1927)."""
    if n == 0:
        return 0.0, 1.0
    z, share = 1.959964, n_hits / n
    middle = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)
    return (0.0 if n_hits == 0 else low), (1.0 if n_hits == n else high)


def groups_of(runs):
    """The runs of each group, in the order in which they came."""
    groups = defaultdict(list)
    for run in runs:
        groups[run.group].append(run)
    return groups


def percent(share):
    """A share in percent, as precise as it is small."""
    value = 100 * share
    return f"{value:.0f}" if value >= 10 or value == 0 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def spread(values, show=str):
    """Middle and range of some values."""
    if not values:
        return "–"
    middle, low, high = (show(f(values)) for f in (statistics.median, min, max))
    return middle if low == high else f"{middle} ({low}–{high})"


def ranked(ranks):
    """Middle and range of ranks, and how many have none."""
    known = sorted(rank for rank in ranks if rank is not None)
    text = spread(known, lambda rank: f"{rank:g}")
    missing = len(ranks) - len(known)
    return f"{text}, {missing} unranked" if missing and known else "unranked" if missing else text


def titles_of(runs):
    """The title of each scenario."""
    return {label.scenario: label.title for run in runs for label in run.labels}


def heading(*cells):
    """A heading and the line below it."""
    return ["| " + " | ".join(cells) + " |", "|" + "---|" * len(cells)]


def row(*cells):
    """One line of a table."""
    return "| " + " | ".join(cells) + " |"


def aims_of(run):
    """What a run is held to: how much of the first findings is planted, how
    much of what is planted is found, and what should not be there."""
    planted = {}
    for label in run.labels:
        if label.is_planted:
            planted[label.key] = run.finding(label)
    found = {id(finding) for finding in planted.values() if finding}
    n_planted = len(found) + sum(finding is None for finding in planted.values())
    ranks = [f.rank for f in run.findings if f.rank is not None and id(f) in found]
    n_ranked = sum(f.rank is not None for f in run.findings)

    def within(n):
        return sum(rank <= n for rank in ranks)

    controls = (run.finding(label) for label in run.labels if label.scenario in CONTROLS)
    return Aims(
        n_planted,
        within(FIRST),
        within(FIRST) / max(1, min(FIRST, n_ranked)),
        within(n_planted) / max(1, n_planted),
        first_of(run)["quiet"],
        sum(finding.is_selected for finding in controls if finding),
    )


def aims_table(groups):
    """The aims, by group."""
    yield "Of a seed, median and range."
    yield ""
    yield from heading("", *groups)
    aims = {name: [aims_of(run) for run in runs] for name, runs in groups.items()}

    def line(text, what, show):
        return row(text, *(spread([getattr(own, what) for own in of], show) for of in aims.values()))

    def count(n):
        return f"{n:g}"

    def share(value):
        return f"{percent(value)} %"

    yield line("planted identities", "n_planted", count)
    yield line(f"of these among the first {FIRST}", "n_first", count)
    yield line(f"precision of the first {FIRST}", "precision", share)
    yield line("recall at as many findings as are planted", "recall", share)
    yield line(f"ordinary changes among the first {FIRST}", "n_quiet", count)
    yield line(f"{' and '.join(CONTROLS)} selected", "n_controls", count)


def recall_table(groups):
    """How much of what was planted was found, by scenario and group."""
    yield f"Found of the takeovers: among the first {FIRST} / by the default budget / before {FALSE_ALARMS:.0%} of the ordinary identities."
    yield ""
    yield from heading("scenario", "", *groups)
    outcomes = {name: [(key[0], run, run.outcome(labels)) for run in runs for key, labels in run.cases(True).items()] for name, runs in groups.items()}
    runs = [run for runs in groups.values() for run in runs]
    titles = titles_of(runs)
    scenarios = sorted({scenario for of in outcomes.values() for scenario, *_ in of})

    def cell(of):
        if not of:
            return "–"
        shares = (sum(getattr(outcome, what) for outcome in of) for what in ("is_first", "is_selected", "is_before_alarms"))
        return " / ".join(map(str, shares)) + f" of {len(of)}"

    for scenario in scenarios:
        cells = (cell([outcome for of, _, outcome in outcomes[name] if of == scenario]) for name in groups)
        yield row(scenario, titles.get(scenario, ""), *cells)

    def overall(name, what):
        shares = []
        for run in groups[name]:
            of = [getattr(outcome, what) for _, other, outcome in outcomes[name] if other is run]
            shares += [sum(of) / len(of)] if of else []
        return spread(shares, percent) + " %" if shares else "–"

    for text, what in ((f"first {FIRST}", "is_first"), ("budget", "is_selected"), (f"{FALSE_ALARMS:.0%} alarms", "is_before_alarms")):
        yield row("**all**", text + ", of a seed", *(overall(name, what) for name in groups))


def rank_table(groups):
    """The rank of every planted identity; those of further cases together."""
    yield "Ranks of the planted identities, median and range over seeds."
    yield ""
    yield from heading("scenario", "identity", *groups)
    ranks = defaultdict(lambda: defaultdict(list))
    for name, runs in groups.items():
        for run in runs:
            for label in run.labels:
                if label.is_planted:
                    finding = run.finding(label)
                    source = label.key.split(":", 1)[0]
                    who = f"{label.name} ({source})" if label.case == 1 else "further cases"
                    ranks[label.scenario, label.case > 1, who][name].append(finding.rank if finding else None)
    for (scenario, _, who), by_group in sorted(ranks.items()):
        yield row(scenario, who, *(ranked(by_group[name]) if name in by_group else "–" for name in groups))


def quiet_table(groups):
    """The ordinary changes among the first."""
    yield f"Ordinary changes among the first {FIRST}, of all identities they befall."
    yield ""
    yield from heading("change", "", *groups)
    runs = [run for runs in groups.values() for run in runs]
    titles = titles_of(runs)
    counts = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for run in runs:
        for label in run.labels:
            if not label.is_planted:
                finding = run.finding(label)
                count = counts[label.scenario][run.group]
                count[0] += bool(finding and finding.rank and finding.rank <= FIRST)
                count[1] += 1
    never = []
    for scenario in sorted(counts):
        by_group = counts[scenario]
        if any(n_first for n_first, _ in by_group.values()) or scenario in CONTROLS:
            yield row(scenario, titles[scenario], *("{} of {}".format(*by_group[name]) for name in groups))
        else:
            never.append(scenario)
    tops = {name: [first_of(run) for run in runs] for name, runs in groups.items()}
    for what, text in (("planted", "takeovers"), ("quiet", "identities with an ordinary change"), ("plain", "identities with nothing told of them")):
        cells = (spread([top[what] for top in of], lambda n: f"{n:g}") for of in tops.values())
        yield row(f"**first {FIRST}**", text + ", of a seed", *cells)
    if never:
        yield ""
        yield f"Never among the first {FIRST}: {', '.join(never)}."
    yield ""
    yield from controls(runs)


def first_of(run):
    """Of what the first findings of a run consist."""
    kinds = {}
    for label in run.labels:
        finding = run.finding(label)
        if finding:
            kinds[id(finding)] = "planted" if label.is_planted else kinds.get(id(finding), "quiet")
    first = [kinds.get(id(f), "plain") for f in run.findings if f.rank is not None and f.rank <= FIRST]
    return {kind: first.count(kind) for kind in ("planted", "quiet", "plain")}


def controls(runs):
    """Whether what must never be selected was."""
    for scenario in CONTROLS:
        found = [run.finding(label) for run in runs for label in run.labels if label.scenario == scenario]
        found = [finding for finding in found if finding]
        if found:
            n_selected = sum(finding.is_selected for finding in found)
            best = min((f.rank for f in found if f.rank is not None), default=None)
            yield f"{scenario} (must not be selected): {n_selected} of {len(found)} selected, best rank {best or 'none'}."


def rate_cells(p_values):
    """The observed rate at each nominal one, in percent, and its interval."""
    n = len(p_values)
    for nominal in NOMINAL:
        n_hits = sum(p_value <= nominal for p_value in p_values)
        low, high = wilson(n_hits, n)
        mark = "" if low <= nominal <= high else " **\\***"
        yield f"{percent(n_hits / n)} ({percent(low)}–{percent(high)}){mark}" if n else "–"


def band_of(active_days):
    """The band of a length of history."""
    lower = max((band for band in BANDS if band <= active_days), default=0)
    if lower == 0:
        return 0, "no active day"
    above = [band for band in BANDS if band > lower]
    return lower, f"{lower}–{above[0] - 1} active days" if above else f"{lower} active days or more"


def rate_table(runs):
    """Observed against nominal rates where nothing was planted."""
    yield "Rates of false alarms in percent where nothing is planted, with 95 % intervals (Wilson); \\* where the nominal rate lies outside."
    yield ""
    yield from heading("of", "", "number", *(f"nominal {100 * nominal:g} %" for nominal in NOMINAL))
    findings = [finding for run in runs for finding in run.findings]

    def line(of, text, p_values):
        return row(of, text, f"{len(p_values):,}", *rate_cells(p_values))

    def days(of):
        return [p_value for finding in of for p_value in finding.day_p_values]

    yield line("identities", "all", [f.p_value for f in findings if f.p_value is not None])
    yield line("identity-days", "all", days(findings))
    yield line("identity-days", "with habits of their own", days([f for f in findings if f.verdict not in THIN]))
    for kind in sorted({finding.kind for finding in findings}):
        p_values = days([f for f in findings if f.kind == kind])
        if p_values:
            yield line("identity-days", kind, p_values)
    for band in sorted({band_of(finding.active_days) for finding in findings}):
        p_values = days([f for f in findings if band_of(f.active_days) == band])
        if p_values:
            yield line("identity-days", band[1], p_values)
    by_seed = [[sum(p <= nominal for p in days(run.findings)) / max(1, len(days(run.findings))) for nominal in NOMINAL] for run in runs]
    cells = (spread([rates[k] for rates in by_seed], percent) for k in range(len(NOMINAL)))
    yield row("identity-days", "of a seed", "", *cells)


def cost_table(groups):
    """What it took."""
    yield "What it took, median and range over seeds."
    yield ""
    yield from heading("", "identities scored", "events", "written in s", "events/s written", "memory MiB", "replayed in s", "memory MiB")

    def column(runs, value, show):
        values = [value(run) for run in runs]
        return spread([v for v in values if v is not None], show)

    def per_second(run):
        return run.n_events / run.write_wall if run.n_events and run.write_wall else None

    def whole(value):
        return f"{value:,.0f}"

    def seconds(value):
        return f"{value:.1f}"

    for name, runs in groups.items():
        yield row(
            name,
            column(runs, lambda run: sum(f.p_value is not None for f in run.findings), whole),
            column(runs, lambda run: run.n_events, whole),
            column(runs, lambda run: run.write_wall, seconds),
            column(runs, per_second, whole),
            column(runs, lambda run: run.write_rss and run.write_rss / 2**20, whole),
            column(runs, lambda run: run.wall, seconds),
            column(runs, lambda run: run.rss / 2**20, whole),
        )


def report_of(runs):
    """All tables, line by line."""
    groups = groups_of(runs)
    planted = {name: of for name, of in groups.items() if any(label.is_planted for run in of for label in run.labels)}
    calm = [run for name, of in groups.items() if name not in planted for run in of]
    parts = []
    if planted:
        parts += [aims_table(planted), recall_table(planted), rank_table(planted)]
    parts.append(quiet_table(groups))
    if calm:
        parts.append(rate_table(calm))
    parts.append(cost_table(groups))
    for part in parts:
        yield ""
        yield from part
