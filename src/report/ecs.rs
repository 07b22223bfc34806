//! ECS: one document of the Elastic Common Schema per line. What the schema has
//! no field for is below `habitual`, a name of our own.

use std::io::Write;

use serde_json::{Value, json};

use super::alert;
use super::json::{Text, WindowShape, finite, text, texts, write_line};
use super::{Report, flat, safe_steps};
use crate::event::{Source, Timestamp};
use crate::finding::{Evidence, Finding, Novelty, Severity, framework};

/// The version of the schema.
const SCHEMA_VERSION: &str = "8.17.0";

/// Writes the listed findings, one per line.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    for finding in report.listed() {
        write_line(&document(finding), out)?;
    }
    Ok(())
}

fn document(finding: &Finding) -> Value {
    let mut document = json!({
        "@timestamp": alert::first_sign(finding).rfc3339(),
        "ecs": {"version": SCHEMA_VERSION},
        "message": Text(&alert::title(finding)),
        "event": event(finding),
        "rule": {
            "category": finding.channel.name(),
            "id": "habitual.replay",
            "name": "departure from habit",
            "ruleset": alert::PRODUCT,
            "version": alert::VERSION,
        },
        "observer": {"product": alert::PRODUCT, "type": "ueba", "vendor": alert::PRODUCT, "version": alert::VERSION},
        "user": user(finding),
        "related": {"user": related_users(finding)},
        "tags": tags(finding),
        "habitual": own(finding),
    });
    if let Some(fields) = document.as_object_mut() {
        if !finding.tags.attack.is_empty() {
            fields.insert("threat".to_owned(), threat(finding));
        }
        if let Some(cloud) = cloud(finding) {
            fields.insert("cloud".to_owned(), cloud);
        }
    }
    document
}

fn event(finding: &Finding) -> Value {
    let score = alert::risk_score(finding);
    json!({
        "kind": if finding.is_selected { "alert" } else { "event" },
        "category": ["intrusion_detection"],
        "type": ["info"],
        "module": alert::PRODUCT,
        "dataset": "habitual.finding",
        "provider": alert::PRODUCT,
        "id": Text(&finding.finding_id),
        "action": "departed-from-habit",
        "reason": Text(&alert::description(finding)),
        "severity": severity(finding.severity),
        "risk_score": score,
        "risk_score_norm": score,
        "start": alert::first_time(finding).rfc3339(),
        "end": alert::last_time(finding).rfc3339(),
    })
}

/// On the scale of Elastic's own detection rules.
fn severity(severity: Severity) -> u32 {
    match severity {
        Severity::None => 0,
        Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
        Severity::Critical => 99,
    }
}

fn user(finding: &Finding) -> Value {
    let identity = &finding.identity;
    json!({
        "id": text(&identity.id),
        "name": text(&identity.name),
        "domain": text(&identity.tenant),
        "risk": {
            "calculated_level": level(finding.severity),
            "calculated_score_norm": alert::risk_score(finding),
        },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::None => "Unknown",
        Severity::Low => "Low",
        Severity::Medium => "Moderate",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

fn related_users(finding: &Finding) -> Vec<Text<'_>> {
    let identity = &finding.identity;
    let native = identity.native.as_ref().map(|(_, name)| name);
    let names = [Some(&identity.name), Some(&identity.id), native];
    names.into_iter().flatten().map(text).collect()
}

/// Ids of frameworks, those of former editions too: rules in the field still
/// ask for them.
fn tags(finding: &Finding) -> Vec<&str> {
    let tags = &finding.tags;
    let former = tags.attack.iter().filter_map(|id| framework::former(id));
    [
        &tags.attack,
        &tags.owasp_nhi,
        &tags.nist_csf,
        &tags.owasp_agentic,
    ]
    .into_iter()
    .flatten()
    .copied()
    .chain(former)
    .collect()
}

fn threat(finding: &Finding) -> Value {
    let mut techniques: Vec<&str> = Vec::new();
    let mut subs: Vec<&str> = Vec::new();
    for id in &finding.tags.attack {
        let (technique, sub) = alert::technique(id);
        if !techniques.contains(&technique) {
            techniques.push(technique);
        }
        subs.extend(sub);
    }
    let names = |ids: &[&str]| -> Vec<&'static str> {
        ids.iter().filter_map(|id| framework::name(id)).collect()
    };
    let mut technique = json!({"id": techniques, "name": names(&techniques)});
    if let (false, Some(technique)) = (subs.is_empty(), technique.as_object_mut()) {
        let sub = json!({"id": subs, "name": names(&subs)});
        technique.insert("subtechnique".to_owned(), sub);
    }
    json!({"framework": "MITRE ATT&CK", "technique": technique})
}

fn cloud(finding: &Finding) -> Option<Value> {
    let identity = &finding.identity;
    let is_aws = identity.sources.contains(&Source::CloudTrail);
    is_aws.then(|| json!({"provider": "aws", "account": {"id": text(&identity.tenant)}}))
}

fn own(finding: &Finding) -> Value {
    let support = &finding.support;
    json!({
        "schema": "habitual.finding/1",
        "rank": finding.rank,
        "selected": finding.is_selected,
        "severity": finding.severity.name(),
        "p_value": finite(finding.p_value),
        "q_value": finite(finding.q_value),
        "surprise_bits": finite(flat::surprise_bits(finding)),
        "class": finding.identity.class.name(),
        "sources": finding.identity.sources.iter().map(|s| s.name()).collect::<Vec<_>>(),
        "attack_version": framework::attack_version(),
        "review": WindowShape::of(finding.review),
        "verdict": support.verdict.name(),
        "active_days": support.active_days,
        "evidence": finding.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "next_steps": safe_steps(finding).map(text).collect::<Vec<_>>(),
    })
}

fn evidence(evidence: &Evidence) -> Value {
    json!({
        "dimension": evidence.dimension,
        "family": evidence.family,
        "sentence": text(&evidence.sentence),
        "observed": text(&evidence.observed),
        "typical": text(&evidence.typical),
        "bits": finite(Some(evidence.bits)),
        "novelty": evidence.novelty.map(Novelty::name),
        "first_time": evidence.first_time.map(Timestamp::rfc3339),
        "event_ids": texts(&evidence.event_ids),
        "records": texts(&evidence.records),
    })
}
