//! SARIF 2.1.0: one run with a result per listed finding, for viewers of code
//! scanning results. A location is the log file with the number of the record,
//! which is a line where the file has one record per line.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::alert::{self, Confidence};
use super::json::{Text, finite, text, write_pretty};
use super::sanitize::{sarif_message, uri_path};
use super::{Report, leading, safe_steps};
use crate::event::Untrusted;
use crate::finding::{Finding, Recurrence, Severity};
use crate::ingest::coverage::Coverage;

/// Locations that one result has at most.
const MAX_LOCATIONS: usize = 20;

/// Writes the whole log.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let findings = report.listed();
    let rules = Rules::of(&findings);
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| result(finding, &rules, report.coverage))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": alert::PRODUCT,
                "semanticVersion": alert::VERSION,
                "version": alert::VERSION,
                "rules": rules.descriptors(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true}],
            "results": results,
        }],
    });
    write_pretty(&log, out)
}

/// What is compared, as rules: one per dimension that leads a finding.
struct Rules(BTreeMap<&'static str, usize>);

/// Leads a finding without any evidence.
const WHOLE: &str = "review";

fn dimension(finding: &Finding) -> &'static str {
    leading(finding).map_or(WHOLE, |evidence| evidence.dimension)
}

impl Rules {
    fn of(findings: &[&Finding]) -> Self {
        let mut rules: BTreeMap<&'static str, usize> =
            findings.iter().map(|f| (dimension(f), 0)).collect();
        for (idx, place) in rules.values_mut().enumerate() {
            *place = idx;
        }
        Self(rules)
    }

    fn descriptors(&self) -> Vec<Value> {
        let rule = |dimension: &&str| {
            let text = format!("Departure from habit: {dimension}");
            json!({
                "id": format!("habitual.{dimension}"),
                "name": "DepartureFromHabit",
                "shortDescription": {"text": text},
                "defaultConfiguration": {"level": "warning"},
            })
        };
        self.0.keys().map(rule).collect()
    }
}

fn result(finding: &Finding, rules: &Rules, coverage: &Coverage) -> Value {
    let dimension = dimension(finding);
    let message = format!("{}: {}", alert::title(finding), alert::description(finding));
    let mut result = json!({
        "ruleId": format!("habitual.{dimension}"),
        "ruleIndex": rules.0.get(dimension),
        "level": level(finding.severity),
        "kind": kind(finding),
        "message": {"text": sarif_message(&message)},
        "rank": f64::from(alert::risk_score(finding)),
        "locations": locations(finding, coverage),
        "fingerprints": {"habitual/v1": Text(&finding.finding_id)},
        "properties": {
            "identity": text(&finding.identity.id),
            "severity": finding.severity.name(),
            "p_value": finite(finding.p_value),
            "confidence": Confidence::of(finding).name(),
            "tags": tags(finding),
            "next_steps": safe_steps(finding).map(text).collect::<Vec<_>>(),
        },
    });
    if let (Some(recurrence), Some(result)) = (finding.recurrence, result.as_object_mut()) {
        let state = json!(baseline_state(recurrence));
        result.insert("baselineState".to_owned(), state);
    }
    result
}

/// Against what earlier runs reported (3.27.24).
fn baseline_state(recurrence: Recurrence) -> &'static str {
    match recurrence {
        Recurrence::New => "new",
        Recurrence::Changed => "updated",
        Recurrence::Ongoing => "unchanged",
    }
}

/// What does not fail has no level (3.27.9).
fn kind(finding: &Finding) -> &'static str {
    match (finding.p_value, finding.severity) {
        (None, _) => "notApplicable",
        (Some(_), Severity::None) => "pass",
        (Some(_), _) => "fail",
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::None => "none",
        Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

fn tags(finding: &Finding) -> Vec<&str> {
    let tags = &finding.tags;
    let all = [
        &tags.attack,
        &tags.owasp_nhi,
        &tags.nist_csf,
        &tags.owasp_agentic,
    ];
    all.into_iter().flatten().copied().collect()
}

/// The cited records, each once and in the order of the evidence.
fn locations(finding: &Finding, coverage: &Coverage) -> Vec<Value> {
    let mut seen = std::collections::BTreeSet::new();
    let records = finding.evidence.iter().flat_map(|e| &e.records);
    records
        .filter(|record| seen.insert(record.as_raw()))
        .take(MAX_LOCATIONS)
        .map(|record| location(record, coverage))
        .collect()
}

fn location(record: &Untrusted, coverage: &Coverage) -> Value {
    let raw = record.as_raw();
    let (path, number) = raw.rsplit_once(':').unwrap_or((raw, ""));
    let mut files = coverage.files.iter();
    let has_lines = files.any(|f| f.path.as_raw() == path && f.format.contains("lines"));
    let artifact = json!({"uri": uri_path(path)});
    match number.parse::<u32>() {
        Ok(line) if has_lines && line > 0 => json!({
            "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}},
        }),
        _ => json!({
            "physicalLocation": {"artifactLocation": artifact},
            "logicalLocations": [{"name": Text(raw), "kind": "record"}],
        }),
    }
}
