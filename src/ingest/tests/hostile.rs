//! Damaged and hostile files: they cost themselves and nothing else.

use std::io::Read;

use proptest::prelude::*;

use super::*;
use crate::ingest::Limits;

/// The only problem of the first file.
#[track_caller]
pub(super) fn problem(coverage: &Coverage) -> (ProblemKind, String) {
    let [problem] = problems(coverage).try_into().unwrap();
    problem
}

/// The problems of the first file.
pub(super) fn problems(coverage: &Coverage) -> Vec<(ProblemKind, String)> {
    let problems = coverage.files[0].problems.iter();
    problems
        .map(|problem| (problem.kind, problem.detail.as_raw().to_owned()))
        .collect()
}

#[test]
fn gzip_cut_inside_a_record_keeps_those_before() {
    let lines: String = (0..3000).map(|n| trail(n) + "\n").collect();
    let whole = gzip(&lines);
    let cut = &whole[..whole.len() / 2];
    let mut text = Vec::new();
    let _ = flate2::read::GzDecoder::new(cut).read_to_end(&mut text);
    let n_whole = memchr::memchr_iter(b'\n', &text).count() as u64;
    assert!(n_whole > 1000);
    let (seen, coverage) = read_bytes(cut);
    assert_eq!(seen.n_events, n_whole);
    assert_skipped(&coverage, &[(SkipReason::TruncatedRecord, 1)]);
    let (kind, detail) = problem(&coverage);
    assert_eq!(kind, ProblemKind::Truncated);
    assert!(
        detail.ends_with(&format!("(byte {})", cut.len())),
        "{detail}"
    );
}

#[test]
fn garbage_behind_gzip_is_noted_and_the_records_before_are_used() {
    for garbage in [
        &[0_u8; 512][..],
        b"garbage",
        b"\x1f garbage that is long enough",
    ] {
        let good = gzip(trail(1));
        let (seen, coverage) = read_bytes([&good, garbage].concat());
        assert_eq!(seen.n_events, 1);
        let (kind, detail) = problem(&coverage);
        assert_eq!(kind, ProblemKind::TrailingGarbage);
        assert!(detail.contains("byte"), "{detail}");
    }
}

#[test]
fn damaged_gzip_is_corrupt() {
    let mut bytes = gzip(trail(1));
    let checksum = bytes.len() - 8;
    bytes[checksum] ^= 1;
    let (seen, coverage) = read_bytes(&bytes);
    assert_eq!(seen.n_events, 1);
    assert_eq!(problem(&coverage).0, ProblemKind::Corrupt);
}

/// R-IN-9
#[test]
fn records_before_the_damage_are_kept_however_much_is_read_at_once() {
    let lines: String = (0..3000).map(|n| trail(n) + "\n").collect();
    let mut bytes = gzip(lines);
    // Early on, most distances are too far back.
    bytes[900..903].fill(0xfe);
    let read = |stride| {
        let sandbox = Sandbox::new().with("log", &bytes);
        let limits = Limits {
            stride: std::num::NonZeroUsize::new(stride),
            ..Limits::default()
        };
        let options = Options {
            limits,
            ..Options::default()
        };
        read_all(&[sandbox.path().to_owned()], &options)
    };
    let (whole, coverage) = read(usize::MAX);
    assert!((3..3000).contains(&whole.n_events), "{}", whole.n_events);
    assert_eq!(problem(&coverage).0, ProblemKind::Corrupt);
    let (little, _) = read(1);
    assert_eq!(little, whole);
}

#[test]
fn gzip_bomb_is_stopped_and_other_files_are_read() {
    let bomb = gzip(vec![b' '; 4 << 20]);
    let sandbox = Sandbox::new().with("bomb", bomb).with("good", trail(1));
    let limits = Limits {
        ratio_floor: 1 << 20,
        ..Limits::default()
    };
    let options = Options {
        limits,
        ..Options::default()
    };
    let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
    assert_eq!(seen.n_events, 1);
    assert_eq!(problem(&coverage).0, ProblemKind::TooLarge);
    assert!(coverage.files[0].n_decoded < 2 << 20);
    let (_, coverage) = sandbox.read();
    assert_eq!(
        coverage.files[0].n_decoded,
        4 << 20,
        "under the default floor"
    );
}

#[test]
fn gzip_inside_gzip_is_followed_three_times() {
    let four = gzip(gzip(gzip(gzip(trail(1)))));
    let (seen, coverage) = read_bytes(four);
    assert_eq!(seen.n_events, 0);
    assert_eq!(problem(&coverage).0, ProblemKind::Unsupported);
}

#[track_caller]
fn assert_cost(lost: &str, expected: &[(SkipReason, u64)]) {
    for (before, after) in [("", ""), ("\n", "\n"), ("\n\n", "\n")] {
        let text = format!(
            "{}{before}\n{lost}{after}\n{}\n{}\n",
            trail(1),
            trail(2),
            trail(3)
        );
        let (seen, coverage) = read_bytes(&text);
        assert_eq!(seen.n_events, 3, "{lost:.60} {coverage:#?}");
        assert_skipped(&coverage, expected);
    }
}

#[test]
fn a_broken_line_costs_only_itself() {
    let torn = |n: usize| trail(9)[..n].to_owned();
    let malformed = [(SkipReason::Malformed, 1)];
    for n in [1, 10, 17, 18, 22, 33, 40, 60, 110, 200, 230, 250] {
        assert_cost(&torn(n), &malformed);
    }
    assert_cost(&trail(9).replace("null", "nul"), &malformed);
    assert_cost(&format!("{}\0\0\0", torn(60)), &malformed);
    assert_cost(
        r#"{"Records":[{"a":1},{"b":"#,
        &[(SkipReason::Malformed, 1), (SkipReason::UnknownType, 1)],
    );
}

#[test]
fn a_value_too_deep_costs_only_itself() {
    let deep = format!(
        "{{\"a\":{}{}}}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    assert_cost(&deep, &[(SkipReason::TooDeep, 1)]);
    assert_cost(&"{\"a\":".repeat(200_000), &[(SkipReason::TooDeep, 1)]);
    let (_, coverage) = read_bytes("[".repeat(1_000_000));
    assert_skipped(&coverage, &[(SkipReason::TooDeep, 1)]);
}

#[test]
fn a_record_too_large_costs_only_itself() {
    let limits = Limits {
        max_record: 1000,
        ..Limits::default()
    };
    let options = Options {
        limits,
        ..Options::default()
    };
    let padded = |n: usize| {
        let record = trail(9);
        let padding = "x".repeat(n - record.len());
        record.replace("GetObject", &format!("GetObject{padding}"))
    };
    for (size, n_events) in [(1000, 3), (1001, 2), (100_000, 2)] {
        let text = format!("{}\n{}\n{}", trail(1), padded(size), trail(2));
        let sandbox = Sandbox::new().with("log", text);
        let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
        assert_eq!(seen.n_events, n_events, "{size}");
        assert_eq!(coverage.n_skipped(), 3 - n_events);
    }
}

#[test]
fn an_envelope_too_large_is_streamed_wherever_its_array_is() {
    let options = Options {
        limits: Limits {
            max_record: 1000,
            ..Limits::default()
        },
        ..Options::default()
    };
    let records: Vec<String> = (0..50).map(trail).collect();
    let records = records.join(",");
    for (before, after) in [
        (r#"{"records":["#, "]}"),
        (r#"{"a":{"b":[1,"]"]},"value": ["#, r#"],"next":"x"}"#),
        (
            r#"{"took":1,"hits":{"total":{"n":1},"hits":["#,
            r#"]},"z":[1]}"#,
        ),
        (r#"{"messageType":"DATA_MESSAGE","logEvents":["#, "]}"),
        (r#"{"status":"Complete","results":["#, "]}"),
        (r#"{"NextToken":"t","events":["#, r#"],"searched":[{}]}"#),
    ] {
        let text = format!("{before}{records}{after}{}", trail(99));
        let sandbox = Sandbox::new().with("log", text);
        let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
        assert_eq!(seen.n_events, 51, "{before}");
        assert_eq!(coverage.files[0].problems, [], "{before}");
    }
}

/// R-IN-5: wherever the key stands.
#[test]
fn records_behind_something_huge_are_streamed_too() {
    let options = Options {
        limits: Limits {
            max_record: 1000,
            ..Limits::default()
        },
        ..Options::default()
    };
    let huge = "x".repeat(5000);
    let records: Vec<String> = (0..50).map(trail).collect();
    for key in [
        "Records",
        "Events",
        "events",
        "records",
        "value",
        "logEvents",
    ] {
        let text = format!(
            r#"{{"huge":["{huge}"],"{key}":[{}],"more":{{"a":"{huge}"}}}}{}"#,
            records.join(","),
            trail(99)
        );
        let sandbox = Sandbox::new().with("log", text);
        let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
        assert_eq!(seen.n_events, 51, "{key}");
        assert_skipped(&coverage, &[(SkipReason::TooLarge, 1)]);
    }
}

/// R-IN-5
#[test]
fn rows_of_a_huge_result_stay_whole() {
    let options = Options {
        limits: Limits {
            max_record: 1000,
            ..Limits::default()
        },
        ..Options::default()
    };
    let row = |n| {
        let message = quoted(&trail(n));
        format!(r#"[{{"field":"@ptr","value":"p"}},{{"field":"@message","value":{message}}}]"#)
    };
    let rows: Vec<String> = (0..50).map(row).collect();
    let text = format!(
        r#"{{"results":[{}],"status":"Complete"}}"#,
        rows.join(",\n")
    );
    let sandbox = Sandbox::new().with("log", text);
    let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
    assert_eq!((seen.n_events, coverage.n_records), (50, 50));
    assert_eq!(coverage.files[0].format, "CloudTrail results");
}

#[test]
fn odd_text_in_one_record_is_repaired_in_that_record() {
    let half = trail(1).replace("GetObject", r"a\ud83d");
    let bytes = trail(2).replace("a{", "a\u{1}{").into_bytes();
    let bytes: Vec<u8> = bytes
        .into_iter()
        .map(|b| if b == 1 { 0xff } else { b })
        .collect();
    let content = [half.as_bytes(), b"\n", &bytes, b"\n", trail(3).as_bytes()].concat();
    let (seen, coverage) = read_bytes(content);
    assert_eq!(seen.n_events, 3);
    assert_eq!(coverage.n_repaired, 2);
}

#[test]
fn a_document_cut_short_keeps_what_was_whole() {
    let text = format!("{{\"Records\":[{},{}", trail(1), &trail(2)[..100]);
    let (seen, coverage) = read_bytes(text);
    assert_eq!(seen.n_events, 1);
    assert_skipped(&coverage, &[(SkipReason::TruncatedRecord, 1)]);
    assert_eq!(problem(&coverage).0, ProblemKind::Truncated);
}

#[test]
fn an_element_that_breaks_a_pretty_document_costs_only_itself() {
    let pretty = |n| {
        let value: serde_json::Value = serde_json::from_str(&trail(n)).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let broken = pretty(2)
        .replacen("\",\n", "\n", 1)
        .replacen(": \"", ": \"x\n\"", 3);
    let list = [pretty(1), broken, pretty(3)].join(",\n");
    let (seen, coverage) = read_bytes(format!("{{\"Records\": [\n{list}\n]}}\n"));
    assert_eq!(seen.n_events, 2);
    assert_skipped(&coverage, &[(SkipReason::Malformed, 1)]);
}

fn any_chunk() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..40_u32).prop_map(trail),
        2 => (0..9_u32).prop_map(|n| vault(n, "request")),
        2 => (0..9_u32).prop_map(|n| vault(n, "response")),
        1 => (0..40_u32).prop_map(|n| format!("{{\"Records\":[{},{}]}}", trail(n), trail(n + 1))),
        1 => (0..40_u32, 1..200_usize).prop_map(|(n, len)| trail(n)[..len].to_owned()),
        1 => (0..40_u32).prop_map(|n| trail(n).replace("GetObject", "PutObject")),
        1 => "[\\[\\]{}\",:a1 \n\\\\\u{0}\u{1e}é]{0,30}",
        1 => Just("plain text".to_owned()),
        1 => Just(r#"{"eventVersion":"1.08","eventName":"x","eventSource":"y"}"#.to_owned()),
        1 => Just(format!("<13>x {}", trail(5))),
    ]
}

fn any_log() -> impl Strategy<Value = String> {
    let end = prop_oneof![3 => Just("\n"), 1 => Just(""), 1 => Just(","), 1 => Just("\r\n")];
    prop::collection::vec((any_chunk(), end), 0..14)
        .prop_map(|parts| parts.into_iter().map(|(chunk, end)| chunk + end).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_record_is_accounted_for_on_any_number_of_threads(logs in prop::collection::vec(any_log(), 1..4)) {
        let mut sandbox = Sandbox::new();
        for (i, log) in logs.iter().enumerate() {
            sandbox = sandbox.with(&format!("{i}"), log);
        }
        let paths = [sandbox.path().to_owned()];
        let one = read_all(&paths, &Options::default());
        let options = Options { threads: 3, ..Options::default() };
        prop_assert_eq!(read_all(&paths, &options), one);
    }
}

#[test]
fn a_file_of_zeros_or_brackets_is_not_passed_over_in_silence() {
    for lost in ["\0".repeat(5000), "]}".repeat(50)] {
        let (_, coverage) = read_bytes(lost);
        assert_eq!(problem(&coverage).0, ProblemKind::Unrecognised);
    }
    for empty in ["\n \n", "[]", "{\"Records\":[]}\n"] {
        let (_, coverage) = read_bytes(empty);
        assert_eq!(coverage.files[0].problems, [], "{empty}");
    }
}

#[test]
fn utf16_is_read_with_and_without_its_mark() {
    let text = format!("{}\n{}", trail(1), trail(2));
    let encode = |order: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        let units = format!("{mark}{text}");
        units.encode_utf16().flat_map(order).collect()
    };
    for mark in ["", "\u{feff}"] {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let (seen, coverage) = read_bytes(encode(order, mark));
            assert_eq!((seen.n_events, coverage.n_skipped()), (2, 0));
        }
    }
}

/// R-IN-8: bombs inside of records cost themselves.
#[test]
fn packed_data_of_a_file_has_a_common_limit() {
    use base64::Engine as _;
    let of_stream = |text: &str| {
        let data = base64::engine::general_purpose::STANDARD.encode(gzip(text));
        format!("{{\"records\":[{{\"data\":\"{data}\"}}]}}\n")
    };
    let bomb = of_stream(&format!("{}{}", trail(1), " ".repeat(60 << 10)));
    let log = [bomb.repeat(200), of_stream(&trail(2))].concat();
    let sandbox = Sandbox::new().with("log", log);
    let n_used = |ratio_floor| {
        let limits = Limits {
            ratio_floor,
            ..Limits::default()
        };
        let options = Options {
            limits,
            ..Options::default()
        };
        read_all(&[sandbox.path().to_owned()], &options).1.n_used
    };
    assert_eq!(n_used(64 << 20), 2);
    assert_eq!(n_used(0), 1, "the bombs are too large");
}
