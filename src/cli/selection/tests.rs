#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use clap::Parser;

use super::*;
use crate::cli::testing::finding;
use crate::event::{Timestamp, Untrusted};
use crate::finding::{LinkKind, LinkedIdentity};

/// The flags alone, through the parser that users meet.
#[derive(Debug, Parser)]
struct Typed {
    #[command(flatten)]
    selection: SelectionArgs,
}

fn typed(flags: &[&str]) -> Result<SelectionArgs, String> {
    Typed::try_parse_from(std::iter::once(&"habitual").chain(flags))
        .map(|typed| typed.selection)
        .map_err(|err| err.to_string())
}

#[test]
fn a_person_is_meant_by_any_account_but_not_by_who_may_be_another() {
    let mut person = finding("ada", Class::Human, Source::Okta, Severity::High);
    let account = |name: &str, kind: LinkKind| LinkedIdentity {
        id: Untrusted::new(format!("vault:default:{name}")),
        name: name.into(),
        source: Some(Source::Vault),
        rule: "X-V2",
        confidence: 1.0,
        n_evidence: 1,
        seen: (Timestamp::from_seconds(0), Timestamp::from_seconds(0)),
        kind,
        finding_id: None,
    };
    person.identity.linked = vec![
        account("oidc-a", LinkKind::Merged),
        account("lovelace", LinkKind::Likely),
    ];
    let concerned = |pattern: &str| {
        let args = typed(&["--identity", pattern]).unwrap();
        Selection::new(&args).concerns(&person)
    };
    for (pattern, expected) in [
        ("ada", true),
        ("vault:default:oidc*", true),
        ("oidc-*", true),
        ("*lovelace", false),
    ] {
        assert_eq!(concerned(pattern), expected, "{pattern}");
    }
}

#[track_caller]
fn lists(flags: &[&str], expected: &[&str]) {
    let mut findings = vec![
        finding(
            "role/ci-deploy",
            Class::Workload,
            Source::CloudTrail,
            Severity::Critical,
        ),
        finding("user/Alice", Class::Human, Source::Okta, Severity::High),
        finding(
            "approle/ci-vault",
            Class::ServiceAccount,
            Source::Vault,
            Severity::Low,
        ),
        finding(
            "user/bob\nroot",
            Class::Human,
            Source::CloudTrail,
            Severity::None,
        ),
    ];
    Selection::new(&typed(flags).unwrap()).narrow(&mut findings);
    let names: Vec<_> = findings
        .iter()
        .map(|finding| finding.identity.name.as_raw())
        .collect();
    assert_eq!(names, expected);
}

#[test]
fn everybody_is_kept_unless_somebody_is_asked_for() {
    let everybody = [
        "role/ci-deploy",
        "user/Alice",
        "approle/ci-vault",
        "user/bob\nroot",
    ];
    lists(&[], &everybody);
    lists(&["--all"], &everybody);
    lists(&["--top", "1"], &everybody);
}

#[test]
fn how_many_are_listed_is_left_to_the_report() {
    let selection = |flags: &[&str]| {
        let selection = Selection::new(&typed(flags).unwrap());
        (selection.extent, selection.top)
    };
    assert_eq!(selection(&[]), (Extent::Deviating, None));
    assert_eq!(selection(&["--all", "--top", "3"]), (Extent::All, Some(3)));
}

#[test]
fn severity_class_and_source_narrow_the_list() {
    lists(
        &["--min-severity", "high"],
        &["role/ci-deploy", "user/Alice"],
    );
    lists(&["--class", "human"], &["user/Alice", "user/bob\nroot"]);
    lists(&["--class", "human", "--source", "okta"], &["user/Alice"]);
    lists(
        &["--class", "service_account,workload"],
        &["role/ci-deploy", "approle/ci-vault"],
    );
    lists(
        &["--source", "vault", "--source", "okta"],
        &["user/Alice", "approle/ci-vault"],
    );
    lists(&["--class", "human", "--source", "vault"], &[]);
}

#[test]
fn identities_are_found_by_part_or_by_pattern() {
    lists(
        &["--identity", "ci-"],
        &["role/ci-deploy", "approle/ci-vault"],
    );
    lists(&["--identity", "alice"], &["user/Alice"]);
    lists(&["--identity", "role/ci-*"], &["role/ci-deploy"]);
    lists(&["--identity", "ci-*"], &[]);
    lists(&["--identity", "user/alic?"], &["user/Alice"]);
    lists(&["--identity", "id:user/a*"], &["user/Alice"]);
    lists(
        &["--identity", "arn:aws:iam::1:user/Alice"],
        &["user/Alice"],
    );
    lists(&["--identity", "user/b*t"], &["user/bob\nroot"]);
    lists(
        &["--identity", "alice", "--identity", "approle"],
        &["user/Alice", "approle/ci-vault"],
    );
}

#[test]
fn other_signs_in_a_pattern_mean_themselves() {
    let matches = |pattern: &str, name: &str| IdentityPattern::new(pattern).unwrap().matches(name);
    assert!(matches("a.b", "xa.bx"));
    assert!(!matches("a.b", "aab"));
    assert!(matches("svc[1]*", "svc[1]-x"));
    assert!(!matches("(a|b)", "a"));
}

#[test]
fn patterns_that_say_nothing_or_too_much_are_refused() {
    assert_eq!(IdentityPattern::new("").unwrap_err(), PatternError::Empty);
    assert_eq!(
        IdentityPattern::new(&"é*".repeat(50_000)).unwrap_err(),
        PatternError::TooLong
    );
}

#[test]
fn the_nearest_name_is_suggested() {
    let err = typed(&["--min-severity", "hihg"]).unwrap_err();
    assert!(err.contains("'high'"), "{err}");
    let err = typed(&["--class", "humam"]).unwrap_err();
    assert!(err.contains("'human'"), "{err}");
}

#[test]
fn the_budget_is_a_positive_number() {
    let budget = |text: &str| typed(&["--alerts-per-day", text]).map(|args| args.alerts_per_day);
    assert!((budget("0.5").unwrap() - 0.5).abs() < 1e-12);
    for text in ["0", "-1", "nan", "inf", "many"] {
        assert!(budget(text).is_err(), "{text}");
    }
}
