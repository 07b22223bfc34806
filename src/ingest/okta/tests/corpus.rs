//! Logs that nobody of us wrote.

use super::*;

/// How a set of records came out: events, and skipped ones by reason.
fn tally(lines: impl Iterator<Item = String>) -> BTreeMap<&'static str, usize> {
    let mut tally = BTreeMap::new();
    for line in lines {
        let result = try_event(&line)
            .map(|_| "event")
            .unwrap_or_else(SkipReason::name);
        *tally.entry(result).or_default() += 1;
    }
    tally
}

#[test]
fn real_events_of_a_rule_collection_parse() {
    let Some(lines) = sample_logs::lines("panther-analysis/okta.jsonl") else {
        return;
    };
    assert_eq!(lines.len(), 143);
    // A third of the collection shows the rules records of other products, and
    // some of Okta's own were cut down to the fields that a rule looks at.
    let expected = [
        ("event", 69),
        ("no_action", 5),
        ("no_time", 25),
        ("unknown_type", 44),
    ];
    assert_eq!(tally(lines.into_iter()), expected.into());
}

#[test]
fn real_event_inside_a_rule_test_parses() {
    let name = "streamalert/rules/community/okta/okta_new_login.json";
    let Some(lines) = sample_logs::lines(name) else {
        return;
    };
    let tests: Value = serde_json::from_str(&lines.join("\n")).unwrap();
    let event = event(&tests[0]["data"]);
    assert_eq!(event.action.verb, Verb::Eval);
    assert_eq!(event.origin.network.as_deref(), Some("AS1234"));
}
