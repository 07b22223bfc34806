//! The manifest: what made this page, from what, and how to make it again.

use std::cmp::Reverse;

use super::markup::{Markup, scrolling};
use super::page::Section;
use super::{NAME, Subject, TEXT};
use crate::ingest::coverage::{Coverage, FileCoverage, SkipReason, Tally};
use crate::report::phrase::{bytes, count, counted, number, window};
use crate::report::{citation, sanitize};

/// Files with a line of their own, those in trouble first.
const FILES: usize = 100;
/// Characters of a path that are shown.
const PATH: usize = 400;

pub(super) fn section(subject: &Subject<'_>) -> Section {
    let mut m = Markup::new();
    made(&mut m, subject);
    skipped(&mut m, subject.report.coverage);
    files(&mut m, subject.report.coverage);
    Section {
        id: "manifest",
        title: "Manifest",
        body: m,
    }
}

fn made(m: &mut Markup, subject: &Subject<'_>) {
    let report = subject.report;
    let assessment = report.assessment;
    let unjudged = assessment.findings.iter().filter(|f| f.p_value.is_none());
    let n_unjudged = number(unjudged.count());
    m.element("dl", &[("class", "brief")], |m| {
        let mut entry = |name: &str, text: &str| {
            m.element("div", &[], |m| {
                m.element("dt", &[], |m| m.text(name));
                m.element("dd", &[], |m| m.logged(text, TEXT));
            });
            m.newline();
        };
        entry("Program", concat!("habitual ", env!("CARGO_PKG_VERSION")));
        entry("History", &format!("{} UTC", window(assessment.history)));
        entry("Review", &format!("{} UTC", window(assessment.review)));
        entry("Scored per", assessment.period);
        entry("Inputs", &report.inputs.join(", "));
        entry(
            "Identities",
            &format!(
                "{} judged, {} without judgement, {} listed here",
                count(assessment.n_scored.into()),
                count(n_unjudged),
                count(number(subject.listed.len())),
            ),
        );
        entry("Records", &sum(report.coverage));
    });
    m.newline();
    m.line(
        "p",
        &[],
        "The same windows over the same files, as data and as this page:",
    );
    m.element("pre", &[("tabindex", "0")], |m| {
        m.element("code", &[], |m| m.text(&command(subject)));
    });
    m.newline();
}

/// `n = used + duplicate + out of window + skipped`.
fn sum(coverage: &Coverage) -> String {
    format!(
        "{} {} {} used + {} duplicate + {} out of window + {} skipped",
        count(coverage.n_records),
        if coverage.adds_up() { "=" } else { "but not" },
        count(coverage.n_used),
        count(coverage.n_duplicate),
        count(coverage.n_out_of_window),
        count(coverage.n_skipped()),
    )
}

fn command(subject: &Subject<'_>) -> String {
    let assessment = subject.report.assessment;
    format!(
        "habitual replay --history {} --review {} {} -f json -o report.json -f html -o report.html",
        window(assessment.history),
        window(assessment.review),
        subject.report.inputs_in_words(),
    )
}

fn skipped(m: &mut Markup, coverage: &Coverage) {
    let mut reasons: Vec<(&SkipReason, &Tally)> = coverage
        .skipped
        .iter()
        .filter(|(_, tally)| tally.n > 0)
        .collect();
    if reasons.is_empty() && coverage.passed_over.is_empty() {
        return;
    }
    reasons.sort_by_key(|(reason, tally)| (!reason.is_damage(), Reverse(tally.n), **reason));
    m.line("h3", &[], "Left out, and why");
    m.element("table", &[], |m| {
        head(m, &["Reason", "Number", "First of them"]);
        m.element("tbody", &[], |m| {
            for (reason, tally) in reasons {
                let first = tally.samples.first().map(|sample| {
                    let detail = sample.detail.as_raw();
                    format!("{} {detail}", citation(coverage, sample.provenance))
                });
                left_out(m, reason.name(), tally.n, first);
            }
            for (reason, tally) in &coverage.passed_over {
                let first = tally.samples.first().map(|s| s.detail.as_raw().to_owned());
                left_out(m, reason.name(), tally.n, first);
            }
        });
    });
    m.newline();
}

fn left_out(m: &mut Markup, reason: &str, n: u64, first: Option<String>) {
    m.element("tr", &[], |m| {
        m.line("th", &[("scope", "row")], &reason.replace('_', " "));
        m.line("td", &[("class", "num")], &count(n));
        m.element("td", &[], |m| m.logged(&first.unwrap_or_default(), PATH));
    });
    m.newline();
}

fn head(m: &mut Markup, titles: &[&str]) {
    m.element("thead", &[], |m| {
        m.element("tr", &[], |m| {
            titles
                .iter()
                .for_each(|title| m.line("th", &[("scope", "col")], *title));
        });
    });
}

fn files(m: &mut Markup, coverage: &Coverage) {
    let mut files: Vec<(usize, &FileCoverage)> = coverage.files.iter().enumerate().collect();
    files.sort_by_key(|(at, file)| (file.problems.is_empty(), *at));
    if files.is_empty() {
        return;
    }
    m.line("h3", &[], "Files");
    m.element("details", &[("class", "files")], |m| {
        let title = counted(number(files.len()), "file");
        m.line("summary", &[], &title);
        scrolling(m, "Files", |m| {
            m.element("table", &[], |m| {
                head(m, &["File", "Content", "Size", "Records", "Trouble"]);
                m.element("tbody", &[], |m| {
                    files
                        .iter()
                        .take(FILES)
                        .for_each(|(_, file)| file_row(m, file));
                });
            });
        });
        let n_more = files.len().saturating_sub(FILES);
        if n_more > 0 {
            let text = format!(
                "And {}; -f json lists them.",
                counted(number(n_more), "more file")
            );
            m.line("p", &[("class", "note")], &text);
        }
    });
    m.newline();
}

fn file_row(m: &mut Markup, file: &FileCoverage) {
    m.element("tr", &[], |m| {
        m.element("th", &[("scope", "row")], |m| {
            m.element("code", &[], |m| m.logged(&file.path, PATH));
        });
        m.element("td", &[], |m| m.logged(&file.format, NAME));
        m.line("td", &[("class", "num")], &bytes(file.n_bytes));
        m.line("td", &[("class", "num")], &count(file.n_records));
        m.element("td", &[], |m| {
            for problem in &file.problems {
                let (kind, hint) = problem.kind.describe();
                let detail = sanitize::exact(&problem.detail);
                let text = format!("{} ({detail}); {hint}", kind.replace('_', " "));
                m.logged(&text, PATH);
                m.text(" ");
            }
        });
    });
    m.newline();
}
