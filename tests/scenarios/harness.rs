//! A story: events beside those of the house, and its lists in `story.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::events::{Event, lines};
use crate::support::house::{REVIEW, members};

/// What `story.md` demands, by the headings of its lists.
#[derive(Debug)]
struct Told {
    ranks_first: Vec<String>,
    is_stated: Vec<String>,
    is_at_most_low: Vec<String>,
    is_not_listed: Vec<String>,
}

const RANKS_FIRST: &str = "Must rank first";
const IS_STATED: &str = "Must be stated as a fact";
const IS_AT_MOST_LOW: &str = "Must be low at most";
const IS_NOT_LISTED: &str = "Must not be listed";
/// In the list of those who must not be listed.
const EVERYBODY_ELSE: &str = "everybody else";

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios")
}

impl Told {
    #[track_caller]
    fn read(name: &str) -> Self {
        let path = folder().join(name).join("story.md");
        let text = fs::read_to_string(&path).unwrap_or_else(|err| panic!("{path:?}: {err}"));
        let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut heading = "";
        for line in text.lines() {
            if let Some(title) = line.strip_prefix("## ") {
                heading = title;
                lists.entry(heading).or_default();
            } else if let Some(item) = line.strip_prefix("* ") {
                let named = item.split('`').nth(1).unwrap_or(EVERYBODY_ELSE);
                lists.entry(heading).or_default().push(named.to_owned());
            }
        }
        let mut take = |heading| lists.remove(heading).unwrap_or_default();
        let told = Self {
            ranks_first: take(RANKS_FIRST),
            is_stated: take(IS_STATED),
            is_at_most_low: take(IS_AT_MOST_LOW),
            is_not_listed: take(IS_NOT_LISTED),
        };
        assert!(lists.is_empty(), "{path:?} has other lists: {lists:?}");
        assert!(
            !told.is_not_listed.is_empty(),
            "{path:?} demands too little"
        );
        told
    }
}

/// A line of a log and the event it writes down.
type Written = (Event, String);

/// Everything that the house does, written down once.
static HOUSE: LazyLock<Vec<(&str, Vec<Written>)>> = LazyLock::new(|| {
    let written = |event: Event| {
        let text = lines(std::slice::from_ref(&event));
        (event, text)
    };
    members()
        .into_iter()
        .map(|(name, routines)| {
            let events = routines.iter().flat_map(|routine| routine.always());
            (name, events.map(written).collect())
        })
        .collect()
});

/// The house, and what happens in it.
pub(super) struct Story {
    told: Told,
    away: BTreeSet<&'static str>,
    lost: BTreeSet<(&'static str, String)>,
    besides: Vec<Event>,
    plot: Vec<Event>,
    twice: bool,
    only: Option<&'static str>,
}

impl Story {
    /// The story of that name, so far with the house alone.
    #[track_caller]
    pub(super) fn new(name: &str) -> Self {
        Self {
            told: Told::read(name),
            away: BTreeSet::new(),
            lost: BTreeSet::new(),
            besides: Vec::new(),
            plot: Vec::new(),
            twice: false,
            only: None,
        }
    }

    /// A member does none of what they usually do.
    #[track_caller]
    pub(super) fn without(mut self, member: &'static str) -> Self {
        assert!(HOUSE.iter().any(|(name, _)| *name == member), "{member}");
        self.away.insert(member);
        self
    }

    /// The log of `source` for that day never arrived.
    pub(super) fn losing(mut self, source: &'static str, date: &str) -> Self {
        self.lost.insert((source, date.to_owned()));
        self
    }

    /// This belongs to the house, too.
    pub(super) fn besides(mut self, events: Vec<Event>) -> Self {
        self.besides.extend(events);
        self
    }

    /// This happens, and is what evidence may cite.
    pub(super) fn happens(mut self, events: Vec<Event>) -> Self {
        self.plot.extend(events);
        self
    }

    /// Everything is delivered once more, in other files.
    pub(super) fn delivered_twice(mut self) -> Self {
        self.twice = true;
        self
    }

    /// Only the log of `source` is there to be read; of all if `None`.
    pub(super) fn told_by(mut self, source: Option<&'static str>) -> Self {
        self.only = source;
        self
    }

    /// Replays the story, and holds the lists of `story.md` against the report.
    #[track_caller]
    pub(super) fn replay(self) -> Replayed {
        let replayed = self.run("");
        replayed.holds(&self.told);
        replayed
    }

    /// Replays the story with further flags, whatever comes of it.
    #[track_caller]
    pub(super) fn run(&self, flags: &str) -> Replayed {
        let sandbox = Sandbox::new();
        for (source, text) in self.texts() {
            sandbox.write(&format!("logs/{source}.jsonl"), &text);
            if self.twice {
                sandbox.write(&format!("logs/again/{source}.jsonl.gz"), &text);
            }
        }
        let output = sandbox
            .habitual(&format!("replay logs -f json {REVIEW} {flags}"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        Replayed {
            report: serde_json::from_slice(&output.stdout).unwrap(),
            planted: self.plot.iter().map(Event::id).collect(),
        }
    }

    /// The text of each source's log.
    fn texts(&self) -> BTreeMap<&'static str, String> {
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        let mut write = |event: &Event, text: &str| {
            let source = event.source();
            let is_here = self.only.is_none_or(|only| only == source);
            if is_here && !self.lost.contains(&(source, event.date())) {
                texts.entry(source).or_default().push_str(text);
            }
        };
        let here = HOUSE.iter().filter(|(name, _)| !self.away.contains(name));
        for (event, text) in here.flat_map(|(_, written)| written) {
            write(event, text);
        }
        for event in self.besides.iter().chain(&self.plot) {
            write(event, &lines(std::slice::from_ref(event)));
        }
        texts
    }
}

/// A report, and what was planted before it.
pub(super) struct Replayed {
    pub(super) report: Value,
    planted: BTreeSet<String>,
}

impl Replayed {
    #[track_caller]
    fn holds(&self, told: &Told) {
        for (finding, name) in self.findings().iter().zip(&told.ranks_first) {
            assert_eq!(name_of(finding), name, "rank {}\n{self}", finding["rank"]);
            assert!(is_listed(finding), "{name} is not listed\n{self}");
        }
        for name in &told.is_stated {
            let facts = self.report["facts"].as_array().unwrap();
            let of = |fact: &&Value| fact["identity"] == name.as_str();
            let fact = facts.iter().find(of);
            let fact = fact.unwrap_or_else(|| panic!("no fact about {name}\n{self}"));
            let id = fact["event_id"].as_str().unwrap();
            assert!(self.planted.contains(id), "{fact} cites something else");
        }
        for name in &told.is_at_most_low {
            let severity = &self.finding(name)["severity"];
            assert!(severity == "low" || severity == "none", "{name}\n{self}");
        }
        let not_listed = |name: &str| {
            let mut named = told.ranks_first.iter().chain(&told.is_at_most_low);
            let is_else = named.all(|other| other != name);
            told.is_not_listed.iter().any(|quiet| quiet == name)
                || is_else && told.is_not_listed.iter().any(|it| it == EVERYBODY_ELSE)
        };
        for finding in self.findings().iter().filter(|finding| is_listed(finding)) {
            let name = name_of(finding);
            assert!(!not_listed(name), "{name} is listed\n{self}");
        }
        for name in told.is_not_listed.iter().filter(|it| *it != EVERYBODY_ELSE) {
            self.finding(name);
        }
    }

    pub(super) fn findings(&self) -> &[Value] {
        self.report["findings"].as_array().unwrap()
    }

    /// The one finding about an identity.
    #[track_caller]
    pub(super) fn finding(&self, name: &str) -> &Value {
        let mut found = self.findings().iter().filter(|f| name_of(f) == name);
        let finding = found.next().unwrap_or_else(|| panic!("no {name}\n{self}"));
        assert!(found.next().is_none(), "{name} twice\n{self}");
        finding
    }

    /// A piece of evidence about `dimension` in the finding about `name` whose
    /// sentence has all these phrases. It cites planted events only, unless it
    /// is about an amount, to which everyday events belong, too.
    #[track_caller]
    pub(super) fn says(&self, name: &str, dimension: &str, phrases: &[&str]) -> &Self {
        let finding = self.finding(name);
        let all = finding["evidence"].as_array().unwrap();
        let sentence = |evidence: &Value| evidence["sentence"].as_str().unwrap().to_owned();
        let evidence = all
            .iter()
            .find(|evidence| {
                let sentence = sentence(evidence);
                evidence["dimension"] == dimension
                    && phrases.iter().all(|phrase| sentence.contains(phrase))
            })
            .unwrap_or_else(|| panic!("{name}: no {dimension} {phrases:?} in {}", told(finding)));
        let ids = evidence["event_ids"].as_array().unwrap();
        assert!(!ids.is_empty(), "{evidence:#}");
        let is_amount = dimension.contains('.') && !dimension.starts_with("hour");
        for id in ids.iter().filter(|_| !is_amount) {
            let id = id.as_str().unwrap();
            assert!(
                self.planted.contains(id),
                "{id} is an everyday event: {evidence:#}"
            );
        }
        self
    }

    /// There is no evidence about `dimension` in the finding about `name`.
    #[track_caller]
    pub(super) fn is_silent(&self, name: &str, dimension: &str) -> &Self {
        let finding = self.finding(name);
        let mut all = finding["evidence"].as_array().unwrap().iter();
        let speaks = all.any(|evidence| evidence["dimension"] == dimension);
        assert!(!speaks, "{name}: {}", told(finding));
        self
    }

    /// A fact about `name` has all these phrases.
    #[track_caller]
    pub(super) fn states(&self, name: &str, phrases: &[&str]) -> &Self {
        let facts = self.report["facts"].as_array().unwrap();
        let says = facts.iter().any(|fact| {
            let sentence = fact["sentence"].as_str().unwrap();
            fact["identity"] == name && phrases.iter().all(|phrase| sentence.contains(phrase))
        });
        assert!(says, "{name}: no {phrases:?} in {facts:#?}");
        self
    }
}

fn name_of(finding: &Value) -> &str {
    finding["identity"]["name"].as_str().unwrap()
}

/// Whether people are shown it: what the table lists.
pub(super) fn is_listed(finding: &Value) -> bool {
    finding["is_selected"] == true && finding["severity"] != "none"
}

fn told(finding: &Value) -> String {
    let mut text = String::new();
    for evidence in finding["evidence"].as_array().unwrap() {
        text += &format!("\n     {}: {}", evidence["dimension"], evidence["sentence"]);
    }
    text
}

/// The head of the ranking, for whoever reads a failure.
impl std::fmt::Display for Replayed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for finding in self.findings().iter().take(6) {
            writeln!(
                f,
                "{} {} p {} {} {}{}",
                finding["rank"],
                name_of(finding),
                finding["p_value"],
                finding["severity"],
                finding["channel"],
                told(finding)
            )?;
        }
        writeln!(f, "facts: {:#}", self.report["facts"])
    }
}
