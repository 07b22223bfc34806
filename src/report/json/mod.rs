//! JSON: the shape that others may rely on, `habitual.finding/1` per finding
//! and `habitual.report/1` around all of them. Fields may be added within a
//! major version, never renamed or removed.
//!
//! Text is exact: a parser gets back what was logged (secrets redacted), while
//! the document itself can be shown in a terminal. Numbers are finite; absent
//! is `null`.

mod coverage;
mod explanation;
mod pivot;
mod rhythm;
mod roll;
mod trail;

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context as _;
use serde::{Serialize, Serializer};

use super::backtest::LessonShape;
use super::sanitize::{exact, json_document};
use super::{Inspection, Report, Roll, flat, safe_steps};
use crate::event::{Source, Timestamp, Untrusted, Window};
use crate::finding::{Assessment, Evidence, Fact, Finding, LinkedIdentity, Recurrence, framework};
use coverage::CoverageShape;
pub(super) use explanation::write_explanation;
pub(super) use pivot::{write_pivot, write_pivot_lines};
use rhythm::RhythmShape;

/// One finding per line.
pub(super) fn write_lines(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    for finding in report.findings() {
        write_line(&FindingShape::of(finding), out)?;
    }
    Ok(())
}

/// Everything in one document.
pub(super) fn write_document(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    write_pretty(&ReportShape::of(report), out)
}

/// An inspection, indented.
pub(super) fn write_inspection(
    inspection: &Inspection<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    write_pretty(&coverage::InspectionShape::of(inspection), out)
}

/// An inspection, on one line.
pub(super) fn write_inspection_line(
    inspection: &Inspection<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    write_line(&coverage::InspectionShape::of(inspection), out)
}

/// Who is who, in one document.
pub(super) fn write_roll(roll: &Roll, out: &mut dyn Write) -> anyhow::Result<()> {
    write_pretty(&roll::RollShape::of(roll), out)
}

/// One identity per line.
pub(super) fn write_roll_lines(roll: &Roll, out: &mut dyn Write) -> anyhow::Result<()> {
    for listed in &roll.identities {
        write_line(&roll::ListedShape::of(listed), out)?;
    }
    Ok(())
}

pub(super) fn write_line<T: Serialize>(value: &T, out: &mut dyn Write) -> anyhow::Result<()> {
    let line = serde_json::to_string(value).context("encoding a JSON line")?;
    writeln!(out, "{}", json_document(&line)).context("writing a JSON line")
}

pub(super) fn write_pretty<T: Serialize>(value: &T, out: &mut dyn Write) -> anyhow::Result<()> {
    let document = serde_json::to_string_pretty(value).context("encoding the JSON document")?;
    writeln!(out, "{}", json_document(&document)).context("writing the JSON document")
}

/// Text on its way out, secrets redacted.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&exact(self.0))
    }
}

pub(super) fn text(text: &Untrusted) -> Text<'_> {
    Text(text.as_raw())
}

pub(super) fn texts(texts: &[Untrusted]) -> Vec<Text<'_>> {
    texts.iter().map(text).collect()
}

/// JSON has no infinity and no NaN.
pub(super) fn finite(number: Option<f64>) -> Option<f64> {
    number.filter(|x| x.is_finite())
}

#[derive(Serialize)]
struct ReportShape<'a> {
    schema: &'static str,
    history: WindowShape,
    review: WindowShape,
    period: &'static str,
    n_scored: u32,
    n_selected: usize,
    expected_by_chance: Option<f64>,
    coverage: CoverageShape<'a>,
    cautions: Vec<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    weights: Vec<LessonShape>,
    facts: Vec<FactShape<'a>>,
    findings: Vec<FindingShape<'a>>,
}

impl<'a> ReportShape<'a> {
    fn of(report: &Report<'a>) -> Self {
        let assessment: &'a Assessment = report.assessment;
        Self {
            schema: "habitual.report/1",
            history: WindowShape::of(assessment.history),
            review: WindowShape::of(assessment.review),
            period: assessment.period,
            n_scored: assessment.n_scored,
            n_selected: assessment.findings.iter().filter(|f| f.is_selected).count(),
            expected_by_chance: finite(Some(assessment.expected_by_chance)),
            coverage: CoverageShape::of(report.coverage),
            cautions: texts(&assessment.cautions),
            weights: assessment.lessons.iter().map(LessonShape::of).collect(),
            facts: assessment.facts.iter().map(FactShape::of).collect(),
            findings: report.findings().map(FindingShape::of).collect(),
        }
    }
}

/// Half-open, RFC 3339 in UTC.
#[derive(Serialize)]
pub(super) struct WindowShape {
    start: String,
    end: String,
}

impl WindowShape {
    pub(super) fn of(window: Window) -> Self {
        Self {
            start: window.start.rfc3339(),
            end: window.end.rfc3339(),
        }
    }
}

#[derive(Serialize)]
struct FactShape<'a> {
    identity_id: Text<'a>,
    identity: Text<'a>,
    time: String,
    sentence: Text<'a>,
    event_id: Text<'a>,
    record: Text<'a>,
}

impl<'a> FactShape<'a> {
    fn of(fact: &'a Fact) -> Self {
        Self {
            identity_id: text(&fact.identity_id),
            identity: text(&fact.identity),
            time: fact.time.rfc3339(),
            sentence: text(&fact.sentence),
            event_id: text(&fact.event_id),
            record: text(&fact.record),
        }
    }
}

#[derive(Serialize)]
pub(super) struct FindingShape<'a> {
    schema: &'static str,
    finding_id: Text<'a>,
    rank: Option<u32>,
    identity: IdentityShape<'a>,
    review: WindowShape,
    p_value: Option<f64>,
    q_value: Option<f64>,
    surprise_bits: Option<f64>,
    severity: &'static str,
    is_selected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    channel: Option<&'static str>,
    support: SupportShape,
    abstained: Option<Text<'a>>,
    first_sign: Option<String>,
    days: Vec<DayShape<'a>>,
    evidence: Vec<EvidenceShape<'a>>,
    facts: Vec<FactShape<'a>>,
    peers: PeersShape<'a>,
    tags: TagsShape<'a>,
    next_steps: Vec<Text<'a>>,
    rhythm: Option<RhythmShape>,
}

impl<'a> FindingShape<'a> {
    pub(super) fn of(finding: &'a Finding) -> Self {
        Self {
            schema: "habitual.finding/1",
            finding_id: Text(&finding.finding_id),
            rank: finding.rank,
            identity: IdentityShape::of(finding),
            review: WindowShape::of(finding.review),
            p_value: finite(finding.p_value),
            q_value: finite(finding.q_value),
            surprise_bits: finite(flat::surprise_bits(finding)),
            severity: finding.severity.name(),
            is_selected: finding.is_selected,
            status: finding.recurrence.map(Recurrence::name),
            channel: finding.p_value.map(|_| finding.channel.name()),
            support: SupportShape::of(finding),
            abstained: finding.abstained.as_deref().map(Text),
            first_sign: finding.first_sign().map(Timestamp::rfc3339),
            days: DayShape::all(finding),
            evidence: finding.evidence.iter().map(EvidenceShape::of).collect(),
            facts: finding.facts.iter().map(FactShape::of).collect(),
            peers: PeersShape {
                group: Text(&finding.peers.group),
                size: finding.peers.size,
                nearest: texts(&finding.peers.nearest),
            },
            tags: TagsShape {
                attack: &finding.tags.attack,
                owasp_nhi: &finding.tags.owasp_nhi,
                nist_csf: &finding.tags.nist_csf,
                owasp_agentic: &finding.tags.owasp_agentic,
                attack_version: framework::attack_version(),
                attack_formerly: finding
                    .tags
                    .attack
                    .iter()
                    .filter_map(|id| framework::former(id))
                    .collect(),
            },
            next_steps: safe_steps(finding).map(text).collect(),
            rhythm: finding.rhythm.as_ref().map(RhythmShape::of),
        }
    }
}

#[derive(Serialize)]
struct IdentityShape<'a> {
    id: Text<'a>,
    name: Text<'a>,
    class: &'static str,
    tenant: Text<'a>,
    sources: Vec<&'static str>,
    native: BTreeMap<&'static str, Text<'a>>,
    basis: &'static str,
    linked: Vec<LinkedShape<'a>>,
}

impl<'a> IdentityShape<'a> {
    fn of(finding: &'a Finding) -> Self {
        let identity = &finding.identity;
        Self {
            id: text(&identity.id),
            name: text(&identity.name),
            class: identity.class.name(),
            tenant: text(&identity.tenant),
            sources: identity.sources.iter().map(|s| s.name()).collect(),
            native: identity
                .native
                .iter()
                .map(|(kind, name)| (*kind, text(name)))
                .collect(),
            basis: identity.basis,
            linked: identity.linked.iter().map(LinkedShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct LinkedShape<'a> {
    id: Text<'a>,
    name: Text<'a>,
    source: Option<&'static str>,
    rule: &'static str,
    confidence: Option<f64>,
    n_evidence: u64,
    first_seen: String,
    last_seen: String,
    kind: &'static str,
    finding_id: Option<Text<'a>>,
}

impl<'a> LinkedShape<'a> {
    fn of(linked: &'a LinkedIdentity) -> Self {
        Self {
            id: text(&linked.id),
            name: text(&linked.name),
            source: linked.source.map(Source::name),
            rule: linked.rule,
            confidence: finite(Some(linked.confidence)),
            n_evidence: linked.n_evidence,
            first_seen: linked.seen.0.rfc3339(),
            last_seen: linked.seen.1.rfc3339(),
            kind: linked.kind.name(),
            finding_id: linked.finding_id.as_deref().map(Text),
        }
    }
}

#[derive(Serialize)]
struct SupportShape {
    active_days: u32,
    usable_days: u32,
    n_events: u64,
    verdict: &'static str,
    verdicts: Vec<&'static str>,
}

impl SupportShape {
    fn of(finding: &Finding) -> Self {
        let support = &finding.support;
        Self {
            active_days: support.active_days,
            usable_days: support.usable_days,
            n_events: support.n_events,
            verdict: support.verdict.name(),
            verdicts: support.verdicts.iter().map(|v| v.name()).collect(),
        }
    }
}

#[derive(Serialize)]
struct DayShape<'a> {
    date: Text<'a>,
    start: String,
    p_value: Option<f64>,
    n_events: u64,
}

impl<'a> DayShape<'a> {
    fn all(finding: &'a Finding) -> Vec<Self> {
        let shape = |day: &'a crate::finding::FindingDay| Self {
            date: Text(&day.label),
            start: day.start.rfc3339(),
            p_value: finite(day.p_value),
            n_events: day.n_events,
        };
        finding.days.iter().map(shape).collect()
    }
}

#[derive(Serialize)]
struct EvidenceShape<'a> {
    dimension: &'static str,
    family: &'static str,
    date: Text<'a>,
    bits: Option<f64>,
    share: Option<f64>,
    novelty: Option<&'static str>,
    observed: Text<'a>,
    typical: Text<'a>,
    sentence: Text<'a>,
    first_time: Option<String>,
    n_events: u64,
    values: Vec<Text<'a>>,
    n_more_values: u64,
    event_ids: Vec<Text<'a>>,
    records: Vec<Text<'a>>,
}

impl<'a> EvidenceShape<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        Self {
            dimension: evidence.dimension,
            family: evidence.family,
            date: Text(&evidence.day),
            bits: finite(Some(evidence.bits)),
            share: finite(Some(evidence.share)),
            novelty: evidence.novelty.map(crate::finding::Novelty::name),
            observed: text(&evidence.observed),
            typical: text(&evidence.typical),
            sentence: text(&evidence.sentence),
            first_time: evidence.first_time.map(Timestamp::rfc3339),
            n_events: evidence.n_events,
            values: texts(&evidence.values),
            n_more_values: evidence.n_more_values,
            event_ids: texts(&evidence.event_ids),
            records: texts(&evidence.records),
        }
    }
}

#[derive(Serialize)]
struct PeersShape<'a> {
    group: Text<'a>,
    size: u32,
    nearest: Vec<Text<'a>>,
}

#[derive(Serialize)]
struct TagsShape<'a> {
    attack: &'a [&'static str],
    owasp_nhi: &'a [&'static str],
    nist_csf: &'a [&'static str],
    owasp_agentic: &'a [&'static str],
    /// The edition of the ids in `attack`.
    attack_version: &'static str,
    /// What some of them were in earlier editions.
    attack_formerly: Vec<&'static str>,
}
