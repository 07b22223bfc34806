//! Below the entries: identities that could not be judged, how to read the
//! odds, and what is not shown.

use std::collections::{BTreeMap, BTreeSet};

use super::column::Names;
use crate::finding::{Finding, Severity, Verdict};
use crate::report::pen::Pen;
use crate::report::phrase::{count, counted, number};
use crate::report::{Report, Selection};

/// Names shown per group of identities.
const NAMES_SHOWN: usize = 4;

/// Writes all that follows the entries.
pub(super) fn write(
    pen: &mut Pen<'_>,
    report: &Report<'_>,
    names: &Names,
    listed: &[&Finding],
    n_detailed: usize,
) -> anyhow::Result<()> {
    unsure(pen, report, names, listed)?;
    pen.line("")?;
    if !listed.is_empty() {
        legend(pen, report, n_detailed > 0)?;
    }
    left_out(pen, report, listed, n_detailed)
}

/// Why a group of identities has no finding, or one to be taken with care.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    NotJudged,
    Judged,
}

/// Identities without a judgement, and those judged on little.
fn unsure(
    pen: &mut Pen<'_>,
    report: &Report<'_>,
    names: &Names,
    listed: &[&Finding],
) -> anyhow::Result<()> {
    let mut groups: BTreeMap<(Standing, Verdict), Vec<&Finding>> = BTreeMap::new();
    let listed: BTreeSet<&str> = listed.iter().map(|f| f.finding_id.as_str()).collect();
    for finding in &report.assessment.findings {
        let verdict = finding.support.verdict;
        let standing = match finding.p_value {
            None => Standing::NotJudged,
            Some(_) => Standing::Judged,
        };
        // Where it is true of everybody, the title says so.
        let is_little = !super::is_all_thin(report) && is_little(verdict);
        let is_listed = listed.contains(finding.finding_id.as_str());
        if standing == Standing::NotJudged || (is_little && !is_listed) {
            groups.entry((standing, verdict)).or_default().push(finding);
        }
    }
    if groups.is_empty() {
        return Ok(());
    }
    pen.heading("Not judged, or judged on little")?;
    for ((standing, verdict), group) in &groups {
        let text = format!(
            "{}: {}{}",
            count(number(group.len())),
            named(pen, names, group),
            remark(pen, *standing, *verdict, group),
        );
        pen.block(&format!("{:<10}", verdict.name()), &text)?;
    }
    Ok(())
}

/// Whether a verdict means that little is known.
pub(super) fn is_little(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::New | Verdict::Thin)
}

fn named(pen: &Pen<'_>, names: &Names, group: &[&Finding]) -> String {
    let mut shown: Vec<String> = group
        .iter()
        .take(NAMES_SHOWN)
        .map(|finding| {
            let name = names.of(pen, finding);
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

/// How to read the odds, and the severities if there are any.
fn legend(pen: &mut Pen<'_>, report: &Report<'_>, has_severity: bool) -> anyhow::Result<()> {
    let span = crate::report::phrase::span_noun(report.assessment.review);
    let text = format!(
        "CHANCE 1 in N: of N ordinary {span} of the same identity, one looks at least this unusual."
    );
    pen.block("", &text)?;
    if !has_severity {
        return Ok(());
    }
    pen.block(
        "",
        "SEVERITY: low from 1 in 100, medium 1,000, high 10,000, critical 100,000; one step up for \
         a sensitive action new to it, one down if all that is new is known to peers; little \
         history ends at medium.",
    )
}

/// What else there is, and how to see it.
fn left_out(
    pen: &mut Pen<'_>,
    report: &Report<'_>,
    listed: &[&Finding],
    n_detailed: usize,
) -> anyhow::Result<()> {
    let departed = listed.iter().filter(|f| f.severity > Severity::None);
    if departed.count() > n_detailed {
        pen.block(
            "",
            "Details of the others: add --identity NAME, or -f json.",
        )?;
    }
    let n_cut = report.listable().count().saturating_sub(listed.len());
    let findings = report.assessment.findings.iter();
    let n_ranked = findings.filter(|f| f.p_value.is_some()).count();
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
