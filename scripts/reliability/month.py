"""Night by night, with and without accidents; called by month.sh."""

import datetime
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

FIRST = 14  # days that the first night finds

habitual = sys.argv[1]
room = Path(tempfile.mkdtemp(prefix="habitual-"))


def run(*words, status=0):
    ended = subprocess.run([habitual, *words], cwd=room, env={}, capture_output=True, text=True)
    assert ended.returncode == status, (words, ended.returncode, ended.stderr)
    return ended.stdout


def days_of_logs():
    """The demo's files, by the day in their name or folder."""
    days = defaultdict(list)
    for product in ("cloudtrail", "okta", "vault"):
        for path in sorted((room / "corp" / product).rglob("*")):
            if path.is_file():
                name = path.relative_to(room / "corp")
                digits = re.sub(r"\D", "", str(name))
                days[re.search(r"20261[01]\d\d", digits)[0]].append(name)
    return [days[day] for day in sorted(days)], sorted(days)


class Job:
    def __init__(self, name):
        self.name, self.findings, self.n_nights = name, defaultdict(set), 0

    def deliver(self, files, below=""):
        for file in files:
            to = room / self.name / below / file
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(room / "corp" / file, to)

    def words(self):
        state = f"{self.name}-state"
        return ["nightly", self.name, "--state", state, "-f", "jsonl", "--all", "--learn-anyway"]

    def night(self):
        self.n_nights += 1
        for line in run(*self.words()).splitlines():
            remember(self.findings, line)

    def crash(self):
        """A night that is killed on its way, as a reboot would."""
        process = subprocess.Popen(
            [habitual, *self.words()], cwd=room, env={},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        time.sleep(0.05)
        process.kill()
        process.wait()

    def tables(self):
        """The hash of each table but the list of the files that were read."""
        manifest = json.loads((room / f"{self.name}-state" / "manifest.json").read_text())
        tables = {table["name"]: table["sha256"] for table in manifest["tables"]}
        del tables["night_files"]
        return tables


def remember(findings, line):
    finding = json.loads(line)
    if finding["is_selected"]:
        day = finding["review"]["start"][:10]
        findings[day].add((finding["identity"]["id"], finding["p_value"]))


def accident(job, number, nights):
    """What goes wrong in this night; whether there is one at all."""
    okta = [file for file in nights[3] if str(file).startswith("okta")]
    if number == 3:
        job.deliver(file for file in nights[3] if file not in okta)
    elif number == 5:
        job.deliver(nights[5] + okta)
    elif number == 8:
        job.deliver(nights[8])
        job.deliver(nights[6], below="again")
    elif number == 11:
        return False
    elif number == 12:
        job.deliver(nights[11] + nights[12])
    else:
        job.deliver(nights[number])
        if number == 15:
            job.crash()
    return True


try:
    run("demo", "corp", "-q", "--days", "35", "--no-replay")
    logs, names = days_of_logs()
    first, nights = [file for day in logs[:FIRST] for file in day], logs[FIRST:]
    in_time, other = Job("in-time"), Job("other")
    for job in (in_time, other):
        job.deliver(first)
        job.night()
    for number in range(len(nights)):
        in_time.deliver(nights[number])
        in_time.night()
        if accident(other, number, nights):
            other.night()
    n_told = sum(map(len, in_time.findings.values()))
    print(f"in time: {in_time.n_nights} nights, {n_told} findings")
    print(f"a late file, a day twice, a day missing, a crash: {other.n_nights} nights")
    own, theirs = other.tables(), in_time.tables()
    differing = sorted(name for name in theirs if own.get(name) != theirs[name])
    assert not differing and own.keys() == theirs.keys(), differing
    print(f"both end with the same {len(own)} tables, to the byte")
    replayed = defaultdict(set)
    judged = names[FIRST:-1]
    for name in judged:
        day = datetime.date.fromisoformat(f"{name[:4]}-{name[4:6]}-{name[6:]}")
        end = day + datetime.timedelta(days=1)
        words = ["--history", f"..{day}", "--review", f"{day}..{end}", "-q", "-f", "jsonl"]
        for line in run("replay", "in-time", *words).splitlines():
            remember(replayed, line)
    told = {day: found for day, found in in_time.findings.items() if day.replace("-", "") in judged}
    assert told == {day: found for day, found in replayed.items() if found}
    print(f"{len(judged)} days replayed one by one: the same findings")
finally:
    shutil.rmtree(room)
