//! A backtest without a terminal: one measure per line, tab-separated, in the
//! columns `section`, `name`, `class`, `measure`, `k`, `n`, `value`.

use std::io::Write;

use anyhow::Context as _;

use super::Backtest;
use crate::backtest::{ALARM_RATES, BUDGETS, NOMINAL_RATES, Outcome, RULES, Recall, Scope, Share};
use crate::report::measures::Measures;
use crate::report::{Style, phrase};

/// Writes the header and every measure.
pub(super) fn write(
    backtest: &Backtest<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut measures = Measures::of(
        &["section", "name", "class", "measure", "k", "n", "value"],
        *style,
    );
    let outcome = backtest.outcome;
    measures.criteria(outcome);
    measures.lessons(outcome);
    for (budget, share) in BUDGETS.iter().zip(outcome.quiet) {
        let what = ["recall", "nothing", "", &format!("at_{budget}_a_day")];
        measures.share(what, share);
    }
    for recall in outcome.recalls.iter().chain(&outcome.groups) {
        measures.recall(recall);
    }
    measures.alarms(outcome);
    measures.rest(outcome);
    measures.write(out).context("writing the backtest")
}

impl Measures {
    /// `what` is the section, the name, the class and the measure.
    fn push(&mut self, what: [&str; 4], k: &str, n: &str, value: &str) {
        let [section, name, class, measure] = what;
        self.line(&[section, name, class, measure, k, n, value]);
    }

    fn share(&mut self, what: [&str; 4], share: Share) {
        let value = share
            .value()
            .map_or_else(String::new, |value| value.to_string());
        self.push(what, &share.k.to_string(), &share.n.to_string(), &value);
    }

    fn number(&mut self, what: [&str; 4], value: Option<f64>) {
        let value = value.map_or_else(String::new, |value| value.to_string());
        self.push(what, "", "", &value);
    }

    fn criteria(&mut self, outcome: &Outcome) {
        for criterion in &outcome.criteria {
            let holds = match criterion.holds {
                Some(true) => "holds",
                Some(false) => "failed",
                None => "unknown",
            };
            let what = ["criterion", criterion.name, "", holds];
            self.push(what, "", "", &criterion.sentence);
        }
        for step in &outcome.steps {
            let name = phrase::window(step.review);
            self.push(
                ["review", &name, "", "history"],
                "",
                "",
                &phrase::window(step.history),
            );
        }
    }

    fn lessons(&mut self, outcome: &Outcome) {
        for lesson in &outcome.lessons {
            let name = lesson.score.name();
            let class = lesson.class.map_or("", |class| class.name());
            let is_adopted = if lesson.is_adopted {
                "adopted"
            } else {
                "not_adopted"
            };
            self.push(["weights", name, class, is_adopted], "", "", "");
            for (measure, recall) in [
                ("recall_before", lesson.recall_before),
                ("recall_learned", lesson.recall_learned),
            ] {
                self.number(["weights", name, class, measure], Some(recall));
            }
            for (column, weight) in &lesson.weights {
                self.number(["weights", name, class, column], Some(*weight));
            }
        }
    }

    fn recall(&mut self, recall: &Recall) {
        let (section, name) = match recall.scope {
            Scope::Kind(kind) => ("recall", kind.name()),
            Scope::Group(group) => ("recall_by_group", group.name()),
        };
        let class = recall.class.map_or("", |class| class.name());
        for (rate, share) in ALARM_RATES.iter().zip(recall.at_rates) {
            self.share([section, name, class, &format!("at_{rate}")], share);
        }
        for (budget, share) in BUDGETS.iter().zip(recall.at_budgets) {
            self.share([section, name, class, &format!("at_{budget}_a_day")], share);
        }
        for (rule, share) in RULES.iter().zip(recall.by_rules) {
            let rule = rule.replace([' ', '-'], "_");
            self.share([section, name, class, &format!("by_{rule}")], share);
        }
        self.number([section, name, class, "median_delay"], recall.median_delay);
        self.number([section, name, class, "mean_rank"], recall.mean_rank);
    }

    fn alarms(&mut self, outcome: &Outcome) {
        for rates in &outcome.rates {
            let name = rates.cut.name();
            for (section, shares) in [("periods", &rates.days), ("reviews", &rates.reviews)] {
                for (nominal, share) in NOMINAL_RATES.iter().zip(shares) {
                    self.share([section, &name, "", &format!("at_{nominal}")], *share);
                }
            }
        }
    }

    fn rest(&mut self, outcome: &Outcome) {
        for control in &outcome.controls {
            let what = ["control", control.kind.name(), "", "became_findings"];
            self.share(what, control.raised);
        }
        for unwatched in &outcome.unwatched {
            let (name, class) = (unwatched.name.as_raw(), unwatched.class.name());
            let what = ["unwatched", name, class, unwatched.reason.name()];
            self.push(what, "", "", unwatched.id.as_raw());
        }
    }
}
