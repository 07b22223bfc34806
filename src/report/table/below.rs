//! Below the entries: facts, identities that could not be judged, and what is
//! not shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Fact, Finding, Verdict};
use crate::report::pen::Pen;
use crate::report::phrase::{count, counted, minute, number};
use crate::report::{Report, Selection};

/// Facts shown; the rest is counted.
const FACTS_SHOWN: usize = 10;

/// Names shown per group of identities.
const NAMES_SHOWN: usize = 4;

/// Writes all that follows the entries.
pub(super) fn write(
    pen: &mut Pen<'_>,
    report: &Report<'_>,
    listed: &[&Finding],
) -> anyhow::Result<()> {
    facts(pen, &report.assessment.facts)?;
    unsure(pen, report, listed)?;
    legend(pen, report, listed)
}

fn facts(pen: &mut Pen<'_>, facts: &[Fact]) -> anyhow::Result<()> {
    if facts.is_empty() {
        return Ok(());
    }
    pen.heading("Facts, whatever the ranking says")?;
    for fact in facts.iter().take(FACTS_SHOWN) {
        let label = format!("{}  ", minute(fact.time));
        let text = format!(
            "{}: {}; see {}",
            pen.text(&fact.identity),
            pen.text(&fact.sentence),
            pen.text(&fact.record)
        );
        pen.block(&label, &text)?;
    }
    match facts.len().saturating_sub(FACTS_SHOWN) {
        0 => Ok(()),
        n => pen.line(&format!("and {n} more; -f json lists them")),
    }
}

/// Why a group of identities has no finding, or one to be taken with care.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    NotJudged,
    Judged,
}

/// Identities without a judgement, and those judged on little.
fn unsure(pen: &mut Pen<'_>, report: &Report<'_>, listed: &[&Finding]) -> anyhow::Result<()> {
    let mut groups: BTreeMap<(Standing, Verdict), Vec<&Finding>> = BTreeMap::new();
    let listed: BTreeSet<&str> = listed.iter().map(|f| f.finding_id.as_str()).collect();
    for finding in &report.assessment.findings {
        let verdict = finding.support.verdict;
        let standing = match finding.p_value {
            None => Standing::NotJudged,
            Some(_) => Standing::Judged,
        };
        let is_little = matches!(verdict, Verdict::New | Verdict::Thin);
        let is_listed = listed.contains(finding.finding_id.as_str());
        if standing == Standing::NotJudged || (is_little && !is_listed) {
            groups.entry((standing, verdict)).or_default().push(finding);
        }
    }
    if groups.is_empty() {
        return Ok(());
    }
    pen.heading("Identities to be unsure about")?;
    for ((standing, verdict), group) in &groups {
        let text = format!(
            "{}: {}{}",
            count(number(group.len())),
            names(pen, group),
            remark(pen, *standing, *verdict, group),
        );
        pen.block(&format!("{:<10}", verdict.name()), &text)?;
    }
    Ok(())
}

fn names(pen: &Pen<'_>, group: &[&Finding]) -> String {
    let mut shown: Vec<String> = group
        .iter()
        .take(NAMES_SHOWN)
        .map(|finding| {
            let name = pen.text(&finding.identity.name);
            crate::report::layout::truncate(&name, 40, pen.ellipsis())
        })
        .collect();
    let n_more = group.len().saturating_sub(NAMES_SHOWN);
    if n_more > 0 {
        shown.push(format!("{n_more} more"));
    }
    shown.join(", ")
}

/// The reason they share, or the first one's.
fn remark(pen: &Pen<'_>, standing: Standing, verdict: Verdict, group: &[&Finding]) -> String {
    let reason = group
        .iter()
        .find_map(|finding| finding.abstained.as_deref());
    match (standing, reason, verdict) {
        (Standing::NotJudged, Some(reason), _) => {
            let is_shared = group.iter().all(|f| f.abstained.as_deref() == Some(reason));
            let lead = if is_shared {
                "not judged"
            } else {
                "not judged, for one"
            };
            format!(" ({lead}: {})", pen.text(reason))
        }
        (Standing::NotJudged, None, _) => " (not judged)".to_owned(),
        (Standing::Judged, _, Verdict::New) => " (judged by their peers alone)".to_owned(),
        (Standing::Judged, _, _) => " (judged on little history)".to_owned(),
    }
}

/// How to read the odds, and what else there is.
fn legend(pen: &mut Pen<'_>, report: &Report<'_>, listed: &[&Finding]) -> anyhow::Result<()> {
    pen.line("")?;
    if !listed.is_empty() {
        let span = crate::report::phrase::span_noun(report.assessment.review);
        let text = format!(
            "CHANCE 1 in N: of N ordinary {span} of the same identity, one looks at least this unusual."
        );
        pen.block("", &text)?;
    }
    let n_cut = report.listable().count().saturating_sub(listed.len());
    let n_ranked = report
        .assessment
        .findings
        .iter()
        .filter(|f| f.p_value.is_some())
        .count();
    let n_hidden = n_ranked.saturating_sub(listed.len()).saturating_sub(n_cut);
    if n_cut > 0 {
        let text = format!(
            "{} beyond --top not shown.",
            counted(number(n_cut), "finding")
        );
        pen.block("", &text)?;
    }
    if n_hidden > 0 && report.selection == Selection::Selected {
        let text = format!(
            "{} scored but not listed; --all lists them.",
            counted(number(n_hidden), "identity")
        );
        pen.block("", &text)?;
    }
    Ok(())
}
