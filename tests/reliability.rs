//! State under stress: many writers, damage, signals, files that vanish. What
//! the scripts `kill.sh` and `faults.sh` do at length, in short.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::events::{Event, ct};

/// What two accounts did on a day of November 2026.
fn day(number: u32) -> Vec<Event> {
    let act = |user: &str, i: i64| {
        ct(user)
            .does(if i % 2 == 0 {
                "s3:GetObject"
            } else {
                "s3:PutObject"
            })
            .at(&format!("2026-11-{number:02}T09:00:00Z"))
            .later(i * 300)
    };
    let users = ["svc-mail", "svc-stock"];
    users
        .iter()
        .flat_map(|user| (0..6).map(|i| act(user, i)))
        .collect()
}

/// A folder with a file for each day, as in `logs/03.jsonl`.
fn logs(days: std::ops::RangeInclusive<u32>) -> Sandbox {
    let sandbox = Sandbox::new();
    for number in days {
        sandbox.write_lines(&format!("logs/{number:02}.jsonl"), &day(number));
    }
    sandbox
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What the command says when it ends with `status`.
#[track_caller]
fn ends(sandbox: &Sandbox, words: &str, status: i32) -> String {
    let output = sandbox.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{words}: {output:?}");
    said(&output)
}

fn manifest(sandbox: &Sandbox, folder: &str) -> Value {
    let text = fs::read(sandbox.path(folder).join("manifest.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// R-WR-4
#[test]
fn twenty_writers_at_once_end_as_one_after_the_other() {
    let sandbox = logs(1..=21);
    for folder in ["serial", "parallel"] {
        ends(&sandbox, &format!("learn logs/01.jsonl -o {folder}"), 0);
    }
    let update = |number: u32, folder: &str| {
        let words = format!("learn logs/{number:02}.jsonl -o {folder} --update -q");
        sandbox.habitual(&words).output().unwrap()
    };
    for number in 2..=21 {
        assert_eq!(update(number, "serial").status.code(), Some(0));
    }
    std::thread::scope(|scope| {
        for number in 2..=21 {
            scope.spawn(move || {
                let mut output = update(number, "parallel");
                while output.status.code() == Some(11) {
                    assert!(said(&output).contains("is being written by"));
                    output = update(number, "parallel");
                }
                assert_eq!(output.status.code(), Some(0), "{output:?}");
            });
        }
    });
    assert_eq!(manifest(&sandbox, "serial"), manifest(&sandbox, "parallel"));
    ends(&sandbox, "baseline show parallel", 0);
}

/// R-WR-5, R-WR-6
#[test]
fn damage_anywhere_and_newer_forms_have_a_status_of_their_own() {
    let sandbox = logs(1..=9);
    ends(&sandbox, "nightly logs --state state", 0);
    let names = fs::read_dir(sandbox.path("state")).unwrap();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.file_name().unwrap() != "lock");
    assert!(names.len() > 40, "{names:?}");
    for (number, path) in names.iter().enumerate() {
        let bytes = fs::read(path).unwrap();
        let mut broken = bytes.clone();
        broken[number * 31 % bytes.len()] ^= 1 << (number % 8);
        fs::write(path, &broken).unwrap();
        let said = ends(&sandbox, "baseline show state", 12);
        assert!(said.contains("hint: "), "{said}");
        fs::write(path, &bytes).unwrap();
    }
    let path = sandbox.path("state/manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let newer = text.replace("\"min_reader\": 1", "\"min_reader\": 2");
    fs::write(&path, newer).unwrap();
    for words in [
        "nightly logs --state state",
        "score logs --baseline state",
        "learn logs -o state --update",
    ] {
        let said = ends(&sandbox, words, 12);
        assert!(said.contains("which is newer than"), "{said}");
    }
    fs::write(&path, text).unwrap();
    ends(&sandbox, "baseline show state", 0);
}

/// R-WR-8
#[cfg(unix)]
#[test]
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
fn a_signal_ends_a_run_at_once_and_changes_nothing() {
    use std::os::unix::process::ExitStatusExt as _;

    let sandbox = logs(1..=9);
    ends(&sandbox, "learn logs -o baseline", 0);
    let before = manifest(&sandbox, "baseline");
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        if is_ignored(number) {
            eprintln!("SIG{name} is not tried: whoever started the tests has it ignored");
            continue;
        }
        // Standard input stays open, so the run would never end by itself.
        let mut child = Command::new(env!("CARGO_BIN_EXE_habitual"))
            .args(["learn", "-", "-o", "baseline", "--update"])
            .current_dir(sandbox.path(""))
            .env_clear()
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(300));
        assert!(child.try_wait().unwrap().is_none());
        let sent = Instant::now();
        let pid = child.id().to_string();
        let kill = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(kill.unwrap().success());
        let status = child.wait().unwrap();
        assert!(sent.elapsed() < Duration::from_secs(2));
        // A shell calls that 128 and the number: 130 and 143.
        assert_eq!(status.signal(), Some(number.cast_signed()));
        assert_eq!(manifest(&sandbox, "baseline"), before);
        ends(&sandbox, "baseline show baseline", 0);
    }
    // The lock went with the process.
    sandbox.write_lines("more.jsonl", &day(10));
    ends(&sandbox, "learn more.jsonl -o baseline --update", 0);
}

/// Whether this process ignores a signal, as a job in the background of a shell
/// does; what it starts would ignore it, too.
fn is_ignored(signal: u32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0) >> (signal - 1) & 1 == 1
}

/// R-WR-3
#[cfg(unix)]
#[test]
fn a_folder_that_others_may_look_into_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;

    let sandbox = logs(1..=9);
    ends(&sandbox, "learn logs -o baseline", 0);
    let warning = "warning: others may look into \"baseline\"; close it with: chmod -R go= \
                   baseline\n";
    assert_eq!(ends(&sandbox, "baseline show baseline", 0), "");
    for (name, open, closed) in [("baseline", 0o755, 0o700), ("baseline/lock", 0o640, 0o600)] {
        let path = sandbox.path(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
        assert_eq!(ends(&sandbox, "baseline show baseline", 0), warning);
        fs::set_permissions(&path, fs::Permissions::from_mode(closed)).unwrap();
    }
}

#[test]
fn a_file_that_vanishes_before_its_day_is_complete_is_missed() {
    let sandbox = logs(1..=9);
    ends(&sandbox, "nightly logs --state state", 0);
    fs::remove_file(sandbox.path("logs/09.jsonl")).unwrap();
    let lost = "12 events of \"logs/09.jsonl\" that were read before are gone";
    let said = ends(&sandbox, "nightly logs --state state", 3);
    assert_eq!(said, format!("No day: {lost}.\n"));
    // Once is enough.
    assert_eq!(ends(&sandbox, "nightly logs --state state", 0), "");

    // Under another name nothing is lost, and nothing is said.
    sandbox.write_lines("logs/10.jsonl", &day(10));
    ends(&sandbox, "nightly logs --state state -q", 0);
    let [from, to] = ["logs/10.jsonl", "logs/rotated.jsonl"].map(|name| sandbox.path(name));
    fs::rename(from, to).unwrap();
    assert_eq!(ends(&sandbox, "nightly logs --state state", 0), "");
    // Not even with a file beside that is not what it was.
    sandbox.write_lines("logs/rotated.jsonl", &day(10)[..5]);
    let said = ends(&sandbox, "nightly logs --state state", 3);
    assert!(
        said.contains("7 events that were read before are gone"),
        "{said}"
    );
}

#[test]
fn a_job_without_files_or_with_damaged_ones_says_so() {
    let sandbox = logs(1..=9);
    fs::create_dir(sandbox.path("empty")).unwrap();
    let said = ends(&sandbox, "nightly empty --state new", 1);
    assert!(said.contains("no files to read in \"empty\""), "{said}");
    ends(&sandbox, "nightly logs --state state", 0);
    sandbox
        .write("logs/10.jsonl.gz", "")
        .write("logs/notes.txt", "milk\n");
    let said = ends(&sandbox, "nightly logs --state state", 3);
    assert!(
        said.contains("1 file damaged (\"logs/notes.txt\": unrecognised), 1 file read again ("),
        "{said}"
    );
}

#[test]
fn reports_and_a_state_beside_the_logs_are_no_damage() {
    let sandbox = logs(1..=9);
    let endings = [
        "jsonl", "json", "csv", "txt", "html", "md", "sarif", "parquet",
    ];
    let outputs = endings.map(|ending| format!("-o new.{ending}")).join(" ");
    let words = format!("replay . -q {outputs} --manifest run.json");
    ends(&sandbox, &words, 0);
    let first = fs::read(sandbox.path("new.jsonl")).unwrap();
    assert_eq!(ends(&sandbox, &words, 0), "");
    assert_eq!(fs::read(sandbox.path("new.jsonl")).unwrap(), first);

    ends(
        &sandbox,
        "pivot --identity svc-mail . -q -o one.csv -f jsonl -o one.jsonl",
        0,
    );
    ends(&sandbox, "inspect . -q -o all.json", 0);
    ends(&sandbox, "nightly . --state state -q", 0);
    assert_eq!(ends(&sandbox, "nightly . --state state", 0), "");
}

#[test]
fn a_state_is_added_to_by_its_job_alone_and_no_baseline_counts_twice() {
    let sandbox = logs(1..=9);
    ends(&sandbox, "nightly logs --state state", 0);
    sandbox.write_lines("10.jsonl", &day(10));
    let before = manifest(&sandbox, "state");
    let said = ends(&sandbox, "learn 10.jsonl -o state --update", 2);
    assert!(said.contains("more: habitual errors E0116"), "{said}");
    assert_eq!(manifest(&sandbox, "state"), before);

    ends(&sandbox, "learn 10.jsonl -o ten", 0);
    let before = manifest(&sandbox, "ten");
    for words in [
        "nightly logs --state ten",
        "suppress x --state ten --reason y",
    ] {
        let said = ends(&sandbox, words, 2);
        assert!(said.contains("more: habitual errors E0116"), "{said}");
    }
    assert_eq!(manifest(&sandbox, "ten"), before);
    ends(&sandbox, "learn logs -o nine", 0);
    ends(&sandbox, "merge nine ten -o all", 0);
    for again in ["merge nine ten nine -o twice", "merge all ten -o twice"] {
        let said = ends(&sandbox, again, 2);
        assert!(said.contains("more: habitual errors E0117"), "{said}");
        assert!(!sandbox.path("twice").exists());
    }
    ends(&sandbox, "merge nine nowhere -o twice", 12);
    assert!(!sandbox.path("twice").exists());
    ends(&sandbox, "learn logs --history 7d -o short", 2);
    assert!(!sandbox.path("short").exists());
    let said = ends(&sandbox, "learn logs --history 2030-01-01.. -o later", 1);
    assert!(said.contains("more: habitual errors E0204"), "{said}");
}

/// R-WR-5
#[cfg(unix)]
#[test]
fn what_took_the_place_of_a_file_is_neither_waited_for_nor_written_through() {
    let sandbox = logs(1..=9);
    ends(&sandbox, "learn logs -o baseline", 0);
    let swapped = |name: &str, put: &dyn Fn(&std::path::Path)| {
        let path = sandbox.path(format!("baseline/{name}"));
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        put(&path);
        let said = ends(&sandbox, "learn logs -o baseline --update", 12);
        assert!(said.contains("hint: "), "{said}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes).unwrap();
    };
    let pipe = |path: &std::path::Path| {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    };
    swapped("manifest.json", &pipe);
    let tables = manifest(&sandbox, "baseline")["tables"].clone();
    swapped(tables[0]["file"].as_str().unwrap(), &pipe);

    let lock = sandbox.path("baseline/lock");
    fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(sandbox.path("planted"), &lock).unwrap();
    ends(&sandbox, "learn logs -o baseline --update", 1);
    assert!(!sandbox.path("planted").exists());
}

#[test]
fn a_baseline_that_lost_its_manifest_is_not_begun_anew() {
    let sandbox = logs(1..=9);
    sandbox.write_lines("10.jsonl", &day(10));
    ends(&sandbox, "learn logs -o baseline", 0);
    ends(&sandbox, "learn 10.jsonl -o baseline --update", 0);
    fs::remove_file(sandbox.path("baseline/manifest.json")).unwrap();
    let said = ends(&sandbox, "learn 10.jsonl -o baseline --update", 12);
    assert!(said.contains("habitual baseline rollback"), "{said}");
    ends(&sandbox, "baseline rollback baseline", 0);
    ends(&sandbox, "learn 10.jsonl -o baseline --update", 0);
    ends(&sandbox, "baseline show baseline", 0);
}

#[cfg(unix)]
#[test]
fn nobody_is_told_to_close_a_folder_that_holds_nothing_of_ours() {
    use std::os::unix::fs::PermissionsExt as _;

    let sandbox = logs(1..=2);
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(sandbox.path("logs"), open).unwrap();
    for words in [
        "score logs --baseline logs",
        "score logs --baseline /dev/null",
    ] {
        let said = ends(&sandbox, words, 12);
        assert!(!said.contains("chmod"), "{said}");
    }
}
