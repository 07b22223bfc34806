//! HEC: one event of Splunk's HTTP Event Collector per line. The event is the
//! finding as `habitual.finding/1`; what one filters by is an indexed field
//! too. Nothing is sent, and no token is known: `curl --data-binary @FILE`.

use std::io::Write;

use serde::Serialize;
use serde_json::{Value, json};

use super::Report;
use super::alert;
use super::json::{FindingShape, text, write_line};
use crate::event::Timestamp;
use crate::finding::Finding;

/// One event. Its host is left to the collector: it is none of ours.
#[derive(Serialize)]
struct Event<'a> {
    time: Option<f64>,
    source: &'static str,
    sourcetype: &'static str,
    event: FindingShape<'a>,
    fields: Value,
}

/// Writes the listed findings, one per line.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    for finding in report.listed() {
        let event = Event {
            time: seconds(alert::first_sign(finding)),
            source: alert::PRODUCT,
            sourcetype: "habitual:finding",
            event: FindingShape::of(finding),
            fields: fields(finding),
        };
        write_line(&event, out)?;
    }
    Ok(())
}

/// Seconds since the epoch, with microseconds.
fn seconds(time: Timestamp) -> Option<f64> {
    let micros = time.micros().rem_euclid(1_000_000);
    // Through text, which loses nothing that a double can hold.
    format!("{}.{micros:06}", time.seconds()).parse().ok()
}

/// Indexed fields must be flat, and what is empty is none.
fn fields(finding: &Finding) -> Value {
    let mut fields = json!({
        "severity": finding.severity.name(),
        "class": finding.identity.class.name(),
        "identity": text(&finding.identity.name),
        "risk_score": alert::risk_score(finding),
        "selected": finding.is_selected,
    });
    if let Some(fields) = fields.as_object_mut() {
        if !finding.identity.tenant.is_empty() {
            fields.insert("tenant".to_owned(), json!(text(&finding.identity.tenant)));
        }
        if !finding.tags.attack.is_empty() {
            fields.insert("attack".to_owned(), json!(finding.tags.attack));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn seconds_keep_their_microseconds() {
        let at = Timestamp::from_micros(1_762_135_844_000_001);
        assert!((seconds(at).unwrap() - 1_762_135_844.000_001).abs() < 1e-6);
        let before = Timestamp::from_micros(-500_000);
        assert_eq!(before.seconds(), -1, "seconds are rounded down");
    }
}
