//! Whether Okta's own risk engine marked an event.
//!
//! Its verdict is a fact beside ours and never enters a baseline: learning
//! from it would mean learning the vendor's model.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess};

use super::record::LogEvent;
use crate::ingest::text::{Loose, Text, read};

/// Whether the event carries a verdict: a suspected threat, a high risk level,
/// or a behaviour that Okta found new.
pub(super) fn is_marked(log: &LogEvent<'_>) -> bool {
    let debug = &log.debug_context.value.debug_data.value;
    let security = &log.security_context.value;
    let log_only = &debug.log_only_security_data.value;
    debug.threat_suspected.is_true()
        || [
            security.risk,
            security.user_behaviors,
            debug.risk,
            debug.behaviors,
            log_only.risk,
            log_only.behaviors,
        ]
        .contains(&Verdict::Marked)
}

/// What one place of a record says of risk. It is written in several ways:
/// `{level=HIGH}` and `{New IP=POSITIVE}` as text, the same as JSON, or a list
/// of behaviours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing, or nothing bad.
    #[default]
    Clear,
    /// A high risk, or something new.
    Marked,
}

impl Verdict {
    fn of(key: &str, value: &str) -> Self {
        let is_high = key.eq_ignore_ascii_case("level") && value.eq_ignore_ascii_case("HIGH");
        if is_high || value.eq_ignore_ascii_case("POSITIVE") {
            Self::Marked
        } else {
            Self::Clear
        }
    }

    fn or(self, other: Self) -> Self {
        if self == Self::Marked { self } else { other }
    }
}

impl<'de> Loose<'de> for Verdict {
    fn scalar(text: Cow<'de, str>) -> Self {
        let text = text.trim();
        if text.starts_with("{\"") {
            return serde_json::from_str(text).unwrap_or_default();
        }
        let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
        let pairs = inner.unwrap_or_default().split(", ");
        pairs
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| Self::of(key, value))
            .fold(Self::Clear, Self::or)
    }

    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut verdict = Self::Clear;
        while let Some((key, value)) = map.next_entry::<Text<'de>, Text<'de>>()? {
            let own = Self::of(
                key.get().unwrap_or_default(),
                value.get().unwrap_or_default(),
            );
            verdict = verdict.or(own);
        }
        Ok(verdict)
    }

    fn array<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut verdict = Self::Clear;
        while let Some(own) = seq.next_element()? {
            verdict = verdict.or(own);
        }
        Ok(verdict)
    }
}

impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[track_caller]
    fn verdict(json: &str, expected: Verdict) {
        let found: Verdict = serde_json::from_str(json).unwrap();
        assert_eq!(found, expected, "{json}");
    }

    #[test]
    fn verdicts_are_read_however_they_are_written() {
        for json in [
            r#""{level=HIGH}""#,
            r#""{reasons=Anomalous Device, New IP, level=HIGH}""#,
            r#""{New Device=NEGATIVE, New IP=POSITIVE}""#,
            r#"{"level":"HIGH","reasons":"x"}"#,
            r#""{\"level\":\"HIGH\"}""#,
            r#"{"New IP":"POSITIVE"}"#,
            r#"[{"name":"New City","result":"NEGATIVE"},{"name":"New IP","result":"POSITIVE"}]"#,
        ] {
            verdict(json, Verdict::Marked);
        }
    }

    #[test]
    fn what_only_resembles_a_verdict_is_none() {
        for json in [
            "null",
            "7",
            r#""HIGH""#,
            r#""{level=LOW}""#,
            r#""{reasons=not level=HIGH at all, level=MEDIUM}""#,
            r#""{reasons=level=HIGH}""#,
            r#""{New IP=NEGATIVE}""#,
            r#"{"level":{"HIGH":1}}"#,
            r#"[[["x"]]]"#,
            r#""{\"level\":""#,
        ] {
            verdict(json, Verdict::Clear);
        }
    }
}
