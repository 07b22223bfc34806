//! Vault entries whose time was taken out of them and kept beside them.

use serde_json::{Map, Value};

use super::Rebuilt;
use crate::event::Source;
use crate::ingest::coverage::SkipReason;

/// The Vault entry `entry`, with `time` put back where it lacks its own.
pub(super) fn rebuild(
    mut entry: Map<String, Value>,
    time: Option<&Value>,
) -> Result<Rebuilt, SkipReason> {
    if !entry.get("request").is_some_and(Value::is_object) {
        return Err(SkipReason::UnknownType);
    }
    if let Some(time) = time {
        entry.entry("time").or_insert_with(|| time.clone());
    }
    Ok(Rebuilt {
        source: Source::Vault,
        text: Value::Object(entry).to_string(),
        is_reduced: false,
    })
}

/// The entry that a record of Google's logging, `text`, carries.
pub(super) fn of_log_entry(text: &str) -> Result<Rebuilt, SkipReason> {
    let mut record: Value = serde_json::from_str(text).map_err(|_| SkipReason::Malformed)?;
    let payload = record.get_mut("jsonPayload").map(Value::take);
    match payload {
        Some(Value::Object(entry)) => rebuild(entry, record.get("timestamp")),
        _ => Err(SkipReason::UnknownType),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_put_back_where_it_was_taken_out() {
        let text = |record: &str| of_log_entry(record).map(|rebuilt| rebuilt.text);
        assert_eq!(
            text(
                r#"{"jsonPayload":{"request":{},"type":"request"},"timestamp":"2026-11-07T09:01:00.5Z"}"#
            ),
            Ok(r#"{"request":{},"time":"2026-11-07T09:01:00.5Z","type":"request"}"#.to_owned())
        );
        assert_eq!(
            text(r#"{"jsonPayload":{"request":{},"time":"own"},"timestamp":"t"}"#),
            Ok(r#"{"request":{},"time":"own"}"#.to_owned())
        );
        assert_eq!(text(r#"{"jsonPayload":1}"#), Err(SkipReason::UnknownType));
        assert_eq!(text("{"), Err(SkipReason::Malformed));
    }
}
