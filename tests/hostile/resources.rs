//! What hostile logs may cost.

use std::io::BufWriter;

use super::*;
use crate::support::house::REVIEW;

/// R-IN-4: 1 GiB and more in one line, of text and of JSON, without being held.
#[track_caller]
fn passes_over_a_line(n_bytes: u64, begin: &str) {
    let run = run_fed(&Sandbox::new(), "inspect - -f json --threads 1", |stdin| {
        let _ = stdin.write_all(line(1).as_bytes());
        let _ = stdin.write_all(begin.as_bytes());
        write_long(stdin, b'x', n_bytes);
        let _ = stdin.write_all(line(2).as_bytes());
    });
    let coverage = run.coverage();
    assert_eq!(coverage["n_used"], 2, "{begin}");
    assert_eq!(skipped(&coverage), [("too_large".to_owned(), 1)]);
    assert_eq!(
        coverage["files"][0]["n_decoded"].as_u64().unwrap() / MIB,
        n_bytes / MIB
    );
    // One record's size, twice while it grows, and the program.
    assert!(run.peak < 96 * MIB, "{} bytes", run.peak);
}

/// R-IN-4
#[test]
fn a_line_of_text_without_an_end_is_passed_over() {
    passes_over_a_line(1100 * MIB, "");
}

/// R-IN-4
#[test]
fn a_string_without_an_end_is_passed_over() {
    passes_over_a_line(64 * MIB, "{\"eventVersion\":\"");
}

/// R-IN-4
#[test]
#[ignore = "takes minutes without optimisation"]
fn a_string_of_a_gigabyte_is_passed_over() {
    passes_over_a_line(1100 * MIB, "{\"eventVersion\":\"");
}

/// R-IN-5: as much again costs no more memory.
#[test]
fn memory_does_not_follow_the_size_of_a_document() {
    let peak = |n: i64| {
        let run = run_fed(&Sandbox::new(), "inspect - -f json --threads 1", |stdin| {
            let _ = stdin.write_all(b"{\"Records\":[");
            for part in 0..n {
                let padding = "x".repeat(1 << 20);
                let record =
                    line(part)
                        .trim_end()
                        .replacen('{', &format!("{{\"pad\":\"{padding}\","), 1);
                let _ = stdin.write_all(record.as_bytes());
                let _ = stdin.write_all(b",");
            }
            let _ = stdin.write_all(b"{}]}");
        });
        assert_eq!(run.coverage()["n_used"], n);
        run.peak
    };
    let (small, large) = (peak(8), peak(40));
    assert!(large < small + 16 * MIB, "{small} and then {large} bytes");
}

/// Reads `n` events of as many users.
fn read_strangers(n: u64, words: &str) -> Run {
    run_fed(&Sandbox::new(), words, |stdin| {
        let mut out = BufWriter::with_capacity(1 << 20, stdin);
        for n in 0..n {
            let (day, second) = (1 + n % 28, n % 60);
            let written = writeln!(
                out,
                concat!(
                    r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"u{n:x}","#,
                    r#""arn":"arn:aws:iam::111122223333:user/u{n:x}","accountId":"111122223333"}},"#,
                    r#""eventTime":"2026-11-{day:02}T02:00:{second:02}Z","eventSource":"s3.amazonaws.com","#,
                    r#""eventName":"GetObject","eventID":"5d1a2c58-0000-4000-8000-{n:012x}"}}"#
                ),
                n = n,
                day = day,
                second = second
            );
            if written.is_err() {
                return;
            }
        }
    })
}

/// R-RS-1
#[test]
fn as_many_identities_as_events_take_memory_in_proportion() {
    let run = read_strangers(20_000, "inspect - -f json --threads 1");
    assert_eq!(run.coverage()["n_used"], 20_000);
    assert!(run.peak < 384 * MIB, "{} bytes", run.peak);
}

/// R-RS-1, R-RS-3: beyond the limit identities are counted, not kept.
#[test]
fn identities_beyond_the_memory_limit_are_counted() {
    if !has_memory_limit() {
        return;
    }
    let run = read_strangers(20_000, "inspect - -f json --memory-limit 8MiB");
    assert_eq!(run.status, 3, "{}", run.said);
    let coverage = run.coverage();
    assert_eq!(coverage["n_used"], 20_000);
    let n_over = coverage["overflow"]["n_identities"].as_u64().unwrap();
    assert!((17_000..=20_000).contains(&n_over), "{n_over}");
    assert!(run.peak < 192 * MIB, "{} bytes", run.peak);
}

/// R-RS-1, R-RS-3
#[test]
#[ignore = "reads 3 GB; takes an hour without optimisation"]
fn ten_million_identities_fit_the_memory_limit() {
    if !has_memory_limit() {
        return;
    }
    let run = read_strangers(10_000_000, "inspect - -f json --memory-limit 1GiB");
    assert_eq!(run.coverage()["n_used"], 10_000_000);
    assert!(run.peak < 1280 * MIB, "{} bytes", run.peak);
}

/// Whether the command can be told how much memory it may use.
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
fn has_memory_limit() -> bool {
    let run = run(&Sandbox::new(), "inspect --help");
    let is_there = run.out.contains("--memory-limit");
    if !is_there {
        eprintln!("skipped: no flag --memory-limit");
    }
    is_there
}

/// R-RS-4: no shape of a record makes it expensive.
#[test]
fn the_worst_records_take_no_longer_than_their_size() {
    let long = |part: &str| part.repeat((256 << 10) / part.len());
    let with = |key: &str, text: &str| {
        let pair = format!("{{\"{key}\":{},", Value::from(text));
        line(9).trim_end().replacen('{', &pair, 1)
    };
    let shapes = [
        format!("{{\"a\":\"{}\"}}", long("\\\\")),
        format!("{{\"a\":\"{}\"}}", long("\\ud83d")),
        format!("{{\"a\":[{}1]}}", long("1,")),
        format!("{{\"a\":[{}{{}}]}}", long("{},")),
        long("{\"a\":"),
        long("{"),
        long("<13>x {\"a\":1} "),
        with("errorMessage", &long("not authorized to perform: ")),
        with("responseElements", &long("\\\"{[")),
        with("tlsDetails", &long("aaaaaaaaaaaaaaaa!")),
        line(9).replace("aws-cli/2.17.0", &long("aws-cli/")),
        line(9).replace("aws-cli/2.17.0", &long("Mozilla/5.0 (")),
        line(9).replace("198.51.100.7", &long("1.")),
        line(9).replace("user/svc-labels", &long("a/:")),
    ];
    let sandbox = Sandbox::new();
    for (n, shape) in shapes.iter().enumerate() {
        let text = format!("{}{}\n{}", line(1), shape.trim_end(), line(2));
        sandbox.write(&format!("logs/{n}.jsonl"), text);
    }
    let run = run(&sandbox, "inspect logs -f json --threads 1");
    assert!(run.coverage()["n_records"].as_u64().unwrap() >= 2);
    // Fourteen records and their companions, without optimisation.
    assert!(run.n_ticks < 2000, "{} hundredths of a second", run.n_ticks);
}

/// R-RS-5: twice the names take about twice the time, whatever they are.
#[test]
fn names_that_are_alike_are_told_apart_in_no_more_time() {
    let time = |n: usize| {
        let sandbox = Sandbox::new();
        let keys: String = (0..n)
            .map(|n| {
                format!(
                    "{{\"eventVersion\":\"1.08\",\"k{}{n}\":1}}\n",
                    "\\u0000".repeat(64)
                )
            })
            .collect();
        sandbox.write("log.jsonl", keys + &line(1));
        let run = run(&sandbox, "inspect log.jsonl -f json --threads 1");
        assert_eq!(run.coverage()["n_used"], 1);
        run.n_ticks
    };
    let (small, large) = (time(4_000), time(16_000));
    assert!(large < small.max(10) * 16, "{small} and then {large}");
}

/// R-RS-7: however much is found, a report stays readable.
#[test]
fn a_report_of_thousands_of_deviations_is_bounded() {
    let sandbox = Sandbox::new();
    let mut events: Vec<Event> = (0..40).map(|day| event(0).days_later(day - 43)).collect();
    events.extend((0..3_000).map(|n| {
        let action = format!("s3:Act{n}");
        let bucket = format!("arn:aws:s3:::bucket-{n}");
        event(n)
            .does(&action)
            .on(&bucket)
            .from(&format!("203.0.{}.{}", n / 250, n % 250))
    }));
    sandbox.write_lines("logs/log.jsonl", &events);
    let run = run(&sandbox, &format!("replay logs -f json {REVIEW}"));
    assert_eq!(run.status, 0, "{}", run.said);
    let n_findings = run.json()["findings"].as_array().unwrap().len();
    let most = 64 * 1024 * n_findings.max(1) + 64 * 1024;
    assert!(
        run.out.len() < most,
        "{} bytes for {n_findings}",
        run.out.len()
    );
}
