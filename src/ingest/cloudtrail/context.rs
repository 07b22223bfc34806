//! CloudTrail documents that are no events and say something about them:
//! insights and digests.

use serde::Deserialize;

use crate::event::{Provenance, Window};
use crate::ingest::coverage::{Digest, Insight, SkipReason, TrailCoverage};
use crate::ingest::text::{List, Nested, Text};
use crate::ingest::time::Time;

/// How many callers of one insight are kept.
const MAX_CALLERS: usize = 5;

/// Takes note of what the document `text`, which is skipped for this `reason`,
/// says. One that cannot be read says nothing.
pub(in crate::ingest) fn observe(
    reason: SkipReason,
    text: &str,
    record: Provenance,
    trail: &mut TrailCoverage,
) {
    match reason {
        SkipReason::Insight => trail.insights.observe(insight(text), record),
        SkipReason::Digest => {
            if let Some(digest) = digest(text) {
                trail.digests.observe(digest);
            }
        }
        _ => {}
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InsightRecord<'a> {
    #[serde(borrow, rename = "eventID")]
    event_id: Text<'a>,
    event_time: Time,
    insight_details: Nested<InsightDetails<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InsightDetails<'a> {
    #[serde(borrow)]
    state: Text<'a>,
    event_source: Text<'a>,
    event_name: Text<'a>,
    insight_type: Text<'a>,
    error_code: Text<'a>,
    insight_context: Nested<InsightContext<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InsightContext<'a> {
    #[serde(borrow)]
    attributions: List<Attribution<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attribution<'a> {
    #[serde(borrow)]
    attribute: Text<'a>,
    insight: List<Attributed<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attributed<'a> {
    #[serde(borrow)]
    value: Text<'a>,
}

/// The insight that begins with the record `text`; one that ends says nothing
/// that its beginning did not.
fn insight(text: &str) -> Option<Insight> {
    let record: InsightRecord<'_> = serde_json::from_str(text).ok()?;
    let details = record.insight_details.value;
    if details.state.is("End") {
        return None;
    }
    let text = |text: &Text<'_>| text.get().unwrap_or_default().into();
    let source = details.event_source.get()?;
    let service = source.split('.').next().unwrap_or(source);
    let callers = details
        .insight_context
        .value
        .attributions
        .0
        .iter()
        .filter(|attribution| attribution.attribute.is("userIdentityArn"))
        .flat_map(|attribution| &attribution.insight.0)
        .filter_map(|attributed| attributed.value.get())
        .take(MAX_CALLERS)
        .map(Into::into);
    Some(Insight {
        time: record.event_time.0?.plausible()?,
        id: text(&record.event_id),
        kind: text(&details.insight_type),
        action: format!("{service}:{}", details.event_name.get()?).into(),
        error: details.error_code.get().map(Into::into),
        callers: callers.collect(),
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DigestDocument<'a> {
    digest_start_time: Time,
    digest_end_time: Time,
    #[serde(borrow)]
    digest_s3_object: Text<'a>,
    previous_digest_s3_object: Text<'a>,
    log_files: Option<Vec<Nested<LogFile<'a>>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LogFile<'a> {
    #[serde(borrow)]
    s3_object: Text<'a>,
}

fn digest(text: &str) -> Option<Digest> {
    let document: DigestDocument<'_> = serde_json::from_str(text).ok()?;
    let name = |path: &Text<'_>| {
        let path = path.get()?;
        path.rsplit('/').next().map(Box::from)
    };
    let files = document.log_files.iter().flatten();
    Some(Digest {
        name: name(&document.digest_s3_object)?,
        window: Window {
            start: document.digest_start_time.0?.plausible()?,
            end: document.digest_end_time.0?.plausible()?,
        },
        previous: name(&document.previous_digest_s3_object),
        log_files: files
            .filter_map(|file| name(&file.value.s3_object))
            .collect(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn insight_names_who_called_what_and_when() {
        let text = r#"{"eventVersion":"1.08","eventTime":"2026-11-07T09:00:00Z","eventID":"i-1",
            "eventCategory":"Insight","eventType":"AwsCloudTrailInsight","insightDetails":{
            "state":"Start","eventSource":"iam.amazonaws.com","eventName":"GetPolicy",
            "insightType":"ApiErrorRateInsight","errorCode":"null","insightContext":{
            "statistics":{"insight":{"average":9.5}},"attributions":[
            {"attribute":"userAgent","insight":[{"value":"curl","average":1}]},
            {"attribute":"userIdentityArn","insight":[{"value":"arn:aws:iam::1:user/ann","average":9}],
             "baseline":[{"value":"arn:aws:iam::1:user/bob"}]}]}}}"#;
        let found = insight(text).unwrap();
        assert_eq!(found.action.as_raw(), "iam:GetPolicy");
        assert_eq!(found.error, None, "the word null is no code");
        let callers: Vec<_> = found.callers.iter().map(|c| c.as_raw()).collect();
        assert_eq!(callers, ["arn:aws:iam::1:user/ann"]);
        assert_eq!(insight(&text.replace("Start", "End")), None);
        assert_eq!(insight("{}"), None);
    }

    #[test]
    fn digest_lists_files_by_name() {
        let text = r#"{"awsAccountId":"1","digestStartTime":"2026-11-07T09:00:00Z",
            "digestEndTime":"2026-11-07T10:00:00Z","digestS3Object":"AWSLogs/1/d_2.json.gz",
            "newestEventTime":null,"previousDigestS3Object":"AWSLogs/1/d_1.json.gz",
            "logFiles":[{"s3Object":"AWSLogs/1/CloudTrail/x.json.gz","hashValue":"00"}]}"#;
        let found = digest(text).unwrap();
        assert_eq!(&*found.name, "d_2.json.gz");
        assert_eq!(found.previous.as_deref(), Some("d_1.json.gz"));
        assert_eq!(found.log_files, ["x.json.gz".into()]);
        let first = text.replace("\"AWSLogs/1/d_1.json.gz\"", "null");
        assert_eq!(digest(&first).unwrap().previous, None);
        assert_eq!(digest("{\"digestStartTime\":7}"), None);
    }
}
