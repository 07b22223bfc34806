"""Lets each system call of each job fail in turn; called by faults.sh."""

import re
import shutil
import subprocess
import sys
from collections import Counter

import room

# Calls that change files, and those that make a change durable. Calls that
# only read are not among them; `openat` is, for it makes files as well.
CALLS = [
    "openat", "mkdir", "write", "fsync", "fdatasync", "rename", "renameat", "renameat2",
    "link", "linkat", "unlink", "unlinkat", "ftruncate", "flock", "fchmod", "lseek", "getdents64",
]


def traced(job, arguments):
    # The thread that writes the state is the first one, and it alone is traced:
    # which of the others makes which call would be chance.
    return subprocess.run(
        ["strace", "-o", "trace", *arguments, *job.command(1)],
        cwd=job.room, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
    )


def calls_of(job):
    """Which of the calls of each kind have to do with the state, by number."""
    job.reset(0)
    traced(job, ["-y", "-e", "trace=" + ",".join(f"?{call}" for call in CALLS)])
    counts, numbers = Counter(), {}
    for line in (job.room / "trace").read_text().splitlines():
        call = re.match(r"(\w+)\(", line)
        if call:
            counts[call[1]] += 1
            if "state" in line:
                numbers.setdefault(call[1], []).append(counts[call[1]])
    return numbers


def try_fault(job, call, when, injection):
    job.reset(0)
    ended = traced(job, ["-e", f"inject={call}:{injection}:when={when}", "-e", f"trace={call}"])
    where = (job.name, call, when, injection, ended.returncode, ended.stderr)
    at = job.check()
    if injection == "signal=KILL":
        assert ended.returncode in (-9, 137), where
        job.finish(at)
        return "killed"
    if ended.returncode == 0:
        # The call did not matter: the state must be the new one.
        assert at == 1, where
    else:
        expected = {"openat": (1, 12)}.get(call, (1,))
        assert ended.returncode in expected, where
        assert re.match(r"habitual: .+(Input/output error|No space left)", ended.stderr), where
    job.finish(at)
    return f"status {ended.returncode}, {'old' if at == 0 else 'new'} state"


folder, jobs = room.jobs(sys.argv[1])
try:
    for job in jobs:
        ends = Counter()
        for call, numbers in calls_of(job).items():
            for when in numbers:
                error = ("error=EIO", "error=ENOSPC")[when % 2]
                for injection in (error, "signal=KILL"):
                    try:
                        ends[try_fault(job, call, when, injection)] += 1
                    except AssertionError as err:
                        raise SystemExit(f"{job.name}, {call} {when}, {injection}: {err}")
        total = ", ".join(f"{n} {end}" for end, n in sorted(ends.items()))
        print(f"{job.name}: {sum(ends.values())} faults: {total}", flush=True)
finally:
    shutil.rmtree(folder)
