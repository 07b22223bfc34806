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
