//! Logs that somebody wrote in order to harm: each requirement of reading and
//! of resources, by its number, through the binary. What needs no process to be
//! seen has its number in the tests of `ingest`, `ledger` and `exits`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

/// CloudTrail's own lists of files.
mod digests;
/// Files as a whole, and folders.
mod files;
/// Single records among good ones.
mod records;
/// Memory, processor time and the size of what is written.
mod resources;

use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::events::{Event, ct, lines};
use crate::support::house::on_review_day;

const MIB: u64 = 1 << 20;

/// A good record.
fn event(n: i64) -> Event {
    ct("svc-labels").at(&on_review_day(1, "02:00:00")).later(n)
}

/// A good record as one line.
fn line(n: i64) -> String {
    lines(&[event(n)])
}

/// What a run came to.
struct Run {
    status: i32,
    out: String,
    said: String,
    /// Most bytes that were in memory at the same time, as far as it was seen.
    peak: u64,
    /// Hundredths of a second that processors worked.
    n_ticks: u64,
}

impl Run {
    #[track_caller]
    fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.out);
        parsed.unwrap_or_else(|error| unreachable!("{error}: {} {}", self.out, self.said))
    }

    #[track_caller]
    fn coverage(&self) -> Value {
        let coverage = self.json()["coverage"].clone();
        assert_eq!(coverage["adds_up"], true, "{coverage:#}");
        coverage
    }
}

/// Runs the command and watches it.
fn run(sandbox: &Sandbox, words: &str) -> Run {
    run_fed(sandbox, words, |_| {})
}

/// Runs the command on what `feed` writes, and watches it.
fn run_fed(sandbox: &Sandbox, words: &str, feed: impl FnOnce(&mut ChildStdin) + Send) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_habitual"))
        .args(words.split_whitespace())
        .current_dir(sandbox.path(""))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let process = format!("/proc/{}", child.id());
    let mut stdin = child.stdin.take().unwrap();
    let is_done = AtomicBool::new(false);
    let (output, (peak, n_ticks)) = std::thread::scope(|scope| {
        scope.spawn(move || feed(&mut stdin));
        let watch = scope.spawn(|| watch(&process, &is_done));
        let output = child.wait_with_output().unwrap();
        is_done.store(true, Ordering::Relaxed);
        (output, watch.join().unwrap())
    });
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: text(output.stdout),
        said: text(output.stderr),
        peak,
        n_ticks,
    }
}

/// The most memory and the processor time of a process until it is done. Both
/// only grow, so that little is lost between two looks. Zero where there is no
/// such file system.
fn watch(process: &str, is_done: &AtomicBool) -> (u64, u64) {
    let (mut peak, mut n_ticks) = (0, 0);
    while !is_done.load(Ordering::Relaxed) {
        peak = high_water(process).map_or(peak, |now| peak.max(now));
        n_ticks = ticks(process).map_or(n_ticks, |now| n_ticks.max(now));
        std::thread::sleep(Duration::from_millis(5));
    }
    (peak, n_ticks)
}

fn high_water(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let n_kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(n_kib * 1024)
}

fn ticks(process: &str) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("{process}/stat")).ok()?;
    // The name before it may hold anything, and ends with the last bracket.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Writes a line of `n_bytes` bytes that are all the same. A reader that has
/// gone away is no concern of the writer's.
fn write_long(out: &mut impl Write, byte: u8, n_bytes: u64) {
    let block = vec![byte; 1 << 20];
    for _ in 0..n_bytes / MIB {
        if out.write_all(&block).is_err() {
            return;
        }
    }
    let _ = out.write_all(b"\n");
}

/// How many records were skipped, by reason.
fn skipped(coverage: &Value) -> Vec<(String, u64)> {
    let reasons = coverage["skipped"].as_array().unwrap();
    reasons
        .iter()
        .map(|tally| {
            let reason = tally["reason"].as_str().unwrap().to_owned();
            (reason, tally["n"].as_u64().unwrap())
        })
        .collect()
}

/// The kinds of problem of all files, in order.
fn problems(coverage: &Value) -> Vec<String> {
    let files = coverage["files"].as_array().unwrap();
    let problems = files.iter().flat_map(|file| {
        let problems = file["problems"].as_array().unwrap();
        problems.iter().map(|problem| problem["kind"].as_str())
    });
    problems.map(|kind| kind.unwrap().to_owned()).collect()
}
