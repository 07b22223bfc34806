//! What was reviewed: windows, what limits the answer, and what the sources
//! delivered when.

use super::axis::Axis;
use super::markup::{Markup, scrolling};
use super::page::Section;
use super::phrase::span;
use super::svg::{self, Boxes};
use super::{Subject, TEXT};
use crate::event::Source;
use crate::ingest::coverage::{Coverage, SourceCoverage};
use crate::report::gaps;
use crate::report::inspect::longest_silence;
use crate::report::phrase::{count, counted, minute, number, product};
use crate::report::table::incomplete;

/// Height of a strip, in its own units.
const STRIP: u64 = 28;
/// Width of a bin with the space after it, and of the bin alone.
const BIN: (u64, u64) = (8, 7);
/// Cautions shown; the rest is counted.
const CAUTIONS_SHOWN: usize = 25;

pub(super) fn section(subject: &Subject<'_>) -> Section {
    let mut m = Markup::new();
    windows(&mut m, subject);
    sources(&mut m, subject);
    records(&mut m, subject.report.coverage);
    warnings(&mut m, subject);
    Section {
        id: "reviewed",
        title: "What was reviewed",
        body: m,
    }
}

fn windows(m: &mut Markup, subject: &Subject<'_>) {
    let assessment = subject.report.assessment;
    m.element("dl", &[("class", "windows")], |m| {
        for (name, key, window) in [
            ("Habits learned from", "key history", assessment.history),
            ("Judged", "key review", assessment.review),
        ] {
            m.element("div", &[], |m| {
                m.element("dt", &[], |m| {
                    m.element("span", &[("class", key)], |_| ());
                    m.text(name);
                });
                m.line("dd", &[], &span(window));
            });
        }
    });
    m.newline();
}

/// What limits the answer, in sentences.
fn warnings(m: &mut Markup, subject: &Subject<'_>) {
    let coverage = subject.report.coverage;
    let cautions = &subject.report.assessment.cautions;
    let missing = incomplete(coverage).map(|text| sentence(&text));
    let gaps = gaps::sentences(subject.report);
    if missing.is_none() && gaps.is_empty() && cautions.is_empty() {
        let text = "No gap in the logs was found, and nothing limits what follows.";
        return m.line("p", &[], text);
    }
    m.line("h3", &[], "Bear in mind");
    m.element("ul", &[("class", "cautions")], |m| {
        missing
            .iter()
            .chain(&gaps)
            .for_each(|text| m.line("li", &[], text));
        for caution in cautions.iter().take(CAUTIONS_SHOWN) {
            m.element("li", &[], |m| m.logged(caution, TEXT));
            m.newline();
        }
        let n_more = cautions.len().saturating_sub(CAUTIONS_SHOWN);
        if n_more > 0 {
            let more = counted(number(n_more), "more caution");
            m.line("li", &[], &format!("And {more}; -f json lists them."));
        }
    });
    m.newline();
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

fn sources(m: &mut Markup, subject: &Subject<'_>) {
    let sources = &subject.report.coverage.sources;
    if sources.is_empty() {
        return;
    }
    let axis = Axis::of_hours(subject.report.assessment);
    scrolling(m, "What each product recorded", |m| {
        m.element("table", &[("class", "sources")], |m| {
            let caption = format!(
                "What each product recorded. A mark at the bottom is a {} without events.",
                axis.step_name,
            );
            m.element("caption", &[], |m| m.line("span", &[], &caption));
            m.element("thead", &[], |m| {
                m.element("tr", &[], |m| {
                    let strip = format!("Events per {}", axis.step_name);
                    for (class, title) in [
                        ("", "Product"),
                        ("num", "Events"),
                        ("strip-cell", strip.as_str()),
                        ("", "From"),
                        ("", "To"),
                        ("", "Longest silence"),
                    ] {
                        m.line("th", &[("scope", "col"), ("class", class)], title);
                    }
                });
            });
            m.element("tbody", &[], |m| {
                for (source, covered) in sources {
                    source_row(m, &axis, *source, covered);
                }
            });
        });
    });
    m.newline();
}

fn source_row(m: &mut Markup, axis: &Axis, source: Source, covered: &SourceCoverage) {
    m.element("tr", &[], |m| {
        m.line("th", &[("scope", "row")], product(source));
        m.line("td", &[("class", "num")], &count(covered.n_events));
        m.element("td", &[("class", "strip-cell")], |m| {
            strip(m, axis, source, covered)
        });
        for time in [covered.first, covered.last] {
            let time = time.map_or_else(String::new, minute);
            m.line("td", &[("class", "time")], &time);
        }
        let silence = longest_silence(source, covered).map_or_else(
            || "no hour without events".to_owned(),
            |gap| {
                format!(
                    "{} from {}",
                    counted(gap.n_hours, "hour"),
                    minute(gap.start)
                )
            },
        );
        m.line("td", &[], &silence);
    });
    m.newline();
}

/// Events over time; bins without any are marked at the bottom.
fn strip(m: &mut Markup, axis: &Axis, source: Source, covered: &SourceCoverage) {
    let mut bins = vec![0_u64; axis.len()];
    for (hour, n) in &covered.hours {
        let start = crate::event::Timestamp::from_seconds(hour.saturating_mul(3_600));
        if let Some(bin) = axis.bin_of(start).and_then(|at| bins.get_mut(at)) {
            *bin = bin.saturating_add(*n);
        }
    }
    let most = bins.iter().copied().max().unwrap_or_default();
    let (mut history, mut review, mut empty) =
        (Boxes::default(), Boxes::default(), Boxes::default());
    for (at, n) in (0_u64..).zip(&bins) {
        let x = at * BIN.0;
        let height = svg::scaled(*n, most, STRIP);
        if *n == 0 {
            empty.add(x, STRIP - 2, BIN.1, 2);
        } else if at < number(axis.n_before_review()) {
            history.add(x, STRIP - height, BIN.1, height);
        } else {
            review.add(x, STRIP - height, BIN.1, height);
        }
    }
    let n_empty = bins.iter().filter(|n| **n == 0).count();
    let label = format!(
        "{} events per {}; most {}; {} of {} without events",
        product(source),
        axis.step_name,
        count(most),
        count(number(n_empty)),
        count(number(bins.len())),
    );
    let size = (number(bins.len()) * BIN.0, STRIP);
    svg::stretched(m, "strip", size, &label, |m| {
        history.draw(m, "past");
        review.draw(m, "now");
        empty.draw(m, "gap");
    });
}

/// The account of every record.
fn records(m: &mut Markup, coverage: &Coverage) {
    let sum = format!(
        "{} in {}: {} used, {} duplicate, {} outside both windows, {} skipped{}. ",
        counted(coverage.n_records, "record"),
        counted(number(coverage.files.len()), "file"),
        count(coverage.n_used),
        count(coverage.n_duplicate),
        count(coverage.n_out_of_window),
        count(coverage.n_skipped()),
        if coverage.adds_up() {
            ", which is all of them"
        } else {
            "; these do not add up, which is an error of this program"
        },
    );
    m.element("p", &[("class", "note")], |m| {
        m.text(&sum);
        m.line("a", &[("href", "#manifest")], "Files and reasons");
    });
    m.newline();
}
