//! From events through the model to findings.

use super::organisation::*;
use crate::event::*;
use crate::finding::*;

/// The organisation in which one CI role is taken over on the review's third
/// day, and somebody new appears.
fn taken_over() -> Organisation {
    let foreign = |action: &'static str, hour| {
        act(CI, 2, action)
            .at_hour(hour)
            .network("198.18.7.0/24")
            .with(|e| e.origin.client.family = "curl".into())
    };
    let secrets = ["payroll/a", "payroll/b", "payroll/c", "payroll/d"];
    let reads = secrets.map(|secret| {
        foreign("secretsmanager:GetSecretValue", 3)
            .sensitive(Verb::Credential, Sensitive::SecretRead)
            .scope(secret)
    });
    Organisation::new().and(reads).and([
        foreign("iam:CreateAccessKey", 4).sensitive(Verb::Credential, Sensitive::CredentialCreated),
        act("okta:corp/newcomer", 3, "user.session.start"),
    ])
}

#[test]
fn takeover_leads_with_evidence_inside_the_review() {
    let assessment = taken_over().assess();
    let lead = &assessment.findings[0];
    assert_eq!(lead.identity.name.as_raw(), "role/ci-deploy");
    assert_eq!(lead.identity.id.as_raw(), CI);
    assert_eq!(lead.rank, Some(1));
    assert!(lead.is_selected);
    assert_eq!(lead.support.active_days, 44);
    assert_eq!(lead.support.n_events, 88);
    assert_eq!(lead.peers.size, 9);
    assert_eq!(lead.days.len(), 7);
    assert_eq!(lead.days[2].label, "2026-11-03");
    assert!(!lead.evidence.is_empty());
    for evidence in &lead.evidence {
        assert!(!evidence.records.is_empty(), "{evidence:?}");
        assert_eq!(evidence.records.len(), evidence.event_ids.len());
        let first = evidence.first_time.unwrap();
        assert!(assessment.review.contains(first), "{evidence:?}");
        assert!(evidence.n_events > 0, "{evidence:?}");
    }
    let network = lead
        .evidence
        .iter()
        .find(|e| e.dimension == "network")
        .unwrap();
    assert_eq!(network.novelty, Some(Novelty::World));
    assert_eq!(network.values, ["198.18.7.0/24".into()]);
    assert_eq!(
        network.typical.as_raw(),
        "network 203.0.113.0/24 on 44 of 44 days"
    );
    assert!(lead.tags.attack.contains(&"T1078.004"));
    assert!(lead.tags.owasp_nhi.contains(&"NHI2:2025"));
}

#[test]
fn rhythm_is_told_of_whoever_departed() {
    let assessment = taken_over().assess();
    let lead = &assessment.findings[0];
    let rhythm = lead.rhythm.as_ref().unwrap();
    assert_eq!(rhythm.period_seconds, 86_400);
    assert_eq!(rhythm.history.len(), 44);
    let n_events: u64 = rhythm.history.iter().map(|period| period.n_events).sum();
    assert_eq!(n_events, lead.support.n_events);
    // Always at 09:00 and at 10:00, on each of 44 days.
    let hours = &rhythm.history_hours;
    assert!(hours.iter().all(|hour| matches!(hour.hour % 24, 9 | 10)));
    assert_eq!(hours.len(), 7 * 2);
    let n_days: u32 = hours.iter().map(|hour| hour.n_days).sum();
    assert_eq!(n_days, 44 * 2);
    // The foreign reads came on 2026-11-03, a Tuesday, at 03:00.
    let foreign = rhythm.review_hours.iter().find(|hour| hour.hour == 24 + 3);
    let expected = WeekHour {
        hour: 27,
        n_days: 1,
        n_events: 4,
    };
    assert_eq!(foreign, Some(&expected));
    let quiet = assessment
        .findings
        .iter()
        .filter(|f| f.severity == Severity::None);
    assert!(quiet.clone().count() > 30);
    assert!(quiet.into_iter().all(|finding| finding.rhythm.is_none()));
}

#[test]
fn every_scored_identity_has_one_finding_and_its_place() {
    let assessment = taken_over().assess();
    assert_eq!(assessment.findings.len(), 41);
    assert_eq!(assessment.n_scored, 40);
    let ranks: Vec<Option<u32>> = assessment.findings.iter().map(|f| f.rank).collect();
    let expected: Vec<Option<u32>> = (1..=40).map(Some).chain([None]).collect();
    assert_eq!(ranks, expected);
    let last = assessment.findings.last().unwrap();
    assert_eq!(last.identity.name.as_raw(), "newcomer");
    assert!(last.abstained.is_some() && last.days[0].p_value.is_none());
    assert_eq!(assessment.period, "day");
    assert_eq!(assessment.facts.len(), 1);
}

#[test]
fn place_in_the_ranking_needs_as_much_history_as_an_abstention_says() {
    let needed = i64::from(abstention::RANKED_FROM);
    let is_thin_at_the_end = |n_days: i64| {
        let key = "okta:corp/newcomer";
        let days = (-n_days..0).chain([3]);
        let acts = days.map(|on| act(key, on, "user.session.start").network("198.51.100.0/24"));
        let assessment = Organisation::new().and(acts).assess();
        let last = assessment.findings.last().unwrap();
        last.identity.id.as_raw() == key && last.p_value.is_some()
    };
    // An ordinary thin identity comes after all ranked ones.
    assert!(is_thin_at_the_end(1));
    assert!(is_thin_at_the_end(needed - 1));
    assert!(!is_thin_at_the_end(needed));
}

#[test]
fn vendor_name_says_what_kind_of_name_it_is() {
    let native = |key: &'static str, name: &'static str| {
        let acts = (-9..3).map(|on| act(key, on, "x").with(|e| e.actor.native = Some(name.into())));
        let assessment = Organisation::new().and(acts).tell(key, &[]);
        assessment.findings[0].identity.native.clone().unwrap().0
    };
    assert_eq!(
        native("aws:user:AIDA1", "arn:aws:iam::111122223333:user/x"),
        "arn"
    );
    assert_eq!(native("aws:user:AIDA1", "AIDA1"), "principal_id");
    assert_eq!(native("okta:corp/00u1", "00u1"), "okta_id");
    assert_eq!(native("vault:prod:entity:e1", "e1"), "entity_id");
}

#[test]
fn role_session_is_named_by_role_and_session() {
    let mut acts = Vec::new();
    for on in -10..3 {
        acts.push(act("aws:role:AROA1", on, "s3:GetObject").with(|e| {
            e.actor.display = "deploy".into();
            e.actor.session = Some(Session {
                name: "nightly".into(),
                is_email: false,
            });
        }));
    }
    let key = "aws:role:AROA1#nightly";
    let assessment = Organisation::new().and(acts).tell(key, &[]);
    assert_eq!(
        assessment.findings[0].identity.name.as_raw(),
        "deploy/nightly"
    );
}

#[test]
fn same_ledgers_give_the_same_findings() {
    let text = |assessment: &Assessment| format!("{assessment:?}");
    assert_eq!(text(&taken_over().assess()), text(&taken_over().assess()));
}
