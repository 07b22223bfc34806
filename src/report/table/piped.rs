//! The table without a terminal: a header, then one line per finding, fields
//! separated by tabs and complete. Absent is empty.

use std::io::Write;

use anyhow::Context as _;

use crate::event::Timestamp;
use crate::finding::Finding;
use crate::report::phrase::one_in;
use crate::report::{Report, Style, days_in_evidence, leading, safe_steps};

const HEADER: [&str; 13] = [
    "rank",
    "severity",
    "identity",
    "class",
    "tenant",
    "chance",
    "p_value",
    "days",
    "first_sign",
    "verdict",
    "why",
    "next",
    "finding_id",
];

/// Writes the header and the listed findings.
pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}", HEADER.join("\t")).context("writing the report")?;
    for finding in report.listed() {
        let mut line = fields(report, finding, style).join("\t");
        line.push('\n');
        out.write_all(line.as_bytes())
            .context("writing the report")?;
    }
    Ok(())
}

fn fields(report: &Report<'_>, finding: &Finding, style: &Style) -> [String; 13] {
    let lead = leading(finding);
    let first = finding.first_sign();
    [
        finding
            .rank
            .map(|rank| rank.to_string())
            .unwrap_or_default(),
        finding.severity.name().to_owned(),
        style.text(&finding.identity.name),
        finding.identity.class.name().to_owned(),
        style.text(&finding.identity.tenant),
        finding.p_value.map(one_in).unwrap_or_default(),
        finding
            .p_value
            .map(|p| format!("{p:?}"))
            .unwrap_or_default(),
        style.text(&days_in_evidence(finding).join(" ")),
        first.map(Timestamp::rfc3339).unwrap_or_default(),
        finding.support.verdict.name().to_owned(),
        lead.map(|lead| style.text(&lead.sentence))
            .unwrap_or_default(),
        safe_steps(finding).next().map_or_else(
            || style.text(&report.look_command(finding)),
            |step| style.text(step),
        ),
        style.text(&finding.finding_id),
    ]
}
