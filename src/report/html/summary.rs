//! The summary: how much was found against how much chance alone would find,
//! and one line per finding.

use super::axis::Bin;
use super::evidence;
use super::markup::{Markup, scrolling};
use super::page::Section;
use super::phrase::severity;
use super::svg::{self, Boxes};
use super::{NAME, Subject};
use crate::event::Timestamp;
use crate::finding::{Finding, Severity, Verdict};
use crate::report::leading;
use crate::report::phrase::{
    by_severity, class, count, counted, expected, minute, number, one_in, products, span_noun,
};

/// From this p-value on a period is drawn as unusual.
pub(super) const UNUSUAL: f64 = 0.01;

/// Height of a sparkline, in its own units.
const SPARK: u64 = 24;
/// Width of a bin with the space after it, and of the bin alone.
const BIN: (u64, u64) = (4, 3);

/// Findings with a line; with more the page would be too large to open.
const LINES: usize = 500;

/// What the page says less about than it could, to stay small.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftOut {
    /// Findings that are told in short.
    pub(super) n_short: usize,
    /// Findings that have a line in the summary and no more.
    pub(super) n_untold: usize,
}

pub(super) fn section(subject: &Subject<'_>, left_out: &LeftOut) -> Section {
    let mut m = Markup::new();
    verdict(&mut m, subject);
    if subject.listed.is_empty() {
        nearest(&mut m, subject);
    } else {
        levels(&mut m, subject);
        tools(&mut m);
        table(&mut m, subject, left_out);
        legend(&mut m, subject);
    }
    shortened(&mut m, subject, left_out);
    Section {
        id: "summary",
        title: "Summary",
        body: m,
    }
}

/// Listed against expected, where the head of the page does not say it.
fn verdict(m: &mut Markup, subject: &Subject<'_>) {
    let assessment = subject.report.assessment;
    let text = match (assessment.n_scored, subject.listed.len()) {
        (0, _) => "Nobody could be judged: see below why.".to_owned(),
        (n, 0) => format!(
            "No finding among {} judged; about {} would be listed by chance alone.",
            counted(n.into(), "identity"),
            expected(assessment.expected_by_chance),
        ),
        _ => return,
    };
    m.line("p", &[("class", "lead")], &text);
}

fn levels(m: &mut Markup, subject: &Subject<'_>) {
    m.element(
        "ul",
        &[("class", "levels"), ("aria-label", "Findings by severity")],
        |m| {
            for (level, n) in by_severity(&subject.listed) {
                m.element("li", &[("class", level.name())], |m| {
                    m.element("b", &[], |m| m.text(&count(n)));
                    m.text(" ");
                    m.text(level.name());
                });
            }
        },
    );
    m.newline();
}

/// What only a script can do is shown by the script.
fn tools(m: &mut Markup) {
    m.element("div", &[("class", "tools"), ("hidden", "")], |m| {
        m.element("label", &[], |m| {
            m.text("Filter ");
            m.void(
                "input",
                &[
                    ("type", "search"),
                    ("id", "filter"),
                    ("autocomplete", "off"),
                ],
            );
        });
        m.element("label", &[], |m| {
            m.text("Severity ");
            m.element("select", &[("id", "level")], |m| {
                for (value, text) in [
                    ("0", "all"),
                    ("2", "medium and above"),
                    ("3", "high and above"),
                    ("4", "critical"),
                ] {
                    m.element("option", &[("value", value)], |m| m.text(text));
                }
            });
        });
        m.line("output", &[("id", "shown"), ("for", "filter level")], "");
    });
    m.newline();
}

fn table(m: &mut Markup, subject: &Subject<'_>, left_out: &LeftOut) {
    let n_told = subject.listed.len().saturating_sub(left_out.n_untold);
    scrolling(m, "Findings", |m| {
        m.element("table", &[("class", "index"), ("id", "index")], |m| {
            m.line("caption", &[], "Findings, the least ordinary first");
            m.element("thead", &[], |m| {
                m.element("tr", &[], |m| {
                    let spark = format!("Events per {}", subject.axis.step_name);
                    for (class, title) in [
                        ("num", "#"),
                        ("", "Severity"),
                        ("", "Identity and what is new"),
                        ("num", "Chance"),
                        ("wide", "First sign"),
                        ("wide plain", spark.as_str()),
                    ] {
                        m.line("th", &[("scope", "col"), ("class", class)], title);
                    }
                });
            });
            m.element("tbody", &[], |m| {
                for (idx, finding) in subject.listed.iter().take(LINES).enumerate() {
                    row(m, subject, (idx, idx < n_told), finding);
                }
            });
        });
    });
    m.newline();
}

/// A line; it leads to the finding where that is told.
fn row(m: &mut Markup, subject: &Subject<'_>, (idx, is_told): (usize, bool), finding: &Finding) {
    let item = idx.to_string();
    let first = finding.first_sign();
    let level = finding.severity as u8;
    let attributes = [
        ("data-item", item.as_str()),
        ("data-level", &level.to_string()),
    ];
    m.element("tr", &attributes, |m| {
        let rank = finding
            .rank
            .map_or_else(String::new, |rank| rank.to_string());
        m.line("td", &[("class", "num"), ("data-sort", &rank)], &rank);
        m.element("td", &[("data-sort", &level.to_string())], |m| {
            badge(m, finding.severity)
        });
        m.element("th", &[("scope", "row")], |m| {
            let name = |m: &mut Markup| m.logged(&finding.identity.name, NAME);
            if is_told {
                m.element("a", &[("href", &format!("#finding-{item}"))], name);
            } else {
                name(m);
            }
            m.text(" ");
            m.element("span", &[("class", "kind")], |m| m.text(&kind(finding)));
            if let Some(lead) = leading(finding) {
                m.element("span", &[("class", "reason")], |m| {
                    evidence::observed(m, lead);
                });
            }
        });
        let p = finding.p_value.unwrap_or(1.0);
        m.line(
            "td",
            &[("class", "num"), ("data-sort", &format!("{p:e}"))],
            &one_in(p),
        );
        let time = first.map_or_else(String::new, minute);
        m.line("td", &[("class", "wide time")], &time);
        m.element("td", &[("class", "wide")], |m| spark(m, subject, finding));
    });
    m.newline();
}

/// The severity, in a word.
pub(super) fn badge(m: &mut Markup, level: Severity) {
    let class = format!("badge {}", level.name());
    m.element("span", &[("class", &class)], |m| m.text(severity(level)));
}

/// `service account, CloudTrail; little history`.
fn kind(finding: &Finding) -> String {
    let unsure = match finding.support.verdict {
        Verdict::Thin => "; little history",
        Verdict::New => "; no history of its own",
        Verdict::Shared => "; several callers",
        Verdict::Drifting | Verdict::Bursty | Verdict::Stable => "",
    };
    format!("{}, {}{unsure}", class(finding), products(finding))
}

/// What an identity did over time, in the space of a word.
fn spark(m: &mut Markup, subject: &Subject<'_>, finding: &Finding) {
    let bins = subject.axis.bins_of(finding);
    let label = activity_label(subject, &bins);
    bars(m, subject, &bins, "spark", (BIN, SPARK), &label);
}

/// Bars over the axis: history, review, and what is unusual in it.
pub(super) fn bars(
    m: &mut Markup,
    subject: &Subject<'_>,
    bins: &[Bin],
    class: &str,
    ((pitch, wide), high): ((u64, u64), u64),
    label: &str,
) {
    let most = bins
        .iter()
        .map(|bin| bin.n_events)
        .max()
        .unwrap_or_default();
    let n_before = number(subject.axis.n_before_review());
    let (mut past, mut now, mut odd) = (Boxes::default(), Boxes::default(), Boxes::default());
    for (at, bin) in (0_u64..).zip(bins) {
        let height = svg::scaled(bin.n_events, most, high);
        let bars = match bin.p_value {
            _ if height == 0 => continue,
            Some(p) if p <= UNUSUAL => &mut odd,
            _ if at < n_before => &mut past,
            _ => &mut now,
        };
        bars.add(at * pitch, high - height, wide, height);
    }
    let size = (number(bins.len()) * pitch, high);
    svg::stretched(m, class, size, label, |m| {
        let mut ground = Boxes::default();
        ground.add(
            n_before * pitch,
            0,
            (size.0 - n_before * pitch).max(1),
            high,
        );
        ground.draw(m, "ground");
        past.draw(m, "past");
        now.draw(m, "now");
        odd.draw(m, "odd");
    });
}

/// What the bars show, in words.
pub(super) fn activity_label(subject: &Subject<'_>, bins: &[Bin]) -> String {
    let n_before = subject.axis.n_before_review();
    let (past, now) = bins.split_at(n_before.min(bins.len()));
    let most = |bins: &[Bin]| {
        bins.iter()
            .map(|bin| bin.n_events)
            .max()
            .unwrap_or_default()
    };
    let odd: Vec<String> = bins
        .iter()
        .enumerate()
        .filter(|(_, bin)| bin.p_value.is_some_and(|p| p <= UNUSUAL))
        .map(|(at, _)| start(subject, at))
        .collect();
    let unusual = match odd.len() {
        0 => "none unusual".to_owned(),
        1..=5 => format!("unusual: {}", odd.join(", ")),
        n => format!("{n} unusual"),
    };
    format!(
        "Events per {}: at most {} in the history, at most {} in the review; {unusual}",
        subject.axis.step_name,
        count(most(past)),
        count(most(now)),
    )
}

fn start(subject: &Subject<'_>, bin: usize) -> String {
    let start: Timestamp = subject.axis.start_of(bin);
    if subject.report.assessment.period == "day" {
        start.date()
    } else {
        minute(start)
    }
}

fn legend(m: &mut Markup, subject: &Subject<'_>) {
    m.element("p", &[("class", "note legend")], |m| {
        for (key, text) in [
            ("key history", "history"),
            ("key review", "review"),
            ("key odd", "unusual in the review"),
        ] {
            m.element("span", &[], |m| {
                m.element("span", &[("class", key)], |_| ());
                m.text(text);
            });
            m.text(" ");
        }
    });
    let text = format!(
        "Chance 1 in N: of N ordinary {} of the same identity, one looks at least this unusual. \
         Severity: low from 1 in 100, medium 1,000, high 10,000, critical 100,000; one step up \
         for a sensitive action that is new to it, one down if its peers do the same; little \
         history ends at medium.",
        span_noun(subject.report.assessment.review),
    );
    m.line("p", &[("class", "note")], &text);
}

/// Who came closest, where nobody stands out.
fn nearest(m: &mut Markup, subject: &Subject<'_>) {
    let scored = subject.report.assessment.findings.iter();
    let nearest: Vec<&Finding> = scored.filter(|f| f.p_value.is_some()).take(3).collect();
    if nearest.is_empty() {
        return;
    }
    m.line("h3", &[], "Closest to standing out, but no finding");
    m.element("ul", &[], |m| {
        for finding in nearest {
            m.element("li", &[], |m| {
                m.logged(&finding.identity.name, NAME);
                m.text(&format!(", {}", one_in(finding.p_value.unwrap_or(1.0))));
                if let Some(lead) = leading(finding) {
                    m.text(": ");
                    evidence::observed(m, lead);
                }
            });
            m.newline();
        }
    });
}

/// What is told in short or not at all, and where to read the rest.
fn shortened(m: &mut Markup, subject: &Subject<'_>, left_out: &LeftOut) {
    let n_unlisted = subject.listed.len().saturating_sub(LINES);
    let n_cut = subject
        .report
        .listable()
        .count()
        .saturating_sub(subject.listed.len());
    for (n, what) in [
        (
            left_out.n_short,
            "told in short below, without drawings and values",
        ),
        (left_out.n_untold, "left out below"),
        (n_unlisted, "left out of this table"),
    ] {
        if n > 0 {
            let text = format!(
                "To keep this page small, {} of low rank {} {what}; -f json has everything.",
                counted(number(n), "finding"),
                if n == 1 { "is" } else { "are" },
            );
            m.line("p", &[("class", "note")], &text);
        }
    }
    if n_cut > 0 {
        let text = format!(
            "{} beyond --top not shown.",
            counted(number(n_cut), "finding")
        );
        m.line("p", &[("class", "note")], &text);
    }
}
