//! The arrows of the house: reads `src` and holds it against the list of who
//! may use whom, and against the things that must not occur at all.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// A room, and what it may use beside itself. An arrow that is missing here
/// must not exist in the code.
const ARROWS: [(&str, &[&str]); 14] = [
    (
        "cli",
        &[
            "backtest", "case", "demo", "event", "finding", "identity", "ingest", "ledger",
            "model", "pivot", "progress", "report", "state", "stats",
        ],
    ),
    (
        "report",
        &["finding", "backtest", "pivot", "ingest::coverage", "event"],
    ),
    (
        "finding",
        &["model", "ledger", "ingest::coverage", "stats", "event"],
    ),
    ("backtest", &["model", "ledger", "event", "stats"]),
    ("state", &["ledger", "event"]),
    ("model", &["ledger", "identity", "stats", "event"]),
    ("ledger", &["event", "identity"]),
    ("identity", &["event"]),
    ("ingest", &["event", "identity"]),
    ("demo", &["event"]),
    ("pivot", &["event"]),
    ("stats", &[]),
    ("progress", &[]),
    ("case", &[]),
];

/// The vocabulary, which everybody uses and which uses nobody.
const VOCABULARY: &str = "event";

/// Text that must not occur, where it may all the same, and why not.
const ABSENT: [(&str, &[&str], &str); 12] = [
    (
        r"\bpolars\b",
        &["ledger/", "state/", "report/parquet", "ingest/parquet"],
        "polars stays behind the ledger and the Parquet readers and writers",
    ),
    (
        r"\bclap\b",
        &["cli/", "main.rs"],
        "flags are parsed once, in cli",
    ),
    (
        r"\bindicatif\b",
        &["progress"],
        "only progress draws progress",
    ),
    (r"\be?print(ln)?!", &[], "output is an argument"),
    (r"\bdbg!", &[], "left from debugging"),
    (
        r"process::(exit|abort)",
        &[],
        "main.rs alone ends the process, by returning",
    ),
    (r"\b(Utc|Local)::now\b", &[], "the wall clock is never read"),
    (
        r"\b(SystemTime|Instant)::now\b",
        // On request, to leave out files that are still being written.
        &["ingest/discover/settle"],
        "the wall clock is never read",
    ),
    (
        r"\bstd::net::\{?[^;I{]|\bTcp(Stream|Listener)\b|\bUdpSocket\b",
        &[],
        "no network",
    ),
    (r"\bstatic\s+mut\b", &[], "no global state"),
    (
        r"\bunsafe\b",
        &["lib.rs"],
        "forbidden; our inputs are written by attackers",
    ),
    (
        r"\bRandomState\b|\bthread_rng\b|\brand::",
        // Seeds of maps whose order is never observed: they are keyed by what
        // attackers write.
        &[
            "ledger/",
            "ingest/cache",
            "ingest/dedup",
            "ingest/retelling",
            "model/slate",
        ],
        "nothing random reaches an output",
    ),
];

/// One source file: its path below `src`, and its code without comments,
/// texts and unit tests.
struct SourceFile {
    path: String,
    code: String,
}

fn source_files() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") && !is_test(name) {
                files.push(SourceFile {
                    path: name.replace('\\', "/"),
                    code: code_of(&fs::read_to_string(&path).unwrap()),
                });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Tests may look across the house.
fn is_test(path: &str) -> bool {
    ["tests.rs", "testing.rs", "fixture.rs", "sample_logs.rs"]
        .iter()
        .any(|name| path.ends_with(name))
        || path.contains("/tests/")
}

/// The code alone. Unit tests are at the bottom of a file, so it ends there.
fn code_of(text: &str) -> String {
    static NOISE: LazyLock<Regex> = LazyLock::new(|| {
        let raw_text = r##"\br#+".*?"#+|\br"[^"]*""##;
        let text = r#""(?:\\.|[^"\\])*""#;
        let character = r"'(?:\\[^']+|[^'\\])'|'\\''";
        let comment = r"//[^\n]*|/\*.*?\*/";
        Regex::new(&format!("(?s){raw_text}|{text}|{character}|{comment}")).unwrap()
    });
    static TESTS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?s)#\[cfg\(test\)\]\s*mod \w+ \{.*").unwrap());
    let code = NOISE.replace_all(text, "\"\"");
    TESTS.replace(&code, "").into_owned()
}

/// Everything of ours that `code` uses, as paths below the crate, given the
/// module it is in.
fn uses(code: &str, module: &[&str]) -> Vec<String> {
    static PATH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?P<root>crate|(?:super::)*super)\s*::\s*(?P<rest>[\s\S]*)").unwrap()
    });
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(path) = PATH.captures(rest) {
        let root = path.name("root").unwrap().as_str();
        let tail = path.name("rest").unwrap().as_str();
        let prefix = if root == "crate" {
            Some(Vec::new())
        } else {
            let n_up = root.matches("super").count();
            module
                .len()
                .checked_sub(n_up)
                .map(|depth| module[..depth].iter().map(ToString::to_string).collect())
        };
        if let Some(prefix) = prefix {
            expand(tail, &prefix, &mut found);
        }
        rest = tail;
    }
    found
}

/// Writes out a use tree: `a::{b, c::d}` is `a::b` and `a::c::d`. Returns what
/// follows it.
fn expand<'a>(text: &'a str, prefix: &[String], found: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if rest.is_empty() || rest.starts_with('}') {
                return rest.strip_prefix('}').unwrap_or(rest);
            }
            let after = expand(rest, prefix, found);
            // `as name` and anything else that is no path.
            let skipped = after.find([',', '}']).unwrap_or(after.len());
            rest = &after[skipped..];
        }
    }
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let mut path = prefix.to_vec();
    path.push(text[..end].to_owned());
    match text[end..].trim_start().strip_prefix("::") {
        Some(rest) => expand(rest, &path, found),
        None => {
            found.push(path.join("::"));
            &text[end..]
        }
    }
}

/// The modules a file is in, from the crate down.
fn module_of(path: &str) -> Vec<&str> {
    let path = path.trim_end_matches(".rs");
    path.trim_end_matches("/mod").split('/').collect()
}

/// Whether code in `room` may use `path`.
fn may_use(room: &str, path: &str) -> bool {
    let is_below = |path: &str, allowed: &str| {
        path.strip_prefix(allowed)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    is_below(path, room)
        || ARROWS
            .iter()
            .filter(|(user, _)| *user == room)
            .flat_map(|(_, allowed)| *allowed)
            .any(|allowed| is_below(path, allowed))
}

#[test]
fn every_arrow_in_the_code_is_on_the_list() {
    let mut violations = Vec::new();
    for file in source_files() {
        let module = module_of(&file.path);
        let room = module[0];
        if matches!(room, "main" | "lib") {
            continue;
        }
        for path in uses(&file.code, &module) {
            if !may_use(room, &path) {
                violations.push(format!("src/{} uses {path}", file.path));
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn every_room_is_on_the_list() {
    for file in source_files() {
        let room = module_of(&file.path)[0].to_owned();
        let is_known = matches!(room.as_str(), "main" | "lib" | VOCABULARY)
            || ARROWS.iter().any(|(user, _)| *user == room);
        assert!(is_known, "src/{} is in a room without a door", file.path);
    }
}

#[test]
fn what_must_not_occur_does_not_occur() {
    let mut violations = Vec::new();
    for (pattern, exceptions, reason) in ABSENT {
        let pattern = Regex::new(pattern).unwrap();
        for file in source_files() {
            let is_excepted = exceptions.iter().any(|start| file.path.starts_with(start));
            if let Some(found) = pattern.find(&file.code)
                && !is_excepted
            {
                let (path, found) = (&file.path, found.as_str());
                violations.push(format!("src/{path} has {found}: {reason}"));
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn the_entry_file_reads_as_a_table_of_contents() {
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs");
    assert!(fs::read_to_string(main).unwrap().lines().count() < 60);
}

// The reader of the code is code too.

#[track_caller]
fn finds(code: &str, module: &str, expected: &[&str]) {
    let module: Vec<_> = module.split("::").collect();
    assert_eq!(uses(&code_of(code), &module), expected);
}

#[test]
fn uses_are_found_in_every_notation() {
    finds("use crate::event::Event;", "model", &["event::Event"]);
    finds(
        "use crate::{event::{self, Event as E}, stats};",
        "model",
        &["event::self", "event::Event", "stats"],
    );
    finds(
        "fn f() -> crate::ingest::coverage::Coverage { crate::stats::ln(1) }",
        "model",
        &["ingest::coverage::Coverage", "stats::ln"],
    );
    finds(
        "use crate::ingest::{coverage::{Tally, Sample}, read};",
        "report",
        &[
            "ingest::coverage::Tally",
            "ingest::coverage::Sample",
            "ingest::read",
        ],
    );
    finds("pub(crate) fn f() {}", "model", &[]);
}

#[test]
fn super_is_followed_to_where_it_leads() {
    finds(
        "use super::table::T;",
        "report::json",
        &["report::table::T"],
    );
    finds("use super::super::model::M;", "report::json", &["model::M"]);
    finds("use super::super::super::X;", "report::json", &[]);
    finds(
        "use super::super::x::Y;",
        "report::json::deep",
        &["report::x::Y"],
    );
}

#[test]
fn comments_texts_and_unit_tests_are_not_code() {
    finds("// use crate::model::M;\n/* crate::a::B */", "report", &[]);
    finds("//! [`crate::model`]", "report", &[]);
    finds(r#"let x = "crate::model::M"; let c = '"';"#, "report", &[]);
    finds("let x = r#\"crate::model \" M\"#;", "report", &[]);
    finds(
        "use crate::event::E;\n#[cfg(test)]\nmod tests {\n use crate::model::M;\n}",
        "report",
        &["event::E"],
    );
    finds(
        "let c = '\\''; let d: &'static str = x; crate::event::E",
        "report",
        &["event::E"],
    );
}

#[test]
fn an_arrow_allows_what_is_below_its_end_and_nothing_beside_it() {
    assert!(may_use("report", "ingest::coverage::Tally"));
    assert!(may_use("report", "ingest::coverage"));
    assert!(!may_use("report", "ingest::read"));
    assert!(!may_use("report", "ingest::coverages"));
    assert!(!may_use("report", "model::Score"));
    assert!(may_use("report", "report::table::T"));
    assert!(!may_use("stats", "event::Event"));
    assert!(!may_use("event", "identity::Key"));
}
