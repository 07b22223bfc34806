//! Stories of one person, or one pipeline, in several products.

use serde_json::{Value, json};

use super::harness::{Replayed, Story};
use super::order::{always as daily, takes_on};
use crate::support::Sandbox;
use crate::support::events::{Event, ct, ct_role, lines, okta, vault};
use crate::support::house::{HISTORY_DAYS, REVIEW_DAYS, Routine, on_review_day};

const ADA: &str = "ada@example.com";
const HOME: &str = "198.18.120.8";
const ELSEWHERE: &str = "203.0.113.200";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const SSO_ROLE: &str = "AWSReservedSSO_Developer_0123456789abcdef";

fn in_okta(login: &str) -> Event {
    okta(login).from(HOME).with(BROWSER)
}

/// A call of an SSO session; every day has a key of its own.
fn in_aws(login: &str, action: &str) -> Event {
    let path = "/userIdentity/sessionContext/sessionIssuer/arn";
    let issuer =
        format!("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/{SSO_ROLE}");
    ct_role(SSO_ROLE, login)
        .set(path, issuer)
        .from(HOME)
        .with("aws-cli/2.17.0")
        .does(action)
}

fn in_vault(login: &str) -> Event {
    vault(&format!("oidc-{login}")).from(HOME).does("read")
}

/// A person who works in all three products.
fn developer(login: &str) -> Vec<Routine> {
    let in_okta = |action: &str| in_okta(login).does(action);
    let in_aws = |action: &str| in_aws(login, action);
    let in_vault = |path: &str| in_vault(login).on(path);
    let steps = vec![
        in_okta("user.session.start"),
        in_okta("user.authentication.sso").on("AWS IAM Identity Center"),
        in_aws("sts:GetCallerIdentity"),
        in_aws("ec2:DescribeInstances"),
        in_aws("s3:GetObject").on("arn:aws:s3:::team-files/report.csv"),
        in_aws("logs:FilterLogEvents"),
        in_vault("secret/data/team/database"),
        in_vault("secret/data/team/queue"),
        in_okta("user.authentication.sso").on("Mail"),
    ];
    let routine = Routine::new(login, steps).at_hour(7).runs(2, 4);
    vec![routine.on_weekdays()]
}

fn always(routines: &[Routine]) -> Vec<Event> {
    routines.iter().flat_map(Routine::always).collect()
}

/// The p-values of the findings whose identities are called so in one product
/// or another.
fn called(replayed: &Replayed, text: &str) -> Vec<f64> {
    let is_called = |finding: &&Value| {
        let identity = &finding["identity"];
        let id = identity["id"].as_str().unwrap().replace("%2F", "/");
        id.contains(text) || identity["name"].as_str().unwrap().contains(text)
    };
    let found = replayed.findings().iter().filter(is_called);
    found.filter_map(|f| f["p_value"].as_f64()).collect()
}

/// Holds that several findings become one that is hardly less strange than the
/// strangest of them: the least possible p-value depends on how many there are.
/// Also returns what the parts were alone.
#[track_caller]
fn adds_up(story: Story, name: &str, text: &str) -> (Vec<f64>, Replayed) {
    let parts = story.run("--no-links");
    let alone = called(&parts, text);
    assert!(alone.len() >= 2, "{alone:?}\n{parts}");
    let replayed = story.run("");
    let whole = replayed.finding(name)["p_value"].as_f64().unwrap();
    assert!(
        alone.iter().all(|p| whole < 1.1 * p),
        "{whole} of {alone:?}"
    );
    assert_eq!(called(&replayed, text), [whole], "{replayed}");
    (alone, replayed)
}

#[test]
fn a_consent_and_what_follows_it() {
    let at = |event: Event, time: &str| event.at(&on_review_day(1, time));
    let story = Story::new("consent-then-new-app")
        .besides(always(&developer(ADA)))
        .happens(vec![
            at(in_okta(ADA).does("app.oauth2.as.consent.grant"), "10:02:00"),
            at(
                in_okta(ADA)
                    .does("user.authentication.sso")
                    .on("Mail Merge"),
                "10:03:00",
            ),
            at(in_aws(ADA, "s3:ListBuckets"), "10:20:00"),
            at(in_aws(ADA, "iam:ListRoles"), "10:24:00"),
            at(in_vault(ADA).on("secret/data/finance/ledger"), "10:31:00"),
            at(in_vault(ADA).on("secret/data/finance/bank"), "10:33:00"),
        ]);
    let (alone, replayed) = adds_up(story, ADA, ADA);
    let whole = replayed.finding(ADA)["p_value"].as_f64().unwrap();
    assert!(
        alone.iter().any(|p| whole < 0.9 * p),
        "{whole} of {alone:?}"
    );
    let identity = &replayed.finding(ADA)["identity"];
    assert_eq!(identity["sources"], json!(["cloudtrail", "okta", "vault"]));
    let linked = identity["linked"].as_array().unwrap();
    let rules: Vec<_> = linked.iter().map(|it| &it["rule"]).collect();
    assert_eq!(rules, ["X-A1", "X-V2"]);
    assert!(linked.iter().all(|it| it["kind"] == "merged"));
    replayed.says(ADA, "action", &["iam:ListRoles"]).says(
        ADA,
        "secrets.day",
        &["4 distinct secrets"],
    );
}

#[test]
fn a_person_is_taken_over_across_products() {
    let at = |event: Event, time: &str| event.from(ELSEWHERE).at(&on_review_day(1, time));
    let push = |i: i64| {
        let push = okta(ADA)
            .with(BROWSER)
            .does("user.mfa.okta_verify.deny_push");
        at(push, "16:01:00").later(i * 20)
    };
    let mut plot: Vec<Event> = (0..4).map(push).collect();
    plot.extend([
        at(in_okta(ADA).does("user.session.start"), "16:04:00"),
        at(in_okta(ADA).does("user.mfa.factor.reset_all"), "16:06:00"),
        at(in_aws(ADA, "s3:ListBuckets"), "16:20:00"),
        at(in_vault(ADA).on("secret/data/team/database"), "16:31:00"),
    ]);
    let story = Story::new("person-taken-over")
        .besides(always(&developer(ADA)))
        .happens(plot);
    let (_, replayed) = adds_up(story, ADA, ADA);
    replayed.says(ADA, "network", &["203.0.113.0/24"]);
}

/// What each product shows is little; each story has a part in all three.
fn stories_in_three_products() -> [(&'static str, Vec<Event>); 4] {
    let at = |event: Event, time: &str| event.at(&on_review_day(1, time));
    let from_elsewhere = |event: Event, time: &str| at(event.from(ELSEWHERE), time);
    let mail_merge = in_okta(ADA)
        .does("user.authentication.sso")
        .on("Mail Merge");
    let consent = in_okta(ADA).does("app.oauth2.as.consent.grant");
    let child_token = in_vault(ADA).does("update").on("auth/token/create");
    let admin = "arn:aws:iam::111122223333:role/audit-admin";
    [
        (
            "consent, then a new app (S16)",
            vec![
                at(consent, "10:02:00"),
                at(mail_merge, "10:03:00"),
                at(in_aws(ADA, "s3:ListBuckets"), "10:20:00"),
                at(in_vault(ADA).on("secret/data/finance/ledger"), "10:31:00"),
            ],
        ),
        (
            "session replayed (S20)",
            vec![
                from_elsewhere(
                    in_okta(ADA).does("user.authentication.sso").on("Mail"),
                    "10:02:00",
                ),
                from_elsewhere(in_aws(ADA, "ec2:DescribeInstances"), "10:20:00"),
                from_elsewhere(in_vault(ADA).on("secret/data/team/queue"), "10:31:00"),
            ],
        ),
        (
            "privilege chain (S21)",
            vec![
                at(
                    in_okta(ADA).does("user.session.impersonation.initiate"),
                    "10:02:00",
                ),
                at(in_aws(ADA, "sts:AssumeRole").on(admin), "10:20:00"),
                at(child_token, "10:31:00"),
            ],
        ),
        (
            "person taken over (S27)",
            vec![
                from_elsewhere(in_okta(ADA).does("user.session.start"), "16:04:00"),
                from_elsewhere(in_aws(ADA, "s3:ListBuckets"), "16:20:00"),
                from_elsewhere(in_vault(ADA).on("secret/data/team/database"), "16:31:00"),
            ],
        ),
    ]
}

#[test]
fn all_products_together_say_more_than_any_one() {
    let house = always(&developer(ADA));
    for (name, plot) in stories_in_three_products() {
        let smallest = |source: Option<&'static str>| {
            let story = Story::new("person-taken-over")
                .besides(house.clone())
                .happens(plot.clone())
                .told_by(source);
            let replayed = story.run("");
            let found = called(&replayed, ADA);
            assert_eq!(found.len(), 1, "{name}\n{replayed}");
            found[0]
        };
        let alone = ["okta", "cloudtrail", "vault"].map(|source| smallest(Some(source)));
        let all = smallest(None);
        assert!(
            alone.iter().all(|p| all < 0.5 * p),
            "{name}: {all} of {alone:?}"
        );
    }
}

#[test]
fn a_pipeline_is_turned() {
    let federation = json!({
        "federatedProvider": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
        "attributes": {"sub": "repo:corp/app:ref:refs/heads/main"},
    });
    let in_aws = |action: &str| {
        ct_role("deployer", "GitHubActions")
            .from("198.51.100.30")
            .with("aws-sdk-go-v2/1.30.3")
            .does(action)
            .set(
                "/userIdentity/sessionContext/webIdFederationData",
                federation.clone(),
            )
    };
    let in_vault = |path: &str| {
        vault("jwt-repo:corp/app:ref:refs/heads/main")
            .from("198.51.100.30")
            .does("read")
            .on(path)
            .set(
                "/auth/metadata",
                json!({"role": "app", "repository": "corp/app"}),
            )
    };
    let steps = vec![
        in_aws("sts:GetCallerIdentity"),
        in_vault("secret/data/app/deploy"),
        in_aws("ecr:PutImage"),
        in_aws("ecs:UpdateService"),
        in_vault("secret/data/app/signing"),
    ];
    let routine = Routine::new("deployer", steps).runs(3, 3).on_weekdays();
    let at = |event: Event, time: &str| event.at(&on_review_day(1, time));
    let story = Story::new("pipeline-turned")
        .besides(routine.always())
        .happens(vec![
            at(in_aws("sts:GetCallerIdentity"), "09:20:00"),
            at(in_aws("ecr:DescribeImages"), "09:25:00"),
            at(in_vault("secret/data/app/deploy"), "09:31:00"),
            at(in_vault("secret/data/other/deploy"), "09:33:00"),
        ]);
    let (_, replayed) = adds_up(story, "role/deployer", "corp/app");
    let linked = &replayed.finding("role/deployer")["identity"]["linked"];
    assert_eq!(linked[0]["rule"], "X-G3");
}

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
        eprintln!("{name}: {all:?} of {alone:?}");
        assert!(
            alone.iter().all(|p| all[0] < 0.5 * p),
            "{name}: {all:?} of {alone:?}"
        );
    }
}

#[test]
fn a_place_that_one_account_knows_is_no_news_to_the_others() {
    // From the last week of the history on, Ada signs in elsewhere; her other
    // accounts come from there in the review only.
    let last_week = HISTORY_DAYS - 7;
    let moved = |n: i64| -> Vec<Event> {
        let events = developer(ADA).into_iter().flat_map(|it| it.days(n..n + 1));
        let has_moved = |event: &Event| {
            let from = if event.source() == "okta" {
                last_week
            } else {
                HISTORY_DAYS
            };
            n >= from
        };
        let events = events.map(|it| {
            if has_moved(&it) {
                it.from(ELSEWHERE)
            } else {
                it
            }
        });
        events.collect()
    };
    let days = || (0..HISTORY_DAYS + REVIEW_DAYS).flat_map(moved).collect();
    let story = Story::new("person-taken-over").besides(days());
    let networks = |replayed: &Replayed| -> usize {
        let findings = replayed.findings().iter();
        let findings = findings.filter(|it| it["identity"]["name"].as_str().unwrap().contains(ADA));
        let evidence = findings.flat_map(|it| it["evidence"].as_array().unwrap());
        evidence.filter(|it| it["dimension"] == "network").count()
    };
    let (apart, linked) = (story.run("--no-links"), story.run(""));
    assert_eq!(networks(&apart), 2, "{apart}");
    assert_eq!(networks(&linked), 0, "{linked}");
    // On one day it is news everywhere: a session may be stolen.
    let at = |event: Event, time: &str| event.from(ELSEWHERE).at(&on_review_day(1, time));
    let stolen = Story::new("person-taken-over")
        .besides(always(&developer(ADA)))
        .happens(vec![
            at(in_okta(ADA).does("user.session.start"), "16:04:00"),
            at(in_aws(ADA, "ec2:DescribeInstances"), "16:20:00"),
            at(in_vault(ADA).on("secret/data/team/queue"), "16:31:00"),
        ])
        .run("");
    assert_eq!(networks(&stolen), 3, "{stolen}");
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

#[test]
fn a_name_of_several_accounts_explains_their_person() {
    let sandbox = sandbox("");
    let said = sandbox
        .habitual("explain ada@example.com logs -f json")
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let document: Value = serde_json::from_slice(&said.stdout).unwrap();
    let identity = &document["finding"]["identity"];
    assert!(identity["id"].as_str().unwrap().starts_with("okta:"));
    assert_eq!(identity["linked"].as_array().unwrap().len(), 2);
    let remarks = String::from_utf8(said.stderr).unwrap();
    assert!(remarks.contains("aws:sso:ada@example.com"), "{remarks}");
}

#[test]
fn namesakes_and_new_names_are_no_news() {
    let namesake = "ada@partner.example";
    let shared = |agent: &str| {
        okta("svc-shared@example.com")
            .from("192.0.2.71")
            .with(agent)
            .does("user.authentication.sso")
            .on("Mail")
    };
    let shared = Routine::new(
        "shared",
        ["Boto3/1.34.0", "curl/8.5.0"].map(shared).to_vec(),
    );
    let call = in_aws("ada", "ec2:DescribeInstances");
    let called_ada = Routine::new(
        "called ada",
        vec![call.clone(), call.does("s3:ListBuckets")],
    );
    // Under her maiden name up to the review, then under her new one.
    let new_name = "ada.jones@example.com";
    let before = developer(ADA)
        .into_iter()
        .flat_map(|it| it.days(0..HISTORY_DAYS));
    let after = developer(new_name)
        .into_iter()
        .flat_map(|it| it.days(HISTORY_DAYS..HISTORY_DAYS + REVIEW_DAYS));
    let ada = okta(ADA).records().remove(0)["actor"]["id"].clone();
    let after = after.map(|event| match event.source() {
        "okta" => event.set("/actor/id", ada.clone()),
        _ => event,
    });
    let replayed = Story::new("namesakes")
        .besides(always(&developer(namesake)))
        .besides(shared.always())
        .besides(called_ada.always())
        .besides(before.chain(after).collect())
        .run("");
    let linked = |name: &str| -> Vec<Value> {
        let identity = &replayed.finding(name)["identity"];
        identity["linked"].as_array().unwrap().clone()
    };
    assert_eq!(linked("ada"), [json!(null); 0]);
    assert_eq!(linked("svc-shared@example.com"), [json!(null); 0]);
    let of_namesake: Vec<_> = linked(namesake)
        .iter()
        .map(|it| it["kind"].clone())
        .collect();
    assert_eq!(of_namesake, ["merged", "merged"]);
}

#[test]
fn name_that_a_caller_chose_changes_nobody_else() {
    let scores = |session: &str| -> Vec<(String, String)> {
        let call = |action: &str| ct_role("tools", session).from(ELSEWHERE).does(action);
        let calls = vec![call("s3:ListBuckets"), call("iam:ListRoles")];
        let calls = Routine::new("somebody", calls).runs(2, 5);
        let replayed = Story::new("namesakes")
            .besides(always(&developer(ADA)))
            .besides(calls.always())
            .run("");
        let others = replayed.findings().iter().filter(|finding| {
            let id = finding["identity"]["id"].as_str().unwrap();
            !id.starts_with("aws:role:") || !id.contains('#')
        });
        others
            .map(|it| (it["identity"]["id"].to_string(), it["p_value"].to_string()))
            .collect()
    };
    // Of one shape: what a name looks like makes the class of its bearer.
    for (like_ada, other) in [
        (ADA, "zoe@elsewhere.example"),
        ("oidc-ada@example.com", "oidc-zoe@elsewhere.example"),
        ("ada", "zoe"),
    ] {
        let expected = scores(other);
        assert!(expected.len() > 20, "{expected:?}");
        assert_eq!(scores(like_ada), expected, "{like_ada}");
    }
}

/// Ada's logs, and a link file beside them.
fn sandbox(link_file: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    for source in ["okta", "cloudtrail", "vault"] {
        let events = always(&developer(ADA));
        let events: Vec<_> = events
            .into_iter()
            .filter(|it| it.source() == source)
            .collect();
        sandbox.write(&format!("logs/{source}.jsonl"), lines(&events));
    }
    sandbox.write("who.toml", link_file);
    sandbox
}

/// Everybody, by key, as `identities` tells it.
fn roll(sandbox: &Sandbox, flags: &str) -> Vec<Value> {
    let said = sandbox
        .habitual(&format!("identities logs -q -f json {flags}"))
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(0));
    let document: Value = serde_json::from_slice(&said.stdout).unwrap();
    document["identities"].as_array().unwrap().clone()
}

#[test]
fn identities_are_told_with_their_links() {
    let sso = "aws:sso:ada@example.com";
    let okta_id = okta(ADA).records().remove(0)["actor"]["id"].clone();
    let okta_id = format!("okta:default/{}", okta_id.as_str().unwrap());
    let denied = format!("version = 1\n[[deny]]\nids = [\"{sso}\", \"{okta_id}\"]\n");
    let sandbox = sandbox(&denied);

    let all = roll(&sandbox, "");
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!(all[0]["linked"].as_array().unwrap().len(), 2);

    let all = roll(&sandbox, "--links who.toml");
    assert_eq!(all.len(), 2, "{all:#?}");
    let apart = all.iter().find(|it| it["id"] == sso).unwrap();
    assert_eq!(apart["refused"][0]["id"], okta_id.as_str());
    assert_eq!(apart["refused"][0]["reason"], "the link file denies it");

    let all = roll(&sandbox, "--no-links");
    assert_eq!(all.len(), 3, "{all:#?}");
}

#[test]
fn link_file_that_makes_no_sense_is_refused() {
    let refused = |text: &str, expected: &str| {
        let said = sandbox(text)
            .habitual("replay logs --links who.toml")
            .output();
        let said = said.unwrap();
        assert_eq!(said.status.code(), Some(2), "{text}");
        let said = String::from_utf8(said.stderr).unwrap();
        assert!(said.contains(expected), "{said}");
    };
    refused("version = 3", "version = 1");
    refused(
        "version = 1\n[[class]]\nid = \"aws:user:nobody\"\nclass = \"human\"",
        "not in these logs: \"aws:user:nobody\"",
    );
    refused(
        "version = 1\n[[link]]\nids = [\"a\", \"b\"]\n[[deny]]\nids = [\"a\", \"b\"]",
        "linked and denied",
    );
}

#[test]
fn a_pivot_on_one_account_shows_all_of_the_person() {
    let sandbox = sandbox("");
    let seen = |flags: &str| {
        let words = format!("pivot --identity=aws:sso:ada@example.com logs -q -f json {flags}");
        let said = sandbox.habitual(&words).output().unwrap();
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        let document: Value = serde_json::from_slice(&said.stdout).unwrap();
        let trail = document["trails"][0].clone();
        let sources = trail["sources"].as_array().unwrap().iter();
        let used = sources.filter(|it| it["n_events"] != 0);
        let names: Vec<String> = used
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect();
        (names, trail["pivot"]["accounts"].as_array().unwrap().len())
    };
    assert_eq!(seen("--no-links"), (vec!["cloudtrail".to_owned()], 0));
    let (sources, n_accounts) = seen("");
    assert_eq!(sources, ["cloudtrail", "okta", "vault"]);
    assert_eq!(n_accounts, 2);
}
