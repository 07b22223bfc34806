#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use tempfile::TempDir;

use super::*;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn names(discovery: &Discovery, root: &Path) -> Vec<String> {
    let name = |input: &Input| match input.path.strip_prefix(root) {
        Ok(path) => path.to_string_lossy().into_owned(),
        Err(_) => input.path.to_string_lossy().into_owned(),
    };
    discovery.inputs.iter().map(name).collect()
}

fn passed(discovery: &Discovery) -> Vec<(PassReason, u64)> {
    discovery
        .passed_over
        .iter()
        .map(|(reason, tally)| (*reason, tally.n))
        .collect()
}

#[test]
fn files_are_listed_by_path_and_once() {
    let root = folder(&[("b/2", "x"), ("b/10", "x"), ("a", "x"), ("B", "x")]);
    let path = root.path();
    let once = discover(&[path.to_owned()], &Selection::default());
    assert_eq!(names(&once, path), ["B", "a", "b/10", "b/2"]);
    let often = [
        path.join("b/2"),
        path.join("./b//"),
        path.join("a"),
        path.to_owned(),
    ];
    let found = discover(&often, &Selection::default());
    assert_eq!(names(&found, path), ["B", "a", "b/10", "b/2"]);
}

#[test]
fn what_is_no_log_is_passed_over() {
    let trail = "AWSLogs/o-1a/111122223333/CloudTrail/eu-west-1/x.json.gz";
    let root = folder(&[
        ("empty", ""),
        (".DS_Store", "x"),
        ("__MACOSX/x", "x"),
        ("q.csv.metadata", "x"),
        ("aws-logs-write-test", "x"),
        ("_SUCCESS", "x"),
        ("part.crc", "x"),
        ("result_sign.json", "x"),
        ("AWSLogs/111122223333/Config/x.json", "x"),
        ("AWSLogs/o-1a/111122223333/vpcflowlogs/x.log", "x"),
        (trail, "x"),
    ]);
    let path = root.path();
    symlink(path.join("q.csv.metadata"), path.join("link")).unwrap();
    symlink(path, path.join("loop")).unwrap();
    let _socket = UnixListener::bind(path.join("socket")).unwrap();
    Command::new("mkfifo")
        .arg(path.join("fifo"))
        .status()
        .unwrap();
    let found = discover(&[path.to_owned()], &Selection::default());
    assert_eq!(names(&found, path), [trail]);
    assert_eq!(
        passed(&found),
        [
            (PassReason::Empty, 1),
            (PassReason::Symlink, 2),
            (PassReason::NotAFile, 2),
            (PassReason::SideFile, 7),
            (PassReason::OtherAwsLog, 2),
        ]
    );
}

#[test]
fn reports_and_baselines_of_ours_are_passed_over_unless_named() {
    let event = r#"{"schema":"habitual.event/1","time":"2026-11-07T09:00:00Z"}"#;
    let root = folder(&[
        ("a.jsonl", r#"{"schema":"habitual.finding/1","rank":1}"#),
        ("b.json", "{\n  \"schema\": \"habitual.report/1\",\n"),
        (
            "c.csv",
            "rank,finding_id,severity,is_selected,identity_id\n",
        ),
        ("d.txt", "rank\tseverity\tidentity\tclass\ttenant\tchance\n"),
        (
            "e.html",
            "<!DOCTYPE html>\n<html>\n<meta name=\"generator\" content=\"habitual 9\">",
        ),
        ("f.md", "# Habits 2026-11-09 to 2026-11-16\n"),
        (
            "state/manifest.json",
            "{\n  \"schema\": \"habitual.baseline/1\",\n",
        ),
        ("state/days.parquet", "PAR1"),
        ("events.jsonl", event),
        (
            "other.html",
            "<!DOCTYPE html>\n<html>\n<title>habitual</title>",
        ),
        (
            "quoted.jsonl",
            r#"{"a":"{\"schema\":\"habitual.finding/1\"}"}"#,
        ),
        ("report", r#"{"schema":"habitual.finding/1","rank":1}"#),
        ("short.parquet", "PAR1"),
    ]);
    let path = root.path();
    let found = discover(&[path.to_owned()], &Selection::default());
    let read = [
        "events.jsonl",
        "other.html",
        "quoted.jsonl",
        "report",
        "short.parquet",
    ];
    assert_eq!(names(&found, path), read);
    assert_eq!(passed(&found), [(PassReason::OwnOutput, 7)]);
    let named = discover(&[path.join("a.jsonl")], &Selection::default());
    assert_eq!(names(&named, path), ["a.jsonl"]);
}

#[test]
fn what_the_user_names_is_read_whatever_it_is_called() {
    let root = folder(&[("_SUCCESS", "x"), ("logs/a", "x")]);
    let path = root.path();
    symlink(path.join("_SUCCESS"), path.join("link")).unwrap();
    symlink(path.join("logs"), path.join("logs-link")).unwrap();
    let named = [
        path.join("link"),
        path.join("logs-link"),
        path.join("none"),
        "-".into(),
    ];
    let found = discover(&named, &Selection::default());
    assert_eq!(names(&found, path), ["-", "link", "logs-link/a", "none"]);
    let none = found.inputs.last().unwrap();
    assert!(matches!(none.kind, InputKind::Unreadable(_)));
    let both = discover(
        &[path.to_owned(), path.join("_SUCCESS")],
        &Selection::default(),
    );
    assert_eq!(names(&both, path), ["_SUCCESS", "logs/a"]);
}

#[test]
fn a_found_file_that_became_something_else_is_not_opened() {
    let root = folder(&[("a", "x")]);
    let path = root.path().join("a");
    let found = discover(&[root.path().to_owned()], &Selection::default());
    let input = found.inputs.first().unwrap();
    assert!(open(input).is_ok());
    fs::remove_file(&path).unwrap();
    Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(open(input).is_err());
    fs::remove_file(&path).unwrap();
    symlink(root.path(), &path).unwrap();
    assert!(open(input).is_err());
}

/// What is found with these options, and how much is passed over.
fn with(root: &Path, selection: Selection) -> (Vec<String>, Vec<(PassReason, u64)>) {
    let found = discover(&[root.to_owned()], &selection);
    (names(&found, root), passed(&found))
}

fn follow() -> Selection {
    Selection {
        follow: true,
        ..Selection::default()
    }
}

/// R-IN-11
#[test]
fn links_are_followed_on_request_and_loops_end() {
    let outside = folder(&[("log", "x"), ("deep/log", "x"), ("_SUCCESS", "x")]);
    let root = folder(&[("a/log", "x")]);
    let path = root.path();
    symlink(outside.path(), path.join("folder")).unwrap();
    symlink(outside.path().join("deep"), path.join("again")).unwrap();
    symlink(path.join("a/log"), path.join("same")).unwrap();
    symlink(outside.path().join("_SUCCESS"), path.join("marker")).unwrap();
    symlink("/dev/zero", path.join("zero")).unwrap();
    symlink(path, path.join("a/loop")).unwrap();
    for n in 0..40 {
        symlink(
            path.join(format!("chain{}", (n + 1) % 40)),
            path.join(format!("chain{n}")),
        )
        .unwrap();
    }
    let (found, passed) = with(path, follow());
    assert_eq!(found, ["a/log", "again/log", "folder/log"]);
    let expected = [
        (PassReason::Symlink, 40),
        (PassReason::NotAFile, 1),
        (PassReason::SideFile, 1),
    ];
    assert_eq!(passed, expected);
    let (found, passed) = with(path, Selection::default());
    assert_eq!(found, ["a/log"]);
    assert_eq!(passed, [(PassReason::Symlink, 46)]);
}

/// R-IN-11: a mesh of links has more routes than anybody can walk.
#[test]
fn folders_are_walked_once_however_many_routes_lead_there() {
    let root = folder(&[("log", "x")]);
    let path = root.path();
    for n in 0..30 {
        fs::create_dir(path.join(format!("d{n:02}"))).unwrap();
        for side in ["l", "r"] {
            let next = path.join(format!("d{:02}", (n + 1) % 30));
            symlink(next, path.join(format!("d{n:02}/{side}"))).unwrap();
        }
    }
    assert_eq!(with(path, follow()).0, ["log"]);
}

#[test]
fn a_followed_link_is_opened_only_as_a_regular_file() {
    let outside = folder(&[("log", "x")]);
    let root = folder(&[]);
    let link = root.path().join("link");
    symlink(outside.path().join("log"), &link).unwrap();
    let found = discover(&[root.path().to_owned()], &follow());
    let input = found.inputs.first().unwrap();
    assert_eq!(input.kind, InputKind::Linked);
    assert!(open(input).is_ok() && input.can_be_read_again());
    fs::remove_file(&link).unwrap();
    Command::new("mkfifo").arg(&link).status().unwrap();
    assert!(open(input).is_err());
}

/// R-IN-12
#[test]
fn files_that_are_still_written_to_are_left_for_later() {
    let root = folder(&[("new", "x"), ("old", "x"), ("future", "x")]);
    let path = root.path();
    let age = |name: &str, time| {
        let file = File::options().append(true).open(path.join(name)).unwrap();
        file.set_modified(time).unwrap();
    };
    let hour = Duration::from_secs(3600);
    let now = fs::metadata(path.join("new")).unwrap().modified().unwrap();
    age("old", now - hour);
    age("future", now + hour);
    let selection = Selection {
        settle: Some(Duration::from_secs(60)),
        ..Selection::default()
    };
    let (found, passed) = with(path, selection);
    assert_eq!(found, ["old"]);
    assert_eq!(passed, [(PassReason::Unsettled, 2)]);
    assert_eq!(with(path, Selection::default()).0.len(), 3);
    let named = discover(&[path.join("new")], &selection);
    assert!(named.inputs.is_empty(), "also what is named");
}

/// Late events are in files of the next day.
#[test]
fn files_of_other_dates_are_passed_over_on_request() {
    let name = |day| {
        format!("111122223333_CloudTrail_eu-west-1_202611{day}T0005Z_abcdefghijklmnop.json.gz")
    };
    let days: Vec<String> = ["05", "06", "07", "08", "09"].map(name).into();
    let files: Vec<(&str, &str)> = days.iter().map(|name| (name.as_str(), "x")).collect();
    let root = folder(&files);
    let at = |text| super::super::time::parse(text).unwrap();
    let selection = Selection {
        delivered: Some(Window {
            start: at("2026-11-06T00:00:00Z"),
            end: at("2026-11-07T00:00:00Z"),
        }),
        ..Selection::default()
    };
    let (found, passed) = with(root.path(), selection);
    assert_eq!(found, [name("06"), name("07")]);
    assert_eq!(passed, [(PassReason::OtherDate, 3)]);
    let named = discover(&[root.path().join(name("05"))], &selection);
    assert_eq!(named.inputs.len(), 1, "what is named is read");
}

#[test]
fn other_services_and_what_repeats_events_are_passed_over() {
    let services = [
        "Config",
        "vpcflowlogs",
        "elasticloadbalancing",
        "WAFLogs",
        "GuardDuty",
        "route53resolver",
        "network-firewall",
        "CloudFront",
        "CloudTrail-Aggregated",
        "CloudTrail",
        "CloudTrail-Digest",
        "CloudTrail-Insight",
        "CloudTrail-Lake",
    ];
    let paths: Vec<String> = services
        .iter()
        .map(|service| format!("AWSLogs/o-abc/111122223333/{service}/x.json.gz"))
        .collect();
    let mut files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "x")).collect();
    files.extend([("._log", "x"), ("Config/x", "x")]);
    let root = folder(&files);
    let (found, passed) = with(root.path(), Selection::default());
    assert_eq!(found.len(), 5, "{found:?}");
    let expected = [
        (PassReason::SideFile, 1),
        (PassReason::OtherAwsLog, 8),
        (PassReason::Aggregated, 1),
    ];
    assert_eq!(passed, expected);
}
