//! Markdown: a report for a ticket. What is logged stands in code spans or is
//! escaped; commands stand in fenced blocks, ready to be copied.

use std::io::Write;

use anyhow::Context as _;

use super::alert;
use super::phrase::{self, count, counted, expected, number, one_in};
use super::sanitize::{markdown, markdown_block, markdown_code};
use super::{Report, days_in_evidence, leading, safe_steps};
use crate::event::Timestamp;
use crate::finding::{Evidence, Finding, framework};

/// Findings that are told in detail; the table has them all.
const DETAILED: usize = 20;
/// Reasons told for one of them.
const REASONS: usize = 6;
/// Records cited for one reason.
const RECORDS: usize = 3;

/// Writes the report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let findings = report.listed();
    let mut parts = vec![head(report, &findings)];
    if !findings.is_empty() {
        parts.push(table(&findings));
    }
    parts.extend(facts(report));
    parts.extend(findings.iter().take(DETAILED).map(|f| details(f)));
    if let Some(n_more) = findings.len().checked_sub(DETAILED).filter(|n| *n > 0) {
        let more = counted(number(n_more), "finding");
        parts.push(format!("{more} of the table not told in detail."));
    }
    writeln!(out, "{}", parts.join("\n\n")).context("writing the Markdown report")
}

fn head(report: &Report<'_>, findings: &[&Finding]) -> String {
    let assessment = report.assessment;
    let coverage = report.coverage;
    let mut lines = vec![
        format!(
            "# Habits {}",
            phrase::window(assessment.review).replace("..", " to ")
        ),
        String::new(),
        format!(
            "- {} listed of {} judged; {} expected by chance",
            counted(number(findings.len()), "finding"),
            counted(assessment.n_scored.into(), "identity"),
            expected(assessment.expected_by_chance),
        ),
        format!("- history `{}`", phrase::window(assessment.history)),
        format!("- review `{}`", phrase::window(assessment.review)),
        format!(
            "- {} read: {} used, {} duplicate, {} out of window, {} skipped",
            counted(coverage.n_records, "record"),
            count(coverage.n_used),
            count(coverage.n_duplicate),
            count(coverage.n_out_of_window),
            count(coverage.n_skipped()),
        ),
    ];
    if coverage.is_incomplete() {
        lines.push("- **the input was incomplete**".to_owned());
    }
    let gaps = super::gaps::sentences(report);
    lines.extend(gaps.iter().map(|gap| format!("- **gap** {gap}")));
    let cautions = assessment.cautions.iter();
    lines.extend(cautions.map(|caution| format!("- {}", markdown(caution))));
    lines.join("\n")
}

fn table(findings: &[&Finding]) -> String {
    let mut lines = vec![
        "| # | Severity | Who | Class | Odds | First sign | Why |".to_owned(),
        "|--:|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(findings.iter().map(|finding| {
        let cells = [
            finding
                .rank
                .map(|rank| rank.to_string())
                .unwrap_or_default(),
            finding.severity.name().to_owned(),
            markdown_code(&finding.identity.name),
            phrase::class(finding),
            finding.p_value.map(one_in).unwrap_or_default(),
            finding
                .first_sign()
                .map(Timestamp::rfc3339)
                .unwrap_or_default(),
            leading(finding)
                .map(|lead| markdown(&lead.sentence))
                .unwrap_or_default(),
        ];
        format!("| {} |", cells.join(" | "))
    }));
    lines.join("\n")
}

fn facts(report: &Report<'_>) -> Option<String> {
    let facts = &report.assessment.facts;
    let lines = facts.iter().map(|fact| {
        format!(
            "- {} {} {} ({})",
            fact.time.rfc3339(),
            markdown_code(&fact.identity),
            markdown(&fact.sentence),
            markdown_code(&fact.record),
        )
    });
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| format!("## Facts\n\n{}", lines.join("\n")))
}

fn details(finding: &Finding) -> String {
    let rank = finding.rank.map(|rank| format!("{rank}. "));
    let mut lines = vec![
        format!(
            "## {}{}: {}",
            rank.unwrap_or_default(),
            markdown_code(&finding.identity.name),
            finding.severity.name()
        ),
        String::new(),
    ];
    lines.extend(account(finding));
    let reasons = finding.evidence.iter().take(REASONS);
    lines.extend(reasons.map(reason));
    if let Some(n) = finding
        .evidence
        .len()
        .checked_sub(REASONS)
        .filter(|n| *n > 0)
    {
        lines.push(format!("- and {}", counted(number(n), "more reason")));
    }
    if let Some(reason) = &finding.abstained {
        lines.push(format!("- not judged: {}", markdown(reason)));
    }
    let steps: Vec<String> = safe_steps(finding)
        .map(|step| super::sanitize::exact(step).into_owned())
        .collect();
    if !steps.is_empty() {
        lines.push(format!("\nNext:\n\n{}", markdown_block(&steps)));
    }
    lines.join("\n")
}

/// Who it is, how unusual it was and how much stands behind that.
fn account(finding: &Finding) -> Vec<String> {
    let identity = &finding.identity;
    let support = &finding.support;
    let tenant = phrase::tenant(finding);
    let tenant = tenant.map_or_else(String::new, |of| format!(" of {}", markdown_code(of)));
    let mut lines = vec![format!(
        "- {} {}{tenant}",
        phrase::class(finding),
        markdown_code(&identity.id),
    )];
    if let Some(p) = finding.p_value {
        lines.push(format!(
            "- {} of its {} look like this (p = {p:.1e}, risk {}); baseline {}, {} and {}",
            one_in(p),
            phrase::span_noun(finding.review),
            alert::risk_score(finding),
            support.verdict.name(),
            counted(support.active_days.into(), "active day"),
            counted(support.n_events, "event"),
        ));
    }
    let days = days_in_evidence(finding);
    if !days.is_empty() {
        let days: Vec<String> = days.iter().map(|day| markdown_code(*day)).collect();
        lines.push(format!("- on {}", days.join(", ")));
    }
    if !finding.tags.attack.is_empty() {
        let named = finding
            .tags
            .attack
            .iter()
            .map(|id| match framework::name(id) {
                Some(name) => format!("{id} {name}"),
                None => (*id).to_owned(),
            });
        let named: Vec<String> = named.collect();
        lines.push(format!(
            "- ATT&CK {}: {}",
            framework::attack_version(),
            named.join(", ")
        ));
    }
    lines.push(format!("- finding `{}`", markdown(&finding.finding_id)));
    lines
}

fn reason(evidence: &Evidence) -> String {
    let records: Vec<String> = evidence
        .records
        .iter()
        .take(RECORDS)
        .map(markdown_code)
        .collect();
    let cited = if records.is_empty() {
        String::new()
    } else {
        format!(" ({})", records.join(", "))
    };
    format!(
        "- **{}** {}{cited}",
        evidence.dimension,
        markdown(&evidence.sentence)
    )
}
