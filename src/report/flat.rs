//! The flat view: one row per finding, the same columns in CSV and Parquet.
//!
//! Lists are joined with spaces or `; `. What does not fit a row (every day,
//! every piece of evidence) is in the JSON formats.

use super::sanitize::exact;
use super::{Report, days_in_evidence, leading, safe_steps};
use crate::event::{Timestamp, Untrusted};
use crate::finding::{Evidence, Finding};

/// One column: a name, and how its cell is taken from a finding.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) cell: CellOf,
}

/// How a cell is taken; the variant is the type of the column.
pub(super) enum CellOf {
    Text(fn(&Finding) -> Option<String>),
    Count(fn(&Finding) -> Option<u64>),
    Number(fn(&Finding) -> Option<f64>),
    Time(fn(&Finding) -> Option<Timestamp>),
    Flag(fn(&Finding) -> bool),
}

const fn column(name: &'static str, cell: CellOf) -> Column {
    Column { name, cell }
}

/// The columns, in order. Names may be added within a major version.
pub(super) const COLUMNS: [Column; 42] = {
    use CellOf::{Count, Flag, Number, Text, Time};
    [
        column("rank", Count(|f| f.rank.map(u64::from))),
        column("finding_id", Text(|f| own(&f.finding_id))),
        column("severity", Text(|f| own(f.severity.name()))),
        column("is_selected", Flag(|f| f.is_selected)),
        column("identity_id", Text(|f| logged(&f.identity.id))),
        column("identity_name", Text(|f| logged(&f.identity.name))),
        column("class", Text(|f| own(f.identity.class.name()))),
        column("tenant", Text(|f| logged(&f.identity.tenant))),
        column("sources", Text(sources)),
        column("native", Text(native)),
        column("review_start", Time(|f| Some(f.review.start))),
        column("review_end", Time(|f| Some(f.review.end))),
        column("p_value", Number(|f| f.p_value)),
        column("q_value", Number(|f| f.q_value)),
        column("surprise_bits", Number(surprise_bits)),
        column("channel", Text(channel)),
        column("verdict", Text(|f| own(f.support.verdict.name()))),
        column("verdicts", Text(verdicts)),
        column("active_days", Count(|f| Some(f.support.active_days.into()))),
        column("usable_days", Count(|f| Some(f.support.usable_days.into()))),
        column("history_events", Count(|f| Some(f.support.n_events))),
        column("review_events", Count(|f| Some(review_events(f)))),
        column("days", Text(|f| joined(days_in_evidence(f), " "))),
        column("first_time", Time(Finding::first_sign)),
        column("reason", Text(|f| of_lead(f, |e| &e.sentence))),
        column("dimension", Text(|f| own(leading(f)?.dimension))),
        column("family", Text(|f| own(leading(f)?.family))),
        column("novelty", Text(|f| own(leading(f)?.novelty?.name()))),
        column("observed", Text(|f| of_lead(f, |e| &e.observed))),
        column("typical", Text(|f| of_lead(f, |e| &e.typical))),
        column("evidence_bits", Number(|f| Some(leading(f)?.bits))),
        column("second_reason", Text(|f| reason(f, 1))),
        column("third_reason", Text(|f| reason(f, 2))),
        column("event_ids", Text(|f| list(&leading(f)?.event_ids, " "))),
        column("records", Text(|f| list(&leading(f)?.records, " "))),
        column("peer_group", Text(|f| own(&f.peers.group))),
        column("peers", Count(|f| Some(f.peers.size.into()))),
        column("attack", Text(|f| joined(&f.tags.attack, " "))),
        column("owasp_nhi", Text(|f| joined(&f.tags.owasp_nhi, " "))),
        column("nist_csf", Text(|f| joined(&f.tags.nist_csf, " "))),
        column("next_step", Text(|f| logged(safe_steps(f).next()?))),
        column("abstained", Text(|f| own(f.abstained.as_deref()?))),
    ]
};

/// The rows, in the order of the report.
pub(super) fn rows<'a>(report: &Report<'a>) -> Vec<&'a Finding> {
    report.findings().collect()
}

/// Minus log2 of p, to six decimals: the logarithm's last digits differ
/// between platforms.
pub(super) fn surprise_bits(finding: &Finding) -> Option<f64> {
    finding
        .surprise_bits()
        .map(|bits| (bits * 1e6).round() / 1e6)
}

fn own(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| exact(text).into_owned())
}

fn logged(text: &Untrusted) -> Option<String> {
    own(text.as_raw())
}

fn joined<T: AsRef<str>>(texts: impl IntoIterator<Item = T>, separator: &str) -> Option<String> {
    let texts: Vec<String> = texts
        .into_iter()
        .map(|text| exact(text.as_ref()).into_owned())
        .collect();
    (!texts.is_empty()).then(|| texts.join(separator))
}

fn list(texts: &[Untrusted], separator: &str) -> Option<String> {
    joined(texts.iter().map(Untrusted::as_raw), separator)
}

fn sources(finding: &Finding) -> Option<String> {
    joined(finding.identity.sources.iter().map(|s| s.name()), " ")
}

fn verdicts(finding: &Finding) -> Option<String> {
    joined(finding.support.verdicts.iter().map(|v| v.name()), " ")
}

/// The reading that set the p-value, where there is one.
fn channel(finding: &Finding) -> Option<String> {
    finding.p_value.and(own(finding.channel.name()))
}

fn native(finding: &Finding) -> Option<String> {
    finding
        .identity
        .native
        .as_ref()
        .and_then(|(_, name)| logged(name))
}

fn review_events(finding: &Finding) -> u64 {
    finding
        .days
        .iter()
        .fold(0, |sum, day| sum.saturating_add(day.n_events))
}

fn reason(finding: &Finding, idx: usize) -> Option<String> {
    logged(&finding.evidence.get(idx)?.sentence)
}

fn of_lead(finding: &Finding, field: fn(&Evidence) -> &Untrusted) -> Option<String> {
    logged(field(leading(finding)?))
}
