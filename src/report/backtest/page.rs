//! A backtest as a web page: whether it can be relied on, what is found and how
//! soon, whether p keeps its promise, and who cannot be watched.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context as _;

use super::{Backtest, curve, table};
use crate::backtest::{Criterion, Outcome, Reason, Recall, Scope, Share};
use crate::report::html::markup::{Markup, scrolling};
use crate::report::html::page::{Page, Section};
use crate::report::html::svg::share_bar;
use crate::report::phrase::{self, count, counted, number};

/// Characters of a name that are shown.
const NAME: usize = 160;
/// Names listed of each reason for not being watched.
const NAMES: usize = 30;

/// Writes the page.
pub(super) fn write(backtest: &Backtest<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let outcome = backtest.outcome;
    let title = headline(outcome);
    let page = Page {
        title: &title,
        answer: &verdict(&outcome.criteria),
        subtitle: &table::what_was_done(outcome),
    };
    let sections: Vec<Section> = [
        Some(criteria(backtest)),
        Some(found(outcome)),
        Some(honest(outcome)),
        controls(outcome),
        unwatched(outcome),
        Some(method(outcome)),
    ]
    .into_iter()
    .flatten()
    .collect();
    out.write_all(page.document(&sections).as_bytes())
        .context("writing the backtest")
}

/// `Backtest, 2026-10-02 to 2026-11-16: 3 criteria failed`.
fn headline(outcome: &Outcome) -> String {
    let (from, to) = (outcome.data.start.date(), outcome.data.end.date());
    let failed = table::failure(outcome).map_or_else(String::new, |text| format!(": {text}"));
    format!("Backtest, {from} to {to}{failed}")
}

/// `6 of 8 criteria hold, 1 failed, 1 could not be told.`
fn verdict(criteria: &[Criterion]) -> String {
    let of = |holds| criteria.iter().filter(|c| c.holds == holds).count();
    let (held, failed, unknown) = (of(Some(true)), of(Some(false)), of(None));
    let mut text = format!("{held} of {} criteria hold", criteria.len());
    if failed > 0 {
        text.push_str(&format!(", {failed} failed"));
    }
    if unknown > 0 {
        text.push_str(&format!(", {unknown} could not be told"));
    }
    text.push('.');
    text
}

fn criteria(backtest: &Backtest<'_>) -> Section {
    let mut m = Markup::new();
    if backtest.coverage.is_incomplete() {
        let text = "The input is incomplete; habitual inspect says what is missing.";
        m.element("ul", &[("class", "cautions")], |m| m.line("li", &[], text));
    }
    m.element("dl", &[("class", "brief criteria")], |m| {
        for criterion in &backtest.outcome.criteria {
            let (word, class) = match criterion.holds {
                Some(false) => ("failed", "badge high"),
                Some(true) => ("holds", "badge none"),
                None => ("unknown", "badge none"),
            };
            m.element("div", &[], |m| {
                m.element("dt", &[], |m| {
                    m.line("span", &[("class", class)], word);
                });
                m.line("dd", &[], &criterion.sentence);
            });
            m.newline();
        }
    });
    m.newline();
    Section {
        id: "criteria",
        title: "Can it be relied on here?",
        body: m,
    }
}

/// Titles of the table of recall: class and text.
const RECALL: [(&str, &str); 9] = [
    ("", "Planted"),
    ("num", "Tried"),
    ("", "habitual"),
    ("", "Counting new values"),
    ("", "Share of new values"),
    ("", "Volume alone"),
    ("num", "Found within 5 a day"),
    ("num", "Delay"),
    ("num", "Place"),
];

fn found(outcome: &Outcome) -> Section {
    let mut m = Markup::new();
    let lead = format!(
        "Takeovers were planted in copies of {} and scored like them. Found means: stranger than \
         all but 1% of the reviews as they were. The three columns beside it are plain rules with \
         the same 1% of false alarms.",
        counted(outcome.sampling.n_planted_reviews, "review")
    );
    m.line("p", &[("class", "lead")], &lead);
    scrolling(&mut m, "What is found", |m| {
        m.element("table", &[("class", "recall")], |m| {
            head(m, &RECALL);
            m.element("tbody", &[], |m| rows(m, outcome));
        });
    });
    m.newline();
    let note = format!(
        "Delay: median active {}s until it is found. Place: mean place in the list of all \
         identities. Bold lines sum up those below them.",
        outcome.period
    );
    m.line("p", &[("class", "note")], &note);
    Section {
        id: "found",
        title: "What is found, of what was planted",
        body: m,
    }
}

fn head(m: &mut Markup, titles: &[(&'static str, &'static str)]) {
    m.element("thead", &[], |m| {
        m.element("tr", &[], |m| {
            for (class, title) in titles {
                m.line("th", &[("scope", "col"), ("class", class)], *title);
            }
        });
    });
}

/// Each group of plants, and below it its kinds.
fn rows(m: &mut Markup, outcome: &Outcome) {
    let groups = outcome.groups.iter().filter(|own| own.class.is_none());
    for group in groups {
        row(m, group, true);
        let Scope::Group(name) = group.scope else {
            continue;
        };
        for own in outcome.recalls.iter().filter(|own| own.class.is_none()) {
            if matches!(own.scope, Scope::Kind(kind) if kind.group() == name) {
                row(m, own, false);
            }
        }
    }
}

fn row(m: &mut Markup, own: &Recall, is_group: bool) {
    let (name, class) = match own.scope {
        Scope::Group(group) => (group.name(), "sum"),
        Scope::Kind(kind) => (kind.describe(), ""),
    };
    let scope = if is_group { "rowgroup" } else { "row" };
    m.element("tr", &[("class", class)], |m| {
        m.line("th", &[("scope", scope)], name);
        m.line("td", &[("class", "num")], &count(own.at_rates[0].n));
        m.element("td", &[("class", "ours")], |m| share(m, own.at_rates[0]));
        for rule in own.by_rules {
            m.element("td", &[], |m| share(m, rule));
        }
        m.line(
            "td",
            &[("class", "num")],
            &table::percent(own.at_budgets[0]),
        );
        m.line("td", &[("class", "num")], &table::tenths(own.median_delay));
        m.line("td", &[("class", "num")], &table::tenths(own.mean_rank));
    });
    m.newline();
}

fn share(m: &mut Markup, share: Share) {
    share_bar(m, share.value().unwrap_or_default());
    m.text(&table::percent(share));
}

fn honest(outcome: &Outcome) -> Section {
    let mut m = Markup::new();
    let lead = format!(
        "If p is honest, 1% of ordinary {}s and of ordinary reviews have a p of at most 1%. The \
         points are what was seen where nothing was planted, with 95% intervals; on the line, \
         promise and life agree. Above it, there are more false alarms than promised. Whatever the \
         logs hold counts as ordinary here, so an intrusion in them lifts the points, too.",
        outcome.period
    );
    m.line("p", &[("class", "lead")], &lead);
    if let Some(all) = outcome.rates.first() {
        let days = format!("Per active {}", outcome.period);
        m.element("div", &[("class", "curves")], |m| {
            curve::draw(m, &days, &all.days);
            curve::draw(m, "Per review", &all.reviews);
        });
        m.newline();
    }
    rates(&mut m, outcome);
    if let Some(loudest) = &outcome.loudest {
        m.element("p", &[("class", "note")], |m| {
            m.text("The loudest identity is ");
            m.logged(&loudest.name, NAME);
            m.text(&format!(
                ": {} of {} at 1%. The loudest tenth of identities raises {} of {}.",
                count(loudest.days.k),
                counted(loudest.days.n, &format!("active {}", outcome.period)),
                count(loudest.of_top_tenth.k),
                counted(loudest.of_top_tenth.n, "alarm"),
            ));
        });
        m.newline();
    }
    Section {
        id: "honest",
        title: "Does p keep its promise?",
        body: m,
    }
}

fn rates(m: &mut Markup, outcome: &Outcome) {
    let label = "What was seen where 1% was promised";
    scrolling(m, label, |m| {
        m.element("table", &[], |m| {
            m.line("caption", &[], label);
            head(
                m,
                &[
                    ("", "Of whom"),
                    ("num", "Periods"),
                    ("num", "at or below 1%"),
                    ("num", "95% interval"),
                    ("num", "Reviews"),
                    ("num", "at or below 1%"),
                    ("num", "95% interval"),
                ],
            );
            m.element("tbody", &[], |m| {
                for own in &outcome.rates {
                    m.element("tr", &[], |m| {
                        m.line("th", &[("scope", "row")], &own.cut.name().replace('_', " "));
                        for share in [own.days[2], own.reviews[2]] {
                            m.line("td", &[("class", "num")], &count(share.n));
                            m.line("td", &[("class", "num")], &table::small(share));
                            m.line("td", &[("class", "num")], &table::interval(share));
                        }
                    });
                    m.newline();
                }
            });
        });
    });
    m.newline();
}

fn controls(outcome: &Outcome) -> Option<Section> {
    let tried: Vec<_> = outcome
        .controls
        .iter()
        .filter(|own| own.raised.n > 0)
        .collect();
    if tried.is_empty() {
        return None;
    }
    let mut m = Markup::new();
    m.element("dl", &[("class", "brief")], |m| {
        for own in tried {
            m.element("div", &[], |m| {
                m.line("dt", &[], own.kind.name());
                let text = format!(
                    "{} of {} became findings: {}.",
                    count(own.raised.k),
                    count(own.raised.n),
                    own.kind.describe()
                );
                m.line("dd", &[], &text);
            });
            m.newline();
        }
    });
    m.newline();
    Some(Section {
        id: "controls",
        title: "Ordinary changes that must stay quiet",
        body: m,
    })
}

fn unwatched(outcome: &Outcome) -> Option<Section> {
    if outcome.unwatched.is_empty() {
        return None;
    }
    let mut by_reason: BTreeMap<Reason, Vec<&crate::event::Untrusted>> = BTreeMap::new();
    for own in &outcome.unwatched {
        by_reason.entry(own.reason).or_default().push(&own.name);
    }
    let mut m = Markup::new();
    m.element("dl", &[("class", "unjudged")], |m| {
        for (reason, names) in by_reason {
            let n = counted(number(names.len()), "identity");
            m.line("dt", &[], &format!("{n}: {}", reason.describe()));
            m.element("dd", &[], |m| {
                for (nth, name) in names.iter().take(NAMES).enumerate() {
                    m.text(if nth > 0 { ", " } else { "" });
                    m.logged(*name, NAME);
                }
                match names.len().saturating_sub(NAMES) {
                    0 => {}
                    n => m.text(&format!(" and {n} more; -f json lists them")),
                }
            });
            m.newline();
        }
    });
    m.newline();
    Some(Section {
        id: "unwatched",
        title: "What cannot be watched",
        body: m,
    })
}

fn method(outcome: &Outcome) -> Section {
    let mut m = Markup::new();
    m.element("ul", &[("class", "text")], |m| {
        for step in &outcome.steps {
            let text = format!(
                "Review {} against {}",
                phrase::window(step.review),
                phrase::window(step.history)
            );
            m.line("li", &[], &text);
        }
        for lesson in &outcome.lessons {
            m.line("li", &[], &phrase::lesson(lesson));
        }
        m.line(
            "li",
            &[],
            "What is planted is another identity's life, an unseen origin, or an amount or an hour \
             that is not its own. A real intruder may be quieter than any of them, or much louder.",
        );
    });
    m.newline();
    Section {
        id: "method",
        title: "What was tested",
        body: m,
    }
}
