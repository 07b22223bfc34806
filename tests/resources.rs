//! What a run may take of the machine: open files and memory, whatever the
//! input is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufWriter, Write as _};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::Sandbox;
use crate::support::events::{Event, ct, lines};
use crate::support::house::on_review_day;

/// Runs the command within the limits that the shell's `ulimit` sets.
fn within(sandbox: &Sandbox, limits: &str, words: &str) -> Output {
    let command = env!("CARGO_BIN_EXE_habitual");
    let script = format!("ulimit {limits} && exec '{command}' {words}");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).current_dir(sandbox.path(""));
    shell.output().unwrap()
}

#[track_caller]
fn assert_sound(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
}

fn event(n: i64) -> Event {
    ct("svc-labels").at(&on_review_day(1, "02:00:00")).later(n)
}

/// R-RS-6
#[test]
fn many_threads_work_where_few_files_may_be_open() {
    let sandbox = Sandbox::new();
    for n in 0..300_i64 {
        let name = format!("logs/{}/{n}.jsonl.gz", n % 7);
        sandbox.write(&name, lines(&[event(n)]));
    }
    let output = within(&sandbox, "-n 64", "inspect logs --threads 64 -f json");
    assert_sound(&output);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["coverage"]["n_used"], 300);
}

/// R-IN-5, and line 2 of the acceptance matrix. All of the process counts:
/// its code and what it has reserved and never touched.
#[test]
fn a_document_of_300_megabytes_on_one_line_is_read_in_256() {
    let sandbox = Sandbox::new();
    let records = lines(&(0..600).map(event).collect::<Vec<_>>());
    let padding = format!(",\"x\":\"{}\"}}", "x".repeat(512 << 10));
    let path = sandbox.path("log.json.gz");
    let file = BufWriter::new(std::fs::File::create(path).unwrap());
    let mut gzip = GzEncoder::new(file, Compression::new(1));
    let mut n_bytes = 0;
    gzip.write_all(b"{\"Records\":[").unwrap();
    for (n, record) in records.lines().enumerate() {
        let between = if n == 0 { "" } else { "," };
        let record = record.strip_suffix('}').unwrap();
        let record = format!("{between}{record}{padding}");
        n_bytes += record.len();
        gzip.write_all(record.as_bytes()).unwrap();
    }
    gzip.write_all(b"]}").unwrap();
    gzip.finish().unwrap().flush().unwrap();
    assert!(n_bytes > 300_000_000);
    let words = "inspect log.json.gz --threads 1 --max-ratio 2000 -f json";
    let output = within(&sandbox, &format!("-v {}", 256 << 10), words);
    assert_sound(&output);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["coverage"]["n_used"], 600);
}

/// R-IN-8: a thousand times its size, and the rest of the input is read.
#[test]
fn a_gigabyte_of_nothing_is_given_up_in_little_memory() {
    let sandbox = Sandbox::new();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![b' '; 1 << 20];
    for _ in 0..256 {
        gzip.write_all(&block).unwrap();
    }
    std::fs::write(sandbox.path("bomb.gz"), gzip.finish().unwrap()).unwrap();
    sandbox.write("log.jsonl", lines(&[event(1)]));
    let words = "inspect bomb.gz log.jsonl --threads 1 -f json";
    let output = within(&sandbox, &format!("-v {}", 256 << 10), words);
    assert_eq!(output.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["coverage"]["n_used"], 1);
    assert_eq!(
        report["coverage"]["files"][0]["problems"][0]["kind"],
        "too_large"
    );
}
