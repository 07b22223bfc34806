#!/usr/bin/env bash
# Reads the tables of a run and of a nightly job's state as people will: with
# DuckDB, pandas and Polars from PyPI, in a virtual environment of its own that is
# gone at the end. Holds the types and the numbers of rows against each other, and
# the state against docs/baseline.md.
#
# Ends with 77 where the packages cannot be had.
#
#   scripts/check-formats.sh [HABITUAL]
set -euo pipefail
cd "$(dirname "$0")/.."
habitual=$(realpath "${1:-target/debug/habitual}")
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

if ! python3 -m venv "$room/venv" ||
    ! "$room/venv/bin/pip" install --quiet duckdb pandas polars pyarrow; then
    echo "skipped: it needs python3 with venv, and PyPI" >&2
    exit 77
fi

cp docs/baseline.md "$room"
cd "$room"
"$habitual" demo corp -q --days 35 > demo.txt
"$habitual" replay corp/cloudtrail corp/okta corp/vault -q \
    -o findings.parquet -o findings.csv -o findings.jsonl
"$habitual" inspect corp/cloudtrail corp/okta corp/vault -q -f json -o inspection.json \
    --dump-events events.parquet
"$habitual" inspect corp/cloudtrail corp/okta corp/vault -q -f json -o inspection.json \
    --dump-events events.jsonl
"$habitual" nightly corp/cloudtrail corp/okta corp/vault -q --state state -o told.jsonl

"$room/venv/bin/python" - <<'PYTHON'
import json
import re

import duckdb
import pandas
import polars

lines = [json.loads(line) for line in open("findings.jsonl")]
n, n_events = len(lines), sum(1 for _ in open("events.jsonl"))
assert n > 10 and n_events > 1000, (n, n_events)

# What a column must be, in DuckDB's words, and what must be in it.
TYPES = {
    "rank": {"UBIGINT", "BIGINT"},
    "finding_id": {"VARCHAR"},
    "is_selected": {"BOOLEAN"},
    "identity_name": {"VARCHAR"},
    "p_value": {"DOUBLE"},
    "q_value": {"DOUBLE"},
    "review_events": {"UBIGINT", "BIGINT"},
    "next_step": {"VARCHAR"},
}
ids = [line["finding_id"] for line in lines]
p_values = [line["p_value"] for line in lines]

for source in ("read_parquet('findings.parquet')", "read_csv('findings.csv', header=true, quote='\"', escape='\"')"):
    found = {row[0]: row[1] for row in duckdb.sql(f"describe select * from {source}").fetchall()}
    for column, types in TYPES.items():
        assert found[column] in types, (source, column, found[column])
    rows = duckdb.sql(f"select finding_id, p_value from {source}").fetchall()
    assert [row[0] for row in rows] == ids, source
    assert [row[1] for row in rows] == p_values, source
    assert found["review_start"] in {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}, (source, found)
assert duckdb.sql("select count(*) from read_json('findings.jsonl')").fetchall() == [(n,)]
assert duckdb.sql("select count(*) from read_parquet('events.parquet')").fetchall() == [(n_events,)]

for frame in (
    pandas.read_parquet("findings.parquet"),
    pandas.read_csv("findings.csv", dtype={"finding_id": str, "tenant": str}),
):
    assert len(frame) == n and list(frame["finding_id"]) == ids
    assert pandas.api.types.is_float_dtype(frame["p_value"])
    assert pandas.api.types.is_bool_dtype(frame["is_selected"])
    assert pandas.api.types.is_numeric_dtype(frame["review_events"])
assert len(pandas.read_json("findings.jsonl", lines=True, dtype=False)) == n
assert len(pandas.read_parquet("events.parquet")) == n_events

for frame in (
    polars.read_parquet("findings.parquet"),
    polars.read_csv("findings.csv", infer_schema_length=None),
):
    assert frame.height == n and frame["finding_id"].to_list() == ids
    assert frame.schema["p_value"] == polars.Float64
    assert frame.schema["is_selected"] == polars.Boolean
    assert frame.schema["review_events"].is_integer()
assert polars.read_ndjson("findings.jsonl", infer_schema_length=None).height == n
assert polars.read_parquet("events.parquet").height == n_events

# The state: every table as docs/baseline.md says, in all three.
documented, columns = {}, None
for line in open("baseline.md"):
    if table := re.match(r"### `(\w+)`", line):
        columns = documented.setdefault(table[1], {})
    elif column := re.match(r"\| `(\w+)` \| (\S+) \|", line):
        columns[column[1]] = column[2]
files = {}
for table in json.load(open("state/manifest.json"))["tables"]:
    name, n_rows, files[table["name"]] = table["name"], table["n_rows"], f"state/{table['file']}"
    found = duckdb.sql(f"describe select * from '{files[name]}'").fetchall()
    assert {row[0]: row[1] for row in found} == documented[name.removeprefix("held_")], name
    pandas_frame, polars_frame = pandas.read_parquet(files[name]), polars.read_parquet(files[name])
    assert duckdb.sql(f"select count(*) from '{files[name]}'").fetchall() == [(n_rows,)], name
    assert (len(pandas_frame), polars_frame.height) == (n_rows, n_rows), name
assert documented.keys() == {name.removeprefix("held_") for name in files}

# What an analyst asks: of those we were told of, what did they do on the days that
# are held back, and from where, that nothing learned of them shows?
QUESTION = """
    select alerts.name, held.dimension, held.value, count(distinct alerts.slot) as days_told
    from night_alerts as alerts
    join held_atoms as held on held.identity = alerts.identity
    left join atoms on atoms.identity = held.identity
        and atoms.dimension = held.dimension and atoms.value = held.value
    where alerts.is_held and held.dimension in ('action', 'network') and atoms.value is null
    group by alerts.name, held.dimension, held.value
    order by alerts.name, held.dimension, held.value
"""
tables = ["night_alerts", "held_atoms", "atoms"]
duck = duckdb.connect()
for name in tables:
    duck.sql(f"create view {name} as select * from '{files[name]}'")
answer = duck.sql(QUESTION).fetchall()
context = polars.SQLContext({name: polars.read_parquet(files[name]) for name in tables})
assert context.execute(QUESTION, eager=True).rows() == answer
alerts, held, atoms = (pandas.read_parquet(files[name]) for name in tables)
key = ["identity", "dimension", "value"]
new = held[held["dimension"].isin(["action", "network"])][key]
new = new.merge(atoms[key], on=key, how="left", indicator=True)
new = new[new["_merge"] == "left_only"]
joined = alerts[alerts["is_held"]][["identity", "name", "slot"]].merge(new, on="identity")
joined = joined.groupby(["name", "dimension", "value"])["slot"].nunique()
assert [(*key, n) for key, n in joined.items()] == answer
assert len(answer) > 10, answer

print(f"{len(files)} tables of a state: as documented, and {len(answer)} rows of one question the same")
print(f"{n} findings and {n_events} events: the same in DuckDB, pandas and Polars")
PYTHON
