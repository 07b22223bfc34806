//! One bad record among good ones.

use super::*;

/// Reads three good records with `bad` between them, and says what became of
/// it: how many records were used, and which reasons were given.
#[track_caller]
fn among_good(bad: &[u8]) -> (u64, Vec<(String, u64)>) {
    let sandbox = Sandbox::new();
    let parts = [
        line(1).as_bytes(),
        line(2).as_bytes(),
        bad,
        b"\n",
        line(3).as_bytes(),
    ]
    .concat();
    sandbox.write("log.jsonl", parts);
    let run = run(&sandbox, "inspect log.jsonl -f json");
    let coverage = run.coverage();
    (coverage["n_used"].as_u64().unwrap(), skipped(&coverage))
}

#[track_caller]
fn costs_itself(bad: impl AsRef<[u8]>, reason: &str) {
    let expected = (3, vec![(reason.to_owned(), 1)]);
    assert_eq!(among_good(bad.as_ref()), expected);
}

/// R-IN-1
#[test]
fn damage_is_counted_with_a_few_places_and_tips_the_status_above_one_in_a_hundred() {
    for (n_bad, status) in [(8, 0), (12, 3)] {
        let sandbox = Sandbox::new();
        let good = lines(&(0..1000).map(event).collect::<Vec<_>>());
        let secret = "\u{1b}[2J".repeat(100);
        let bad = format!("{{\"eventVersion\":\"{secret}\n").repeat(n_bad);
        sandbox.write("logs/log.jsonl", format!("{good}{bad}"));
        let run = run(&sandbox, "inspect logs -f json");
        assert_eq!(run.status, status, "{}", run.said);
        let coverage = run.coverage();
        assert_eq!(coverage["n_used"], 1000);
        let tally = &coverage["skipped"][0];
        assert_eq!(
            (&tally["n"], &tally["is_damage"]),
            (&n_bad.into(), &true.into())
        );
        let samples = tally["samples"].as_array().unwrap();
        assert_eq!(samples.len(), 5);
        for sample in samples {
            assert!(
                sample["record"]
                    .as_str()
                    .unwrap()
                    .starts_with("logs/log.jsonl:")
            );
            assert!(sample["detail"].as_str().unwrap().starts_with("byte "));
            assert!(sample.to_string().len() < 300);
        }
        assert!(!run.out.contains('\u{1b}'));
    }
}

/// R-IN-2
#[test]
fn every_record_is_accounted_for_in_what_is_written() {
    let sandbox = Sandbox::new();
    let events: Vec<Event> = (0..20).map(event).collect();
    sandbox
        .write("logs/a.jsonl", lines(&events))
        .write("logs/b.jsonl.gz", lines(&events[10..]))
        .write(
            "logs/c.jsonl",
            "{\"eventVersion\":\n{\"other\":1}\ntext\n".to_owned() + &line(50),
        );
    let run = run(&sandbox, "inspect logs -f json");
    let coverage = run.coverage();
    let n = |key: &str| coverage[key].as_u64().unwrap();
    assert_eq!((n("n_used"), n("n_duplicate")), (21, 10));
    let sum = n("n_used") + n("n_duplicate") + n("n_out_of_window") + n("n_skipped");
    assert_eq!(n("n_records"), sum);
    let by_reason: u64 = skipped(&coverage).iter().map(|(_, n)| n).sum();
    assert_eq!(n("n_skipped"), by_reason);
    let files = coverage["files"].as_array().unwrap();
    let in_files: u64 = files.iter().map(|f| f["n_records"].as_u64().unwrap()).sum();
    assert_eq!(n("n_records"), in_files);
}

/// R-IN-3
#[test]
fn a_million_levels_cost_one_record_and_little_memory() {
    let sandbox = Sandbox::new();
    let deep = "[".repeat(1_000_000);
    let objects = "{\"a\":".repeat(200_000);
    sandbox.write(
        "log.jsonl",
        format!("{}{{\"a\":{deep}\n{objects}\n{}", line(1), line(2)),
    );
    let run = run(&sandbox, "inspect log.jsonl -f json --threads 1");
    let coverage = run.coverage();
    assert_eq!(coverage["n_used"], 2);
    assert_eq!(skipped(&coverage), [("too_deep".to_owned(), 2)]);
    assert!(run.peak < 64 * MIB, "{} bytes", run.peak);
    assert!(run.n_ticks < 1000, "{} hundredths of a second", run.n_ticks);
}

/// R-IN-4
#[test]
fn numbers_beyond_all_numbers_cost_no_other_record() {
    for number in [
        "1e999",
        "-1e999",
        &"9".repeat(10_000),
        "0.1e-99999",
        "1e99999999999",
    ] {
        let bad = line(9).trim_end().replacen(
            '{',
            &format!("{{\"sessionCredentialFromConsole\":{number},"),
            1,
        );
        let (n_used, skipped) = among_good(bad.as_bytes());
        let n_skipped: u64 = skipped.iter().map(|(_, n)| n).sum();
        assert_eq!(
            (n_used.max(3), n_used + n_skipped),
            (n_used, 4),
            "{number:.20}"
        );
    }
}

/// R-IN-4
#[test]
fn ten_thousand_keys_are_one_record_like_any_other() {
    let keys: String = (0..10_000)
        .map(|n| format!("\"k{n}\":{{\"x\":{n}}},"))
        .collect();
    for place in ["{", "\"requestParameters\":{"] {
        let text = line(9);
        assert!(place == "{" || !text.contains("\"requestParameters\":{}"));
        let bad = text
            .trim_end()
            .replacen(place, &format!("{place}{keys}"), 1);
        let (n_used, skipped) = among_good(bad.as_bytes());
        let n_skipped: u64 = skipped.iter().map(|(_, n)| n).sum();
        assert_eq!(n_used + n_skipped, 4, "{place} {skipped:?}");
        assert!(n_used >= 3);
    }
}

/// R-IN-6
#[test]
fn a_key_that_occurs_twice_is_told_and_its_record_is_not_used() {
    for key in ["eventName", "eventTime", "userIdentity", "sourceIPAddress"] {
        let record: Value = serde_json::from_str(&line(9)).unwrap();
        let again = format!("{{\"{key}\":{},", record[key]);
        let bad = line(9).trim_end().replacen('{', &again, 1);
        costs_itself(&bad, "duplicate_key");
    }
}

/// R-IN-7
#[test]
fn marks_zeros_and_bytes_that_are_no_text_cost_at_most_their_record() {
    let good = line(9).trim_end().to_owned();
    let marked = ["\u{feff}", &good].concat();
    assert_eq!(among_good(marked.as_bytes()), (4, vec![]));
    let mut odd = good.clone().into_bytes();
    let at = memchr_of(&odd, b"svc-labels");
    odd[at] = 0xff;
    assert_eq!(among_good(&odd), (4, vec![]));
    let zero = good.replace("svc-labels", "svc\\u0000labels");
    assert_eq!(among_good(zero.as_bytes()), (4, vec![]));
    let (n_used, _) = among_good(b"{\"eventVersion\":\"1.08\0\0\0\0");
    assert_eq!(n_used, 3);
}

fn memchr_of(haystack: &[u8], needle: &[u8]) -> usize {
    let mut windows = haystack.windows(needle.len());
    windows.position(|window| window == needle).unwrap()
}

/// R-IN-7
#[test]
fn utf_16_is_read_as_what_it_says() {
    let text = line(1) + &line(2);
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let sandbox = Sandbox::new();
        let units = format!("\u{feff}{text}");
        let bytes: Vec<u8> = units.encode_utf16().flat_map(order).collect();
        sandbox.write("log.jsonl", bytes);
        let run = run(&sandbox, "inspect log.jsonl -f json");
        assert_eq!((run.status, &run.coverage()["n_used"]), (0, &2.into()));
    }
}
