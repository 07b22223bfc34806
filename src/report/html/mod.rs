//! The web page: one file for people who have never seen the tool. What was
//! read and what limits the answer comes first, then the answer, then the
//! evidence, then how it came about.
//!
//! It works without a script; with it, tables can be sorted and filtered. The
//! page itself ([`page`], [`markup`], [`svg`]) knows no findings.

pub(super) mod axis;
mod evidence;
mod facts;
mod finding;
mod manifest;
pub(super) mod markup;
mod method;
pub(super) mod page;
mod phrase;
mod reviewed;
mod summary;
pub(super) mod svg;
#[cfg(test)]
mod tests;
mod unjudged;
mod when;

use std::io::Write;

use anyhow::Context as _;

use super::Report;
use super::table::headline;
use crate::finding::Finding;
use axis::Axis;
use page::{Page, Section};

/// Characters of a name that are shown.
const NAME: usize = 160;
/// Characters of any other logged text that are shown.
const TEXT: usize = 1_000;

/// Bytes of a page: what a browser opens at once, and mail takes.
const BYTES: usize = 5 << 20;
/// Room for the page around its sections, and for what the summary says about
/// what was left out.
const SHELL_BYTES: usize = 64 << 10;

/// What every section is written from.
struct Subject<'a> {
    report: &'a Report<'a>,
    /// Findings that people are shown, best rank first.
    listed: Vec<&'a Finding>,
    axis: Axis,
}

/// Writes the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let subject = Subject {
        report,
        listed: report.listed(),
        axis: Axis::of(report.assessment),
    };
    let title = headline(report, &subject.listed, &phrase::review(report.assessment));
    let page = Page {
        title: title.trim_end_matches('.'),
        answer: &phrase::tally(report.assessment, &subject.listed),
        subtitle: &phrase::compared(report.assessment),
    };
    let before = [reviewed::section(&subject)];
    let after: Vec<Section> = [facts::section(&subject), unjudged::section(&subject)]
        .into_iter()
        .flatten()
        .chain([method::section(&subject), manifest::section(&subject)])
        .collect();
    // What was found is told as far as there is room beside all that.
    let others: usize = before.iter().chain(&after).map(Section::len).sum();
    let summary = summary::section(&subject, &summary::LeftOut::default());
    let room = BYTES.saturating_sub(others + summary.len() + SHELL_BYTES);
    let (findings, left_out) = finding::section(&subject, room);
    let summary = summary::section(&subject, &left_out);
    let sections: Vec<Section> = before
        .into_iter()
        .chain([summary])
        .chain(findings)
        .chain(after)
        .collect();
    out.write_all(page.document(&sections).as_bytes())
        .context("writing the page")
}
