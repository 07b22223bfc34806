//! Evidence: what was observed against what is usual, how much it counts, and
//! the events that show it.

use std::collections::BTreeMap;

use super::finding::Detail;
use super::markup::{Markup, scrolling};
use super::phrase::dimension;
use super::{NAME, TEXT, svg};
use crate::event::Untrusted;
use crate::finding::{Evidence, Finding, Novelty, doing};
use crate::report::phrase::{count, counted, minute, number, percent};

/// Values that the sentence names already.
const IN_SENTENCE: usize = 5;
/// Values named beside a number of them.
const NAMED: usize = 2;
/// Pieces of evidence in a finding that is told in short.
const SHORT: usize = 3;
/// Cited events per finding.
const CITED: usize = 60;

pub(super) fn list(m: &mut Markup, finding: &Finding, detail: Detail) {
    let n_shown = match detail {
        Detail::Full => finding.evidence.len(),
        Detail::Short => SHORT,
    };
    m.element("ol", &[("class", "evidence")], |m| {
        let most = finding.evidence.iter().map(|e| e.share).fold(0.0, f64::max);
        for evidence in finding.evidence.iter().take(n_shown) {
            m.element("li", &[], |m| item(m, evidence, most, detail));
            m.newline();
        }
    });
    m.newline();
    let n_more = finding.evidence.len().saturating_sub(n_shown);
    if n_more > 0 {
        let text = format!("And {}.", counted(number(n_more), "more reason"));
        m.line("p", &[("class", "note")], &text);
    }
}

/// The bar of the reason that counts most, `most`, is full.
fn item(m: &mut Markup, evidence: &Evidence, most: f64, detail: Detail) {
    m.element("p", &[("class", "what")], |m| {
        m.element("b", &[], |m| m.text(dimension(evidence.dimension)));
        m.text(&circumstances(evidence));
    });
    m.element("p", &[("class", "weight")], |m| {
        svg::share_bar(
            m,
            if most > 0.0 {
                evidence.share / most
            } else {
                0.0
            },
        );
        m.text(&weight(evidence));
    });
    if detail == Detail::Full {
        m.element("dl", &[("class", "pair")], |m| {
            for (name, text) in [
                ("Observed", &evidence.observed),
                ("Usual", &evidence.typical),
            ] {
                if text.is_empty() {
                    continue;
                }
                m.element("div", &[], |m| {
                    m.element("dt", &[], |m| m.text(name));
                    m.element("dd", &[], |m| m.logged(text, TEXT));
                });
            }
        });
    }
    m.element("p", &[("class", "sentence")], |m| {
        m.logged(&evidence.sentence, TEXT)
    });
    if detail == Detail::Full {
        values(m, evidence);
    }
}

/// What was observed, with the first values where it only counts them.
pub(super) fn observed(m: &mut Markup, evidence: &Evidence) {
    m.logged(&evidence.observed, NAME);
    if !evidence.observed.as_raw().ends_with(" new") {
        return;
    }
    for (idx, value) in evidence.values.iter().take(NAMED).enumerate() {
        m.text(if idx == 0 { ": " } else { ", " });
        named(m, evidence.dimension, value);
    }
    let n = number(evidence.values.len()).saturating_add(evidence.n_more_values);
    let n_more = n.saturating_sub(number(NAMED));
    if n_more > 0 {
        m.text(&format!(" and {} more", count(n_more)));
    }
}

/// A value by itself; of a relation, what is done to whom.
fn named(m: &mut Markup, dimension: &str, value: &Untrusted) {
    let raw = value.as_raw();
    let relation = raw.split_once(':').filter(|_| dimension == "edge");
    match relation.and_then(|(kind, whom)| Some((doing(kind)?, whom))) {
        Some((doing, whom)) => {
            m.text(doing);
            m.text(" ");
            m.logged(whom, NAME);
        }
        None => m.logged(value, NAME),
    }
}

/// `24% of the score`. What adds nothing to the score can still tell the most.
fn weight(evidence: &Evidence) -> String {
    if evidence.share < 0.005 {
        "adds hardly anything".to_owned()
    } else {
        format!("{} of the score", percent(evidence.share))
    }
}

/// Since when, and to whom it is new.
fn circumstances(evidence: &Evidence) -> String {
    let mut text = match evidence.novelty {
        Some(Novelty::World) => ", new to everybody",
        Some(Novelty::Lateral) => ", new to it and its peers",
        Some(Novelty::Peer) => ", new to it alone",
        None => "",
    }
    .to_owned();
    match evidence.first_time {
        Some(first) => text.push_str(&format!(", first {}", minute(first))),
        None => text.push_str(&format!(", on {}", evidence.day)),
    }
    if evidence.n_events > 0 {
        text.push_str(&format!(", {}", counted(evidence.n_events, "event")));
    }
    text
}

/// Every value, where the sentence has no room for them.
fn values(m: &mut Markup, evidence: &Evidence) {
    let n = number(evidence.values.len()).saturating_add(evidence.n_more_values);
    if n <= number(IN_SENTENCE) {
        return;
    }
    m.element("details", &[("class", "values")], |m| {
        m.line("summary", &[], &format!("All {} values", count(n)));
        m.element("ul", &[], |m| {
            for value in &evidence.values {
                m.element("li", &[], |m| {
                    m.element("code", &[], |m| m.logged(value, NAME));
                });
            }
            if evidence.n_more_values > 0 {
                let more = format!("and {} more", count(evidence.n_more_values));
                m.line("li", &[], &more);
            }
        });
    });
    m.newline();
}

/// The events that evidence cites, each once, with the reasons that cite it.
pub(super) fn cited(m: &mut Markup, finding: &Finding) {
    let cited = citations(finding);
    if cited.is_empty() {
        return;
    }
    m.element("details", &[("class", "cited")], |m| {
        let title = format!("Cited events ({})", count(number(cited.len())));
        m.line("summary", &[], &title);
        scrolling(m, "Cited events", |m| {
            m.element("table", &[], |m| {
                m.element("thead", &[], |m| {
                    m.element("tr", &[], |m| {
                        for title in ["Event id", "File and record", "Shows reason"] {
                            m.line("th", &[("scope", "col")], title);
                        }
                    });
                });
                m.element("tbody", &[], |m| {
                    cited
                        .iter()
                        .take(CITED)
                        .for_each(|citation| row(m, citation));
                });
            });
        });
        let n_more = cited.len().saturating_sub(CITED);
        if n_more > 0 {
            let text = format!(
                "And {}; -f json lists them.",
                counted(number(n_more), "more event")
            );
            m.line("p", &[("class", "note")], &text);
        }
    });
    m.newline();
}

/// An event, and the numbers of the reasons that cite it.
struct Citation<'a> {
    event_id: Option<&'a Untrusted>,
    record: &'a Untrusted,
    reasons: Vec<String>,
}

fn citations(finding: &Finding) -> Vec<Citation<'_>> {
    let mut cited: Vec<Citation<'_>> = Vec::new();
    let mut places: BTreeMap<&Untrusted, usize> = BTreeMap::new();
    for (number, evidence) in (1_usize..).zip(&finding.evidence) {
        for (idx, record) in evidence.records.iter().enumerate() {
            let place = *places.entry(record).or_insert(cited.len());
            if place == cited.len() {
                cited.push(Citation {
                    event_id: evidence.event_ids.get(idx),
                    record,
                    reasons: Vec::new(),
                });
            }
            if let Some(citation) = cited.get_mut(place) {
                citation.reasons.push(number.to_string());
            }
        }
    }
    cited
}

fn row(m: &mut Markup, citation: &Citation<'_>) {
    m.element("tr", &[], |m| {
        m.element("td", &[], |m| {
            if let Some(id) = citation.event_id.filter(|id| !id.is_empty()) {
                m.element("code", &[], |m| m.logged(id, NAME));
            }
        });
        m.element("td", &[], |m| {
            m.element("code", &[], |m| m.logged(citation.record, TEXT));
        });
        m.line("td", &[], &citation.reasons.join(", "));
    });
    m.newline();
}
