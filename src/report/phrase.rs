//! Phrases: numbers, times and spans as a person reads them.

use crate::backtest::Lesson;
use crate::event::{Source, Timestamp, Untrusted, Window};
use crate::finding::{Finding, Severity};
use crate::ingest::coverage::Coverage;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `1204331` as `1,204,331`.
pub(super) fn count(n: u64) -> String {
    group_digits(&n.to_string())
}

/// `1 file`, `2 files`.
pub(super) fn counted(n: u64, noun: &str) -> String {
    match (n, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !noun.ends_with("day") => format!("{} {stem}ies", count(n)),
        _ => format!("{} {noun}s", count(n)),
    }
}

/// `44 active days`, for periods of that name: `day`, `hour`, `5 minutes`.
pub(super) fn active(n: u64, period: &str) -> String {
    match period.strip_suffix(" minutes") {
        Some(minutes) => counted(n, &format!("active {minutes}-minute period")),
        None => counted(n, &format!("active {period}")),
    }
}

/// What kind of identity, in words: `service account`.
pub(super) fn class(finding: &Finding) -> String {
    finding.identity.class.name().replace('_', " ")
}

/// The name of a product as its maker writes it.
pub(super) fn product(source: Source) -> &'static str {
    match source {
        Source::CloudTrail => "AWS CloudTrail",
        Source::Okta => "Okta",
        Source::Vault => "Vault",
        Source::Generic => "Other logs",
    }
}

/// The products that recorded an identity: `AWS CloudTrail, Okta and Vault`.
pub(super) fn products(finding: &Finding) -> String {
    let sources = finding.identity.sources.iter();
    let names: Vec<&str> = sources.map(|source| product(*source)).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The account of every record; only what there is none of is left out.
pub(super) fn accounted(coverage: &Coverage) -> String {
    let parts = [
        (coverage.n_used, "used"),
        (coverage.n_duplicate, "duplicate"),
        (coverage.n_out_of_window, "out of window"),
        (coverage.n_skipped(), "skipped"),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0);
    let parts: Vec<String> = parts
        .map(|(n, what)| format!("{} {what}", count(n)))
        .collect();
    let sign = if coverage.adds_up() { "=" } else { "but not" };
    format!(
        "{} in {} {sign} {}",
        counted(coverage.n_records, "record"),
        counted(number(coverage.files.len()), "file"),
        parts.join(" + "),
    )
}

/// The account, organisation or cluster of an identity, where it has a name:
/// one that nobody has named is `default`.
pub(super) fn tenant(finding: &Finding) -> Option<&Untrusted> {
    let tenant = &finding.identity.tenant;
    (!matches!(tenant.as_raw(), "" | "default")).then_some(tenant)
}

/// How many findings have each severity, the gravest first.
pub(super) fn by_severity(findings: &[&Finding]) -> [(Severity, u64); 4] {
    let mut counts = Severity::DEVIATING.map(|level| {
        let n = findings.iter().filter(|f| f.severity == level).count();
        (level, number(n))
    });
    counts.reverse();
    counts
}

/// `1 critical, 3 low`; empty where no finding has any.
pub(super) fn levels(findings: &[&Finding]) -> String {
    let counts = by_severity(findings).into_iter().filter(|(_, n)| *n > 0);
    let counts: Vec<String> = counts
        .map(|(level, n)| format!("{} {}", count(n), level.name()))
        .collect();
    counts.join(", ")
}

/// How many things there are in memory, as a count.
pub(super) fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// Bytes in binary units, to three digits.
pub(super) fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut whole, mut tenths, mut unit) = (n, 0, "B");
    for next in UNITS {
        if whole < 1024 {
            break;
        }
        tenths = (whole % 1024) * 10 / 1024;
        whole /= 1024;
        unit = next;
    }
    if unit == "B" || whole >= 100 {
        format!("{} {unit}", count(whole))
    } else {
        format!("{whole}.{tenths} {unit}")
    }
}

/// A probability as `1 in 320,000`: two digits, because no more are known.
pub(super) fn one_in(p: f64) -> String {
    let n = 1.0 / p;
    if !n.is_finite() || n <= 0.0 {
        return "-".to_owned();
    }
    // Through text, so that rounding is exact and the same everywhere.
    let two_digits: f64 = format!("{n:.1e}").parse().unwrap_or(n);
    if two_digits >= 1e9 {
        format!("1 in {two_digits:.1e}")
    } else if two_digits < 10.0 {
        format!("1 in {two_digits}")
    } else {
        format!("1 in {}", group_digits(&format!("{two_digits:.0}")))
    }
}

/// What was learned about the weights of a score.
pub(super) fn lesson(lesson: &Lesson) -> String {
    let class = lesson.class.map_or_else(
        || "everybody".to_owned(),
        |class| format!("class {}", class.name()),
    );
    let outcome = if lesson.is_adopted {
        "adopted"
    } else {
        "not adopted"
    };
    format!(
        "{} score, {class}: {outcome}; recall {:.1} % with them, {:.1} % before, on the later half \
         of {} own and {} planted examples",
        lesson.score.name(),
        100.0 * lesson.recall_learned,
        100.0 * lesson.recall_before,
        count(number(lesson.n_own)),
        count(number(lesson.n_foreign)),
    )
}

/// A share as whole per cent.
pub(super) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.005 {
        "<1%".to_owned()
    } else {
        format!("{:.0}%", share * 100.0)
    }
}

/// An expected number: two digits below ten.
pub(super) fn expected(n: f64) -> String {
    if n >= 10.0 {
        group_digits(&format!("{n:.0}"))
    } else if n >= 0.095 {
        format!("{n:.1}")
    } else {
        format!("{n:.2}")
    }
}

/// `2026-11-03 02:10Z`.
pub(super) fn minute(time: Timestamp) -> String {
    match time.rfc3339().get(11..16) {
        Some(clock) => format!("{} {clock}Z", time.date()),
        None => time.rfc3339(),
    }
}

/// A window as it is given on the command line: dates where both ends are
/// midnight, else full times.
pub(super) fn window(window: Window) -> String {
    let is_dates = window.start.micros().rem_euclid(DAY * 1_000_000) == 0
        && window.end.micros().rem_euclid(DAY * 1_000_000) == 0;
    if is_dates {
        format!("{}..{}", window.start.date(), window.end.date())
    } else {
        format!("{}..{}", window.start.rfc3339(), window.end.rfc3339())
    }
}

/// A length of time in its largest whole unit: `7 days`, `36 hours`.
pub(super) fn length(seconds: i64) -> String {
    let (n, unit) = match seconds {
        s if s >= 2 * DAY && s % DAY == 0 => (s / DAY, "day"),
        s if s >= HOUR && s % HOUR == 0 => (s / HOUR, "hour"),
        s if s > 60 * DAY => (s / DAY, "day"),
        s if s > 2 * HOUR => (s / HOUR, "hour"),
        s if s >= MINUTE => (s / MINUTE, "minute"),
        s => (s, "second"),
    };
    counted(u64::try_from(n).unwrap_or(0), unit)
}

/// How long a window is, in seconds.
pub(super) fn seconds(window: Window) -> i64 {
    window
        .end
        .seconds()
        .saturating_sub(window.start.seconds())
        .max(0)
}

/// What one review is called in "1 in N …".
pub(super) fn span_noun(review: Window) -> String {
    match seconds(review) {
        HOUR => "hours".to_owned(),
        DAY => "days".to_owned(),
        s if s == 7 * DAY => "weeks".to_owned(),
        s => format!("spans of {}", length(s)),
    }
}

fn group_digits(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_have_two_digits() {
        for (p, expected) in [
            (3.1e-6, "1 in 320,000"),
            (0.01, "1 in 100"),
            (0.05, "1 in 20"),
            (0.104, "1 in 9.6"),
            (1.0, "1 in 1"),
            (1e-12, "1 in 1.0e12"),
            (0.0, "-"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(one_in(p), expected, "{p}");
        }
    }

    #[test]
    fn counts_and_bytes_are_readable() {
        assert_eq!(count(999), "999");
        assert_eq!(count(1_204_331), "1,204,331");
        assert_eq!(counted(1, "identity"), "1 identity");
        assert_eq!(counted(2, "identity"), "2 identities");
        assert_eq!(counted(0, "day"), "0 days");
        assert_eq!(active(1, "day"), "1 active day");
        assert_eq!(active(30, "minute"), "30 active minutes");
        assert_eq!(active(2, "5 minutes"), "2 active 5-minute periods");
        assert_eq!(bytes(1023), "1,023 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(u64::MAX), "16,383 PiB");
    }

    #[test]
    fn windows_are_written_as_they_are_given() {
        let at = Timestamp::from_seconds;
        let week = Window {
            start: at(1_761_955_200),
            end: at(1_762_560_000),
        };
        assert_eq!(window(week), "2025-11-01..2025-11-08");
        assert_eq!(span_noun(week), "weeks");
        let hours = Window {
            start: at(1_761_955_200),
            end: at(1_761_955_200 + 5400),
        };
        assert_eq!(window(hours), "2025-11-01T00:00:00Z..2025-11-01T01:30:00Z");
        assert_eq!(span_noun(hours), "spans of 90 minutes");
        assert_eq!(length(36 * HOUR), "36 hours");
        assert_eq!(length(24 * HOUR), "24 hours");
    }
}
