"""A small organisation's logs, two jobs over them, and what their state must be."""

import gzip
import hashlib
import json
import random
import shutil
import subprocess
import tempfile
from pathlib import Path

USERS = ["ann", "bob", "svc-mail", "svc-stock", "svc-build"]
ACTIONS = ["s3:GetObject", "s3:PutObject", "ec2:DescribeInstances", "kms:Decrypt"]
DAYS = 20


def record(user, action, day, number):
    service, name = action.split(":")
    return {
        "eventVersion": "1.11",
        "eventTime": f"2026-11-{day:02}T{7 + number % 9:02}:{number % 60:02}:00Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"192.0.2.{10 + USERS.index(user)}",
        "userAgent": "aws-cli/2.17.0",
        "eventID": f"00000000-0000-4000-8000-{day:04}{number:04}{USERS.index(user):04}",
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "IAMUser",
            "userName": user,
            "principalId": f"AIDAEXAMPLE{USERS.index(user):09}",
            "arn": f"arn:aws:iam::111122223333:user/{user}",
            "accountId": "111122223333",
            "accessKeyId": f"AKIAEXAMPLE{USERS.index(user):09}",
        },
    }


def write_logs(folder):
    """One file a day; the last days hold an hour out of habit."""
    rng = random.Random(7)
    for day in range(1, DAYS + 1):
        records = [
            record(user, rng.choice(ACTIONS), day, number)
            for user in USERS
            for number in range(rng.randint(3, 9))
        ]
        if day == DAYS - 1:
            records += [record("bob", "iam:CreateAccessKey", day, n) for n in range(40, 70)]
        path = folder / f"{day:02}.json.gz"
        path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode(), mtime=0))


class Job:
    """A verb whose state goes from old to new in one run, and on in another."""

    def __init__(self, room, name, habitual, steps):
        self.name, self.state = name, "state"
        self.habitual, self.room = habitual, room / name
        self.room.mkdir()
        self.steps = steps
        write_logs(self.room)
        self.begin()
        # What a run leaves that is left alone, after each step.
        self.wanted = []
        for number in range(len(steps)):
            ended = self.run(number)
            assert ended.returncode == 0, (name, number, ended.stderr)
            self.wanted.append(self.content())
            self.keep(number)
        assert len({w["manifest.json"] for w in self.wanted}) == len(steps), name

    def begin(self):
        shutil.rmtree(self.room / self.state, ignore_errors=True)

    def keep(self, number):
        shutil.copytree(self.room / self.state, self.room / f"kept-{number}")

    def reset(self, number):
        """The state after this step, as if nothing had happened since."""
        self.begin()
        shutil.copytree(self.room / f"kept-{number}", self.room / self.state)

    def command(self, number):
        return [self.habitual, *self.steps[number]]

    def run(self, number):
        return subprocess.run(
            self.command(number), cwd=self.room, env={}, capture_output=True, text=True
        )

    def content(self):
        files = (self.room / self.state).iterdir()
        return {f.name: f.read_bytes() for f in files if f.name != "lock"}

    def check(self):
        """Whether the state is the old or the new one, and whole; which."""
        files = self.content()
        at = [w["manifest.json"] for w in self.wanted].index(files["manifest.json"])
        assert at < 2, f"{self.name}: a state of another time"
        for table in json.loads(files["manifest.json"])["tables"]:
            digest = hashlib.sha256(files[table["file"]]).hexdigest()
            assert digest == table["sha256"], (self.name, table["file"])
        return at

    def finish(self, at):
        """The next run, which must end as if there had been no other before."""
        ended = self.run(at + 1)
        assert ended.returncode == 0, (self.name, at, ended.stderr)
        left, wanted = self.content(), self.wanted[at + 1]
        assert left.keys() == wanted.keys(), (self.name, left.keys() ^ wanted.keys())
        assert left == wanted, self.name


def jobs(habitual):
    room = Path(tempfile.mkdtemp(prefix="habitual-"))
    files = [f"{day:02}.json.gz" for day in range(1, DAYS + 1)]
    learn = ["learn", "-q", "-o", "state", "--threads", "1"]
    nightly = ["nightly", "-q", "--state", "state", "--threads", "1", "-f", "jsonl"]
    ends = [DAYS - 4, DAYS - 1, DAYS]
    return room, [
        Job(room, "learn --update", habitual, [
            learn + files[: ends[0]],
            learn + ["--update"] + files[ends[0] : ends[1]],
            learn + ["--update"] + files[ends[1] : ends[2]],
        ]),
        Job(room, "nightly", habitual, [nightly + files[:end] for end in ends]),
    ]
