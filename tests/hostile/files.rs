//! Files that are not what they seem, and folders with more than files.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;

/// R-IN-8: a bomb costs itself, and what stands beside it is read.
#[test]
fn a_bomb_is_given_up_in_little_memory_beside_good_files() {
    let sandbox = Sandbox::new();
    sandbox
        .write("logs/a.jsonl", line(1))
        .write("logs/bomb.jsonl.gz", vec![b' '; 100 << 20])
        .write("logs/z.jsonl.gz", line(2));
    let run = run(&sandbox, "inspect logs -f json --threads 1 --max-ratio 100");
    assert_eq!(run.status, 3, "{}", run.said);
    let coverage = run.coverage();
    assert_eq!(coverage["n_used"], 2);
    assert_eq!(problems(&coverage), ["too_large"]);
    let n_decoded = coverage["files"][1]["n_decoded"].as_u64().unwrap();
    assert!(n_decoded < 70 * MIB, "{n_decoded}");
    assert!(run.peak < 64 * MIB, "{} bytes", run.peak);
}

/// R-IN-9
#[test]
fn all_members_of_a_gzip_file_are_read_and_zeros_behind_them_are_told() {
    let sandbox = Sandbox::new();
    sandbox.write("a.gz", line(1)).write("b.gz", line(2));
    let mut both = std::fs::read(sandbox.path("a.gz")).unwrap();
    both.extend(std::fs::read(sandbox.path("b.gz")).unwrap());
    sandbox.write("both", &both);
    let run_whole = run(&sandbox, "inspect both -f json");
    assert_eq!(
        (run_whole.status, &run_whole.coverage()["n_used"]),
        (0, &2.into())
    );
    both.extend([0; 512]);
    sandbox.write("both", &both);
    let run_odd = run(&sandbox, "inspect both -f json");
    let coverage = run_odd.coverage();
    assert_eq!(coverage["n_used"], 2);
    assert_eq!(problems(&coverage), ["trailing_garbage"]);
}

/// R-IN-11
#[test]
fn a_folder_of_traps_is_walked_without_opening_any() {
    let sandbox = Sandbox::new();
    sandbox.write("logs/good.jsonl", line(1));
    let status = Command::new("mkfifo")
        .arg(sandbox.path("logs/pipe"))
        .status();
    assert!(status.unwrap().success());
    let _socket = UnixListener::bind(sandbox.path("logs/socket")).unwrap();
    symlink("/dev/zero", sandbox.path("logs/zero")).unwrap();
    symlink("/proc", sandbox.path("logs/proc")).unwrap();
    symlink("nowhere", sandbox.path("logs/nowhere")).unwrap();
    for n in 0..40 {
        let next = format!("link{:02}", (n + 1) % 40);
        symlink(next, sandbox.path(format!("logs/link{n:02}"))).unwrap();
    }
    symlink("..", sandbox.path("logs/up")).unwrap();
    let run = run(&sandbox, "inspect logs -f json");
    assert_eq!(run.status, 0, "{}", run.said);
    let coverage = run.coverage();
    assert_eq!(coverage["n_used"], 1);
    assert_eq!(coverage["files"].as_array().unwrap().len(), 1);
    let passed: Vec<(&str, u64)> = coverage["passed_over"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tally| {
            (
                tally["reason"].as_str().unwrap(),
                tally["n"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(passed, [("symlink", 44), ("not_a_file", 2)]);
}

/// R-IN-11: what is named is read, whatever it is, but no device.
#[test]
fn a_pipe_is_read_and_a_device_refused_when_they_are_named() {
    let sandbox = Sandbox::new();
    let pipe = sandbox.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let run = std::thread::scope(|scope| {
        scope.spawn(|| std::fs::write(&pipe, line(1)).unwrap());
        run(&sandbox, "inspect pipe /dev/zero -f json")
    });
    assert_eq!(run.status, 3, "{}", run.said);
    let coverage = run.coverage();
    assert_eq!(coverage["n_used"], 1);
    assert_eq!(problems(&coverage), ["unreadable"]);
}

/// R-IN-12: the last line of a log that is being written is no damage.
#[test]
fn a_line_that_is_still_being_written_is_told_from_damage() {
    let sandbox = Sandbox::new();
    let text = line(1) + &line(2);
    sandbox.write("log.jsonl", &text[..text.len() - 40]);
    let run = run(&sandbox, "inspect log.jsonl -f json");
    let coverage = run.coverage();
    assert_eq!(coverage["n_used"], 1);
    assert_eq!(skipped(&coverage), [("truncated_record".to_owned(), 1)]);
    assert_eq!(problems(&coverage), ["truncated"]);
}

/// R-IN-13
#[test]
fn nothing_that_is_recognised_is_a_failure_and_not_a_peace() {
    for odd in [
        &b"\0\0\0\0\0\0\0\0"[..],
        b"\x7fELF\x02\x01\x01",
        b"]}]}]}]}",
        b"[]",
        b"{\"Records\":[]}",
        b"name,age\nx,1\n",
        b"\x1f\x8b\x08",
        b"PAR1",
        b"PK\x03\x04",
        b"\xff\xfe",
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("log", odd);
        let run = run(&sandbox, "replay log -f json");
        assert_eq!(run.status, 1, "{odd:?}: {}", run.said);
        assert_eq!(run.out, "");
        assert!(run.said.starts_with("habitual: "), "{}", run.said);
    }
}

/// R-IN-14
#[test]
fn hours_without_anything_from_a_source_are_told() {
    let sandbox = Sandbox::new();
    let hourly = (0..240).filter(|hour| !(100..148).contains(hour));
    let events: Vec<Event> = hourly.map(|hour| event(hour * 3600)).collect();
    sandbox.write_lines("logs/log.jsonl", &events);
    let run = run(&sandbox, "inspect logs -f json");
    let gaps = run.json()["gaps"].clone();
    assert_eq!(gaps.as_array().unwrap().len(), 1, "{gaps}");
    assert_eq!(gaps[0]["source"], "cloudtrail");
    assert_eq!(gaps[0]["n_hours"], 48, "{gaps}");
}

/// R-RS-3: what a flag names is read within bounds, whatever it is.
#[test]
fn a_device_in_place_of_a_file_that_a_flag_names_is_refused_in_little_memory() {
    let sandbox = Sandbox::new();
    sandbox.write("log.jsonl", line(1));
    for (words, status) in [
        ("inspect --mapping /dev/zero log.jsonl", 2),
        ("inspect --mmdb /dev/zero log.jsonl", 1),
        ("replay --links /dev/zero log.jsonl", 2),
        ("replay --peers /dev/zero log.jsonl", 2),
        ("diff /dev/zero /dev/zero", 1),
    ] {
        let run = run(&sandbox, words);
        assert_eq!(run.status, status, "{words}: {}", run.said);
        assert!(run.peak < 512 * MIB, "{words}: {} bytes", run.peak);
        assert!(run.said.len() < 4096, "{words}: {} bytes", run.said.len());
    }
}
