//! The nightly job: quiet with nothing new, and in the end the same whatever
//! came late, twice or after a crash.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::Sandbox;

/// The demo's logs, written once.
static DEMO: LazyLock<Sandbox> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    let output = sandbox.habitual("demo corp -q --days 35").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    sandbox
});

/// The demo's log files by the day in their name or folder.
fn files_by_day() -> BTreeMap<String, Vec<PathBuf>> {
    let mut days: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for name in DEMO.names() {
        let path = DEMO.path(&name);
        let digits: String = name.chars().filter(char::is_ascii_digit).collect();
        let is_log = ["corp/cloudtrail/", "corp/okta/", "corp/vault/"]
            .iter()
            .any(|folder| name.starts_with(folder));
        if is_log && path.is_file() {
            let at = digits
                .find("202610")
                .or_else(|| digits.find("202611"))
                .unwrap();
            let day = digits[at + 4..at + 8].to_owned();
            days.entry(day).or_default().push(name.into());
        }
    }
    days
}

/// A job with an inbox of its own.
struct Job {
    sandbox: Sandbox,
}

impl Job {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("in")).unwrap();
        Self { sandbox }
    }

    fn deliver(&self, file: &Path) {
        self.deliver_as(file, &Path::new("in").join(file));
    }

    fn deliver_as(&self, file: &Path, name: &Path) {
        let to = self.sandbox.path(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(DEMO.path(file), to).unwrap();
    }

    /// Runs a night; what it printed and said.
    #[track_caller]
    fn night(&self, flags: &str) -> (String, String) {
        let words = format!("nightly in --state state -f jsonl {flags}");
        let output = self.sandbox.habitual(&words).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    }

    /// The hash of each table but those about single files, and but who the
    /// identities are whose days are held back: that may be known from other
    /// days that were read in the same night.
    fn tables(&self) -> BTreeMap<String, String> {
        let manifest = fs::read(self.sandbox.path("state/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let tables = manifest["tables"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        tables
            .map(|table| (text(&table["name"]), text(&table["sha256"])))
            .filter(|(name, _)| name != "night_files" && name != "held_identities")
            .collect()
    }
}

impl Job {
    /// Accounts whose day is held back, each day counted.
    fn n_held(&self) -> u64 {
        let manifest = fs::read(self.sandbox.path("state/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let mut tables = manifest["tables"].as_array().unwrap().iter();
        let days = tables.find(|table| table["name"] == "held_days");
        days.unwrap()["n_rows"].as_u64().unwrap()
    }
}

/// The first night's days, and then those of the nights after it.
fn first_and_rest() -> (Vec<PathBuf>, Vec<Vec<PathBuf>>) {
    let days = files_by_day();
    let is_first = |day: &&String| day.as_str() < "1108";
    let first = days.iter().filter(|(day, _)| is_first(day));
    let first = first.flat_map(|(_, files)| files.clone()).collect();
    let rest = days.iter().filter(|(day, _)| !is_first(day));
    (first, rest.map(|(_, files)| files.clone()).collect())
}

/// Everything in time, a night a day.
static IN_ORDER: LazyLock<(Job, Vec<String>)> = LazyLock::new(|| {
    let (first, rest) = first_and_rest();
    let job = Job::new();
    first.iter().for_each(|file| job.deliver(file));
    let mut told = vec![job.night("").0];
    for day in &rest {
        day.iter().for_each(|file| job.deliver(file));
        told.push(job.night("").0);
    }
    (job, told)
});

#[test]
fn late_and_repeated_files_a_missing_day_and_a_crash_change_nothing_in_the_end() {
    let (first, rest) = first_and_rest();
    let job = Job::new();
    first.iter().for_each(|file| job.deliver(file));
    job.night("");
    let (late, in_time): (Vec<_>, Vec<_>) = rest[1]
        .iter()
        .partition(|file| file.starts_with("corp/okta"));
    assert!(!late.is_empty());
    for (number, day) in rest.iter().enumerate() {
        match number {
            // Okta's files of this day come two days later.
            1 => in_time.iter().for_each(|file| job.deliver(file)),
            // Nothing comes on this day, everything on the next.
            4 => continue,
            _ => day.iter().for_each(|file| job.deliver(file)),
        }
        match number {
            2 => {
                // Everything of a day again, under other names.
                for file in &rest[0] {
                    job.deliver_as(file, &Path::new("in/again").join(file));
                }
            }
            3 => late.iter().for_each(|file| job.deliver(file)),
            5 => {
                rest[4].iter().for_each(|file| job.deliver(file));
                // What a killed writer leaves.
                let state = job.sandbox.path("state");
                fs::write(state.join("atoms-0123456789abcdef.parquet"), "half").unwrap();
                fs::write(state.join(".habitual-Xy12Zz.tmp"), "half").unwrap();
            }
            _ => {}
        }
        job.night("");
    }
    let (own, in_order) = (job.tables(), IN_ORDER.0.tables());
    let other: Vec<&String> = own
        .keys()
        .filter(|name| own[*name] != in_order[*name])
        .collect();
    assert!(other.is_empty(), "{other:?}");
    let left = job.sandbox.names().into_iter();
    let left: Vec<String> = left
        .filter(|n| n.contains("0123456789abcdef") || n.ends_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn nothing_new_is_nothing_said_and_no_finding_is_told_twice() {
    let (job, told) = &*IN_ORDER;
    let (printed, said) = job.night("");
    assert_eq!((printed.as_str(), said.as_str()), ("", ""));
    let ids: Vec<String> = told
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| {
            let finding: Value = serde_json::from_str(line).unwrap();
            assert!(["new", "changed"].contains(&finding["status"].as_str().unwrap()));
            finding["finding_id"].as_str().unwrap().to_owned()
        })
        .collect();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert!(ids.len() > 5 && distinct.len() == ids.len(), "{ids:?}");
}

#[test]
fn each_day_is_judged_as_a_replay_of_it_would() {
    let (first, rest) = first_and_rest();
    let job = Job::new();
    first.iter().for_each(|file| job.deliver(file));
    job.night("--learn-anyway");
    for day in &rest[..5] {
        day.iter().for_each(|file| job.deliver(file));
    }
    let (printed, _) = job.night("--learn-anyway --all");
    let mut nightly: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for line in printed.lines() {
        let (day, finding) = selected(line).unwrap();
        nightly.entry(day).or_default().insert(finding);
    }
    assert!(nightly.len() > 1, "{nightly:?}");
    for (day, findings) in nightly {
        let next = chrono::NaiveDate::parse_from_str(&day, "%Y-%m-%d")
            .unwrap()
            .succ_opt()
            .unwrap();
        let words = format!("replay in --history ..{day} --review {day}..{next} -q -f jsonl");
        let output = job.sandbox.habitual(&words).output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        let replayed: BTreeSet<_> = lines.lines().filter_map(selected).map(|(_, f)| f).collect();
        assert_eq!(findings, replayed, "{day}");
    }
}

/// Day, identity and p-value of a finding that is selected.
fn selected(line: &str) -> Option<(String, (String, String))> {
    let finding: Value = serde_json::from_str(line).unwrap();
    let day = finding["review"]["start"].as_str().unwrap()[..10].to_owned();
    let id = finding["identity"]["id"].as_str().unwrap().to_owned();
    let is_selected = finding["is_selected"].as_bool().unwrap();
    is_selected.then(|| (day, (id, finding["p_value"].to_string())))
}

#[test]
fn what_was_acknowledged_is_learned_and_what_is_suppressed_is_counted() {
    let (first, rest) = first_and_rest();
    let job = Job::new();
    first.iter().for_each(|file| job.deliver(file));
    job.night("");
    for day in &rest[..4] {
        day.iter().for_each(|file| job.deliver(file));
    }
    let (printed, _) = job.night("");
    let severe = printed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut held = severe.filter(|f| f["severity"] != "low");
    let person = held.find(|f| f["identity"]["sources"].as_array().unwrap().len() == 3);
    let person = person.unwrap();
    let id = person["finding_id"].as_str().unwrap();
    let (before, n_before) = (job.tables(), job.n_held());
    let words = format!("acknowledge {id} --state state --reason planned --by ann");
    let output = job.sandbox.habitual(&words).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.ends_with("its day is learned.\n"), "{said}");
    let after = job.tables();
    assert_ne!(before["days"], after["days"]);
    assert_ne!(before["held_days"], after["held_days"]);
    // Of the person, the accounts in all three products.
    assert_eq!(job.n_held(), n_before - 3);

    let output = job
        .sandbox
        .habitual("suppress * --state state --reason quiet --by ann --for 30d")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let listed = job
        .sandbox
        .habitual("suppress --list --state state")
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(listed, "1\t*\tall\t2026-11-11..2026-12-11\tann\tquiet\n");
    for day in &rest[4..] {
        day.iter().for_each(|file| job.deliver(file));
    }
    let (printed, said) = job.night("");
    for line in printed.lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        assert_eq!(finding["severity"], "critical", "{line}");
    }
    assert!(said.contains(" suppressed"), "{said}");
}

#[test]
fn findings_make_a_status_only_once() {
    let (first, rest) = first_and_rest();
    let job = Job::new();
    first.iter().for_each(|file| job.deliver(file));
    for day in &rest {
        day.iter().for_each(|file| job.deliver(file));
    }
    let status = || {
        let words = "nightly in --state state -q -f jsonl -o new.jsonl --fail-on high";
        job.sandbox.habitual(words).output().unwrap().status.code()
    };
    assert_eq!(status(), Some(10));
    assert_eq!(status(), Some(0));
}
