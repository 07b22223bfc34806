//! Every kind of evidence, fact and caution, read aloud.

use insta::assert_snapshot;

use super::organisation::*;
use crate::event::*;
use crate::finding::*;
use crate::ingest::coverage::Insight;
use crate::ledger::Dimension;
use crate::model::{Abstention, Detail, Judgement, Statistic};
use crate::stats::novelty::NoveltyType::{Lateral, Peer, World};

/// The sentences of the evidence, one a line.
fn told(assessment: &Assessment) -> String {
    let evidence = assessment.findings[0].evidence.iter();
    let lines: Vec<&str> = evidence.map(|e| e.sentence.as_raw()).collect();
    lines.join("\n")
}

/// The sentence about one new value, used once on the review's third day.
#[track_caller]
fn one(dimension: Dimension, text: &'static str, act: Act) -> String {
    let organisation = Organisation::new().and([act]);
    told(&organisation.tell(CI, &[new(dimension, 3, &[(text, Lateral, 0, 3)])]))
}

fn plain() -> Act {
    act(CI, 2, "s3:GetObject")
}

#[test]
fn new_value_of_each_dimension_has_its_own_words() {
    let network = plain().network("198.18.7.0/24");
    assert_snapshot!(one(Dimension::Network, "198.18.7.0/24", network), @"from network 198.18.7.0/24 on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have used it");
    let private = plain().network("private/111122223333/10.1.0.0/16");
    assert_snapshot!(one(Dimension::Network, "private/111122223333/10.1.0.0/16", private), @"from private network 10.1.0.0/16 of 111122223333 on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have used it");
    let endpoint = plain().network("vpce-0a1b");
    assert_snapshot!(one(Dimension::Network, "vpce-0a1b", endpoint), @"from VPC endpoint vpce-0a1b on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have used it");
    let client = plain().with(|e| e.origin.client.family = "curl".into());
    assert_snapshot!(one(Dimension::Client, "curl/2", client), @"with client curl/2 on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have used it");
    let console = plain().with(|e| {
        e.origin.interface = Interface::Console;
        e.mfa = Mfa::No;
    });
    assert_snapshot!(one(Dimension::Access, "console/session_key/nomfa", console), @"came in through the web console with temporary session credentials and no second factor on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have used it");
    let region = plain().with(|e| e.region = Some("ap-south-1".into()));
    assert_snapshot!(one(Dimension::Region, "ap-south-1", region), @"in region ap-south-1 on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have used it");
    let place = plain().with(|e| {
        e.origin.country = Some("Atlantis".into());
        e.origin.net_kind = NetKind::Anonymiser;
    });
    assert_snapshot!(one(Dimension::Place, "Atlantis/anonymiser", place), @"from an anonymiser (VPN, proxy or Tor) in Atlantis on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have used it");
    let tenant = plain().with(|e| e.tenant = "444455556666".into());
    assert_snapshot!(one(Dimension::Account, "444455556666", tenant), @"in account 444455556666 on 1 of 7 active days of the review (1 event); never entered by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have entered it");
    let scope = plain().scope("payroll/2026/salaries");
    assert_snapshot!(one(Dimension::Scope, "payroll/{n}/salaries", scope), @"resource payroll/{n}/salaries on 1 of 7 active days of the review (1 event); never touched by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have touched it");
    let area = plain().scope("payroll");
    assert_snapshot!(one(Dimension::Area, "payroll", area), @"top-level resource payroll on 1 of 7 active days of the review (1 event); never touched by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have touched it");
    assert_snapshot!(one(Dimension::Service, "iam", act(CI, 2, "iam:ListUsers")), @"service iam on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have used it");
    let error = plain().with(|e| {
        e.outcome = Outcome::Denied;
        e.outcome_code = Some("AccessDenied".into());
    });
    assert_snapshot!(one(Dimension::Error, "denied/s3/AccessDenied", error), @"refusals by s3 with AccessDenied on 1 of 7 active days of the review (1 event); never met by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have met it");
    let edge = |kind, target: &'static str| {
        plain().with(|e| {
            e.edges.push(Edge {
                kind,
                target: target.into(),
            });
        })
    };
    let role = edge(EdgeKind::Assume, "role/finance");
    assert_snapshot!(one(Dimension::Edge, "assume:role/finance", role), @"taking on role/finance on 1 of 7 active days of the review (1 event); never attempted by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have attempted it");
    let reset = "undergo:user.mfa.factor.reset_all by okta:corp/user07";
    let undergone = edge(
        EdgeKind::Undergo,
        "user.mfa.factor.reset_all by okta:corp/user07",
    );
    assert_snapshot!(one(Dimension::Edge, reset, undergone), @"undergoing user.mfa.factor.reset_all by user07 on 1 of 7 active days of the review (1 event); never undergone by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have undergone it");
    let known = edge(EdgeKind::Touch, "okta:corp/user07");
    assert_snapshot!(one(Dimension::Edge, "touch:okta:corp/user07", known), @"acting on user07 on 1 of 7 active days of the review (1 event); never attempted by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have attempted it");
}

#[test]
fn sensitive_action_says_what_it_does() {
    let grant =
        act(CI, 2, "iam:PutRolePolicy").sensitive(Verb::Permission, Sensitive::PermissionGranted);
    assert_snapshot!(one(Dimension::Action, "iam:PutRolePolicy", grant), @"action iam:PutRolePolicy (grants or widens permissions) on 1 of 7 active days of the review (1 event); never attempted by it on 44 active days before; 0 of 9 peers and 3 of 39 other identities have attempted it");
}

#[test]
fn several_sensitive_actions_each_say_what_they_do() {
    let organisation = Organisation::new().and([
        act(CI, 2, "iam:CreateAccessKey").sensitive(Verb::Credential, Sensitive::CredentialCreated),
        act(CI, 2, "iam:PutRolePolicy").sensitive(Verb::Permission, Sensitive::PermissionGranted),
    ]);
    let values = [
        ("iam:CreateAccessKey", World, 0, 0),
        ("iam:PutRolePolicy", World, 0, 0),
    ];
    let assessment = organisation.tell(CI, &[new(Dimension::Action, 2, &values)]);
    assert_snapshot!(told(&assessment), @"both actions are new to it (0 of 44 active days): iam:CreateAccessKey [creates or resets a credential], iam:PutRolePolicy [grants or widens permissions] (0 of 9 peers, 0 of 39 other identities); usually about 2% are");
}

#[test]
fn who_else_uses_a_value_is_said_even_if_nobody() {
    let organisation = || Organisation::new().and([plain().network("198.18.7.0/24")]);
    let say = |kind, n_peers, n_others| {
        let values = [("198.18.7.0/24", kind, n_peers, n_others)];
        told(&organisation().tell(CI, &[new(Dimension::Network, 2, &values)]))
    };
    assert_snapshot!(say(World, 0, 0), @"from network 198.18.7.0/24 on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; nobody else used it: 0 of 9 peers and 0 of 39 other identities in 44 days");
    assert_snapshot!(say(Peer, 0, 0), @"from network 198.18.7.0/24 on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 0 of 9 peers and 0 of 39 other identities had used it, but at least 3 peers began at the same time");
    let peer = act("aws:role:ci-3", -9, "s3:GetObject").network("198.18.7.0/24");
    let values = [("198.18.7.0/24", Peer, 1, 1)];
    let known = organisation().and([peer]);
    assert_snapshot!(told(&known.tell(CI, &[new(Dimension::Network, 2, &values)])), @"from network 198.18.7.0/24 on 1 of 7 active days of the review (1 event); never used by it on 44 active days before; 1 of 9 peers and 1 of 39 other identities have used it, the first peer on 2026-10-23");
    let lonely = Organisation::empty().and([
        act(CI, -1, "s3:GetObject"),
        plain().network("198.18.7.0/24"),
    ]);
    let values = [("198.18.7.0/24", World, 0, 0)];
    assert_snapshot!(told(&lonely.tell(CI, &[new(Dimension::Network, 2, &values)])), @"from network 198.18.7.0/24 on 1 of 1 active hour of the review (1 event); never used by it on 1 active hour before; nobody to compare it with");
}

#[test]
fn value_seen_on_a_day_set_aside_is_not_called_never_used() {
    let organisation = Organisation::new().and([
        act(CI, -5, "s3:GetObject").network("198.18.7.0/24"),
        plain().network("198.18.7.0/24"),
    ]);
    let drafts = [new(
        Dimension::Network,
        2,
        &[("198.18.7.0/24", World, 0, 0)],
    )];
    let assessment = organisation.tell_as(CI, &drafts, |slate, identity| {
        let n_history = slate.n_history;
        slate.subjects[identity.subject]
            .hidden
            .insert(n_history - 5);
    });
    assert_snapshot!(told(&assessment), @"from network 198.18.7.0/24 on 1 of 7 active days of the review; used by it before on only 1 of 44 active days, set aside as unusual; nobody else used it: 0 of 9 peers and 0 of 39 other identities in 44 days");
    assert_snapshot!(cautions(&assessment), @"1 identity-day of the history looks unusual itself and was not learned from; look there before trusting the baseline: role/ci-deploy on 2026-10-27.");
}

#[test]
fn several_values_are_grouped_by_who_else_uses_them() {
    let actions = [
        "iam:A", "iam:B", "iam:C", "iam:D", "iam:E", "iam:F", "iam:G",
    ];
    let organisation = Organisation::new().and(actions.map(|action| act(CI, 2, action)));
    let values = [
        ("iam:A", World, 0, 0),
        ("iam:B", World, 0, 0),
        ("iam:C", Lateral, 0, 2),
        ("iam:D", Lateral, 0, 3),
        ("iam:E", Peer, 5, 12),
        ("iam:F", Peer, 9, 12),
        ("iam:G", Peer, 9, 12),
    ];
    let assessment = organisation.tell(CI, &[new(Dimension::Action, 9, &values)]);
    assert_snapshot!(told(&assessment), @"7 of 9 actions are new to it (0 of 44 active days): iam:A, iam:B (0 of 9 peers, 0 of 39 other identities); iam:C, iam:D (0 of 9 peers, up to 3 of 39 other identities); iam:E (5 of 9 peers, 12 of 39 other identities) and 2 more; usually about 2% are");
    let evidence = &assessment.findings[0].evidence[0];
    assert_eq!(evidence.novelty, Some(Novelty::World));
    assert_eq!(evidence.values.len(), 7);
    assert_eq!(evidence.n_events, 7);
    assert_eq!(evidence.event_ids.len(), 5);
    assert_eq!(evidence.observed.as_raw(), "7 of 9 actions new");
}

#[test]
fn several_values_that_peers_began_with_at_the_same_time_say_so() {
    let organisation = Organisation::new().and([act(CI, 2, "iam:A"), act(CI, 2, "iam:B")]);
    let values = [("iam:A", Peer, 0, 0), ("iam:B", Peer, 0, 0)];
    let assessment = organisation.tell(CI, &[new(Dimension::Action, 9, &values)]);
    assert_snapshot!(told(&assessment), @"2 of 9 actions are new to it (0 of 44 active days): iam:A, iam:B (0 of 9 peers, 0 of 39 other identities, but at least 3 peers began at the same time); usually about 2% are");
}

#[test]
fn hours_are_compared_with_the_usual_ones() {
    let organisation = Organisation::new().and([plain().at_hour(3), plain().at_hour(4)]);
    let hours = |hours: &[(u8, u32)]| {
        let detail = Detail::Hours {
            hours: hours.to_vec(),
            n_days: 44,
        };
        organisation.tell(CI, &[level(Statistic::Hour, detail)])
    };
    let assessment = hours(&[(3, 0), (4, 0), (14, 2)]);
    assert_snapshot!(told(&assessment), @"active at 03:00–05:00 UTC (within an hour of it on 0 of 44 active days) and 14:00 UTC (on 2 of 44); its usual hours: 09:00–11:00 UTC");
    let evidence = &assessment.findings[0].evidence[0];
    assert_eq!(evidence.n_events, 2);
    assert_eq!(
        evidence.first_time,
        Some(day(2).saturating_add_seconds(3 * 3_600))
    );
    assert_snapshot!(told(&hours(&[(3, 0)])), @"active at 03:00 UTC (within an hour of it on 0 of 44 active days); its usual hours: 09:00–11:00 UTC");
}

#[test]
fn an_amount_of_one_hour_is_shown_by_that_hour() {
    let usual = |on, hour| act(CI, on, "s3:GetObject").at_hour(hour);
    let burst = |action| (0..4).map(move |_| act(CI, 2, action).at_hour(14));
    let shown = |organisation: Organisation| {
        let detail = Detail::Amount {
            x: 4,
            n_windows: 44,
            median: 1,
            max: 2,
            peers_max: None,
        };
        let assessment = organisation.tell(CI, &[level(Statistic::EventsHour, detail)]);
        let evidence = &assessment.findings[0].evidence[0];
        assert!(told(&assessment).contains("(14:00–15:00 UTC)"));
        assert_eq!(evidence.n_events, 4);
        assert_eq!(
            evidence.first_time,
            Some(day(2).saturating_add_seconds(14 * 3_600))
        );
        evidence.event_ids.len()
    };
    assert_eq!(shown(Organisation::new().and(burst("iam:A"))), 3);
    // Neither what was done then nor the hour is new: of the first events of the
    // day, one is of that hour, or none.
    let before = [0, 0, 0].map(|on| usual(on, 14));
    let organisation = Organisation::new().and(before).and(burst("s3:GetObject"));
    assert_eq!(shown(organisation), 1);
    let before = [(0, 14), (0, 14), (0, 14), (2, 8)].map(|(on, hour)| usual(on, hour));
    let organisation = Organisation::new().and(before).and(burst("s3:GetObject"));
    assert_eq!(shown(organisation), 3);
}

#[test]
fn amounts_are_compared_with_own_past_and_peers() {
    let denied = act(CI, 2, "iam:PutRolePolicy")
        .with(|e| e.action.verb = Verb::Permission)
        .with(|e| e.outcome = Outcome::Denied);
    let granted = denied
        .clone()
        .at_hour(11)
        .with(|e| e.outcome = Outcome::Success);
    let organisation = Organisation::new().and([plain().at_hour(14), denied, granted]);
    let say = |statistic, x, median, max, peers_max| {
        let detail = Detail::Amount {
            x,
            n_windows: 44,
            median,
            max,
            peers_max,
        };
        told(&organisation.tell(CI, &[level(statistic, detail)]))
    };
    assert_snapshot!(say(Statistic::EventsDay, 88_000, 1_200, 3_100, Some(9_000)), @"88,000 events in one day; on its 44 active days before usually 1,200, at most 3,100; its 9 peers at most 9,000");
    assert_snapshot!(say(Statistic::EventsHour, 640, 20, 96, Some(0)), @"640 events in one hour (09:00–10:00 UTC); on its 44 active days before usually 20, at most 96; none by its 9 peers");
    assert_snapshot!(say(Statistic::BytesDay, 507_904, 6_554, 7_000, None), @"31 GiB received in one day; on its 44 active days before usually 409 MiB, at most 437 MiB; no peers to compare with");
    assert_snapshot!(say(Statistic::TargetsDay, 1_900, 12, 40, Some(96)), @"1,900 distinct resources touched in one day; on its 44 active days before usually 12, at most 40; its 9 peers at most 96");
    assert_snapshot!(say(Statistic::TargetsHour, 1_900, 12, 40, Some(96)), @"1,900 distinct resources touched in one hour (09:00–10:00 UTC); on its 44 active days before usually 12, at most 40; its 9 peers at most 96");
    assert_snapshot!(say(Statistic::SecretsDay, 96, 1, 4, Some(4)), @"96 distinct secrets read in one day; on its 44 active days before usually 1, at most 4; its 9 peers at most 4");
    assert_snapshot!(say(Statistic::DeniedRetry, 40, 0, 0, Some(1)), @"40 refusals of privileged actions in one day: iam:PutRolePolicy; none on any of its 44 active days before; its 9 peers at most 1");
    assert_snapshot!(say(Statistic::DeniedThenSuccess, 1, 0, 0, Some(0)), @"1 privileged action refused, then carried out, in one day: iam:PutRolePolicy; none on any of its 44 active days before; none by its 9 peers");
}

#[test]
fn shares_name_what_they_are_shares_of() {
    let say = |statistic, k, n, usual_share| {
        let detail = Detail::Share { k, n, usual_share };
        told(&Organisation::new().tell(CI, &[level(statistic, detail)]))
    };
    assert_snapshot!(say(Statistic::ListShare, 212, 219, 0.04), @"listed the contents of 212 of the 219 distinct resources it touched in one day (97%); usually about 4%, over 44 active days");
    assert_snapshot!(say(Statistic::DeniedShare, 11, 14, 0.001), @"11 of its 14 distinct actions (79%) refused in one day; usually under 1%, over 44 active days");
    let detail = Detail::NewOverall {
        k: 9,
        n: 14,
        usual_share: 0.03,
    };
    assert_snapshot!(told(&Organisation::new().tell(CI, &[level(Statistic::Novelty, detail)])), @"9 of the 14 distinct actions, resources, networks and the like in the review are new to it after 44 active days; usually about 3% are");
}

#[test]
fn new_service_is_told_by_its_actions_unless_they_are_many() {
    let few = ["iam:A", "iam:B"];
    let many = ["iam:A", "iam:B", "iam:C", "iam:D", "iam:E", "iam:F"];
    let lead = |actions: &[&'static str]| {
        let organisation = Organisation::new().and(actions.iter().map(|a| act(CI, 2, a)));
        let values: Vec<_> = actions.iter().map(|a| (*a, World, 0, 0)).collect();
        let assessment = organisation.tell(
            CI,
            &[
                new(Dimension::Service, 3, &[("iam", World, 0, 0)]).share(0.6),
                new(Dimension::Action, 9, &values).share(0.2),
            ],
        );
        let evidence = &assessment.findings[0].evidence;
        assert_eq!(evidence.len(), 1);
        assert!((evidence[0].share - 0.8).abs() < 1e-9);
        evidence[0].dimension
    };
    assert_eq!(lead(&few), "action");
    assert_eq!(lead(&many), "service");
}

#[test]
fn one_story_is_told_once() {
    let amount = |x| Detail::Amount {
        x,
        n_windows: 44,
        median: 2,
        max: 3,
        peers_max: Some(3),
    };
    let hours = |n_near| Detail::Hours {
        hours: vec![(3, n_near)],
        n_days: 44,
    };
    let told = |drafts: [Drafted; 2]| {
        let assessment = Organisation::new().tell(CI, &drafts);
        let evidence = assessment.findings[0].evidence.iter();
        let dimensions: Vec<&str> = evidence.map(|e| e.dimension).collect();
        dimensions.join(" ")
    };
    let hour = |n_near| level(Statistic::Hour, hours(n_near));
    let window = |n_near| level(Statistic::HourWindow, hours(n_near));
    assert_eq!(told([hour(9), window(0)]), "hour.window");
    assert_eq!(told([hour(0), window(2)]), "hour");
    let of_day = |x| level(Statistic::EventsDay, amount(x));
    let of_hour = |x| level(Statistic::EventsHour, amount(x));
    assert_eq!(told([of_day(60), of_hour(60)]), "events.hour");
    assert_eq!(told([of_day(60), of_hour(59)]), "events.hour");
    assert_eq!(told([of_day(60).bits(19.0), of_hour(59)]), "events.day");
    let touched = |x| level(Statistic::TargetsHour, amount(x));
    let secrets = level(Statistic::SecretsDay, amount(40));
    assert_eq!(told([touched(60), secrets]), "secrets.day");
    let secrets = level(Statistic::SecretsDay, amount(14));
    assert_eq!(told([touched(60), secrets]), "secrets.day targets.hour");
    assert_eq!(
        told([of_day(60).on(1), of_hour(60)]),
        "events.day events.hour"
    );
}

#[test]
fn what_tells_most_comes_first() {
    let grant = "iam:PutRolePolicy";
    let organisation = Organisation::new().and([
        act(CI, 2, grant).sensitive(Verb::Permission, Sensitive::PermissionGranted),
        plain().network("198.18.7.0/24"),
    ]);
    let amount = || {
        let detail = Detail::Amount {
            x: 60,
            n_windows: 44,
            median: 2,
            max: 3,
            peers_max: Some(3),
        };
        level(Statistic::EventsDay, detail).bits(29.0)
    };
    let network = || new(Dimension::Network, 2, &[("198.18.7.0/24", World, 0, 0)]);
    let action = || new(Dimension::Action, 2, &[(grant, World, 0, 0)]);
    let order = |drafts: &[Drafted]| {
        let assessment = organisation.tell(CI, drafts);
        let evidence = assessment.findings[0].evidence.iter();
        let dimensions: Vec<&str> = evidence.map(|e| e.dimension).collect();
        dimensions.join(" ")
    };
    assert_eq!(
        order(&[amount(), network(), action()]),
        "action network events.day"
    );
    // What would not be unusual alone stays where it is.
    assert_eq!(
        order(&[amount(), network().bits(3.0), action()]),
        "action events.day network"
    );
}

#[test]
fn what_hardly_counts_is_told_together() {
    let organisation = Organisation::new().and([
        plain().network("198.18.7.0/24"),
        plain().with(|e| e.region = Some("ap-south-1".into())),
    ]);
    let amount = Detail::Amount {
        x: 60,
        n_windows: 44,
        median: 2,
        max: 3,
        peers_max: Some(3),
    };
    let assessment = organisation.tell(
        CI,
        &[
            new(Dimension::Network, 2, &[("198.18.7.0/24", World, 0, 0)]).share(0.97),
            new(Dimension::Region, 2, &[("ap-south-1", Lateral, 0, 3)])
                .share(0.02)
                .bits(5.0),
            level(Statistic::EventsDay, amount.clone())
                .share(0.01)
                .bits(4.0),
            level(Statistic::TargetsDay, amount).share(0.0),
        ],
    );
    let evidence = &assessment.findings[0].evidence;
    let dimensions: Vec<&str> = evidence.iter().map(|e| e.dimension).collect();
    assert_eq!(dimensions, ["network", "targets.day", "other"]);
    assert_snapshot!(evidence[2].sentence.as_raw(), @"besides, adding 3% of the score: new region ap-south-1 (usually eu-west-1 on 44 of 44 days); 60 events in one day (usually 2, at most 3)");
}

fn abstained(reason: Abstention, key: &'static str, acts: Vec<Act>) -> String {
    let assessment = Organisation::new()
        .and(acts)
        .tell_as(key, &[], |_, identity| {
            identity.judgement = Judgement::Abstained(reason);
        });
    let finding = &assessment.findings[0];
    assert_eq!((finding.p_value, finding.rank), (None, None));
    finding.abstained.clone().unwrap()
}

#[test]
fn abstentions_say_what_would_be_needed() {
    let newcomer = || vec![act("okta:corp/newcomer", 3, "user.session.start")];
    assert_snapshot!(abstained(Abstention::NoHistory, "okta:corp/newcomer", newcomer()), @"no event in the 44 days of history, so there is nothing to compare with; ranked from 6 active days on");
    assert_snapshot!(abstained(Abstention::NotJudged, "okta:corp/newcomer", newcomer()), @"this class is not judged without a history of its own; export logs that reach further back");
    let crowd = (0..12).map(|n: u32| {
        act(CI, -3, "s3:GetObject")
            .network(["192.0.2.0/24", "198.18.7.0/24"][n as usize % 2])
            .with(|e| e.actor.sub = Some(format!("session-{n}").into()))
    });
    assert_snapshot!(abstained(Abstention::Shared, CI, crowd.collect()), @"many callers share it: up to 12 sessions, 3 networks and 1 client on one of its 44 active days, so there is no one habit to depart from; give each caller a role or a session name of its own");
}

fn facts(assessment: &Assessment) -> String {
    let facts = assessment.facts.iter();
    let lines: Vec<String> = facts
        .map(|f| format!("{}: {}", f.identity.as_raw(), f.sentence.as_raw()))
        .collect();
    lines.join("\n")
}

#[test]
fn facts_are_ordered_by_gravity_and_habits_are_none() {
    let key = |on| {
        act(CI, on, "iam:CreateAccessKey").sensitive(Verb::Credential, Sensitive::CredentialCreated)
    };
    let grant = |on| {
        act(CI, on, "iam:PutRolePolicy").sensitive(Verb::Permission, Sensitive::PermissionGranted)
    };
    let stop = act(CI, 6, "cloudtrail:StopLogging").sensitive(Verb::Admin, Sensitive::LogTampering);
    let read = act(CI, 1, "secretsmanager:GetSecretValue")
        .sensitive(Verb::Credential, Sensitive::SecretRead);
    let organisation = Organisation::new()
        .and([-9, 1, 1, 2].map(key))
        .and([-9, -8, -7, 1].map(grant))
        .and([stop, read]);
    let assessment = organisation.tell(CI, &[]);
    assert_snapshot!(facts(&assessment), @r"
    role/ci-deploy: switched logging off or narrowed it (cloudtrail:StopLogging), never before on 44 active days; 0 of 9 peers and 0 of 39 other identities attempted it in 44 days of history
    role/ci-deploy: created or reset a credential 3 times (iam:CreateAccessKey), before on 1 of 44 active days; 0 of 9 peers and 0 of 39 other identities attempted it in 44 days of history
    ");
    assert!(
        assessment.facts[0]
            .record
            .as_raw()
            .starts_with("logs/a.json.gz:")
    );
}

#[test]
fn first_use_of_root_and_waking_up_are_facts() {
    let root = "aws:root:111122223333";
    let first = Organisation::new().and([act(root, 2, "signin:ConsoleLogin")]);
    assert_snapshot!(facts(&first.tell(root, &[])), @"111122223333: was used as root for the first time: 1 active day in the review, no event in 44 days of history");
    let again = first.and([act(root, -20, "signin:ConsoleLogin")]);
    assert_snapshot!(facts(&again.tell(root, &[])), @"111122223333: was used as root: 1 active day in the review, only 1 active day in 44 days of history");
    let sleeper = "aws:user:sleeper";
    let woken = |before: &[i64]| {
        let acts = before.iter().chain(&[3]);
        Organisation::new().and(acts.map(|on| act(sleeper, *on, "s3:GetObject")))
    };
    assert_snapshot!(facts(&woken(&[-40, -38, -33]).tell(sleeper, &[])), @"sleeper: was active for the first time in 36 days; its longest silence before: 5 days, over 3 active days of history");
    assert_snapshot!(facts(&woken(&[-40, -30, -29]).tell(sleeper, &[])), @"");
    assert_snapshot!(facts(&woken(&[-40]).tell(sleeper, &[])), @"");
}

fn cautions(assessment: &Assessment) -> String {
    let cautions = assessment.cautions.iter();
    let lines: Vec<&str> = cautions.map(Untrusted::as_raw).collect();
    lines.join("\n")
}

#[test]
fn cautions_tell_how_little_is_known() {
    let brief =
        |from: i64| Organisation::empty().and((from..3).map(|on| act(CI, on, "s3:GetObject")));
    let assessment = brief(-5).tell_as(CI, &[], |_, identity| {
        identity.verdicts = vec![Verdict::Thin];
    });
    assert_snapshot!(cautions(&assessment), @r"
    The history covers only 4 days: every number here is weak, and no severity goes beyond medium.
    ");
    let assessment = brief(0).tell_as(CI, &[], |_, identity| {
        identity.judgement = Judgement::Abstained(Abstention::NoHistory);
        identity.verdicts = vec![Verdict::New];
    });
    assert_snapshot!(cautions(&assessment), @r"
    There is no history before the review: nobody can be judged.
    1 identity active in the review could not be judged: without any history.
    ");
    assert_snapshot!(cautions(&Organisation::new().tell(CI, &[])), @"");
}

#[test]
fn insights_are_told_of_the_identities_that_they_name() {
    let told = |key: &'static str, native: &'static str, callers: &[&str]| {
        let acts =
            (-9..3).map(|on| act(key, on, "x").with(|e| e.actor.native = Some(native.into())));
        let mut organisation = Organisation::empty().and(acts);
        for (on, error) in [(-3, None), (1, Some("AccessDenied")), (2, None)] {
            let insight = Insight {
                time: day(on),
                id: format!("insight-{on}").into(),
                kind: "ApiCallRateInsight".into(),
                action: "kms:Decrypt".into(),
                error: error.map(Into::into),
                callers: callers.iter().map(|caller| (*caller).into()).collect(),
            };
            organisation
                .insights
                .kept
                .insert(insight, Provenance { file: 0, record: 7 });
        }
        facts(&organisation.tell(key, &[]))
    };
    let role = "arn:aws:sts::111122223333:assumed-role/ci/run-1";
    assert_snapshot!(told(CI, role, &["arn:aws:sts::111122223333:assumed-role/ci/run-2"]), @"role/ci-deploy: was named by CloudTrail Insights for an unusual rate of kms:Decrypt ending in AccessDenied, and 1 time more");
    let path = told(CI, role, &["x", "arn:aws:iam::111122223333:role/team/ci"]);
    assert!(path.starts_with("role/ci-deploy: was named"));
    let user = "arn:aws:iam::111122223333:user/bob";
    assert!(told("aws:user:AIDA1", user, &[user]).starts_with("AIDA1: was named"));
    let person =
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/Ann@x.example";
    assert!(
        told(
            "aws:sso:ann@x.example",
            person,
            &[&person.replace("1111", "2222")]
        )
        .contains("named")
    );
    // Another account, another role, a colleague, and whoever took on the role
    // under a name of their own.
    assert_eq!(
        told(
            CI,
            role,
            &["arn:aws:sts::222222223333:assumed-role/ci/run-2"]
        ),
        ""
    );
    assert_eq!(
        told(
            CI,
            role,
            &["arn:aws:sts::111122223333:assumed-role/cj/run-1", "ci", ""]
        ),
        ""
    );
    assert_eq!(
        told(
            "aws:sso:ann@x.example",
            person,
            &[&person.replace("Ann", "Bob")]
        ),
        ""
    );
    assert_eq!(
        told(
            "aws:srcid:eve",
            role,
            &["arn:aws:sts::111122223333:assumed-role/ci/run-2"]
        ),
        ""
    );
}
