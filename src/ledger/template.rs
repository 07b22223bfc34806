//! Resource templates: what is stable about a resource's name.
//!
//! Generated parts (ids, dates, counters) are replaced, so that yesterday's
//! and today's object of the same kind are one value. The original never
//! enters the model; evidence cites it.

use std::borrow::Cow;

/// Segments kept behind the container.
const DEPTH: usize = 2;
/// Segments longer than this are cut.
const MAX_SEGMENT: usize = 64;

/// The templated scope (container and two segments) and the length of its
/// container, `None` when `scope` is empty.
///
/// # Examples
///
/// ```
/// # use habitual::ledger::template_scope;
/// let (scope, area) = template_scope("payroll/2026-11-07/report-20931").unwrap();
/// assert_eq!((scope.as_str(), &scope[..area]), ("payroll/{time}/report-{n}", "payroll"));
/// assert_eq!(template_scope("payroll/2026/10").unwrap().0, "payroll");
/// ```
#[must_use]
pub fn template_scope(scope: &str) -> Option<(String, usize)> {
    let named = arn_name(scope);
    let mut segments = named.split('/').filter(|segment| !segment.is_empty());
    let first = segments.next()?;
    let mut out = String::with_capacity(named.len());
    push_segment(&mut out, first);
    let area = out.len();
    let mut has_name = false;
    for segment in segments.take(DEPTH) {
        out.push('/');
        let from = out.len();
        push_segment(&mut out, segment);
        has_name |= !is_placeholder(out.get(from..).unwrap_or_default());
    }
    if !has_name {
        out.truncate(area);
    }
    Some((out, area))
}

/// `arn:aws:iam::111122223333:role/team/Deploy` as `iam:role/Deploy`: the
/// account is a dimension of its own, and a path in front of the name varies
/// between log sources.
fn arn_name(scope: &str) -> Cow<'_, str> {
    if !scope.starts_with("arn:") {
        return Cow::Borrowed(scope);
    }
    let mut parts = scope.splitn(6, ':');
    let (Some(service), Some(resource)) = (parts.nth(2), parts.nth(2)) else {
        return Cow::Borrowed(scope);
    };
    let (kind, name) = resource.split_once(['/', ':']).unwrap_or(("", resource));
    if service == "s3" {
        return Cow::Borrowed(resource);
    }
    let name = name.rsplit('/').next().unwrap_or(name);
    Cow::Owned([service, ":", kind, "/", name].concat())
}

/// Adds one segment with its generated part replaced; first match wins.
fn push_segment(out: &mut String, segment: &str) {
    let (n_kept, placeholder) = match shape(segment) {
        Shape::Plain => (segment.len(), ""),
        Shape::Time => (0, "{time}"),
        Shape::Number => (0, "{n}"),
        Shape::Id(prefix) => (prefix, "{id}"),
        Shape::Version => (0, "{version}"),
        Shape::Counter(text) => (text, "{n}"),
        Shape::Token => (0, "{token}"),
        Shape::Long => (segment.floor_char_boundary(48), "{long}"),
    };
    out.push_str(segment.get(..n_kept).unwrap_or_default());
    out.push_str(placeholder);
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

/// What a segment looks like. Numbers are lengths of the part that is kept.
enum Shape {
    Plain,
    Time,
    Number,
    Id(usize),
    Version,
    Counter(usize),
    Token,
    Long,
}

fn shape(segment: &str) -> Shape {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    if segment.len() > MAX_SEGMENT && !is_hex(segment, 0) {
        return Shape::Long;
    }
    if digits == 0 {
        return Shape::Plain;
    }
    if is_time(segment, digits) {
        return Shape::Time;
    }
    if digits == segment.len() {
        return Shape::Number;
    }
    if let Some(prefix) = id_prefix(segment) {
        return Shape::Id(prefix);
    }
    if is_version(segment) {
        return Shape::Version;
    }
    let tail = segment.bytes().rev().take_while(u8::is_ascii_digit).count();
    if tail >= 4 {
        return Shape::Counter(segment.len() - tail);
    }
    if is_token(segment, digits) {
        return Shape::Token;
    }
    Shape::Plain
}

/// `2026-11-07…`, `20261107`, `20261107T1803Z`, or an epoch of 10 or 13 digits
/// between 2001 and 2100.
fn is_time(segment: &str, digits: usize) -> bool {
    let is_year = segment.starts_with("19") || segment.starts_with("20");
    let bytes = segment.as_bytes();
    let is_dashed = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-') && digits >= 8;
    let is_compact = digits == 8 && segment.len() == 8;
    let is_stamp = bytes.get(8) == Some(&b'T') && digits >= 10;
    let is_epoch = digits == segment.len()
        && matches!(digits, 10 | 13)
        && matches!(bytes.first(), Some(b'1'..=b'4'));
    is_year && (is_dashed || is_compact || is_stamp) || is_epoch
}

/// Length of what stands before a generated id.
fn id_prefix(segment: &str) -> Option<usize> {
    if is_uuid(segment) || is_hex(segment, 8) || is_ulid(segment) {
        return Some(0);
    }
    if let Some(hex) = segment.strip_prefix("0x") {
        return is_hex(hex, 1).then_some(0);
    }
    for prefix in ["AROA", "AIDA", "ASIA", "AKIA", "AGPA", "ANPA", "AIPA"] {
        if segment.len() >= 16
            && segment.starts_with(prefix)
            && segment
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        {
            return Some(prefix.len());
        }
    }
    // `i-0abc…`, `prod-db-3f9a11c2`: a hexadecimal tail behind a dash.
    let dash = segment.rfind('-')?.saturating_add(1);
    let tail = segment.get(dash..)?;
    (is_hex(tail, 8) && tail.bytes().any(|b| b.is_ascii_alphabetic())).then_some(dash)
}

/// Hexadecimal digits alone, at least `min` of them and one a decimal digit.
fn is_hex(text: &str, min: usize) -> bool {
    text.len() >= min.max(1)
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// 26 characters of Crockford's alphabet.
fn is_ulid(text: &str) -> bool {
    text.len() == 26
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && text.starts_with('0')
}

/// `v1.2.3`, `1.2.3-rc1`, `1.2`.
fn is_version(text: &str) -> bool {
    let number = text.strip_prefix('v').unwrap_or(text);
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let core = number.split(['-', '+']).next().unwrap_or_default();
    core.contains('.')
        && core
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Base64-like: 20 characters or more of three classes, several digits, and no
/// word separators.
fn is_token(text: &str, digits: usize) -> bool {
    text.len() >= 20
        && digits >= 3
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && text.bytes().any(|b| b.is_ascii_uppercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'=' | b'_'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[track_caller]
    fn templates(scope: &str, expected: &str, area: &str) {
        let (text, end) = template_scope(scope).unwrap();
        assert_eq!((text.as_str(), &text[..end]), (expected, area));
    }

    #[test]
    fn generated_parts_are_replaced_and_names_are_kept() {
        templates("payroll-example", "payroll-example", "payroll-example");
        templates("lake/raw/orders/x", "lake/raw/orders", "lake");
        templates(
            "lake/5d1a2c58-0000-4000-8000-000000000001/data",
            "lake/{id}/data",
            "lake",
        );
        templates("i-0abcdef1234567890", "i-{id}", "i-{id}");
        templates("logs/20261107/app", "logs/{time}/app", "logs");
        templates("logs/2026-11-07T18-03/app", "logs/{time}/app", "logs");
        templates("runs/1717000000/out", "runs/{time}/out", "runs");
        templates("builds/build-20931/a", "builds/build-{n}/a", "builds");
        templates("app/v1.2.3/bin", "app/{version}/bin", "app");
        templates("x/AbCdEf0123456789GhIjKl/y", "x/{token}/y", "x");
        templates("secret/app/db1", "secret/app/db1", "secret");
        templates("111122223333/thing", "{n}/thing", "{n}");
    }

    #[test]
    fn only_generated_parts_leave_the_container() {
        templates("bucket/2026/10", "bucket", "bucket");
        templates("bucket//", "bucket", "bucket");
    }

    #[test]
    fn arns_lose_account_region_and_path() {
        templates(
            "arn:aws:iam::111122223333:role/team/Deploy",
            "iam:role/Deploy",
            "iam:role",
        );
        templates(
            "arn:aws-cn:lambda:cn-north-1:111122223333:function:resize",
            "lambda:function/resize",
            "lambda:function",
        );
        templates("arn:aws:s3:::bucket/a/b/c", "bucket/a/b", "bucket");
    }

    #[test]
    fn long_segments_are_cut_on_a_character() {
        let (text, _) = template_scope(&"é".repeat(60)).unwrap();
        assert_eq!(text, format!("{}{{long}}", "é".repeat(24)));
    }

    #[test]
    fn an_empty_scope_is_no_value() {
        assert!(template_scope("").is_none());
        assert!(template_scope("//").is_none());
    }
}
