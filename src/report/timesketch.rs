//! Timesketch: JSON lines with the three columns that an import demands
//! (`message`, `datetime`, `timestamp_desc`), one row per piece of evidence, so
//! that findings lie on the timeline beside the logs.

use std::io::Write;

use serde_json::{Value, json};

use super::Report;
use super::alert;
use super::json::{Text, finite, text, texts, write_line};
use crate::finding::{Evidence, Finding};

/// Writes a row per piece of evidence of the listed findings.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    for finding in report.listed() {
        for evidence in &finding.evidence {
            write_line(&row(finding, evidence), out)?;
        }
    }
    Ok(())
}

fn row(finding: &Finding, evidence: &Evidence) -> Value {
    let time = alert::time_of(finding, evidence);
    let identity = &finding.identity;
    let message = format!("{}: {}", identity.name.as_raw(), evidence.sentence.as_raw());
    let tags: Vec<&str> = [finding.severity.name(), evidence.dimension]
        .into_iter()
        .chain(finding.tags.attack.iter().copied())
        .collect();
    json!({
        "message": Text(&message),
        "datetime": time.rfc3339(),
        "timestamp": time.micros(),
        "timestamp_desc": "First sign",
        "data_type": "habitual:evidence",
        "tag": tags,
        "finding_id": Text(&finding.finding_id),
        "rank": finding.rank,
        "severity": finding.severity.name(),
        "p_value": finite(finding.p_value),
        "identity_id": text(&identity.id),
        "identity": text(&identity.name),
        "class": identity.class.name(),
        "tenant": text(&identity.tenant),
        "dimension": evidence.dimension,
        "bits": finite(Some(evidence.bits)),
        "observed": text(&evidence.observed),
        "typical": text(&evidence.typical),
        "n_events": evidence.n_events,
        "event_ids": texts(&evidence.event_ids),
        "records": texts(&evidence.records),
    })
}
