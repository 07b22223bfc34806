//! What records look like, and which are none.

use super::*;

#[test]
fn plain_text_is_borrowed_from_the_record() {
    let record = sso().to_string();
    let event = try_event(&record).unwrap();
    assert!(matches!(event.action.name, std::borrow::Cow::Borrowed(_)));
    assert!(matches!(
        event.action.service,
        std::borrow::Cow::Borrowed(_)
    ));
    assert!(matches!(event.actor.display, std::borrow::Cow::Borrowed(_)));
}

#[test]
fn shapes_that_exports_really_have_all_parse() {
    for (pointer, value) in [
        ("/version", json!(0)),
        ("/client/geographicalContext/postalCode", json!(150)),
        ("/target", json!(null)),
        ("/target", json!("cat")),
        ("/client", json!(null)),
        ("/client", json!({})),
        ("/debugContext", json!(null)),
        ("/debugContext/debugData", json!("")),
        ("/securityContext/asNumber", json!("64500")),
        ("/securityContext/isProxy", json!("false")),
        ("/authenticationContext", json!([])),
        ("/request", json!({"ipChain": null})),
        ("/outcome", json!(null)),
        ("/transaction", json!(7)),
        ("/uuid", json!(null)),
    ] {
        let event = event(&with([(pointer, value)]));
        assert_eq!(event.actor.key, "okta:corp/00u1example", "{pointer}");
    }
    let mut record = sso();
    record.as_object_mut().unwrap().remove("debugContext");
    assert_eq!(event(&record).outcome, Outcome::Success);
}

#[test]
fn objects_given_as_json_text_are_read() {
    let plain = event(&sso());
    let actor = sso()["actor"].to_string();
    let app = sso()["target"][0].to_string();
    let other = event(&with([("/actor", json!(actor)), ("/target", json!([app]))]));
    assert_eq!(other.actor.key, plain.actor.key);
    assert_eq!(other.edges, plain.edges);
    let list = sso()["target"].to_string();
    let third = event(&with([("/target", json!(list))]));
    assert_eq!(third.edges, plain.edges);
}

#[test]
fn lower_cased_outer_keys_are_read() {
    let text = sso().to_string();
    let lower = text
        .replace("eventType", "eventtype")
        .replace("securityContext", "securitycontext");
    let event = try_event(&lower).unwrap();
    assert_eq!(event.action.name, "user.authentication.sso");
    assert_eq!(event.origin.network.as_deref(), Some("AS64500"));
}

#[track_caller]
fn skipped(record: &str, reason: SkipReason) {
    assert_eq!(try_event(record).err(), Some(reason), "{record}");
}

#[test]
fn what_is_no_event_is_skipped_with_its_reason() {
    skipped(&with([event_type("")]).to_string(), SkipReason::NoAction);
    skipped(
        &with([("/published", json!("redacted"))]).to_string(),
        SkipReason::NoTime,
    );
    skipped(
        &with([("/published", json!("1970-01-01T00:00:00Z"))]).to_string(),
        SkipReason::ImplausibleTime,
    );
    skipped("{}", SkipReason::UnknownType);
    skipped("[]", SkipReason::UnknownType);
    skipped("7", SkipReason::UnknownType);
    skipped("{\"uuid\":", SkipReason::TruncatedRecord);
    skipped("{\"uuid\" 7}", SkipReason::Malformed);
    let twice = r#"{"eventType":"a.b","eventType":"c.d"}"#;
    skipped(twice, SkipReason::DuplicateKey);
}

#[test]
fn unknown_vocabulary_is_counted_without_its_text() {
    let mut notes = Notes::default();
    let record = with([
        event_type("brandnew.thing.frobnicate"),
        ("/actor/type", json!("Martian")),
        ("/outcome/result", json!("MAYBE")),
    ]);
    let record = record.to_string();
    let event = parse(&record, &mut context(&mut notes)).unwrap();
    assert_eq!(event.action.verb, Verb::Other);
    assert_eq!(event.actor.class, Class::Unknown);
    let expected = ["okta.actor.type", "okta.eventType", "okta.outcome.result"];
    let expected: BTreeMap<_, _> = expected.map(|label| (label.to_owned(), 1)).into();
    assert_eq!(notes.into_counts(), expected);
}
