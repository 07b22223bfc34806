//! An explanation without a terminal: one measure per line, tab-separated, in
//! the columns `section`, `name`, `measure`, `value`.

use std::io::Write;

use anyhow::Context as _;

use super::person::Shown;
use super::steps;
use crate::finding::{
    Explanation, Habits, Measure, Moment, Names, Reckoning, StatisticReckoning, Story,
};
use crate::report::measures::Measures;
use crate::report::{Style, phrase, safe_steps};

/// Writes the header and every measure.
pub(super) fn write(
    explanation: &Explanation,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut measures = Measures::of(&["section", "name", "measure", "value"], *style);
    measures.who(explanation);
    match &explanation.story {
        Story::Arithmetic {
            reckoning,
            names,
            timeline,
        } => {
            if let Some(own) = reckoning {
                measures.days(own, names);
                measures.whole(own, names);
            }
            timeline.iter().for_each(|moment| measures.moment(moment));
        }
        Story::Habits(habits) => measures.habits(habits),
    }
    for step in safe_steps(&explanation.finding) {
        measures.value("next", "", "step", step.as_raw());
    }
    measures.write(out).context("writing the explanation")
}

impl Measures {
    fn who(&mut self, explanation: &Explanation) {
        let finding = &explanation.finding;
        let name = finding.identity.name.as_raw();
        for (measure, value) in [
            ("finding_id", finding.finding_id.clone()),
            ("id", finding.identity.id.as_raw().to_owned()),
            ("class", finding.identity.class.name().to_owned()),
            ("severity", finding.severity.name().to_owned()),
            ("p_value", optional(finding.p_value)),
            ("q_value", optional(finding.q_value)),
            ("history", phrase::window(explanation.history)),
            ("review", phrase::window(explanation.review)),
            ("active_periods", finding.support.active_days.to_string()),
            ("verdict", finding.support.verdict.name().to_owned()),
            ("abstained", finding.abstained.clone().unwrap_or_default()),
        ] {
            self.value("identity", name, measure, value);
        }
        for evidence in &finding.evidence {
            let sentence = evidence.sentence.as_raw();
            self.value("why", evidence.dimension, "sentence", sentence);
        }
    }

    fn days(&mut self, own: &Reckoning, names: &Names) {
        for day in &own.days {
            let label = names.day(day.ordinal);
            for statistic in &day.statistics {
                self.statistic(label, statistic);
            }
            for family in &day.families {
                let name = format!("{label} {}", family.family.name());
                for (measure, value) in [
                    ("strongest_bits", family.strongest),
                    ("bits", family.bits),
                    ("weight", family.weight),
                    ("contribution", family.contribution),
                ] {
                    self.value("family", &name, measure, value);
                }
                self.value("family", &name, "n_statistics", family.n_statistics);
            }
            for channel in &day.channels {
                let name = format!("{label} {}", channel.channel.name());
                self.value("channel", &name, "score", channel.score);
                self.value("channel", &name, "p", channel.p);
            }
            self.value("period", label, "events", day.n_events);
            self.value("period", label, "p", day.p);
        }
    }

    fn statistic(&mut self, label: &str, own: &StatisticReckoning) {
        let name = format!("{label} {}", steps::name(own));
        match own.measure {
            Measure::Amount { x, median, max, .. } => {
                self.value("statistic", &name, "observed", x);
                self.value("statistic", &name, "median", median);
                self.value("statistic", &name, "max", max);
            }
            Measure::Share { k, n, usual } => {
                self.value("statistic", &name, "observed", format!("{k} of {n}"));
                self.value("statistic", &name, "usual_share", usual);
            }
            Measure::Surprise => {}
        }
        for (measure, among) in [
            ("own", own.own),
            ("peers", own.peers),
            ("organisation", own.organisation),
        ] {
            let text = format!("{} of {}", among.n_at_least, among.n);
            self.value("statistic", &name, measure, text);
        }
        for (measure, value) in [
            ("t", own.calibrated.t),
            ("scale", own.calibrated.scale),
            ("pi", own.calibrated.pool.pi),
            ("p", own.calibrated.p),
            ("bits", own.bits),
        ] {
            self.value("statistic", &name, measure, value);
        }
    }

    fn whole(&mut self, own: &Reckoning, names: &Names) {
        for term in &own.terms {
            self.value("term", term.name, "weight", term.weight);
            self.value("term", term.name, "bits", term.bits);
            self.value("term", term.name, "contribution", term.contribution);
        }
        self.value("review", "", "score", own.score);
        self.value("review", "", "p_days", own.p_days);
        let p_whole = own.whole.as_ref().map(|whole| whole.p);
        self.value("review", "", "p_whole", optional(p_whole));
        self.value("review", "", "p", own.p_review);
        if let Some(day) = steps::strongest_day(own) {
            let accounts = names.accounts.iter().map(|key| key.as_raw().to_owned());
            let shown = Shown {
                names,
                accounts: accounts.collect(),
            };
            for step in steps::of(own, day, &shown) {
                for line in step.lines {
                    self.value("sum", &step.title, "line", line);
                }
            }
        }
    }

    fn moment(&mut self, moment: &Moment) {
        let time = moment.time.rfc3339();
        self.value("timeline", &time, moment.dimension, moment.what.as_raw());
        self.value("timeline", &time, "record", moment.record.as_raw());
    }

    fn habits(&mut self, habits: &Habits) {
        for own in &habits.values {
            self.value(own.dimension, "", "n", own.n);
            self.value(own.dimension, "", "n_once", own.n_once);
            self.value(own.dimension, "", "n_new", own.n_new);
            for used in own.usual.iter().chain(&own.new) {
                let name = used.value.as_raw();
                self.value(own.dimension, name, "periods", used.n_days);
                self.value(own.dimension, name, "review_periods", used.n_review_days);
                self.value(own.dimension, name, "events", used.n_events);
            }
        }
        for hour in &habits.rhythm.history_hours {
            let name = format!("{}", hour.hour);
            self.value("hour_of_week", &name, "days", hour.n_days);
        }
        for own in &habits.amounts {
            self.value("amount", own.name, "median", own.median);
            self.value("amount", own.name, "max", own.max);
            let review = own.review_max.map_or_else(String::new, |n| n.to_string());
            self.value("amount", own.name, "review_max", review);
        }
        for own in habits.watch.iter().flat_map(|watch| &watch.tried) {
            let name = own.kind.name();
            self.value("watch", name, "noticed", own.n_noticed);
            self.value("watch", name, "tried", own.n);
            self.value("watch", name, "median_p", own.median_p);
        }
    }
}

fn optional(x: Option<f64>) -> String {
    x.map_or_else(String::new, |x| x.to_string())
}
