"""ClickHouse, in its embedded form."""

import json

import chdb
from question import WHO_SQL, answer, arguments

FOLDER, CUT, THREADS = arguments()
STRUCTURE = """Records Array(Tuple(eventTime String, eventSource LowCardinality(String),
  eventName LowCardinality(String), sourceIPAddress String,
  userIdentity Tuple(arn String, principalId String, invokedBy String,
    sessionContext Tuple(sessionIssuer Tuple(arn String, userName String)))))"""
WHO = WHO_SQL.format(u="r.userIdentity", escape="", n="nullIf", e=", ''")

QUERY = f"""
WITH cells AS (
  SELECT who, action, hour,
    late, address, count() AS n, min(at) AS first, max(at) AS last
  FROM (
    SELECT {WHO} AS who, r.eventTime >= '{CUT}' AS late,
      concat(r.eventSource, ':', r.eventName) AS action, r.sourceIPAddress AS address,
      parseDateTimeBestEffort(r.eventTime, 'UTC') AS at,
      (toDayOfWeek(at) - 1) * 24 + toHour(at) AS hour
    FROM (SELECT arrayJoin(Records) AS r
          FROM file('{FOLDER}/**/*.json.gz', 'JSONEachRow', '{STRUCTURE}')))
  GROUP BY who, late, action, address, hour),
people AS (
  SELECT who,
    sumIf(n, NOT late) AS early_n, sumIf(n, late) AS late_n,
    uniqExactIf(action, NOT late) AS early_a, uniqExactIf(action, late) AS late_a,
    uniqExactIf(address, NOT late) AS early_i, uniqExactIf(address, late) AS late_i,
    sumIf((hour + 1) * n, NOT late) AS early_h, sumIf((hour + 1) * n, late) AS late_h,
    toUnixTimestamp(max(last)) - toUnixTimestamp(min(first)) AS span,
    uniqExact(action) - uniqExactIf(action, NOT late) AS new
  FROM cells GROUP BY who)
SELECT count(), sum(early_n), sum(late_n), sum(early_a), sum(late_a), sum(early_i), sum(late_i),
       sum(early_h), sum(late_h), sum(span), sum(new)
FROM people
SETTINGS max_threads = {THREADS}, max_parsing_threads = {THREADS},
  input_format_json_ignore_unknown_keys_in_named_tuple = 1,
  input_format_json_defaults_for_missing_elements_in_named_tuple = 1,
  input_format_skip_unknown_fields = 1, enable_named_columns_in_function_tuple = 0,
  input_format_json_read_objects_as_strings = 0
"""
answer(json.loads(chdb.query(QUERY, "JSONCompactEachRow").bytes()))
