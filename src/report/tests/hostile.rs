//! Text as attackers choose it, in every field that a log can reach.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::event::{Class, Untrusted};
use crate::finding::{Fact, Finding, Severity};
use crate::report::fixture::{evidence, finding};

/// A finding with `text` in every field that a log can reach.
fn finding_of(text: &str) -> Finding {
    let untrusted = || Untrusted::new(text);
    let mut proof = evidence("network", 0.5, "2026-11-03T02:10:44Z", text);
    proof.observed = untrusted();
    proof.typical = untrusted();
    proof.values = vec![untrusted()];
    proof.event_ids = vec![untrusted()];
    proof.records = vec![untrusted()];
    proof.day = text.to_owned();
    let mut hostile = finding(text, Class::Human)
        .ranked(1, 1e-4, Severity::High)
        .evidence(proof.clone())
        .evidence(proof)
        .next(&[text, "habitual replay x"])
        .rhythm()
        .done();
    hostile.identity.id = untrusted();
    hostile.identity.tenant = untrusted();
    hostile.identity.native = Some(("arn", untrusted()));
    hostile.peers.group = text.to_owned();
    hostile.peers.nearest = vec![untrusted()];
    hostile
}

/// A run with `text` in every field that a log can reach.
pub(in crate::report) fn run_of(text: &str) -> (Assessment, Coverage) {
    let (mut assessment, mut coverage) = (assessment(), coverage());
    let mut unjudged = finding_of(text);
    unjudged.finding_id = "2".to_owned();
    unjudged.p_value = None;
    unjudged.is_selected = false;
    unjudged.abstained = Some(text.to_owned());
    assessment.findings = vec![finding_of(text), unjudged];
    assessment.cautions = vec![Untrusted::new(text)];
    for fact in &mut assessment.facts {
        *fact = Fact {
            identity_id: text.into(),
            identity: text.into(),
            time: fact.time,
            sentence: text.into(),
            event_id: text.into(),
            record: text.into(),
        };
    }
    for file in &mut coverage.files {
        file.path = text.into();
        file.format = text.to_owned();
        file.problems
            .iter_mut()
            .for_each(|p| p.detail = text.into());
    }
    let tallies = coverage.skipped.values_mut();
    for tally in tallies.chain(coverage.passed_over.values_mut()) {
        tally
            .samples
            .iter_mut()
            .for_each(|s| s.detail = text.into());
    }
    (assessment, coverage)
}

/// Everything that people are shown of a run full of `text`.
fn shown(text: &str, style: &Style) -> String {
    let (assessment, coverage) = run_of(text);
    let mut report = report(&assessment, &coverage);
    report.inputs = vec![text.to_owned()];
    let mut out = Vec::new();
    write(Format::Table, &report, style, &mut out).unwrap();
    write_summary(&report, style, &mut out).unwrap();
    let mut inspection = inspection(&coverage);
    inspection.notes = vec![text.into()];
    inspection.inputs = vec![text.to_owned()];
    write_inspection(Format::Table, &inspection, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Text as attackers choose it: any characters, often the harmful ones.
pub(super) fn any_text() -> impl Strategy<Value = String> {
    let harmful = prop::sample::select(vec![
        '\x1b',
        '\u{9b}',
        '\r',
        '\n',
        '\t',
        '\u{7f}',
        '\u{85}',
        '\u{202e}',
        '\u{2066}',
        '\u{200b}',
        '\u{2028}',
        '\u{e0041}',
        '"',
        '\'',
        '\\',
        '=',
        ',',
        '名',
        '\u{301}',
    ]);
    prop::collection::vec(prop_oneof![harmful, any::<char>()], 0..60).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_logged_controls_a_terminal(text in any_text(), color: bool, ascii: bool) {
        for width in [None, Some(40), Some(80), Some(160)] {
            let text = without_our_colors(&shown(&text, &Style { width, color, ascii }));
            let allowed = if width.is_none() { "\n\t" } else { "\n" };
            let rest = text.replace(|c| allowed.contains(c), "");
            prop_assert!(!sanitize::has_hidden(&rest), "{rest:?}");
        }
    }

    #[test]
    fn piped_lines_keep_their_fields(text in any_text()) {
        let (assessment, coverage) = run_of(&text);
        let table = written(Format::Table, &report(&assessment, &coverage), &PIPED);
        let fields: Vec<usize> = table.lines().map(|l| l.split('\t').count()).collect();
        prop_assert_eq!(fields, vec![13, 13]);
    }

    #[test]
    fn json_gives_the_exact_text_back(text in any_text()) {
        let (assessment, coverage) = run_of(&text);
        let report = report(&assessment, &coverage);
        let document = written(Format::Json, &report, &PIPED);
        prop_assert!(!sanitize::has_hidden(&document.replace('\n', "")));
        let value: Value = serde_json::from_str(&document).unwrap();
        let expected = sanitize::redact(&text);
        for pointer in [
            "/findings/0/identity/name",
            "/findings/0/identity/native/arn",
            "/findings/0/evidence/0/sentence",
            "/findings/0/evidence/0/values/0",
            "/findings/0/peers/nearest/0",
            "/findings/1/abstained",
            "/facts/0/sentence",
            "/cautions/0",
            "/coverage/files/0/path",
        ] {
            let found = value.pointer(pointer).and_then(Value::as_str);
            prop_assert_eq!(found, Some(&*expected), "{}", pointer);
        }
        let lines = written(Format::Jsonl, &report, &PIPED);
        let findings: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        prop_assert_eq!(&Value::from(findings), &value["findings"]);
    }

    #[test]
    fn csv_parses_again_and_runs_no_formula(text in any_text()) {
        let (assessment, coverage) = run_of(&text);
        let table = written(Format::Csv, &report(&assessment, &coverage), &PIPED);
        prop_assert!(!sanitize::has_hidden(&table.replace('\n', "")));
        let mut reader = ::csv::Reader::from_reader(table.as_bytes());
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(rows.len(), 2);
        for cell in rows.iter().flatten() {
            let first = cell.trim_start().chars().next();
            prop_assert!(!first.is_some_and(|c| "=+-@＝＋－＠".contains(c)), "{}", cell);
        }
    }
}

#[test]
fn secrets_reach_no_sink() {
    let secret = format!("gh{}_{}", 'p', "a1B2".repeat(9));
    let text = format!("agent/1 {secret}");
    let (assessment, coverage) = run_of(&text);
    let report = report(&assessment, &coverage);
    for format in Format::ALL {
        let mut out = Vec::new();
        write(format, &report, &PIPED, &mut out).unwrap();
        assert!(
            !String::from_utf8_lossy(&out).contains(&secret),
            "{format:?}"
        );
    }
    assert!(!shown(&text, &sized(160)).contains(&secret));
    assert!(!shown(&text, &PIPED).contains(&secret));
}
