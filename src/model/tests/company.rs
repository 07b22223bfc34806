//! Whom an identity is compared with, and what is said of those that are new.

use std::borrow::Cow;

use super::super::*;
use super::organisation::{ACTIONS, DAY, REVIEW_DAYS, START, event, settled};
use crate::event::{Class, KeyBasis, Period};

const N_DAYS: u32 = 20;

/// Scores roles of these names, each with resources of its own; a name that
/// begins with `new` is first used in the review.
fn scored(names: &[&'static str], teams: Teams) -> Scores {
    let (mut history, mut review) = (Ledger::new(Period::Day), Ledger::new(Period::Day));
    for (who, name) in (0..).zip(names) {
        for day in 0..N_DAYS {
            let is_review = day >= N_DAYS - REVIEW_DAYS;
            if name.contains("new") && !is_review {
                continue;
            }
            let time = START + DAY * i64::from(day) + 36_000;
            let scope = format!("bucket-of-{name}/a");
            let act = ACTIONS[who as usize % ACTIONS.len()];
            let mut event = event(who, act, scope, "10.0.0.0/24".to_owned(), time, 0);
            event.actor.key = Cow::Owned(format!("aws:role:{name}"));
            event.actor.display = Cow::Borrowed(name);
            event.actor.basis = KeyBasis::Role;
            event.actor.class = Class::Workload;
            if is_review {
                review.observe(&event);
            } else {
                history.observe(&event);
            }
        }
    }
    let (history, review, windows) = settled(history, review, N_DAYS);
    let parameters = Parameters {
        teams,
        ..Parameters::default()
    };
    score(&history, &review, windows, &parameters)
}

fn of<'s>(scores: &'s Scores, name: &str) -> &'s IdentityScore {
    let is_named = |i: &&IdentityScore| scores.slate.subjects[i.subject].row.name.as_ref() == name;
    scores.identities.iter().find(is_named).unwrap()
}

fn peers_of<'s>(scores: &'s Scores, name: &str) -> Vec<&'s str> {
    let peers = of(scores, name).peers.iter();
    peers
        .map(|peer| scores.slate.subjects[*peer].row.name.as_ref())
        .collect()
}

#[test]
fn identities_with_names_of_one_shape_are_peers() {
    let names = [
        "ci-a-deploy",
        "ci-b-deploy",
        "ci-c-deploy",
        "backup",
        "etl-x",
    ];
    let scores = scored(&names, Teams::default());
    assert_eq!(
        peers_of(&scores, "ci-a-deploy"),
        ["ci-b-deploy", "ci-c-deploy"]
    );
    let key = of(&scores, "ci-a-deploy").peer_key.as_deref();
    assert_eq!(key, Some("role/ci-*"));
    assert_eq!(peers_of(&scores, "backup"), [""; 0]);
    assert_eq!(of(&scores, "backup").peer_key, None);
}

#[test]
fn a_team_makes_peers_of_those_that_have_nothing_else_in_common() {
    let mut teams = Teams::default();
    for pattern in ["^role/backup$", "^etl"] {
        teams.add(regex::Regex::new(pattern).unwrap(), "nights");
    }
    let scores = scored(&["backup", "etl", "web"], teams);
    assert_eq!(peers_of(&scores, "backup"), ["etl"]);
    let key = of(&scores, "backup").peer_key.as_deref();
    assert_eq!(key, Some("team nights"));
    assert_eq!(peers_of(&scores, "web"), [""; 0]);
}

#[test]
fn who_is_new_is_judged_by_its_peers_or_not_at_all() {
    let names = ["ci-a-deploy", "ci-b-deploy", "ci-new-deploy", "newcomer"];
    let scores = scored(&names, Teams::default());
    let new = of(&scores, "ci-new-deploy");
    assert_eq!(
        peers_of(&scores, "ci-new-deploy"),
        ["ci-a-deploy", "ci-b-deploy"]
    );
    assert_eq!(new.verdicts, [Verdict::New]);
    assert!(matches!(new.judgement, Judgement::Thin(_)));
    let severity = new.judgement.review().unwrap().severity;
    assert!(severity <= Severity::Medium, "{severity:?}");
    let alone = of(&scores, "newcomer");
    assert_eq!(alone.judgement, Judgement::Abstained(Abstention::NoHistory));
    assert_eq!(alone.verdicts, [Verdict::New]);
    // Nobody's peer: it has no habits.
    assert_eq!(peers_of(&scores, "ci-a-deploy"), ["ci-b-deploy"]);
}
