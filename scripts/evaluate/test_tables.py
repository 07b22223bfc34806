"""Tests of the tables, on runs of a few made-up findings.

    python3 -m unittest discover scripts/evaluate
"""

import unittest

import tables


def finding(key, rank, p_value=0.5, is_selected=False, days=(), active_days=30, kind="human"):
    return tables.Finding(key, key, kind, rank, p_value, is_selected, active_days, list(days))


def label(scenario, key, kind="planted", case=1):
    return {"scenario": scenario, "case": case, "title": f"about {scenario}", "identity_key": key, "kind": kind}


def run_of(findings, labels, group="loud", seed=1):
    return tables.Run(group, seed, findings, tables.labels_of({"labels": labels}), 1.0, 2**20)


def lines_with(lines, beginning):
    return [line for line in lines if line.startswith(beginning)]


class Recall(unittest.TestCase):
    def setUp(self):
        ordinary = [finding(f"o{n}", 2 + n) for n in range(150)]
        self.findings = [finding("a", 1, is_selected=True), *ordinary, finding("b", 152), finding("c", None)]

    def test_a_case_is_as_good_as_its_best_identity(self):
        run = run_of(self.findings, [label("S01", "b"), label("S01", "a")])
        outcome = run.outcome(run.labels)
        self.assertEqual((outcome.rank, outcome.is_first, outcome.is_selected, outcome.is_before_alarms), (1, True, True, True))

    def test_what_is_not_ranked_or_not_there_is_missed(self):
        run = run_of(self.findings, [label("S01", "c"), label("S02", "nobody")])
        for one in run.labels:
            self.assertEqual(run.outcome([one]), tables.Outcome(None, False, False, False))

    def test_alarms_are_counted_among_the_ordinary_only(self):
        findings = [finding(f"p{n}", 1 + n) for n in range(30)] + [finding("o", 31), finding("last", 32)]
        run = run_of(findings, [label("S01", f"p{n}") for n in range(30)] + [label("S02", "last")])
        self.assertEqual(run.n_ordinary_before(30), (0, 1))
        self.assertTrue(run.outcome([run.labels[29]]).is_before_alarms)
        self.assertFalse(run.outcome([run.labels[30]]).is_before_alarms)

    def test_the_table_counts_cases_and_shows_the_range_over_seeds(self):
        good = run_of(self.findings, [label("S01", "a"), label("S02", "b")])
        bad = run_of(self.findings, [label("S01", "c"), label("S02", "b")], seed=2)
        table = list(tables.recall_table({"loud": [good, bad]}))
        self.assertEqual(lines_with(table, "| S01"), ["| S01 | about S01 | 1 / 1 / 1 of 2 |"])
        self.assertEqual(lines_with(table, "| S02"), ["| S02 | about S02 | 0 / 0 / 0 of 2 |"])
        self.assertIn("25 (0–50) %", lines_with(table, "| **all** | first 20")[0])


class Aims(unittest.TestCase):
    def test_identities_are_counted_and_not_their_labels(self):
        findings = [finding("a", 1), finding("q", 2), finding("s", 3, is_selected=True)]
        findings += [finding(f"o{n}", 4 + n) for n in range(30)] + [finding("b", 34)]
        labels = [label("S01", "a"), label("S02", "a"), label("S02", "b"), label("S03", "nobody")]
        labels += [label("adopt", "q", "quiet"), label("S23", "s", "quiet")]
        aims = tables.aims_of(run_of(findings, labels))
        self.assertEqual(aims, tables.Aims(3, 1, 1 / 20, 1 / 3, 2, 1))


class Quiet(unittest.TestCase):
    def test_only_changes_among_the_first_have_a_row(self):
        findings = [finding("a", 1), finding("b", 20), finding("c", 21), finding("d", 2, is_selected=True)]
        labels = [label("Q01", "b", "quiet"), label("Q02", "c", "quiet"), label("S23", "d", "quiet"), label("S01", "a")]
        table = list(tables.quiet_table({"loud": [run_of(findings, labels)]}))
        self.assertEqual(lines_with(table, "| Q01"), ["| Q01 | about Q01 | 1 of 1 |"])
        self.assertEqual(lines_with(table, "| Q02"), [])
        self.assertIn("Never among the first 20: Q02.", table)
        self.assertIn("S23 (must not be selected): 1 of 1 selected, best rank 2.", table)
        self.assertIn("| **first 20** | identities with an ordinary change, of a seed | 2 |", table)


class Rates(unittest.TestCase):
    def test_an_interval_is_wilson_s(self):
        low, high = tables.wilson(10, 100)
        self.assertAlmostEqual(low, 0.0552, places=4)
        self.assertAlmostEqual(high, 0.1744, places=4)
        self.assertEqual(tables.wilson(0, 0), (0.0, 1.0))

    def test_days_are_counted_by_class_and_by_history(self):
        days = [0.05] * 10 + [0.5] * 90
        findings = [finding("a", 1, days=days), finding("b", 2, days=[0.0005] * 50, active_days=8, kind="workload")]
        table = list(tables.rate_table([run_of(findings, [], tables.CALM)]))
        self.assertIn("| identity-days | human | 100 | 10 (5.5–17) | 0 (0–3.7)", lines_with(table, "| identity-days | human")[0])
        self.assertIn("| 50 | 100 (93–100) **\\*** |", lines_with(table, "| identity-days | 7–13 active days")[0])
        self.assertEqual(lines_with(table, "| identity-days | 28–44 active days")[0].split(" | ")[2], "100")

    def test_those_without_habits_of_their_own_are_told_apart(self):
        thin = finding("a", 2, days=[0.0005] * 50)
        thin.verdict = "thin"
        table = list(tables.rate_table([run_of([thin, finding("b", 1, days=[0.5] * 100)], [], tables.CALM)]))
        self.assertIn("| 150 | 33 (", lines_with(table, "| identity-days | all")[0])
        self.assertIn("| 100 | 0 (", lines_with(table, "| identity-days | with habits")[0])

    def test_bands_leave_no_gap(self):
        names = [tables.band_of(n)[1] for n in (0, 1, 6, 7, 44, 45, 400)]
        self.assertEqual(
            names,
            ["no active day", "1–6 active days", "1–6 active days", "7–13 active days", "28–44 active days"] + ["45 active days or more"] * 2,
        )


class Foreign(unittest.TestCase):
    def test_labels_of_others_need_only_name_an_identity(self):
        run = tables.Run("x", 0, [finding("Key", 3)], tables.labels_of([{"identity": "KEY"}]), 1.0, 1)
        self.assertEqual(run.outcome(run.labels).rank, 3)
        text = "\n".join(tables.report_of([run]))
        self.assertIn("| planted | KEY (KEY) | 3 |", text)


if __name__ == "__main__":
    unittest.main()
