//! What other products read: OCSF, ECS, HEC, Timesketch, SARIF, Markdown and
//! Slack.

use std::collections::BTreeSet;

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

use super::hostile::{any_text, run_of};
use super::*;

const LINES: [Format; 4] = [Format::Ocsf, Format::Ecs, Format::Hec, Format::Timesketch];

fn as_written(format: Format, selection: Selection) -> String {
    let (assessment, coverage) = (assessment(), coverage());
    let mut report = report(&assessment, &coverage);
    report.selection = selection;
    written(format, &report, &PIPED)
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn products_get_what_they_ask_for() {
    for format in LINES {
        let lines = lines(&as_written(format, Selection::Selected));
        let first = serde_json::to_string_pretty(&lines[0]).unwrap();
        insta::assert_snapshot!(format!("first_{}", format.name()), first);
    }
    for format in [Format::Sarif, Format::Markdown, Format::Slack] {
        insta::assert_snapshot!(format.name(), as_written(format, Selection::Selected));
    }
}

#[test]
fn products_get_the_selected_findings_and_on_request_every_judged_one() {
    let n = |format, selection| lines(&as_written(format, selection)).len();
    for format in [Format::Ocsf, Format::Ecs, Format::Hec] {
        assert_eq!(n(format, Selection::Selected), 3, "{format:?}");
        assert_eq!(n(format, Selection::All), 5, "{format:?}");
    }
    // One row per piece of evidence.
    assert_eq!(n(Format::Timesketch, Selection::Selected), 6);
    let sarif = |selection| {
        let log: Value = serde_json::from_str(&as_written(Format::Sarif, selection)).unwrap();
        log["runs"][0]["results"].as_array().unwrap().len()
    };
    assert_eq!((sarif(Selection::Selected), sarif(Selection::All)), (3, 5));
}

#[test]
fn a_quiet_run_is_a_valid_empty_one() {
    let (assessment, coverage) = (quiet_assessment(), coverage());
    let report = report(&assessment, &coverage);
    for format in LINES {
        assert_eq!(written(format, &report, &PIPED), "");
    }
    let log: Value = serde_json::from_str(&written(Format::Sarif, &report, &PIPED)).unwrap();
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
    let slack: Value = serde_json::from_str(&written(Format::Slack, &report, &PIPED)).unwrap();
    assert!(slack["text"].as_str().unwrap().starts_with("0 findings"));
}

/// The fields of the Elastic Common Schema 8.17 that we write, with their
/// types: from its field reference (elastic.co/guide/en/ecs/8.17) and
/// `schemas/*.yml` of github.com/elastic/ecs.
const ECS_FIELDS: [(&str, &str); 40] = [
    ("@timestamp", "date"),
    ("cloud.account.id", "keyword"),
    ("cloud.provider", "keyword"),
    ("ecs.version", "keyword"),
    ("event.action", "keyword"),
    ("event.category", "keywords"),
    ("event.dataset", "keyword"),
    ("event.end", "date"),
    ("event.id", "keyword"),
    ("event.kind", "keyword"),
    ("event.module", "keyword"),
    ("event.provider", "keyword"),
    ("event.reason", "keyword"),
    ("event.risk_score", "number"),
    ("event.risk_score_norm", "number"),
    ("event.severity", "number"),
    ("event.start", "date"),
    ("event.type", "keywords"),
    ("message", "keyword"),
    ("observer.product", "keyword"),
    ("observer.type", "keyword"),
    ("observer.vendor", "keyword"),
    ("observer.version", "keyword"),
    ("related.user", "keywords"),
    ("rule.category", "keyword"),
    ("rule.id", "keyword"),
    ("rule.name", "keyword"),
    ("rule.ruleset", "keyword"),
    ("rule.version", "keyword"),
    ("tags", "keywords"),
    ("threat.framework", "keyword"),
    ("threat.technique.id", "keywords"),
    ("threat.technique.name", "keywords"),
    ("threat.technique.subtechnique.id", "keywords"),
    ("threat.technique.subtechnique.name", "keywords"),
    ("user.domain", "keyword"),
    ("user.id", "keyword"),
    ("user.name", "keyword"),
    ("user.risk.calculated_level", "keyword"),
    ("user.risk.calculated_score_norm", "number"),
];

/// Holds what is below `path` against the table.
#[track_caller]
fn is_ecs(path: &str, value: &Value) {
    if let Value::Object(fields) = value {
        for (name, value) in fields {
            let path = match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            // A name of our own, which the schema leaves to others.
            if path != "habitual" {
                is_ecs(&path, value);
            }
        }
        return;
    }
    let known = ECS_FIELDS.iter().find(|(field, _)| *field == path);
    let Some((_, kind)) = known else {
        panic!("{path} is no field of ECS");
    };
    let fits = match *kind {
        "keyword" => value.is_string(),
        "keywords" => value
            .as_array()
            .is_some_and(|own| own.iter().all(Value::is_string)),
        "number" => value.is_number(),
        "date" => value.as_str().is_some_and(|text| text.ends_with('Z')),
        _ => false,
    };
    assert!(fits, "{path}: {value}");
}

#[test]
fn ecs_has_the_fields_and_values_of_its_version() {
    for document in lines(&as_written(Format::Ecs, Selection::All)) {
        is_ecs("", &document);
        assert_eq!(document["ecs"]["version"], "8.17.0");
        let event = &document["event"];
        assert!(["alert", "event"].contains(&event["kind"].as_str().unwrap()));
        // Of this category, the expected types are allowed, denied and info.
        assert_eq!(
            event["category"],
            serde_json::json!(["intrusion_detection"])
        );
        assert_eq!(event["type"], serde_json::json!(["info"]));
        let norm = event["risk_score_norm"].as_f64().unwrap();
        assert!((0.0..=100.0).contains(&norm));
    }
}

/// As Splunk's "Format events for HTTP Event Collector" has it: an epoch time,
/// fields that are flat, and an event that is not empty.
#[test]
fn events_for_splunk_have_flat_fields_that_are_not_empty() {
    for event in lines(&as_written(Format::Hec, Selection::All)) {
        let keys: Vec<&str> = event
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(keys, ["event", "fields", "source", "sourcetype", "time"]);
        assert!(event["time"].as_f64().unwrap() > 1e9);
        assert!(!event["event"].as_object().unwrap().is_empty());
        for (name, value) in event["fields"].as_object().unwrap() {
            let is_flat = match value {
                Value::Array(values) => !values.is_empty() && values.iter().all(Value::is_string),
                Value::String(text) => !text.is_empty(),
                other => other.is_number() || other.is_boolean(),
            };
            assert!(is_flat, "{name}: {value}");
        }
    }
}

/// As `read_and_validate_jsonl` of github.com/google/timesketch wants it: the
/// three mandatory fields, and a timestamp in microseconds that agrees.
#[test]
fn rows_for_timesketch_can_be_imported() {
    for row in lines(&as_written(Format::Timesketch, Selection::All)) {
        for field in ["message", "datetime", "timestamp_desc"] {
            assert!(!row[field].as_str().unwrap().is_empty(), "{field}");
        }
        let time = chrono::DateTime::parse_from_rfc3339(row["datetime"].as_str().unwrap());
        assert_eq!(
            row["timestamp"].as_i64(),
            Some(time.unwrap().timestamp_micros())
        );
        let mut tags = row["tag"].as_array().unwrap().iter();
        assert!(tags.all(Value::is_string));
    }
}

/// A message with as many findings as one may want, of the longest names.
#[test]
fn a_message_for_slack_stays_within_its_limits() {
    let (mut assessment, coverage) = run_of(&"&`<".repeat(4_000));
    let finding = assessment.findings[0].clone();
    assessment.findings = vec![finding; 60];
    let text = written(Format::Slack, &report(&assessment, &coverage), &PIPED);
    let payload: Value = serde_json::from_str(&text).unwrap();
    let blocks = payload["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50, "{}", blocks.len());
    let n_sent: usize = blocks.iter().map(|block| block.to_string().len()).sum();
    assert!(n_sent <= 13_000, "{n_sent}");
    for block in blocks {
        let limit = if block["type"] == "header" {
            150
        } else {
            3_000
        };
        let texts = block.get("text").into_iter();
        let elements = block["elements"].as_array().into_iter().flatten();
        for object in texts.chain(elements) {
            let text = object["text"].as_str().unwrap();
            assert!((1..=limit).contains(&text.chars().count()), "{text}");
        }
    }
    let n_shown = blocks.iter().filter(|b| b["type"] == "divider").count();
    let more = format!("and {} more findings", 60 - n_shown);
    assert!(
        (1..=10).contains(&n_shown) && text.contains(&more),
        "{text}"
    );
}

/// What a renderer makes of Markdown, as far as an attacker would care.
#[track_caller]
fn is_harmless(markdown: &str) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let (mut n_cells, mut obeyed) = (Vec::new(), Vec::new());
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
            | Event::Start(Tag::FootnoteDefinition(_) | Tag::Strikethrough | Tag::Emphasis)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => obeyed.push(event),
            Event::Start(Tag::TableHead | Tag::TableRow) => n_cells.push(0),
            Event::Start(Tag::TableCell) => *n_cells.last_mut().unwrap() += 1,
            Event::Text(text) => {
                assert!(!text.contains("://") || markdown.contains("```"), "{text}");
            }
            _ => {}
        }
    }
    assert!(obeyed.is_empty(), "{obeyed:?} in\n{markdown}");
    let cells: BTreeSet<usize> = n_cells.into_iter().collect();
    assert_eq!(cells, BTreeSet::from([7]), "{markdown}");
}

#[test]
fn markdown_of_an_ordinary_run_is_harmless_too() {
    is_harmless(&as_written(Format::Markdown, Selection::Selected));
}

/// Text with a taste for markup.
fn any_markup() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "[x](http://a.example)",
        "![x](//a.example/p.png)",
        "<img src=x>",
        "</td>",
        "<!channel>",
        "<@U123>",
        "<http://a.example|b>",
        "@here",
        "```",
        "`",
        "|",
        "\\",
        "\n\n# h\n",
        "\n| a | b |\n",
        "---",
        "~~~",
        "***",
        "$$x$$",
        "[^1]",
        "[x]: http://a.example",
        "{0}",
        "&lt;",
        " ",
        "https://a.example",
        "www.a.example",
        "a",
    ]);
    prop::collection::vec(bits.prop_map(str::to_owned), 0..12).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn markdown_obeys_nothing_that_is_logged(text in prop_oneof![any_markup(), any_text()]) {
        let (assessment, coverage) = run_of(&text);
        let markdown = written(Format::Markdown, &report(&assessment, &coverage), &PIPED);
        prop_assert!(!sanitize::has_hidden(&markdown.replace('\n', "")));
        is_harmless(&markdown);
    }

    #[test]
    fn slack_calls_nobody(text in prop_oneof![any_markup(), any_text()]) {
        let (assessment, coverage) = run_of(&text);
        let payload = written(Format::Slack, &report(&assessment, &coverage), &PIPED);
        let payload: Value = serde_json::from_str(&payload).unwrap();
        for block in payload["blocks"].as_array().unwrap() {
            let texts = block.get("text").into_iter();
            for object in texts.chain(block["elements"].as_array().into_iter().flatten()) {
                let text = object["text"].as_str().unwrap();
                prop_assert!(!text.contains(['<', '>']), "{}", text);
                prop_assert!(!sanitize::has_hidden(text), "{}", text);
                if object["type"] == "mrkdwn" {
                    prop_assert_eq!(text.matches('`').count(), 2, "{}", text);
                } else {
                    prop_assert!(!text.contains("://"), "{}", text);
                }
            }
        }
    }

    #[test]
    fn lines_for_products_are_json_and_can_be_shown(text in prop_oneof![any_markup(), any_text()]) {
        let (assessment, coverage) = run_of(&text);
        let report = report(&assessment, &coverage);
        for format in LINES {
            let written = written(format, &report, &PIPED);
            prop_assert!(!sanitize::has_hidden(&written.replace('\n', "")));
            prop_assert!(!lines(&written).is_empty());
        }
        let expected = sanitize::redact(&text);
        let ocsf = lines(&written(Format::Ocsf, &report, &PIPED)).remove(0);
        let value = &ocsf["anomaly_analyses"][0]["analysis_targets"][0]["name"];
        prop_assert_eq!(value.as_str(), Some(&*expected));
        let log: Value = serde_json::from_str(&written(Format::Sarif, &report, &PIPED)).unwrap();
        let message = log["runs"][0]["results"][0]["message"]["text"].as_str().unwrap();
        prop_assert!(!message.contains("](") || message.contains("\\]("), "{}", message);
    }
}
