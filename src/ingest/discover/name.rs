//! What a path says about a file: a hint, and enough to leave out what exporters
//! and other services put next to logs.

use std::ffi::OsStr;
use std::path::{Component, Path};

use crate::event::{Timestamp, Window};
use crate::ingest::coverage::PassReason;
use crate::ingest::time;

/// Side files, by their whole name.
const SIDE_FILES: [&[u8]; 3] = [b".DS_Store", b"aws-logs-write-test", b"_SUCCESS"];

/// Side files, by the end of their name.
const SIDE_FILE_ENDS: [&[u8]; 3] = [b".csv.metadata", b".crc", b"sign.json"];

/// Side files that macOS puts next to every file of an archive, by the
/// beginning of their name.
const RESOURCE_FORK: &[u8] = b"._";

/// Folders of other services next to CloudTrail's, as a beginning of the name.
const OTHER_AWS_LOGS: [&str; 9] = [
    "Config",
    "vpcflowlogs",
    "vpcdnsquerylogs",
    "elasticloadbalancing",
    "WAFLogs",
    "GuardDuty",
    "route53",
    "network-firewall",
    "CloudFront",
];

/// How long after their window events may still be delivered.
const DELAY_SECONDS: i64 = 24 * 3600;

/// The name tells the minute of delivery and nothing smaller.
const MINUTE_SECONDS: i64 = 60;

/// Why the file at `path`, which nobody named, is no input.
pub(in crate::ingest) fn pass_reason(path: &Path) -> Option<PassReason> {
    if is_side_file(path) {
        Some(PassReason::SideFile)
    } else {
        aws_reason(path)
    }
}

/// Files that exporters and desktops leave next to logs.
fn is_side_file(path: &Path) -> bool {
    let name = path.file_name().map_or(&b""[..], OsStr::as_encoded_bytes);
    SIDE_FILES.contains(&name)
        || SIDE_FILE_ENDS.iter().any(|end| name.ends_with(end))
        || name.starts_with(RESOURCE_FORK)
        || path.components().any(|part| part.as_os_str() == "__MACOSX")
}

/// Why `…/AWSLogs/[organisation/]account/service/…` is no input, by its service.
fn aws_reason(path: &Path) -> Option<PassReason> {
    let folders = path.parent().map(Path::components).into_iter().flatten();
    let mut below = folders
        .filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .skip_while(|name| *name != "AWSLogs")
        .skip(1)
        .skip_while(|name| name.starts_with("o-"));
    let is_account = |name: &&str| name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit());
    below.next().filter(is_account)?;
    let service = below.next()?;
    if service.contains("Aggregated") {
        return Some(PassReason::Aggregated);
    }
    let is_other = OTHER_AWS_LOGS
        .iter()
        .any(|other| service.starts_with(other));
    is_other.then_some(PassReason::OtherAwsLog)
}

/// Whether CloudTrail delivered the file at `path` when it could hold nothing
/// of `window`: before its start, for no event is logged before it happens, or
/// more than a day after its end.
pub(super) fn is_delivered_outside(path: &Path, window: &Window) -> bool {
    let name = path.file_name().and_then(OsStr::to_str);
    name.and_then(delivery).is_some_and(|delivered| {
        let last = delivered.saturating_add_seconds(MINUTE_SECONDS);
        last <= window.start || window.end.saturating_add_seconds(DELAY_SECONDS) <= delivered
    })
}

/// Whether the name of the file at `path` is one that CloudTrail gives.
pub(super) fn is_delivery(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str);
    name.and_then(delivery).is_some()
}

/// When a file was delivered that is called
/// `account_CloudTrail_region_20261107T1805Z_unique.json.gz`.
fn delivery(name: &str) -> Option<Timestamp> {
    let (account, rest) = name.split_once("_CloudTrail_")?;
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let (region, rest) = rest.split_once('_').filter(|_| is_account)?;
    let (minute, rest) = rest.split_at_checked("20261107T1805".len())?;
    let rest = rest.strip_prefix('Z')?;
    let is_name = region.contains('-') && rest.contains(".json");
    is_name.then(|| time::parse(&format!("{minute}00Z")))?
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "111122223333_CloudTrail_eu-west-1_20261107T1805Z_abcdefghijklmnop.json.gz";

    fn window(start: &str, end: &str) -> Option<Window> {
        Some(Window {
            start: time::parse(start)?,
            end: time::parse(end)?,
        })
    }

    #[track_caller]
    fn assert_outside(name: &str, start: &str, end: &str, expected: bool) {
        let outside = window(start, end).map(|w| is_delivered_outside(Path::new(name), &w));
        assert_eq!(outside, Some(expected), "{name} {start} {end}");
    }

    #[test]
    fn delivery_dates_are_held_against_the_window_and_a_day() {
        assert_outside(NAME, "2026-11-07T18:05:59Z", "2027-01-01T00:00:00Z", false);
        assert_outside(NAME, "2026-11-07T18:06:00Z", "2027-01-01T00:00:00Z", true);
        assert_outside(NAME, "2026-11-01T00:00:00Z", "2026-11-06T18:05:01Z", false);
        assert_outside(NAME, "2026-11-01T00:00:00Z", "2026-11-06T18:05:00Z", true);
    }

    #[test]
    fn a_name_without_a_date_is_never_outside() {
        let (start, end) = ("2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z");
        assert_outside(&NAME.replace("Z_", "Z"), start, end, true);
        for name in [
            "events.json.gz",
            "1_CloudTrail_eu-west-1_20261107T1805Z_x.json.gz",
            "111122223333_CloudTrail_eu-west-1_20269907T1805Z_x.json.gz",
            "111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1_20261107T180500Z.json.gz",
            "111122223333_CloudTrail_é",
            "111122223333_CloudTrail_eu-west-1_2026110ééé",
        ] {
            assert_outside(name, start, end, false);
        }
    }
}
