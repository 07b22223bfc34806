//! Stories about order, relations and credentials: each loud one with its quiet
//! counterpart.

use super::harness::Story;
use crate::support::events::{Event, ct, ct_role, okta};
use crate::support::house::{HISTORY_DAYS, REVIEW_DAYS, account, on_review_day};

const DAYS: i64 = HISTORY_DAYS + REVIEW_DAYS;
const ACCOUNT: &str = "111122223333";

/// A role session of a program of ours, from where such programs run.
fn agent(role: &str) -> Event {
    ct_role(role, "i-0aaaaaaaaaaaaaaa1")
        .from("192.0.2.30")
        .with("Boto3/1.34.0 Python/3.12")
}

/// The same on every day of history and review, at `hour`.
pub(super) fn always(hour: i64, day: impl Fn(i64) -> Vec<Event>) -> Vec<Event> {
    let place = |n: i64, event: Event| {
        let step = event.at("2026-10-05T00:00:00Z").days_later(n);
        step.later(hour * 3_600)
    };
    (0..DAYS)
        .flat_map(|n| {
            let steps = day(n).into_iter().zip(0..);
            let steps = steps.map(|(event, i)| place(n, event).later(i * 40));
            steps.collect::<Vec<_>>()
        })
        .collect()
}

fn invokes(event: Event, function: &str) -> Event {
    event
        .does("lambda:Invoke")
        .set("/requestParameters/functionName", function)
}

/// The unique id of a role, as its sessions show it.
pub(super) fn role_id(role: &str) -> String {
    let records = ct_role(role, "any").records();
    let id = &records[0]["userIdentity"]["sessionContext"]["sessionIssuer"]["principalId"];
    id.as_str().unwrap_or_default().to_owned()
}

/// Takes on `role` under a session key.
pub(super) fn takes_on(event: Event, role: &str, key: &str) -> Event {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
    event
        .does("sts:AssumeRole")
        .set("/requestParameters/roleArn", arn)
        .set("/responseElements/credentials/accessKeyId", key)
        .set(
            "/responseElements/assumedRoleUser/assumedRoleId",
            format!("{}:session", role_id(role)),
        )
}

#[test]
fn an_agent_forms_new_relations() {
    let by = || agent("support-agent");
    let before = always(10, |_| {
        vec![
            by().does("bedrock:InvokeModel")
                .set("/requestParameters/modelId", "house.model-1"),
            invokes(by(), "tickets"),
        ]
    });
    let at = |event: Event, time: &str| event.at(&on_review_day(1, time));
    Story::new("agent-forms-relations")
        .besides(before)
        .happens(vec![
            at(
                takes_on(by(), "finance", "ASIAFINANCE000000001"),
                "10:05:00",
            ),
            at(
                takes_on(by(), "payroll", "ASIAPAYROLL000000001"),
                "10:06:00",
            ),
            at(invokes(by(), "refunds"), "10:07:00"),
            at(invokes(by(), "invoices"), "10:08:00"),
        ])
        .replay()
        .says(
            "role/support-agent",
            "edge",
            &[
                "acts on other identities are new to it (0 of 42 active days)",
                "taking on role/finance",
            ],
        )
        .is_silent("role/support-agent", "network");
}

#[test]
fn an_agent_varies_its_relations() {
    let by = || agent("research-agent");
    let days = always(10, |n| {
        vec![
            by().does("bedrock:InvokeModel")
                .set("/requestParameters/modelId", "house.model-1"),
            invokes(by(), &format!("experiment-{}", n / 2)),
        ]
    });
    Story::new("agent-varies-its-relations")
        .happens(days)
        .replay();
}

fn release(action: &str) -> Event {
    ct_role("release", "run")
        .from("198.51.100.20")
        .with("aws-sdk-go-v2/1.30.3")
        .does(action)
        .on(&format!("arn:aws:codepipeline:eu-west-1:{ACCOUNT}:shop"))
}

#[test]
fn an_approval_without_its_deployment() {
    let days = always(9, |n| {
        let run = |action| release(action).in_session(&format!("run-{n}"));
        vec![
            run("codepipeline:StartPipelineExecution"),
            run("codepipeline:GetPipelineState"),
            run("codepipeline:PutApprovalResult"),
        ]
    });
    Story::new("approval-without-deployment")
        .besides(days)
        .happens(vec![
            release("codepipeline:PutApprovalResult")
                .in_session("run-night")
                .at(&on_review_day(1, "03:00:00")),
        ])
        .replay()
        .says("role/release", "hour.window", &["03:00", "on 0 of"])
        .says(
            "role/release",
            "sequence.mean",
            &[
                "codepipeline/approve as the first step",
                "without the codepipeline/read that came before it on 42 of 42",
            ],
        );
}

#[test]
fn calls_in_parallel_swap_places() {
    let days = always(9, |n| {
        let run = |action| release(action).in_session(&format!("run-{n}"));
        vec![
            run("codepipeline:StartPipelineExecution"),
            run("codepipeline:GetPipelineState"),
            run("codepipeline:PutApprovalResult"),
        ]
    });
    let parallel = (0..DAYS).flat_map(|n| {
        let actions = ["s3:PutObject", "ecr:PutImage", "ecs:DescribeServices"];
        let actions = actions.into_iter().zip(0_i64..);
        actions.map(move |(action, i)| {
            release(action)
                .in_session(&format!("run-{n}"))
                .at("2026-10-05T09:10:00Z")
                .days_later(n)
                .later((n * 5 + i * (n % 3 + 1)) % 2)
        })
    });
    Story::new("deployment-as-always")
        .besides(days)
        .happens(parallel.collect())
        .replay();
}

#[test]
fn an_agent_retrieves_copies_and_shares() {
    let by = |action: &str| agent("report-agent").does(action);
    let days = always(11, |_| {
        vec![
            by("s3:GetObject").on("arn:aws:s3:::reports/daily.csv"),
            by("bedrock:InvokeModel").set("/requestParameters/modelId", "house.model-1"),
        ]
    });
    let policy = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"}}]}"#;
    let at = |event: Event, time: &str| event.at(&on_review_day(1, time));
    Story::new("retrieve-stage-share")
        .besides(days)
        .happens(vec![
            at(
                by("s3:CopyObject").on("arn:aws:s3:::reports/copy.csv"),
                "11:20:00",
            ),
            at(
                by("s3:PutBucketPolicy")
                    .on("arn:aws:s3:::reports")
                    .set("/requestParameters/policy", policy),
                "11:21:00",
            ),
        ])
        .replay()
        .says("role/report-agent", "edge", &["sharing with 444455556666"])
        .says(
            "role/report-agent",
            "tactic",
            &["stage > share", "0 of 42 active days"],
        );
}

#[test]
fn a_backup_copies_as_always() {
    let by = |action: &str| agent("nightly-backup").does(action);
    let day = |n: i64, copies: i64| {
        let mut steps = vec![by("s3:ListObjects").on("arn:aws:s3:::orders-data")];
        steps.extend(
            (0..copies + n % 3)
                .map(|i| by("s3:CopyObject").on(&format!("arn:aws:s3:::backup/part-{i}"))),
        );
        steps.push(by("rds:CreateDBSnapshot"));
        steps
    };
    let days = always(3, |n| day(n, 8));
    Story::new("copies-as-always").happens(days).replay();
}

#[test]
fn lateral_movement_from_the_usual_place() {
    let by = |time: &str| {
        ct_role("ci-payments", "run-70440")
            .from("198.51.100.20")
            .with("aws-sdk-go-v2/1.30.3")
            .at(&on_review_day(1, time))
    };
    Story::new("lateral-movement")
        .happens(vec![
            takes_on(by("12:10:00"), "warehouse", "ASIAWAREHOUSE0000001"),
            takes_on(by("12:11:00"), "finance", "ASIAFINANCE000000002"),
            takes_on(by("12:12:00"), "audit", "ASIAAUDIT00000000002"),
            by("12:15:00")
                .does("iam:CreateAccessKey")
                .set("/requestParameters/userName", "backup-admin"),
            by("12:20:00")
                .does("ssm:SendCommand")
                .set("/requestParameters/documentName", "AWS-RunShellScript"),
        ])
        .replay()
        .says("role/ci-payments", "edge", &["taking on role/finance"])
        .says(
            "role/ci-payments",
            "tactic",
            &["access > privilege > execute"],
        )
        .is_silent("role/ci-payments", "network");
}

#[test]
fn two_orders_alternate() {
    let by = |n: i64, action: &str| {
        ct_role("ci-tablet", &format!("run-{n}"))
            .from("198.51.100.20")
            .with("aws-sdk-go-v2/1.30.3")
            .does(action)
    };
    let days = always(10, |n| {
        let mut actions = vec![
            "sts:GetCallerIdentity",
            "ecr:PutImage",
            "s3:PutObject",
            "ecs:UpdateService",
        ];
        if n % 2 == 0 {
            actions.reverse();
        }
        actions.into_iter().map(|action| by(n, action)).collect()
    });
    Story::new("two-orders").happens(days).replay();
}

#[test]
fn a_session_is_in_two_places() {
    let by = |i: i64| {
        ct_role("orders-api", "i-0123456789abcdef0")
            .from("203.0.113.50")
            .with("aws-sdk-java/2.25.1")
            .does("s3:GetObject")
            .on("arn:aws:s3:::orders-data/config.json")
            .at(&on_review_day(1, "02:10:00"))
            .later(i * 600)
    };
    Story::new("session-in-two-places")
        .happens((0..6).map(by).collect())
        .replay()
        .says(
            "role/orders-api",
            "session.split",
            &[
                "203.0.113.0/24 (02:10–03:00 UTC)",
                "in turns",
                "0 of 42 sessions earlier",
            ],
        )
        .says("role/orders-api", "network", &["203.0.113.0/24"]);
}

#[test]
fn a_session_travels_every_day() {
    let login = "ivo@example.com";
    let by = |n: i64, address: &str| {
        okta(login)
            .from(address)
            .with("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
            .using(&format!("102session{n}"))
            .does("user.authentication.sso")
            .on("Mail")
    };
    let days = always(7, |n| {
        let home = || by(n, "198.18.77.8");
        let office = || by(n, "198.18.78.8");
        vec![
            home(),
            office().later(7_200),
            office().later(9_000),
            home().later(36_000),
        ]
    });
    Story::new("session-on-the-way").happens(days).replay();
}

/// Acts under a session that somebody was given.
fn holds(role: &str, key: &str) -> Event {
    ct_role(role, key)
        .from("198.51.100.20")
        .with("aws-sdk-go-v2/1.30.3")
        .using(key)
}

#[test]
fn an_unusual_chain_of_roles() {
    let weeks = (0..6_i64).flat_map(|week| {
        let key = format!("ASIAAUDITWEEK{week:07}");
        let monday = |event: Event, second| {
            let event = event.at("2026-10-05T08:00:00Z").later(second);
            event.days_later(week * 7)
        };
        [
            monday(
                takes_on(ct("svc-auditor").from("192.0.2.70"), "audit", &key),
                0,
            ),
            monday(holds("audit", &key).does("iam:ListUsers"), 60),
        ]
    });
    let runner = ct_role("ci-search", "run-70441")
        .from("198.51.100.20")
        .with("aws-sdk-go-v2/1.30.3");
    let at = |event: Event, time: &str| event.at(&on_review_day(1, time));
    let (first, second) = ("ASIAAUDITPLANT000001", "ASIAADMINPLANT000001");
    Story::new("role-chain")
        .besides(weeks.collect())
        .happens(vec![
            at(takes_on(runner, "audit", first), "12:10:00"),
            at(takes_on(holds("audit", first), "admin", second), "12:12:00"),
            at(holds("admin", second).does("iam:ListRoles"), "12:14:00"),
        ])
        .replay()
        .says(
            "role/ci-search",
            "edge",
            &["taking on role/audit and through it role/admin"],
        );
}

#[test]
fn a_chain_of_roles_is_walked_every_day() {
    let days = always(6, |n| {
        let (first, second) = (format!("ASIALANDING{n:09}"), format!("ASIATARGETS{n:09}"));
        vec![
            takes_on(ct("svc-scheduler").from("192.0.2.70"), "landing", &first),
            takes_on(holds("landing", &first), "target", &second),
            holds("target", &second).does("ecs:UpdateService"),
        ]
    });
    Story::new("role-chain-as-always").happens(days).replay();
}

#[test]
fn a_key_that_was_put_away_comes_back() {
    let routine = account("svc-labels", 11);
    let old = routine.days(0..5);
    let new = routine.days(5..DAYS).into_iter();
    let new = new.map(|event| event.using("AKIANEWKEYNEWKEYNEW1"));
    let again = ct("svc-labels")
        .from("192.0.2.70")
        .with("aws-sdk-nodejs/2.1500.0 linux")
        .does("sqs:ReceiveMessage")
        .on("arn:aws:sqs:eu-west-1:111122223333:labels")
        .at(&on_review_day(1, "00:10:00"));
    Story::new("old-key-comes-back")
        .without("svc-labels")
        .besides(old)
        .besides(new.collect())
        .happens(vec![again])
        .replay()
        .states(
            "svc-labels",
            &[
                "had put away for 39 days",
                "another one was in use on 38 active days",
            ],
        );
}

#[test]
fn pushes_are_refused_until_one_is_accepted() {
    let login = "farah@example.com";
    let by = |action: &str, second: i64| {
        okta(login)
            .from("198.18.15.8")
            .with("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
            .does(action)
            .at(&on_review_day(1, "07:00:00"))
            .later(second)
    };
    let mut plot: Vec<Event> = (0..8)
        .map(|i| by("user.mfa.okta_verify.deny_push", i * 30))
        .collect();
    plot.push(by("user.authentication.auth_via_mfa", 300));
    Story::new("pushed-until-accepted")
        .happens(plot)
        .replay()
        .states(
            login,
            &["refused 8 pushed sign-ins and then signed in all the same"],
        );
}
