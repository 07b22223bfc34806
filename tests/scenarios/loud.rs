//! Loud stories: somebody acts out of habit, and must be found for it.

use super::harness::Story;
use crate::support::events::{Event, ct, ct_role, okta, vault};
use crate::support::house::{HISTORY_DAYS, REVIEW_DAYS, account, on_review_day, secret};

/// `n` events `seconds` apart, made of their number.
fn series(n: i64, seconds: i64, make: impl Fn(i64) -> Event) -> Vec<Event> {
    (0..n).map(|i| make(i).later(i * seconds)).collect()
}

#[test]
fn a_ci_role_is_used_from_a_workstation() {
    let by = |at: &str| {
        ct_role("ci-payments", "jdoe")
            .from("203.0.113.77")
            .with("aws-cli/2.17.0 md/Darwin#23.4.0 md/prompt#off")
            .at(&on_review_day(1, at))
    };
    Story::new("ci-role-from-a-workstation")
        .happens(vec![
            by("20:10:00").does("sts:GetCallerIdentity"),
            by("20:11:00").does("s3:ListBuckets"),
            by("20:14:00").does("iam:ListRoles"),
            by("20:19:00").does("ec2:DescribeInstances"),
            by("20:25:00").does("secretsmanager:ListSecrets"),
        ])
        .replay()
        .says(
            "role/ci-payments",
            "network",
            &[
                "203.0.113.0/24 on 1 of 3 active days of the review (5 events)",
                "never used by it on 30 active days before",
                "nobody else used it",
            ],
        )
        .says(
            "role/ci-payments",
            "action",
            &["new to it (0 of 30 active days)", "iam:ListRoles"],
        );
}

#[test]
fn a_key_leaves_its_routine() {
    let by = |action: &str, at: &str| {
        ct("svc-labels")
            .from("192.0.2.70")
            .with("aws-sdk-nodejs/2.1500.0 linux")
            .does(action)
            .at(&on_review_day(1, at))
    };
    let mut plot = vec![
        by("iam:ListUsers", "11:05:00"),
        by("iam:ListAccessKeys", "11:05:30"),
        by("ec2:DescribeInstances", "11:07:00"),
        by("secretsmanager:ListSecrets", "11:08:00"),
    ];
    plot.extend(series(120, 9, |i| {
        by("ssm:GetParameter", "11:10:00").on(&format!(
            "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/app-{i}/token"
        ))
    }));
    Story::new("key-leaves-its-routine")
        .happens(plot)
        .replay()
        .says(
            "svc-labels",
            "action",
            &["new to it (0 of 42 active days)", "iam:ListUsers"],
        )
        .is_silent("svc-labels", "network");
}

#[test]
fn a_batch_job_runs_at_noon_in_another_region() {
    let by = |i: i64| {
        ct_role("nightly-etl", "run-80001")
            .from("192.0.2.40")
            .with("Boto3/1.34.0 Python/3.12")
            .in_region("ap-south-1")
            .does("s3:GetObject")
            .on(&format!("arn:aws:s3:::etl-input/part-{}.parquet", i % 6))
            .at(&on_review_day(1, "14:02:00"))
    };
    Story::new("batch-job-at-odd-hours")
        .happens(series(8, 200, by))
        .replay()
        .says(
            "role/nightly-etl",
            "region",
            &["ap-south-1", "never used by it on 42 active days before"],
        )
        .says(
            "role/nightly-etl",
            "hour.window",
            &["14:00", "on 0 of", "its usual hours: 02:00 UTC"],
        );
}

#[test]
fn a_service_reads_the_secrets_of_others() {
    let plot = ["payments", "search", "mobile"].into_iter().zip(0..);
    let plot = plot.flat_map(|(team, i)| {
        ["database", "signing-key"].map(|name| {
            ct_role("orders-api", "i-0123456789abcdef0")
                .from("192.0.2.10")
                .with("aws-sdk-java/2.25.1")
                .does("secretsmanager:GetSecretValue")
                .on(&secret(team, name))
                .at(&on_review_day(1, "08:12:00"))
                .later(i * 40)
        })
    });
    Story::new("secrets-outside-the-project")
        .happens(plot.collect())
        .replay()
        .says(
            "role/orders-api",
            "scope",
            &["new to it (0 of 42 active days)"],
        )
        .is_silent("role/orders-api", "network")
        .is_silent("role/orders-api", "action");
}

#[test]
fn refused_actions_are_tried_again_until_one_succeeds() {
    let by = |action: &str| {
        ct("svc-mailer")
            .from("192.0.2.70")
            .with("aws-sdk-nodejs/2.1500.0 linux")
            .does(action)
            .at(&on_review_day(1, "15:20:00"))
    };
    let mut plot = series(14, 11, |_| by("iam:AttachUserPolicy").denied());
    plot.extend(series(9, 13, |_| {
        by("iam:CreateAccessKey").later(300).denied()
    }));
    plot.push(by("iam:CreateAccessKey").later(600));
    let slip = ct("svc-labels")
        .does("iam:AttachUserPolicy")
        .denied()
        .at("2026-10-20T11:30:00Z");
    Story::new("retries-after-denials")
        .besides(vec![slip])
        .happens(plot)
        .replay()
        .says(
            "svc-mailer",
            "denied.share",
            &["2 of", "distinct actions", "usually under 1%"],
        )
        .says(
            "svc-mailer",
            "error",
            &["refusals by iam with AccessDenied", "(23 events)"],
        )
        .states(
            "svc-mailer",
            &["iam:CreateAccessKey", "never before on 42 active days"],
        );
}

#[test]
fn a_narrow_account_enumerates_buckets() {
    let by = |action: &str| {
        ct("svc-warehouse")
            .from("192.0.2.70")
            .with("aws-sdk-nodejs/2.1500.0 linux")
            .does(action)
            .at(&on_review_day(1, "07:30:00"))
    };
    let mut plot = vec![by("s3:ListBuckets")];
    plot.extend(series(80, 7, |i| {
        by("s3:ListObjects").on(&format!("arn:aws:s3:::company-{i:03}"))
    }));
    plot.extend(series(40, 7, |i| {
        by("s3:GetBucketAcl").on(&format!("arn:aws:s3:::company-{i:03}"))
    }));
    Story::new("enumeration")
        .happens(plot)
        .replay()
        .says("svc-warehouse", "action", &["s3:ListBuckets"])
        .says(
            "svc-warehouse",
            "targets.hour",
            &["distinct resources touched in one hour"],
        );
}

#[test]
fn a_third_party_calls_far_above_its_volume() {
    let by = |i: i64| {
        ct_role("vendor-cost", "run-80002")
            .from("192.0.2.40")
            .with("Boto3/1.34.0 Python/3.12")
            .does("s3:GetObject")
            .on(&format!("arn:aws:s3:::cost-input/part-{}.parquet", i % 6))
            .at(&on_review_day(1, "06:00:10"))
    };
    Story::new("third-party-volume")
        .happens(series(900, 3, by))
        .replay()
        .says(
            "role/vendor-cost",
            "events.hour",
            &["events in one hour (06:00–07:00 UTC)", "at most 8"],
        )
        .is_silent("role/vendor-cost", "network")
        .is_silent("role/vendor-cost", "action");
}

#[test]
fn routine_reads_in_vault_become_bulk_retrieval() {
    let by = |i: i64| {
        vault("approle-billing")
            .from("192.0.2.90")
            .does("read")
            .on(&format!("secret/data/team-{}/credential-{i}", i % 7))
            .at(&on_review_day(1, "09:05:00"))
    };
    Story::new("bulk-secret-retrieval")
        .happens(series(90, 6, by))
        .replay()
        .says(
            "approle-billing",
            "secrets.day",
            &["distinct secrets read in one day", "usually 2, at most 2"],
        );
}

#[test]
fn a_person_is_hijacked() {
    let login = "dana@example.com";
    let by = |action: &str, at: &str| {
        okta(login)
            .from("203.0.113.200")
            .with("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36")
            .using("102hijacked")
            .does(action)
            .at(&on_review_day(1, at))
    };
    Story::new("hijacked-person")
        .happens(vec![
            by("user.session.start", "02:41:00"),
            by("user.authentication.sso", "02:42:00").on("Payroll"),
            by("user.authentication.sso", "02:44:00").on("Source code"),
            by("user.authentication.sso", "02:45:00").on("Customer data"),
            by("user.mfa.factor.reset_all", "02:49:00"),
        ])
        .replay()
        .says(
            login,
            "network",
            &[
                "203.0.113.0/24",
                "never used by it on 30 active days before",
            ],
        )
        .says(login, "hour.window", &["02:00", "on 0 of 31 active days"])
        .states(login, &["user.mfa.factor.reset_all"]);
}

#[test]
fn logging_is_switched_off() {
    let by = |action: &str, at: &str| {
        ct("svc-invoices")
            .from("192.0.2.70")
            .with("aws-sdk-nodejs/2.1500.0 linux")
            .does(action)
            .on("arn:aws:cloudtrail:eu-west-1:111122223333:trail/organisation")
            .at(&on_review_day(1, at))
    };
    Story::new("log-tampering")
        .happens(vec![
            by("cloudtrail:DescribeTrails", "05:20:00"),
            by("cloudtrail:StopLogging", "05:21:00"),
        ])
        .replay()
        .says("svc-invoices", "action", &["cloudtrail:StopLogging"])
        .states(
            "svc-invoices",
            &[
                "switched logging off or narrowed it (cloudtrail:StopLogging)",
                "never before on 42 active days",
            ],
        );
}

#[test]
fn a_dormant_account_awakes() {
    let by = || {
        ct("svc-former")
            .from("192.0.2.70")
            .with("aws-sdk-nodejs/2.1500.0 linux")
            .does("sqs:ReceiveMessage")
            .on("arn:aws:sqs:eu-west-1:111122223333:former")
    };
    let before = by().at("2026-10-05T10:00:00Z").daily(8);
    Story::new("dormant-awakening")
        .besides(before)
        .happens(vec![by().at(&on_review_day(1, "10:00:00"))])
        .replay()
        .states(
            "svc-former",
            &[
                "was active for the first time in 36 days",
                "its longest silence before: 1 day",
            ],
        );
}

#[test]
fn a_key_that_was_put_away_comes_back() {
    let routine = account("svc-labels", 11);
    let old = |events: Vec<Event>| -> Vec<Event> {
        let events = events.into_iter();
        events.map(|it| it.using("AKIAOLDKEYOLDKEYOLD1")).collect()
    };
    let rotated = || {
        Story::new("access-key-rotation")
            .without("svc-labels")
            .besides(old(routine.days(0..3)))
            .besides(routine.days(3..HISTORY_DAYS + REVIEW_DAYS))
    };
    let used_again = old(routine.days([HISTORY_DAYS + 1]));
    rotated().happens(used_again).run("").states(
        "svc-labels",
        &[
            "used a long-lived credential again that it had put away",
            "while another one was in use",
        ],
    );
    let quiet = rotated().run("");
    let facts = quiet.report["facts"].as_array().unwrap();
    let about = |fact: &&serde_json::Value| fact["identity"] == "svc-labels";
    assert_eq!(facts.iter().find(about), None, "{quiet}");
}

#[test]
fn a_deploy_role_creates_new_ways_in() {
    let by = |action: &str, at: &str| {
        ct_role("ci-search", "run-70441")
            .from("198.51.100.20")
            .with("aws-sdk-go-v2/1.30.3")
            .does(action)
            .at(&on_review_day(1, at))
            .set("/requestParameters/userName", "backup-admin")
    };
    Story::new("new-access-paths")
        .happens(vec![
            by("iam:CreateUser", "12:10:00"),
            by("iam:AttachUserPolicy", "12:10:20"),
            by("iam:CreateAccessKey", "12:10:40"),
        ])
        .replay()
        .says(
            "role/ci-search",
            "action",
            &["iam:AttachUserPolicy", "0 of 30 active days"],
        )
        .is_silent("role/ci-search", "network")
        .states(
            "role/ci-search",
            &["created or reset a credential (iam:CreateAccessKey)"],
        );
}
