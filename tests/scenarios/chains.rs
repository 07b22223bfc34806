//! Stories along a chain of roles: what was done as a role that one alone took
//! on is part of their story.

use serde_json::{Value, json};

use super::harness::Story;
use super::linked::{ELSEWHERE, called};
use super::order::{always as daily, takes_on};
use crate::support::events::{Event, ct, ct_role, vault};
use crate::support::house::{HISTORY_DAYS, on_review_day};

/// A pipeline: its job signs in to AWS and Vault, and takes on the role that
/// releases, under a key of its own each time.
struct Pipeline {
    releases_by: &'static str,
}

impl Pipeline {
    fn job(&self, n: i64) -> Event {
        let provider = "token.actions.githubusercontent.com";
        ct_role("builder", "GitHubActions")
            .from("198.51.100.30")
            .with("aws-sdk-go-v2/1.30.3")
            .using(&format!("ASIABUILDER{n:09}"))
            .set(
                "/userIdentity/sessionContext/webIdFederationData",
                json!({
                    "federatedProvider": format!("arn:aws:iam::111122223333:oidc-provider/{provider}"),
                    "attributes": {"sub": "repo:corp/app:ref:refs/heads/main"},
                }),
            )
    }

    fn key(n: i64) -> String {
        format!("ASIARELEASE{n:09}")
    }

    fn release(&self, n: i64) -> Event {
        ct_role(self.releases_by, &format!("run-{n:010}"))
            .from("198.51.100.30")
            .with("aws-sdk-go-v2/1.30.3")
            .using(&Self::key(n))
    }

    fn in_vault(&self) -> Event {
        vault("jwt-repo:corp/app:ref:refs/heads/main")
            .from("198.51.100.30")
            .does("read")
            .set(
                "/auth/metadata",
                json!({"role": "app", "repository": "corp/app"}),
            )
    }

    /// What it does every day, in order.
    fn day(&self, n: i64) -> Vec<Event> {
        vec![
            self.job(n).does("sts:GetCallerIdentity"),
            self.in_vault().on("secret/data/app/deploy"),
            takes_on(self.job(n), self.releases_by, &Self::key(n)),
            self.release(n).does("ecs:DescribeServices"),
            self.release(n).does("ecs:UpdateService"),
            self.in_vault().on("secret/data/app/signing"),
        ]
    }
}

const CHAIN: Pipeline = Pipeline {
    releases_by: "releaser",
};

/// Stories along the chain of a pipeline, each with a part in its job, in the
/// role that this takes on, and in Vault; days count from the first.
fn stories_along_a_chain() -> [(&'static str, Vec<Event>); 3] {
    let day = HISTORY_DAYS + 1;
    let at = |event: Event, time: &str| event.at(&on_review_day(1, time));
    let laptop = |event: Event| event.from(ELSEWHERE).with("aws-cli/2.17.0");
    [
        (
            "pipeline from a workstation (S01)",
            vec![
                at(
                    laptop(CHAIN.job(day)).does("sts:GetCallerIdentity"),
                    "14:02:00",
                ),
                at(
                    laptop(CHAIN.release(day)).does("ecs:DescribeServices"),
                    "14:05:00",
                ),
                at(
                    CHAIN
                        .in_vault()
                        .from(ELSEWHERE)
                        .on("secret/data/app/deploy"),
                    "14:11:00",
                ),
            ],
        ),
        (
            "pipeline reads secrets (S10)",
            vec![
                at(
                    CHAIN.job(day).does("secretsmanager:ListSecrets"),
                    "14:02:00",
                ),
                at(
                    CHAIN.release(day).does("secretsmanager:DescribeSecret"),
                    "14:05:00",
                ),
                at(CHAIN.in_vault().on("secret/data/other/deploy"), "14:11:00"),
            ],
        ),
        (
            "lateral movement (S17)",
            vec![
                at(
                    CHAIN.job(day).does("ssm:DescribeInstanceInformation"),
                    "14:02:00",
                ),
                at(CHAIN.release(day).does("iam:ListRoles"), "14:05:00"),
                at(
                    CHAIN.in_vault().does("update").on("auth/token/create"),
                    "14:11:00",
                ),
            ],
        ),
    ]
}

#[test]
fn a_chain_from_a_pipeline_is_one_story() {
    let house = daily(9, |n| CHAIN.day(n));
    for (name, plot) in stories_along_a_chain() {
        let story = || {
            Story::new("pipeline-turned")
                .besides(house.clone())
                .happens(plot.clone())
        };
        let parts = story().run("--no-links");
        let of = |text: &str| called(&parts, text);
        let alone = [of("role/releaser"), of("role/builder"), of("jwt-repo")].concat();
        assert_eq!(alone.len(), 3, "{name}: {alone:?}\n{parts}");
        let replayed = story().run("");
        let all = ["role/releaser", "role/builder", "jwt-repo"].map(|text| called(&replayed, text));
        let all = all.concat();
        assert_eq!(all.len(), 1, "{name}: {all:?}\n{replayed}");
        assert!(
            alone.iter().all(|p| all[0] < 0.5 * p),
            "{name}: {all:?} of {alone:?}"
        );
    }
}

#[test]
fn a_role_that_others_take_on_too_is_nobody_s() {
    let other = |n: i64| {
        let key = format!("ASIAOTHERS{n:010}");
        let by = ct("svc-auditor").from("192.0.2.70");
        vec![
            takes_on(by, "releaser", &key),
            ct_role("releaser", "audit")
                .from("192.0.2.70")
                .using(&key)
                .does("ecs:ListServices"),
        ]
    };
    let linked = |others: Vec<Event>| -> Vec<Value> {
        let replayed = Story::new("pipeline-turned")
            .besides(daily(9, |n| CHAIN.day(n)))
            .besides(others)
            .run("");
        let findings = replayed.findings().iter();
        let linked = findings.flat_map(|it| it["identity"]["linked"].as_array().unwrap().clone());
        linked.filter(|it| it["rule"] == "R5").collect()
    };
    assert_eq!(linked(Vec::new()).len(), 1);
    assert_eq!(linked(daily(11, other)), [json!(null); 0]);
    // In the history it passed from hand to hand; in the review it did not.
    let before = daily(11, |n| {
        if n < HISTORY_DAYS {
            other(n)
        } else {
            Vec::new()
        }
    });
    assert_eq!(linked(before).len(), 1);
}
