//! Steps, tags, ids and the selection: what an analyst acts on.

use std::process::Command;

use proptest::prelude::*;

use super::organisation::*;
use crate::event::*;
use crate::finding::*;
use crate::ledger::Dimension;
use crate::model::{Detail, Statistic};
use crate::stats::novelty::NoveltyType::{Lateral, World};

fn steps(assessment: &Assessment) -> Vec<&str> {
    let steps = assessment.findings[0].next_steps.iter();
    steps.map(Untrusted::as_raw).collect()
}

fn from_new_network(organisation: Organisation) -> Assessment {
    let acts = [act(CI, 2, "s3:GetObject").network("198.18.7.0/24")];
    let values = [("198.18.7.0/24", World, 0, 0)];
    organisation
        .and(acts)
        .tell(CI, &[new(Dimension::Network, 2, &values)])
}

#[test]
fn steps_look_closer_ask_and_contain() {
    let assessment = from_new_network(Organisation::new());
    insta::assert_snapshot!(steps(&assessment).join("\n"), @r#"
    gzip -cd < logs/a.json.gz | jq -c '..|select(.eventID?=="event-2551")'
    habitual pivot --identity=role/ci-deploy --from 2026-11-01 --to 2026-11-08 logs/
    habitual pivot --ip=198.18.7.0/24 --from 2026-11-01 --to 2026-11-08 logs/
    gzip -cdfr logs/ | jq -r '..|select(.sourceIPAddress?|strings|startswith("198.18.7.")).userIdentity.arn' | sort | uniq -c
    Ask whether 198.18.7.0/24 is a known office, VPN or runner of role/ci-deploy
    habitual explain e41c7607f648eecd --history 2026-09-18..2026-11-01 --review 2026-11-01..2026-11-08 logs/
    Once sure, contain role/ci-deploy: revoke the active sessions of the role in the IAM console, first sign at 2026-11-03T09:00:00Z
    "#);
}

#[test]
fn windows_that_are_the_default_need_not_be_repeated() {
    let mut organisation = Organisation::new();
    organisation.are_windows_default = true;
    let assessment = from_new_network(organisation);
    assert!(steps(&assessment).contains(&"habitual explain e41c7607f648eecd logs/"));
}

#[test]
fn file_with_a_long_path_is_found_by_the_end_of_its_name() {
    let name = "AWSLogs/111122223333/CloudTrail/111122223333_eu_20261104T0005Z_abc.json.gz";
    let mut organisation = Organisation::new();
    organisation.files[0].path = format!("logs/{name}").into();
    let assessment = from_new_network(organisation);
    assert_eq!(
        steps(&assessment)[0],
        "find logs/ -name '*_eu_20261104T0005Z_abc.json.gz' -exec gzip -cdf {} + | jq -c \
         '..|select(.eventID?==\"event-2551\")'"
    );
}

#[test]
fn record_is_found_in_the_product_it_was_logged_by() {
    let say = |key: &'static str| {
        let acts = (-9..3).map(|on| act(key, on, "kv/read"));
        let acts = acts.chain([act(key, 2, "kv/read").network("198.18.7.0/24")]);
        let values = [("198.18.7.0/24", World, 0, 0)];
        let organisation = Organisation::new().and(acts);
        let assessment = organisation.tell(key, &[new(Dimension::Network, 2, &values)]);
        steps(&assessment).join("\n")
    };
    insta::assert_snapshot!(say("okta:corp/00u1"), @r#"
    jq -c '..|select(.uuid?=="event-2563")' < logs/okta.jsonl
    habitual pivot --identity=00u1 --from 2026-11-01 --to 2026-11-08 logs/
    habitual pivot --ip=198.18.7.0/24 --from 2026-11-01 --to 2026-11-08 logs/
    gzip -cdfr logs/ | jq -r '..|select(.client?.ipAddress?|strings|startswith("198.18.7.")).actor.alternateId' | sort | uniq -c
    Ask whether 198.18.7.0/24 is a known office, VPN or runner of 00u1
    habitual explain 5841de81e37ac3b4 --history 2026-09-18..2026-11-01 --review 2026-11-01..2026-11-08 logs/
    Once sure, contain 00u1: clear the sessions of the user in Okta, first sign at 2026-11-03T09:00:00Z
    "#);
    insta::assert_snapshot!(say("vault:prod:entity:e1"), @r#"
    grep -Fe event-2563 -- logs/audit.log | jq -c .
    habitual pivot --identity=e1 --from 2026-11-01 --to 2026-11-08 logs/
    habitual pivot --ip=198.18.7.0/24 --from 2026-11-01 --to 2026-11-08 logs/
    gzip -cdfr logs/ | jq -r '..|select(.request?.remote_address?|strings|startswith("198.18.7.")).auth.display_name' | sort | uniq -c
    Ask whether 198.18.7.0/24 is a known office, VPN or runner of e1
    habitual explain 10aa8fa58657bb1d --history 2026-09-18..2026-11-01 --review 2026-11-01..2026-11-08 logs/
    Once sure, contain e1: revoke its tokens by accessor in Vault, or disable the entity, first sign at 2026-11-03T09:00:00Z
    "#);
    insta::assert_snapshot!(say("aws:user:AIDA1"), @r#"
    gzip -cd < logs/a.json.gz | jq -c '..|select(.eventID?=="event-2563")'
    habitual pivot --identity=AIDA1 --from 2026-11-01 --to 2026-11-08 logs/
    habitual pivot --ip=198.18.7.0/24 --from 2026-11-01 --to 2026-11-08 logs/
    gzip -cdfr logs/ | jq -r '..|select(.sourceIPAddress?|strings|startswith("198.18.7.")).userIdentity.arn' | sort | uniq -c
    Ask whether 198.18.7.0/24 is a known office, VPN or runner of AIDA1
    habitual explain b2e0a82f4a749177 --history 2026-09-18..2026-11-01 --review 2026-11-01..2026-11-08 logs/
    aws iam list-access-keys --user-name AIDA1 # once sure: aws iam update-access-key --status Inactive --access-key-id ID
    "#);
}

#[test]
fn suggested_filter_finds_the_record_in_any_envelope() {
    let assessment = from_new_network(Organisation::new());
    let step = steps(&assessment)[0].to_owned();
    let (_, filter) = step.split_once("jq -c ").unwrap();
    let id = assessment.findings[0].evidence[0].event_ids[0].as_raw();
    for document in [
        format!(r#"{{"Records":[{{"eventID":"other"}},{{"eventID":"{id}"}}]}}"#),
        format!(r#"{{"eventID":"{id}"}}"#),
    ] {
        let script =
            format!("command -v jq >/dev/null || exit 9; printf %s '{document}' | jq -c {filter}");
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        if output.status.code() == Some(9) {
            skipped("jq is not installed");
            return;
        }
        let expected = format!("{{\"eventID\":\"{id}\"}}\n");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

#[test]
fn inputs_that_cannot_be_read_again_are_left_to_the_reader() {
    let replay = |inputs: &[&str]| {
        let mut organisation = Organisation::new();
        organisation.inputs = inputs.iter().map(|&path| path.to_owned()).collect();
        let assessment = from_new_network(organisation);
        let steps = steps(&assessment);
        let replay = steps.iter().find_map(|s| s.split_once("2026-11-08 "));
        replay.unwrap().1.to_owned()
    };
    assert_eq!(replay(&["my logs/", "b"]), "'my logs/' b");
    assert_eq!(replay(&["-odd"]), "-- -odd");
    assert_eq!(replay(&["-"]), "PATH...");
    assert_eq!(replay(&[]), "PATH...");
    assert_eq!(replay(&["a\u{1b}"]), "PATH...");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_logged_text_escapes_its_word(
        name in r#"[-'"$`\\;&|<>(){}*?~#! a-z\u{1b}\n\u{202e}é]{1,16}"#,
        value in r#"[-'"$`\\;&|<>(){}*?~#! a-z\u{1b}\n\u{202e}é]{1,16}"#,
    ) {
        let value: &'static str = Box::leak(value.into_boxed_str());
        let key = "aws:user:AIDA1";
        let named = |on| act(key, on, "kv/read").with(|e| e.actor.display = name.clone().into());
        let organisation = Organisation::empty()
            .and((-20..2).map(named))
            .and([named(2).network(value)]);
        let drafts = [new(Dimension::Network, 2, &[(value, World, 0, 0)])];
        let assessment = organisation.tell(key, &drafts);
        prop_assert!(!steps(&assessment).is_empty());
        for step in steps(&assessment) {
            let hidden = |c: char| c.is_control() || c == '\u{202e}';
            prop_assert!(!step.contains(hidden), "{step:?}");
            // Every command of the step is replaced by one that does nothing.
            let script = format!("habitual() {{ :; }}; aws() {{ :; }}; set -f; : {step}");
            let parses = Command::new("sh").arg("-nc").arg(&script).status().unwrap();
            prop_assert!(parses.success(), "{step}");
        }
    }
}

fn tags(key: &str, organisation: &Organisation, drafts: &[Drafted]) -> String {
    let assessment = organisation.tell(key, drafts);
    let tags = &assessment.findings[0].tags;
    [&tags.attack, &tags.owasp_nhi, &tags.nist_csf]
        .map(|ids| ids.join(" "))
        .join(" | ")
}

#[test]
fn tags_follow_from_what_the_evidence_shows() {
    let network = Organisation::new().and([act(CI, 2, "s3:GetObject").network("198.18.7.0/24")]);
    let values = [("198.18.7.0/24", World, 0, 0)];
    assert_eq!(
        tags(CI, &network, &[new(Dimension::Network, 2, &values)]),
        "T1078.004 | NHI2:2025 | DE.CM-09 DE.AE-02"
    );
    let secrets = Organisation::new().and([act(CI, 2, "secretsmanager:GetSecretValue")
        .sensitive(Verb::Credential, Sensitive::SecretRead)
        .scope("payroll/db")]);
    assert_eq!(
        tags(
            CI,
            &secrets,
            &[new(Dimension::Scope, 2, &[("payroll/db", Lateral, 0, 3)])]
        ),
        "T1555.006 | NHI5:2025 | DE.CM-09 DE.AE-02"
    );
    let stop = act(CI, 2, "cloudtrail:StopLogging").sensitive(Verb::Admin, Sensitive::LogTampering);
    assert_eq!(
        tags(CI, &Organisation::new().and([stop]), &[]),
        "T1685.002 |  | DE.CM-09 DE.AE-02"
    );
    let console = act(CI, 2, "s3:GetObject").with(|e| e.origin.interface = Interface::Console);
    assert_eq!(
        tags(
            CI,
            &Organisation::new().and([console]),
            &[new(
                Dimension::Access,
                2,
                &[("console/session_key", Lateral, 0, 3)]
            )]
        ),
        "T1078.004 | NHI10:2025 | DE.CM-09 DE.AE-02"
    );
}

#[test]
fn person_has_no_weakness_of_machines() {
    let key = "okta:corp/user07";
    let network = Organisation::new().and([act(key, 2, "app.sso").network("198.18.7.0/24")]);
    let values = [("198.18.7.0/24", World, 0, 0)];
    assert_eq!(
        tags(key, &network, &[new(Dimension::Network, 2, &values)]),
        "T1078.004 |  | DE.CM-03 DE.AE-02"
    );
}

#[test]
fn joined_sources_and_habits_are_tagged_as_such() {
    let joined =
        Organisation::new().and([act(CI, 2, "s3:GetObject").with(|e| e.source = Source::Vault)]);
    assert_eq!(tags(CI, &joined, &[]), " |  | DE.CM-09 DE.AE-02 DE.AE-03");
    let detail = Detail::Share {
        k: 9,
        n: 10,
        usual_share: 0.1,
    };
    let assessment =
        Organisation::new().tell_as(CI, &[level(Statistic::ListShare, detail)], |_, identity| {
            let crate::model::Judgement::Ranked(score) = &mut identity.judgement else {
                return;
            };
            score.severity = Severity::None;
        });
    assert!(assessment.findings[0].tags.attack.is_empty());
}

#[test]
fn id_names_identity_and_review_and_nothing_else() {
    let window = |end| Window {
        start: day(0),
        end: day(end),
    };
    let id = finding_id("aws:role:a", window(7));
    // Python 3: hashlib.sha256(b"aws:role:a\0" + struct.pack(">qq", start, end))
    // with both in microseconds.
    assert_eq!(id, "8ae2383e0e779f34");
    assert_ne!(id, finding_id("aws:role:b", window(7)));
    assert_ne!(id, finding_id("aws:role:a", window(8)));
}

/// Findings with these p-values, selected for a review of `days` days.
fn selected(ps: &[f64], alerts_per_day: f64, days: i64) -> (Vec<bool>, f64) {
    let template = Organisation::new().tell(CI, &[]).findings.remove(0);
    let mut findings: Vec<Finding> = ps
        .iter()
        .map(|p| Finding {
            p_value: (*p <= 1.0).then_some(*p),
            severity: if *p <= 0.01 {
                Severity::Low
            } else {
                Severity::None
            },
            is_selected: false,
            ..template.clone()
        })
        .collect();
    let window = Window {
        start: day(0),
        end: day(days),
    };
    selection::number(&mut findings);
    let expected = selection::select(&mut findings, Budget { alerts_per_day }, window);
    (findings.iter().map(|f| f.is_selected).collect(), expected)
}

#[test]
fn budget_and_severity_bound_the_selection() {
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    // Room for ⌈0.2 · 7⌉ = 2: the second one's p-value is the threshold.
    let (chosen, expected) = selected(&[0.001, 0.004, 0.006, 0.9], 0.2, 7);
    assert_eq!(chosen, [true, true, false, false]);
    close(expected, 0.004 * 4.0);
    // Room for 35: 1 % is the threshold, and the boundary is inside.
    let (chosen, expected) = selected(&[0.001, 0.01, 0.011, 0.9], 5.0, 7);
    assert_eq!(chosen, [true, true, false, false]);
    close(expected, 0.01 * 4.0);
    // A thin one may stand behind a larger p-value; one without a p-value is never chosen.
    let (chosen, _) = selected(&[0.2, 0.003, 2.0], 5.0, 7);
    assert_eq!(chosen, [false, true, false]);
    let (chosen, expected) = selected(&[0.001], 0.0, 7);
    assert_eq!(chosen, [false]);
    close(expected, 0.0);
}

#[test]
fn what_is_severe_for_a_fact_is_listed_beside_the_budget() {
    let mut finding = Organisation::new().tell(CI, &[]).findings.remove(0);
    (finding.p_value, finding.severity) = (Some(0.4), Severity::Medium);
    let window = Window {
        start: day(0),
        end: day(7),
    };
    let mut findings = [finding];
    let budget = Budget {
        alerts_per_day: 0.0,
    };
    let expected = selection::select(&mut findings, budget, window);
    assert!(findings[0].is_selected && expected.abs() < 1e-12);
}
