//! Digests that somebody wrote: they name what is not theirs, list without end
//! and go round in circles.

use std::os::unix::fs::symlink;

use serde_json::json;

use super::*;

const CHAIN: &str = "111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1";

fn name(hour: u32) -> String {
    format!("{CHAIN}_20261107T{hour:02}0000Z.json")
}

/// A digest of one hour.
fn digest(hour: u32, previous: &str, log_files: &Value) -> Value {
    json!({
        "digestStartTime": format!("2026-11-07T{:02}:00:00Z", hour - 1),
        "digestEndTime": format!("2026-11-07T{hour:02}:00:00Z"),
        "digestS3Object": format!("AWSLogs/{}", name(hour)),
        "previousDigestS3Object": previous,
        "previousDigestHashValue": "00",
        "logFiles": log_files,
    })
}

fn folder() -> Sandbox {
    let sandbox = Sandbox::new();
    let log = "111122223333_CloudTrail_eu-west-1_20261107T0900Z_0123456789abcdef.json";
    let stranger = log.replace("0123", "9999");
    sandbox.write(&format!("in/{log}"), line(1));
    sandbox.write(&format!("out/{stranger}"), "never to be read");
    symlink(
        sandbox.path(format!("out/{stranger}")),
        sandbox.path(format!("in/{stranger}")),
    )
    .unwrap();
    symlink("/dev/zero", sandbox.path(format!("in/{}", name(20)))).unwrap();
    let file = |object: &str| json!({"s3Object": object, "hashValue": "00"});
    let files = json!([
        file("../../../../etc/passwd"),
        file("/etc/shadow"),
        file(&format!("../out/{stranger}")),
        file("\u{1b}]0;title\u{7}\u{202e}"),
        file(&"A".repeat(100_000)),
        file(log),
        file(log),
        null
    ]);
    let write = |hour: u32, document: &str| {
        sandbox.write(&format!("in/{}", name(hour)), document);
    };
    write(10, &digest(10, "/etc/passwd", &files).to_string());
    write(11, &digest(11, &name(12), &json!([])).to_string());
    write(12, &digest(12, &name(11), &json!([])).to_string());
    write(13, &digest(13, &name(13), &json!({"a": 1})).to_string());
    let mut endless = digest(14, "", &json!([]));
    endless["digestStartTime"] = "1970-01-01T00:00:00Z".into();
    endless["digestEndTime"] = "9999-12-31T23:59:59Z".into();
    write(14, &endless.to_string());
    let deep = format!(
        "{{\"digestStartTime\":1,\"logFiles\":{}",
        "[".repeat(100_000)
    );
    write(15, &deep);
    sandbox
}

/// R-IN-10, R-IN-11, R-OUT-1
#[test]
fn digests_are_names_to_compare_and_never_paths_to_open() {
    let sandbox = folder();
    for words in ["inspect in", "inspect in --verify-digests"] {
        let run_text = run(&sandbox, words);
        assert_eq!(run_text.status, 3, "{}", run_text.said);
        let all = run_text.out + &run_text.said;
        let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
        assert!(
            all.chars().all(|c| is_plain(c) && c != '\u{202e}'),
            "{all:?}"
        );
        assert!(!all.contains("root:") && !all.contains("never to be read"));
        assert!(all.len() < 64 << 10, "{} bytes", all.len());
        assert!(run_text.n_ticks < 500, "{} ticks", run_text.n_ticks);
        let run_json = run(&sandbox, &format!("{words} -f json"));
        assert_eq!(run_json.coverage()["n_used"], 1);
    }
}
