//! OCSF: one Detection Finding (class 2004) per line, for data lakes and the
//! products that read them. Written for the version of the schema named below,
//! which is the first that has `anomaly_analyses`; later ones of the same major
//! version read it too.
//!
//! There is no clock here, so a finding is "created" when its review ends. What
//! OCSF has no attribute for is below `unmapped.habitual`.

use std::io::Write;

use serde_json::{Value, json};

use super::alert::{self, Confidence, millis};
use super::json::{Text, finite, text, texts, write_line};
use super::{Report, flat, safe_steps};
use crate::event::Class;
use crate::finding::{Evidence, Finding, Recurrence, Severity, framework};

/// The version of the schema.
const SCHEMA_VERSION: &str = "1.5.0";
const CATEGORY: u32 = 2;
const CLASS: u32 = 2004;
const NEW: u32 = 1;
/// `analytic.type_id`: behavioural.
const BEHAVIORAL: u32 = 2;
/// `timespan.type_id`: between two times.
const INTERVAL: u32 = 9;

/// Writes the listed findings, one per line.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    for finding in report.listed() {
        write_line(&event(finding), out)?;
    }
    Ok(())
}

fn event(finding: &Finding) -> Value {
    let mut event = required(finding);
    let resources = resources(finding);
    if let (false, Some(event)) = (resources.is_empty(), event.as_object_mut()) {
        event.insert("resources".to_owned(), json!(resources));
    }
    event
}

/// What was acted on and is new to the identity, each once, by name.
fn resources(finding: &Finding) -> Vec<Value> {
    let mut seen = std::collections::BTreeSet::new();
    let scopes = finding.evidence.iter().filter(|e| e.dimension == "scope");
    scopes
        .flat_map(|evidence| &evidence.values)
        .filter(|value| !value.is_empty() && seen.insert(value.as_raw()))
        .map(|value| json!({"name": text(value)}))
        .collect()
}

fn required(finding: &Finding) -> Value {
    let (severity_id, severity) = severity(finding.severity);
    let confidence = Confidence::of(finding);
    let (activity_id, activity) = activity(finding);
    json!({
        "activity_id": activity_id,
        "activity_name": activity,
        "anomaly_analyses": anomaly_analyses(finding),
        "category_name": "Findings",
        "category_uid": CATEGORY,
        "class_name": "Detection Finding",
        "class_uid": CLASS,
        "confidence": confidence.name(),
        "confidence_id": confidence_id(confidence),
        "end_time": millis(alert::last_time(finding)),
        "evidences": evidences(finding),
        "finding_info": finding_info(finding),
        "is_alert": finding.is_selected,
        "message": Text(&alert::title(finding)),
        "metadata": {
            "product": {"name": alert::PRODUCT, "vendor_name": alert::PRODUCT, "version": alert::VERSION},
            "uid": Text(&finding.finding_id),
            "version": SCHEMA_VERSION,
        },
        "risk_score": alert::risk_score(finding),
        "severity": severity,
        "severity_id": severity_id,
        "start_time": millis(alert::first_time(finding)),
        "status": "New",
        "status_id": NEW,
        "time": millis(finding.review.end),
        "type_name": format!("Detection Finding: {activity}"),
        "type_uid": CLASS * 100 + activity_id,
        "unmapped": {"habitual": unmapped(finding)},
    })
}

/// What an earlier run has reported already is updated.
fn activity(finding: &Finding) -> (u32, &'static str) {
    match finding.recurrence {
        None | Some(Recurrence::New) => (1, "Create"),
        Some(Recurrence::Changed | Recurrence::Ongoing) => (2, "Update"),
    }
}

fn severity(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::None => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn confidence_id(confidence: Confidence) -> u32 {
    match confidence {
        Confidence::Low => 1,
        Confidence::Medium => 2,
        Confidence::High => 3,
    }
}

fn finding_info(finding: &Finding) -> Value {
    let attacks: Vec<Value> = finding.tags.attack.iter().map(|id| attack(id)).collect();
    let related: Vec<Value> = event_ids(finding)
        .map(|id| json!({"uid": Text(id)}))
        .collect();
    let tags: Vec<Value> = [
        ("owasp_nhi", &finding.tags.owasp_nhi),
        ("nist_csf", &finding.tags.nist_csf),
        ("owasp_agentic", &finding.tags.owasp_agentic),
    ]
    .into_iter()
    .filter(|(_, ids)| !ids.is_empty())
    .map(|(name, ids)| json!({"name": name, "values": ids}))
    .collect();
    let sources: Vec<&str> = finding.identity.sources.iter().map(|s| s.name()).collect();
    json!({
        "analytic": {
            "name": "departure from habit",
            "type": "Behavioral",
            "type_id": BEHAVIORAL,
            "uid": "habitual.replay",
            "version": alert::VERSION,
        },
        "attacks": attacks,
        "created_time": millis(finding.review.end),
        "data_sources": sources,
        "desc": Text(&alert::description(finding)),
        "first_seen_time": millis(alert::first_sign(finding)),
        "last_seen_time": millis(alert::last_time(finding)),
        "related_events": related,
        "tags": tags,
        "title": Text(&alert::title(finding)),
        "types": [finding.channel.name()],
        "uid": Text(&finding.finding_id),
    })
}

/// Ids of the cited events, each once and in the order of the evidence.
fn event_ids(finding: &Finding) -> impl Iterator<Item = &str> {
    let mut seen = std::collections::BTreeSet::new();
    let ids = finding.evidence.iter().flat_map(|e| &e.event_ids);
    ids.map(|id| id.as_raw())
        .filter(move |id| !id.is_empty() && seen.insert(*id))
}

fn attack(id: &str) -> Value {
    let (technique, sub) = alert::technique(id);
    let named = |id: &str| match framework::name(id) {
        Some(name) => json!({"uid": id, "name": name}),
        None => json!({"uid": id}),
    };
    let mut attack = json!({
        "technique": named(technique),
        "version": framework::attack_version(),
    });
    if let (Some(sub), Some(attack)) = (sub, attack.as_object_mut()) {
        attack.insert("sub_technique".to_owned(), named(sub));
    }
    attack
}

fn user(finding: &Finding) -> Value {
    let identity = &finding.identity;
    let (type_id, kind) = match identity.class {
        Class::Human => (1, "User"),
        Class::Root => (2, "Admin"),
        Class::CloudService => (3, "System"),
        Class::ServiceAccount | Class::Workload | Class::Agent => (4, "Service"),
        Class::Anonymous | Class::Unknown => (0, "Unknown"),
        Class::Federated => (99, "federated"),
    };
    let mut user = json!({
        "name": text(&identity.name),
        "type": kind,
        "type_id": type_id,
        "uid": text(&identity.id),
        "risk_score": alert::risk_score(finding),
    });
    if let Some(user) = user.as_object_mut() {
        if let Some((_, native)) = &identity.native {
            user.insert("uid_alt".to_owned(), json!(text(native)));
        }
        if !identity.tenant.as_raw().is_empty() {
            user.insert("account".to_owned(), json!({"uid": text(&identity.tenant)}));
        }
    }
    user
}

fn evidences(finding: &Finding) -> Vec<Value> {
    finding
        .evidence
        .iter()
        .map(|evidence| {
            json!({
                "actor": {"user": user(finding)},
                "data": {
                    "family": evidence.family,
                    "period": Text(&evidence.day),
                    "bits": finite(Some(evidence.bits)),
                    "share": finite(Some(evidence.share)),
                    "novelty": evidence.novelty.map(crate::finding::Novelty::name),
                    "sentence": text(&evidence.sentence),
                    "n_events": evidence.n_events,
                    "values": texts(&evidence.values),
                    "n_more_values": evidence.n_more_values,
                    "event_ids": texts(&evidence.event_ids),
                    "records": texts(&evidence.records),
                },
                "name": evidence.dimension,
            })
        })
        .collect()
}

fn anomaly_analyses(finding: &Finding) -> Vec<Value> {
    if finding.evidence.is_empty() {
        return Vec::new();
    }
    let each = |of: fn(&Finding, &Evidence) -> Value| -> Vec<Value> {
        finding.evidence.iter().map(|e| of(finding, e)).collect()
    };
    vec![json!({
        "analysis_targets": [{
            "name": text(&finding.identity.name),
            "type": finding.identity.class.name(),
        }],
        "anomalies": each(anomaly),
        "baselines": each(baseline),
    })]
}

fn anomaly(finding: &Finding, evidence: &Evidence) -> Value {
    let start = alert::time_of(finding, evidence);
    json!({
        "observation_type": observation_type(evidence),
        "observations": [{
            "count": evidence.n_events,
            "timespan": {"start_time": millis(start), "end_time": millis(finding.review.end), "type_id": INTERVAL},
            "value": text(&evidence.observed),
        }],
        "observation_parameter": evidence.dimension,
        "observed_pattern": match evidence.novelty {
            Some(_) => "UNSEEN",
            None => "OUT_OF_RANGE",
        },
    })
}

fn baseline(finding: &Finding, evidence: &Evidence) -> Value {
    json!({
        "observation_type": observation_type(evidence),
        "observations": [{
            "count": finding.support.n_events,
            "value": text(&evidence.typical),
        }],
        "observation_parameter": evidence.dimension,
    })
}

/// One of the kinds of analysis that the schema gives as examples.
fn observation_type(evidence: &Evidence) -> &'static str {
    match (evidence.novelty, evidence.family) {
        (_, "when") => "Time Pattern Analysis",
        (_, "order") => "Sequence Analysis",
        (Some(_), "relation") => "Association Analysis",
        (Some(_), _) => "Frequency Analysis",
        (None, "how_much" | "breadth") => "Volume Analysis",
        (None, _) => "Deviation Analysis",
    }
}

fn unmapped(finding: &Finding) -> Value {
    let support = &finding.support;
    json!({
        "schema": "habitual.finding/1",
        "rank": finding.rank,
        "p_value": finite(finding.p_value),
        "q_value": finite(finding.q_value),
        "surprise_bits": finite(flat::surprise_bits(finding)),
        "class": finding.identity.class.name(),
        "basis": finding.identity.basis,
        "review": super::json::WindowShape::of(finding.review),
        "support": {
            "active_days": support.active_days,
            "usable_days": support.usable_days,
            "n_events": support.n_events,
            "verdict": support.verdict.name(),
        },
        "peers": {"group": Text(&finding.peers.group), "size": finding.peers.size},
        "next_steps": safe_steps(finding).map(text).collect::<Vec<_>>(),
    })
}
