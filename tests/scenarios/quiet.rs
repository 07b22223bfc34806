//! Quiet stories: ordinary change, which must not cost anybody a morning.

use super::harness::{Story, folder, is_listed};
use crate::support::events::{Event, ct, ct_role};
use crate::support::house::{
    Chance, HISTORY_DAYS, REVIEW_DAYS, account, home, on_review_day, person,
};

#[test]
fn a_known_burst_is_no_news() {
    let by = |day: i64, i: i64| {
        ct_role("job-runner", "i-0123456789abcdef0")
            .from("192.0.2.41")
            .with("Boto3/1.34.0 Python/3.12")
            .does("s3:PutObject")
            .on("arn:aws:s3:::jobs-output/result.json")
            .at("2026-10-05T08:00:00Z")
            .days_later(day)
            .later(i * 5)
    };
    let mut chance = Chance::of("known burst");
    let mut amount = |day: i64| match day {
        4 => 940,
        11 => 720,
        17 => 1_010,
        24 => 880,
        30 => 760,
        37 => 990,
        _ => 8 + i64::try_from(chance.below(6)).unwrap(),
    };
    let before = (0..HISTORY_DAYS).flat_map(|day| {
        let n = amount(day);
        (0..n).map(move |i| by(day, i))
    });
    let before = before.collect();
    let after = (0..1000).map(|i| by(HISTORY_DAYS + 1, i)).collect();
    Story::new("known-burst")
        .besides(before)
        .happens(after)
        .replay();
}

#[test]
fn a_shared_account_is_called_shared() {
    let mut events = Vec::new();
    let mut chance = Chance::of("shared account");
    for day in 0..HISTORY_DAYS + REVIEW_DAYS {
        for i in 0..8 + i64::try_from(chance.below(8)).unwrap() {
            // A network of their own is theirs for a while only.
            let caller = chance.below(6) + u64::try_from(day).unwrap() / 3;
            events.push(
                ct("svc-shared")
                    .from(&format!("198.18.{}.9", 200 + caller))
                    .with(
                        ["aws-cli/2.17.0", "Boto3/1.34.0", "Terraform/1.8"]
                            [usize::try_from(caller % 3).unwrap()],
                    )
                    .does(
                        ["s3:GetObject", "s3:ListObjects", "sqs:SendMessage"]
                            [usize::try_from(chance.below(3)).unwrap()],
                    )
                    .at("2026-10-05T06:00:00Z")
                    .days_later(day)
                    .later(i * 2_700),
            );
        }
    }
    let another = ct("svc-shared")
        .from("198.18.250.9")
        .with("aws-cli/2.17.0")
        .does("s3:GetObject")
        .at(&on_review_day(1, "10:00:00"));
    let replayed = Story::new("shared-account")
        .besides(events)
        .happens(vec![another])
        .replay();
    let verdicts = &replayed.finding("svc-shared")["support"]["verdicts"];
    assert!(
        verdicts.as_array().unwrap().contains(&"shared".into()),
        "{verdicts}"
    );
}

#[test]
fn a_role_with_a_crowd_behind_it_is_not_judged() {
    let mut events = Vec::new();
    for day in 0..HISTORY_DAYS + REVIEW_DAYS {
        for person in 0..14_i64 {
            events.push(
                ct_role(
                    "operators",
                    &format!("{}", 1_791_158_400 + day * 86_400 + person),
                )
                .from(&format!("198.18.{}.9", 100 + person))
                .with(["aws-cli/2.17.0", "Boto3/1.34.0"][usize::try_from(person % 2).unwrap()])
                .does("ec2:DescribeInstances")
                .at("2026-10-05T06:00:00Z")
                .days_later(day)
                .later(person * 1_800),
            );
        }
    }
    let replayed = Story::new("crowd-behind-a-role").besides(events).replay();
    let finding = replayed.finding("role/operators");
    assert!(finding["p_value"].is_null(), "{finding:#}");
    let reason = finding["abstained"].as_str().unwrap();
    assert!(
        reason.contains("many callers share it: up to 14 sessions, 14 networks"),
        "{reason}"
    );
}

#[test]
fn a_team_adopts_a_service() {
    let teams = ["payments", "orders", "search", "mobile"];
    let plot = teams.iter().zip(0_i64..).flat_map(|(team, i)| {
        (0..REVIEW_DAYS).flat_map(move |day| {
            let by = move |action: &str, minute| {
                ct_role(&format!("ci-{team}"), &format!("run-{}", 90_000 + day))
                    .from("198.51.100.20")
                    .with("aws-sdk-go-v2/1.30.3")
                    .does(action)
                    .on(&format!(
                        "arn:aws:lambda:eu-west-1:111122223333:function:{team}"
                    ))
                    .at(&on_review_day(day, "12:00:00"))
                    .later(60 * (minute + 3 * i))
            };
            [
                by("lambda:UpdateFunctionCode", 1),
                by("lambda:PublishVersion", 2),
            ]
        })
    });
    Story::new("team-adopts-a-service")
        .happens(plot.collect())
        .replay()
        .is_silent("role/ci-orders", "action");
}

#[test]
fn an_access_key_is_rotated() {
    let routine = account("svc-labels", 11);
    let before = routine.days(0..HISTORY_DAYS);
    let after = routine.days(HISTORY_DAYS..HISTORY_DAYS + REVIEW_DAYS);
    let after = after
        .into_iter()
        .map(|event| event.using("AKIANEWKEYNEWKEYNEW1"));
    Story::new("access-key-rotation")
        .without("svc-labels")
        .besides(before)
        .happens(after.collect())
        .replay();
}

#[test]
fn sessions_named_after_the_time_are_one_role() {
    let mut events = Vec::new();
    for day in 0..HISTORY_DAYS + REVIEW_DAYS {
        for run in 0..4_i64 {
            let epoch = 1_791_158_400 + day * 86_400 + run * 21_600;
            events.push(
                ct_role("queue-worker", &epoch.to_string())
                    .from("192.0.2.12")
                    .with("aws-sdk-go-v2/1.30.3")
                    .does("sqs:ReceiveMessage")
                    .on("arn:aws:sqs:eu-west-1:111122223333:work")
                    .at("2026-10-05T00:00:00Z")
                    .days_later(day)
                    .later(run * 21_600 + 60),
            );
        }
    }
    let replayed = Story::new("session-rotation").besides(events).replay();
    assert_eq!(
        replayed.finding("role/queue-worker")["support"]["active_days"],
        42
    );
}

#[test]
fn somebody_who_travels_travels_again() {
    let login = "emil@example.com";
    let away = |day: i64| match day {
        7..=10 => Some("198.18.140.4"),
        21..=24 => Some("198.18.141.4"),
        35..=38 => Some("198.18.142.4"),
        42..=45 => Some("198.18.143.4"),
        _ => None,
    };
    let routine = person(login);
    let at = |day: i64| {
        let address = away(day).map_or_else(|| home(login), str::to_owned);
        let events = routine.day(day).into_iter();
        events
            .map(move |event| event.from(&address))
            .collect::<Vec<_>>()
    };
    Story::new("travel")
        .without("emil@example.com")
        .besides((0..HISTORY_DAYS).flat_map(at).collect())
        .happens(
            (HISTORY_DAYS..HISTORY_DAYS + REVIEW_DAYS)
                .flat_map(at)
                .collect(),
        )
        .replay();
}

#[test]
fn a_day_of_one_feed_is_missing() {
    Story::new("missing-day")
        .losing("cloudtrail", "2026-11-04")
        .losing("cloudtrail", "2026-11-17")
        .replay();
}

#[test]
fn everything_is_delivered_twice() {
    let once = Story::new("ordinary-days").replay();
    let twice = Story::new("duplicate-delivery").delivered_twice().replay();
    let coverage = &twice.report["coverage"];
    assert_eq!(coverage["n_duplicate"], coverage["n_used"]);
    assert_eq!(coverage["n_used"], once.report["coverage"]["n_used"]);
    for (a, b) in once.findings().iter().zip(twice.findings()) {
        assert_eq!(a["p_value"], b["p_value"]);
        assert_eq!(a["support"], b["support"]);
    }
}

/// The `n`-th machine, as EC2 names it.
fn instance(n: i64) -> String {
    let id = Chance::of(&format!("instance {n}")).below(1 << 60);
    format!("i-0{id:016x}")
}

#[test]
fn a_deployment_calls_through_another_service() {
    let by = |i: i64| {
        ct_role("ci-orders", &format!("run-7043{}", i % 2))
            .from("cloudformation.amazonaws.com")
            .with("cloudformation.amazonaws.com")
            .does("ec2:CreateTags")
            .on(&format!(
                "arn:aws:ec2:eu-west-1:111122223333:instance/{}",
                instance(i)
            ))
            .at(&on_review_day(1, "12:05:00"))
            .later(i * 4)
            .set("/userIdentity/invokedBy", "cloudformation.amazonaws.com")
    };
    let before = (0..HISTORY_DAYS).step_by(3).flat_map(|day| {
        let of_day = (0..3).map(move |i| by(i).days_later(day - HISTORY_DAYS - 1));
        of_day.collect::<Vec<_>>()
    });
    let replayed = Story::new("forwarded-deployment")
        .besides(before.collect())
        .happens((0..150).map(by).collect())
        .replay();
    replayed
        .is_silent("role/ci-orders", "network")
        .is_silent("role/ci-orders", "client");
    let evidence = replayed.finding("role/ci-orders")["evidence"].to_string();
    assert!(
        !evidence.contains("distinct resources touched in one day"),
        "{evidence}"
    );
    let days = replayed.finding("role/ci-orders")["days"].to_string();
    assert!(
        days.contains("\"n_events\":16"),
        "they are counted all the same: {days}"
    );
}

#[test]
fn somebody_new_has_no_habits_yet() {
    let login = "ines@example.com";
    let events = person(login).days(HISTORY_DAYS..HISTORY_DAYS + REVIEW_DAYS);
    let replayed = Story::new("new-hire").happens(events).replay();
    let finding = replayed.finding(login);
    assert!(finding["p_value"].is_null());
    assert!(finding["rank"].is_null());
    let reason = finding["abstained"].as_str().unwrap();
    assert!(
        reason.starts_with("no event in the 42 days of history"),
        "{reason}"
    );
    assert!(!is_listed(finding));
}

#[test]
fn everybody_gets_a_new_browser() {
    let upgraded = |event: Event| {
        event.with("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0")
    };
    let people = [
        "alice@example.com",
        "bjorn@example.com",
        "chen@example.com",
        "dana@example.com",
        "emil@example.com",
        "farah@example.com",
        "gustav@example.com",
        "hana@example.com",
    ];
    let mut story = Story::new("browser-update");
    for login in people {
        let routine = person(login);
        let after = routine.days(HISTORY_DAYS..HISTORY_DAYS + REVIEW_DAYS);
        story = story
            .without(login)
            .besides(routine.days(0..HISTORY_DAYS))
            .happens(after.into_iter().map(upgraded).collect());
    }
    story.replay();
}

#[test]
fn every_story_is_held() {
    let here = [
        include_str!("linked.rs"),
        include_str!("loud.rs"),
        include_str!("order.rs"),
        include_str!("quiet.rs"),
    ]
    .concat();
    let mut n_stories = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        n_stories += 1;
        assert!(here.contains(&format!("Story::new(\"{name}\")")), "{name}");
    }
    assert!(n_stories >= 16, "{n_stories} stories");
}

#[test]
fn an_expired_policy_refuses_several_at_once() {
    let accounts = ["svc-invoices", "svc-labels", "svc-mailer"];
    let refused = accounts.iter().flat_map(|name| {
        (0..60).map(move |i| {
            ct(name)
                .from("192.0.2.70")
                .with("aws-sdk-nodejs/2.1500.0 linux")
                .does("kms:Decrypt")
                .on("arn:aws:kms:eu-west-1:111122223333:key/shared")
                .at(&on_review_day(1, "08:00:00"))
                .later(i * 90)
                .denied()
        })
    });
    let before = accounts.iter().flat_map(|name| {
        ct(name)
            .from("192.0.2.70")
            .with("aws-sdk-nodejs/2.1500.0 linux")
            .does("kms:Decrypt")
            .on("arn:aws:kms:eu-west-1:111122223333:key/shared")
            .at("2026-10-05T08:00:00Z")
            .daily(u64::try_from(HISTORY_DAYS).unwrap())
    });
    Story::new("expired-policy")
        .besides(before.collect())
        .happens(refused.collect())
        .replay();
}
