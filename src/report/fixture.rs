//! A hand-made run for the tests of every format: a role used from a new
//! network, a burst of secret reads, a person judged on little history, one
//! that nothing could be said about, and those who kept to their ways.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use super::{ClassCount, Gap, Inspection, Recommended, Report, Selection};
use crate::event::{Class, Provenance, Source, Timestamp, Untrusted, Window};
use crate::finding::*;
use crate::ingest::coverage::*;

/// A time given as `2026-11-03T02:10:44Z`.
pub(super) fn at(text: &str) -> Timestamp {
    let time = chrono::DateTime::parse_from_rfc3339(text).unwrap();
    Timestamp::from_datetime(time.to_utc())
}

/// A window of whole days, given as `2026-11-01`.
pub(super) fn days(start: &str, end: &str) -> Window {
    let midnight = |day: &str| at(&format!("{day}T00:00:00Z"));
    Window {
        start: midnight(start),
        end: midnight(end),
    }
}

fn untrusted(texts: &[&str]) -> Vec<Untrusted> {
    texts.iter().map(|text| Untrusted::new(*text)).collect()
}

/// A finding of which a test states what matters to it.
pub(super) struct Draft(Finding);

/// A stable, unremarkable identity of the given name.
pub(super) fn finding(name: &str, class: Class) -> Draft {
    Draft(Finding {
        finding_id: format!(
            "{:016x}",
            name.bytes()
                .fold(7_u64, |h, b| h.wrapping_mul(31) ^ u64::from(b))
        ),
        rank: None,
        identity: FindingIdentity {
            id: Untrusted::new(format!("aws:{name}")),
            name: name.into(),
            class,
            tenant: "111122223333".into(),
            sources: vec![Source::CloudTrail],
            native: None,
            basis: "role_id",
            linked: Vec::new(),
        },
        review: days("2026-11-01", "2026-11-08"),
        p_value: None,
        q_value: None,
        severity: Severity::None,
        is_selected: false,
        recurrence: None,
        facts: Vec::new(),
        channel: Channel::Review,
        support: Support {
            active_days: 44,
            usable_days: 44,
            n_events: 18_211,
            verdict: Verdict::Stable,
            verdicts: vec![Verdict::Stable],
        },
        abstained: None,
        days: Vec::new(),
        evidence: Vec::new(),
        peers: PeerGroup {
            group: "role/ci-*".to_owned(),
            size: 9,
            nearest: untrusted(&["role/ci-test", "role/ci-build"]),
        },
        tags: Tags::default(),
        next_steps: Vec::new(),
        rhythm: None,
    })
}

impl Draft {
    pub(super) fn ranked(mut self, rank: u32, p: f64, severity: Severity) -> Self {
        self.0.rank = Some(rank);
        self.0.p_value = Some(p);
        self.0.q_value = Some((p * 412.0 / f64::from(rank)).min(1.0));
        self.0.severity = severity;
        self.0.is_selected = severity != Severity::None;
        self
    }

    fn channel(mut self, channel: Channel) -> Self {
        self.0.channel = channel;
        self
    }

    fn sources(mut self, sources: &[Source]) -> Self {
        self.0.identity.sources = sources.to_vec();
        self
    }

    fn support(mut self, verdict: Verdict, active: u32, usable: u32, n_events: u64) -> Self {
        self.0.support = Support {
            active_days: active,
            usable_days: usable,
            n_events,
            verdict,
            verdicts: vec![verdict],
        };
        self
    }

    fn abstained(mut self, reason: &str) -> Self {
        self.0.abstained = Some(reason.to_owned());
        self
    }

    /// One day of November 2026 per p-value, from the first.
    fn days(mut self, p_values: &[f64]) -> Self {
        self.0.days = (1..)
            .zip(p_values)
            .map(|(day, p)| FindingDay {
                start: at(&format!("2026-11-{day:02}T00:00:00Z")),
                label: format!("2026-11-{day:02}"),
                p_value: Some(*p),
                n_events: 100,
            })
            .collect();
        self
    }

    pub(super) fn evidence(mut self, evidence: Evidence) -> Self {
        self.0.evidence.push(evidence);
        self
    }

    fn tags(mut self, attack: &[&'static str], nhi: &[&'static str]) -> Self {
        self.0.tags = Tags {
            attack: attack.to_vec(),
            owasp_nhi: nhi.to_vec(),
            nist_csf: vec!["DE.CM-09", "DE.AE-02"],
            owasp_agentic: Vec::new(),
        };
        self
    }

    pub(super) fn next(mut self, steps: &[&str]) -> Self {
        self.0.next_steps = untrusted(steps);
        self
    }

    /// Active on every weekday of `2026-10` between 09 and 11 UTC, in the
    /// review at 02 UTC as well.
    pub(super) fn rhythm(mut self) -> Self {
        let hour = |hour, n_days| WeekHour {
            hour,
            n_days,
            n_events: u64::from(n_days) * 30,
        };
        let weekdays = |hours: &[u8], n_days| -> HoursOfWeek {
            let of_day = |day: u8| hours.iter().map(move |at| hour(day * 24 + at, n_days));
            (0..5).flat_map(of_day).collect()
        };
        // 2026-10-01 was a Thursday.
        let days = (1..=31).filter(|day| !matches!((day + 2) % 7, 5 | 6));
        self.0.rhythm = Some(Rhythm {
            period_seconds: 86_400,
            history: days
                .map(|day| ActivePeriod {
                    start: at(&format!("2026-10-{day:02}T00:00:00Z")),
                    n_events: 80 + day,
                })
                .collect(),
            history_hours: weekdays(&[9, 10], 4),
            review_hours: weekdays(&[2, 9], 1),
        });
        self
    }

    pub(super) fn done(self) -> Finding {
        self.0
    }
}

/// A piece of evidence: dimension, share of the score, first event, sentence.
pub(super) fn evidence(
    dimension: &'static str,
    share: f64,
    first: &str,
    sentence: &str,
) -> Evidence {
    Evidence {
        dimension,
        family: "what",
        day: first.get(..10).unwrap().to_owned(),
        bits: share * 20.0,
        share,
        novelty: Some(Novelty::Lateral),
        observed: "31 secrets under prod/payments".into(),
        typical: "2 secrets under ci/".into(),
        sentence: sentence.into(),
        first_time: Some(at(first)),
        n_events: 214,
        values: untrusted(&["prod/payments/stripe", "prod/payments/adyen"]),
        n_more_values: 29,
        event_ids: untrusted(&["5d1a2c58-0000-4000-8000-00000000000f"]),
        records: untrusted(&["logs/cloudtrail/2026/11/03/a.json.gz:112"]),
    }
}

fn ci_deploy() -> Finding {
    finding("role/ci-deploy", Class::Workload)
        .ranked(1, 3.1e-6, Severity::Critical)
        .channel(Channel::Takeover)
        .sources(&[Source::CloudTrail, Source::Vault])
        .days(&[0.4, 0.7, 8.8e-6, 0.002, 0.6, 0.9, 0.3])
        .evidence(evidence(
            "scope",
            0.43,
            "2026-11-03T02:10:44Z",
            "prod/payments: first time for role/ci-deploy (0 of 44 active days); 31 of 31 secrets new; 0 of 9 peers; 3 of 412 identities",
        ))
        .evidence(evidence(
            "network",
            0.31,
            "2026-11-03T02:09:58Z",
            "AS7922: never used by any of 412 identities in 92 days",
        ))
        .evidence(evidence(
            "client",
            0.12,
            "2026-11-04T03:00:01Z",
            "aws-cli/2: first time for role/ci-deploy (0 of 44 active days); 1 of 9 peers; 88 of 412 identities",
        ))
        .evidence(evidence(
            "hour",
            0.08,
            "2026-11-03T02:09:58Z",
            "active 02:00 Tuesday; 0 of 44 active days within 1 h of this slot",
        ))
        .tags(&["T1555.006", "T1078.004"], &["NHI5:2025"])
        .next(&[
            "habitual pivot --key ASIAIOSFODNN7EXAMPLE logs/",
            "revoke sessions of role/ci-deploy issued before 2026-11-03T02:09:58Z",
        ])
        .rhythm()
        .done()
}

fn backup() -> Finding {
    finding("okta:app/nightly-backup-of-the-customer-archive-eu-central-1", Class::ServiceAccount)
        .ranked(2, 4.4e-4, Severity::Medium)
        .channel(Channel::Burst)
        .support(Verdict::Bursty, 88, 88, 1_204_331)
        .days(&[0.4, 0.7, 0.5, 0.3, 6.0e-5, 0.9, 0.3])
        .evidence(evidence(
            "secrets.day",
            1.0,
            "2026-11-05T14:20:00Z",
            "96 distinct secrets in a day; own maximum 4 in 88 days; peers' maximum 11",
        ))
        .next(&["habitual pivot --identity 'okta:app/nightly-backup-of-the-customer-archive-eu-central-1' logs/"])
        .done()
}

fn alice() -> Finding {
    finding("alice@example.com", Class::Human)
        .ranked(3, 0.0061, Severity::Low)
        .channel(Channel::Fragment)
        .support(Verdict::Thin, 9, 6, 312)
        .days(&[0.2, 0.006])
        .evidence(evidence(
            "edge",
            0.7,
            "2026-11-02T09:00:00Z",
            "assume:role/finance-admin: first time for alice@example.com (0 of 9 active days); 0 of 12 peers; 2 of 412 identities",
        ))
        .done()
}

/// The findings of the run, as ranked.
pub(super) fn findings() -> Vec<Finding> {
    let quiet = |rank, name, class| {
        finding(name, class)
            .ranked(rank, 0.2, Severity::None)
            .days(&[0.5, 0.2])
            .done()
    };
    let new = |name| {
        finding(name, Class::Human)
            .support(Verdict::New, 0, 0, 0)
            .abstained("no history before the review, and no peers to compare with")
            .done()
    };
    vec![
        ci_deploy(),
        backup(),
        alice(),
        quiet(4, "role/ci-test", Class::Workload),
        finding("bob@example.com", Class::Human)
            .ranked(5, 0.64, Severity::None)
            .support(Verdict::Thin, 3, 3, 41)
            .done(),
        new("carol@example.com"),
        new("dave@example.com"),
        finding("user/shared-admin", Class::Human)
            .support(Verdict::Shared, 80, 80, 9_120)
            .abstained("5 networks and 4 clients interleave on 71 % of days")
            .done(),
    ]
}

/// The run as a whole.
pub(super) fn assessment() -> Assessment {
    Assessment {
        history: days("2026-08-01", "2026-11-01"),
        review: days("2026-11-01", "2026-11-08"),
        period: "day",
        findings: findings(),
        n_scored: 5,
        expected_by_chance: 0.05,
        facts: vec![Fact {
            identity_id: "aws:user/breakglass".into(),
            identity: "user/breakglass".into(),
            time: at("2026-11-03T02:31:07Z"),
            sentence: "cloudtrail:StopLogging: never by this identity, by 1 of 412".into(),
            event_id: "5d1a2c58-0000-4000-8000-0000000000aa".into(),
            record: "logs/cloudtrail/2026/11/03/a.json.gz:340".into(),
        }],
        cautions: untrusted(&[
            "okta recorded nothing for 36 hours from 2026-09-14 00:00Z; silence there means nothing.",
        ]),
    }
}

/// A run in which everybody kept to their ways.
pub(super) fn quiet_assessment() -> Assessment {
    let mut assessment = assessment();
    assessment
        .findings
        .retain(|f| f.severity == Severity::None && f.p_value.is_some());
    assessment.n_scored = 2;
    assessment.facts.clear();
    assessment.cautions.clear();
    assessment
}

fn file(path: &str, format: &str, n_records: u64, n_skipped: u64) -> FileCoverage {
    FileCoverage {
        path: path.into(),
        format: format.to_owned(),
        n_bytes: n_records * 90,
        n_decoded: n_records * 900,
        n_records,
        n_events: n_records - n_skipped,
        n_skipped,
        first: Some(at("2026-08-01T00:00:02Z")),
        last: Some(at("2026-11-07T23:59:30Z")),
        problems: Vec::new(),
        members: Vec::new(),
    }
}

fn tally(n: u64, file: u32, record: u32, detail: &str) -> Tally {
    Tally {
        n,
        samples: vec![Sample {
            provenance: Provenance { file, record },
            detail: detail.into(),
        }],
    }
}

fn source(n_events: u64, hours: impl IntoIterator<Item = i64>) -> SourceCoverage {
    let first = at("2026-08-01T00:00:00Z").seconds() / 3600;
    SourceCoverage {
        n_events,
        first: Some(at("2026-08-01T00:00:02Z")),
        last: Some(at("2026-11-07T23:59:30Z")),
        hours: hours.into_iter().map(|hour| (first + hour, 10)).collect(),
        silent_hours: std::collections::BTreeSet::new(),
    }
}

/// What the run read.
pub(super) fn coverage() -> Coverage {
    let mut files = vec![
        file(
            "logs/cloudtrail/2026/11/03/a.json.gz",
            "CloudTrail Records, gzip",
            900_000,
            312,
        ),
        file(
            "logs/cloudtrail/2026/11/04/b.json.gz",
            "CloudTrail Records, gzip",
            290_000,
            0,
        ),
        file(
            "logs/okta/system.jsonl",
            "Okta System Log, JSON lines",
            14_000,
            0,
        ),
        file("logs/vault/audit.log", "Vault audit, JSON lines", 331, 19),
    ];
    files[1].problems.push(FileProblem {
        kind: ProblemKind::Truncated,
        detail: "unexpected end of file at byte 26,100,000".into(),
    });
    Coverage {
        n_repaired: 0,
        n_salvaged: 0,
        files,
        passed_over: BTreeMap::from([
            (PassReason::SideFile, tally(3, 0, 0, "logs/.DS_Store")),
            (PassReason::Symlink, tally(1, 0, 0, "logs/latest")),
        ]),
        n_records: 1_204_331,
        n_used: 1_190_000,
        n_duplicate: 12_000,
        n_out_of_window: 2_000,
        skipped: BTreeMap::from([
            (
                SkipReason::Malformed,
                tally(12, 3, 7, "expected value at line 1 column 1"),
            ),
            (SkipReason::Insight, tally(312, 0, 9, "ApiCallRateInsight")),
            (
                SkipReason::OperationalLine,
                tally(7, 3, 1, "server log line"),
            ),
        ]),
        conflicts: Conflicts::default(),
        overflow: Overflow::default(),
        sources: BTreeMap::from([
            (Source::CloudTrail, source(1_176_000, 0..2376)),
            (Source::Okta, source(13_700, (0..1056).chain(1092..2376))),
            (Source::Vault, source(300, [0, 2375])),
        ]),
        unknown_values: BTreeMap::from([("okta.outcome".to_owned(), 4)]),
        n_unpaired: 2,
        trail: TrailCoverage::default(),
    }
}

/// A report over both, as the command would build it.
pub(super) fn report<'a>(assessment: &'a Assessment, coverage: &'a Coverage) -> Report<'a> {
    Report {
        assessment,
        coverage,
        selection: Selection::Selected,
        top: None,
        inputs: vec!["logs/".to_owned()],
    }
}

/// What `inspect` would say of the same files.
pub(super) fn inspection(coverage: &Coverage) -> Inspection<'_> {
    Inspection {
        coverage,
        identities: vec![
            ClassCount {
                class: Class::Human,
                n_identities: 310,
                n_events: 402_000,
            },
            ClassCount {
                class: Class::Workload,
                n_identities: 102,
                n_events: 788_000,
            },
        ],
        recommended: Some(Recommended {
            history: days("2026-08-01", "2026-11-01"),
            review: days("2026-11-01", "2026-11-08"),
            period: "day",
            reason: "The last 7 days against the 92 before them.".to_owned(),
        }),
        gaps: vec![Gap {
            source: Source::Okta,
            start: at("2026-09-14T00:00:00Z"),
            end: at("2026-09-15T12:00:00Z"),
            n_hours: 36,
        }],
        notes: untrusted(&[
            "Okta and Vault see one address for everybody; networks say little there.",
        ]),
        inputs: vec!["logs/".to_owned()],
    }
}
