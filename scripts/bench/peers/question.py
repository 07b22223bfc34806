"""The question that every peer answers, and how its answer is checked.

Per identity: events, distinct actions and distinct addresses in two windows,
first and last seen, an hour-of-week histogram in each window; and the
(identity, action) pairs first seen in the later window. An answer is reduced to
the totals below, so that all programs can be compared to the last unit.

Usage of every peer: python <peer>.py FOLDER CUT THREADS, where FOLDER holds
*.json.gz as CloudTrail delivers them and CUT is the first instant of the later
window. It prints one line of JSON with TOTALS as its keys.
"""

import json
import sys

# Who: the role behind a session; the person behind a single-sign-on session.
WHO_SQL = """CASE WHEN {u}.sessionContext.sessionIssuer.userName LIKE 'AWSReservedSSO\\_%' {escape}
     THEN {u}.arn
     ELSE coalesce({n}({u}.sessionContext.sessionIssuer.arn{e}), {n}({u}.arn{e}),
                   {n}({u}.principalId{e}), {n}({u}.invokedBy{e})) END"""

TOTALS = (
    "identities",  # identities seen
    "early_events",  # events before the cut
    "late_events",  # events after it
    "early_actions",  # over all identities, the sum of distinct actions
    "late_actions",
    "early_addresses",  # the same for addresses
    "late_addresses",
    "early_hours",  # the sum of (hour of the week + 1) * events
    "late_hours",
    "spans",  # over all identities, the sum of seconds between first and last seen
    "new_pairs",  # (identity, action) first seen after the cut
)


def arguments():
    """The folder, the cut and the number of threads."""
    _, folder, cut, threads = sys.argv
    return folder.rstrip("/"), cut, int(threads)


def answer(values):
    """Prints the totals."""
    print(json.dumps(dict(zip(TOTALS, (int(value) for value in values), strict=True))))
