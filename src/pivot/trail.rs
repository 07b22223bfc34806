//! A trail: what one thing touched, counted completely and listed as far as
//! somebody reads.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use super::known::Known;
use super::name;
use super::target::Target;
use super::value::{self, Dimension, each_value};
use crate::event::{Event, Outcome, Provenance, Source, Timestamp, Window};

/// Values of one dimension that are counted one by one.
const MAX_VALUES: usize = 10_000;
/// Records of one telling that are remembered until it is known how often it
/// was an event.
const MAX_RECORDS: usize = 16;

/// Which part of the data is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Events inside are listed and counted; earlier ones say what was usual.
    pub window: Window,
    /// At most so many rows are kept.
    pub max_rows: usize,
}

impl Scope {
    /// Whether the timeline begins where somebody wanted it to. Otherwise its
    /// end matters most.
    #[must_use]
    pub fn has_start(&self) -> bool {
        self.window.start != Timestamp::MIN
    }

    /// Rows that are kept while reading: repeats of what another thread holds
    /// take room too.
    fn room(&self) -> usize {
        self.max_rows.saturating_mul(2).saturating_add(64)
    }
}

/// One line of the timeline. Rows are in its order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// When.
    pub time: Timestamp,
    /// The product's own id; may be empty.
    pub event_id: String,
    /// Which product.
    pub source: Source,
    /// Key of who acted.
    pub identity_id: String,
    /// What people call it.
    pub identity: String,
    /// What was attempted.
    pub action: String,
    /// On what; the first of several.
    pub resource: String,
    /// How many resources there were.
    pub n_resources: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The product's code for a failure.
    pub outcome_code: String,
    /// Source address, or the network where there is none.
    pub ip: String,
    /// The calling program.
    pub client: String,
    /// Public id of the credential.
    pub key: String,
    /// The credential that it issued.
    pub issued_key: String,
}

impl Row {
    fn of(event: &Event<'_>) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let origin = &event.origin;
        let resource = event.resources.first();
        Self {
            time: event.time,
            event_id: event.native_id.clone().into_owned(),
            source: event.source,
            identity_id: event.actor.key.clone().into_owned(),
            identity: name::readable(&event.actor).into_owned(),
            action: event.action.name.clone().into_owned(),
            resource: text(resource.map(|resource| resource.id.as_ref())),
            n_resources: event.resources_total,
            outcome: event.outcome,
            outcome_code: text(event.outcome_code.as_deref()),
            ip: text(origin.address.as_deref().or(origin.network.as_deref())),
            client: value::client(&origin.client).into_owned(),
            key: text(event.credential.id.as_deref()),
            issued_key: text(event.minted.as_ref().map(|m| m.credential.as_ref())),
        }
    }
}

/// What tells a row.
#[derive(Clone, Debug, Default)]
struct Tellings {
    n_events: u64,
    records: Vec<Provenance>,
}

impl Tellings {
    fn add(&mut self, n_events: u64, records: &[Provenance]) {
        self.n_events = self.n_events.saturating_add(n_events);
        self.records.extend_from_slice(records);
        self.records.sort_unstable();
        self.records.truncate(MAX_RECORDS);
    }
}

/// How often, when, and with what success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events in the window.
    pub n: u64,
    /// Of these, refused or failed.
    pub n_failed: u64,
    /// Events before the window.
    pub n_before: u64,
    /// The first event in the window.
    pub first: Option<Timestamp>,
    /// The last event in the window.
    pub last: Option<Timestamp>,
}

impl Tally {
    fn observe(&mut self, event: &Event<'_>, window: Window) {
        if event.time < window.start {
            self.n_before = self.n_before.saturating_add(1);
            return;
        }
        self.merge(Self {
            n: 1,
            n_failed: event.outcome.is_failure().into(),
            n_before: 0,
            first: Some(event.time),
            last: Some(event.time),
        });
    }

    fn merge(&mut self, other: Self) {
        self.n = self.n.saturating_add(other.n);
        self.n_failed = self.n_failed.saturating_add(other.n_failed);
        self.n_before = self.n_before.saturating_add(other.n_before);
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.max(other.last);
    }

    /// Whether it was used before `since`, in the window or before it.
    fn is_before(&self, since: Timestamp) -> bool {
        self.n_before > 0 || self.first.is_some_and(|first| first < since)
    }
}

/// A value that the thing used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueOf {
    /// What kind of value.
    pub dimension: Dimension,
    /// The value.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// How often and when.
    pub tally: Tally,
    /// Whether it is new; `None` where nothing is known from before.
    pub mark: Option<Mark>,
}

/// To whom a value is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Nobody used it before.
    New,
    /// Others used it before.
    NewToIt,
    /// It is new to the thing, and what others did is not remembered.
    Unsure,
    /// The thing used it before.
    Usual,
}

impl Mark {
    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::NewToIt => "new_to_it",
            Self::Unsure => "unsure",
            Self::Usual => "usual",
        }
    }
}

/// A count with its name.
pub type Tallied = (&'static str, Tally);

/// The values of one dimension; of very many a sample that depends on their
/// set alone.
#[derive(Clone, Debug)]
struct Values {
    by_value: BTreeMap<String, (String, Tally)>,
    n_halvings: u32,
}

impl Values {
    fn new() -> Self {
        Self {
            by_value: BTreeMap::new(),
            n_halvings: 0,
        }
    }

    fn keeps(&self, value: &str) -> bool {
        self.n_halvings == 0 || xxh3_64(value.as_bytes()).leading_zeros() >= self.n_halvings
    }

    fn entry(&mut self, value: &str, label: &str) -> Option<&mut Tally> {
        if !self.keeps(value) {
            return None;
        }
        if !self.by_value.contains_key(value) {
            let fresh = (label.to_owned(), Tally::default());
            self.by_value.insert(value.to_owned(), fresh);
        }
        let (known, tally) = self.by_value.get_mut(value)?;
        // One thing may have several names: the first in order is shown.
        if label < known.as_str() {
            label.clone_into(known);
        }
        Some(tally)
    }

    fn bound(&mut self) {
        while self.by_value.len() > MAX_VALUES {
            self.n_halvings = self.n_halvings.saturating_add(1);
            let n = self.n_halvings;
            self.by_value
                .retain(|value, _| xxh3_64(value.as_bytes()).leading_zeros() >= n);
        }
    }

    fn merge(&mut self, other: Self) {
        self.n_halvings = self.n_halvings.max(other.n_halvings);
        let n = self.n_halvings;
        self.by_value
            .retain(|value, _| n == 0 || xxh3_64(value.as_bytes()).leading_zeros() >= n);
        for (value, (label, tally)) in other.by_value {
            if let Some(own) = self.entry(&value, &label) {
                own.merge(tally);
            }
        }
        self.bound();
    }
}

/// What one thing touched.
#[derive(Clone, Debug)]
pub struct Trail {
    target: Target,
    scope: Scope,
    total: Tally,
    n_after: u64,
    sources: BTreeMap<Source, Tally>,
    outcomes: BTreeMap<Outcome, Tally>,
    values: BTreeMap<Dimension, Values>,
    rows: BTreeMap<Row, Tellings>,
}

impl Trail {
    /// Nothing yet.
    #[must_use]
    pub fn new(target: Target, scope: Scope) -> Self {
        Self {
            target,
            scope,
            total: Tally::default(),
            n_after: 0,
            sources: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            values: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }

    /// Adds an event, if the thing had a part in it.
    pub fn observe(&mut self, event: &Event<'_>) {
        if !self.target.matches(event) {
            return;
        }
        let window = self.scope.window;
        if event.time >= window.end {
            self.n_after = self.n_after.saturating_add(1);
            return;
        }
        self.total.observe(event, window);
        let source = self.sources.entry(event.source).or_default();
        source.observe(event, window);
        let outcome = self.outcomes.entry(event.outcome).or_default();
        outcome.observe(event, window);
        self.observe_values(event);
        self.list(event, 1);
    }

    /// Another record tells an event that was observed: the first of them is
    /// cited.
    pub fn observe_duplicate(&mut self, event: &Event<'_>) {
        if self.target.matches(event) {
            self.list(event, 0);
        }
    }

    /// Every value counts once per event.
    fn observe_values(&mut self, event: &Event<'_>) {
        let mut used: Vec<(Dimension, String, String)> = Vec::new();
        each_value(event, &mut |dimension, value, label| {
            used.push((dimension, value.to_owned(), label.to_owned()));
        });
        used.sort_unstable();
        used.dedup_by(|a, b| (a.0, &a.1) == (b.0, &b.1));
        for (dimension, value, label) in used {
            let values = self.values.entry(dimension).or_insert_with(Values::new);
            if let Some(tally) = values.entry(&value, &label) {
                tally.observe(event, self.scope.window);
            }
            values.bound();
        }
    }

    fn list(&mut self, event: &Event<'_>, n_events: u64) {
        if self.scope.window.contains(event.time) {
            let tellings = self.rows.entry(Row::of(event)).or_default();
            tellings.add(n_events, &[event.provenance]);
            self.bound_rows();
        }
    }

    fn bound_rows(&mut self) {
        while self.rows.len() > self.scope.room() {
            if self.scope.has_start() {
                self.rows.pop_last();
            } else {
                self.rows.pop_first();
            }
        }
    }

    /// Adds what another part of the input holds about the same thing.
    pub fn merge(&mut self, other: Self) {
        self.total.merge(other.total);
        self.n_after = self.n_after.saturating_add(other.n_after);
        for (source, tally) in other.sources {
            self.sources.entry(source).or_default().merge(tally);
        }
        for (outcome, tally) in other.outcomes {
            self.outcomes.entry(outcome).or_default().merge(tally);
        }
        for (dimension, values) in other.values {
            let own = self.values.entry(dimension).or_insert_with(Values::new);
            own.merge(values);
        }
        for (row, tellings) in other.rows {
            let own = self.rows.entry(row).or_default();
            own.add(tellings.n_events, &tellings.records);
        }
        self.bound_rows();
    }

    /// What it is about.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// All events.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.total
    }

    /// Events after the window.
    #[must_use]
    pub fn n_after(&self) -> u64 {
        self.n_after
    }

    /// Whether nothing at all was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == Tally::default() && self.n_after == 0
    }

    /// Events per product.
    #[must_use]
    pub fn sources(&self) -> Vec<Tallied> {
        let sources = self.sources.iter();
        sources.map(|(of, tally)| (of.name(), *tally)).collect()
    }

    /// Events per outcome.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Tallied> {
        let outcomes = self.outcomes.iter();
        outcomes.map(|(of, tally)| (of.name(), *tally)).collect()
    }

    /// How many times the values of a dimension were halved, each time by a
    /// fair hash; 0 where all of them are there.
    #[must_use]
    pub fn n_halvings(&self, dimension: Dimension) -> u32 {
        self.values.get(&dimension).map_or(0, |v| v.n_halvings)
    }

    /// The values that were used in the window: new ones first, then the most
    /// used. `since` says what is new, by what `known` holds of everybody.
    #[must_use]
    pub fn values(
        &self,
        dimension: Dimension,
        known: &Known,
        since: Option<Timestamp>,
    ) -> Vec<ValueOf> {
        let Some(values) = self.values.get(&dimension) else {
            return Vec::new();
        };
        let used = values.by_value.iter().filter(|(_, (_, t))| t.n > 0);
        let mut found: Vec<ValueOf> = used
            .map(|(value, (label, tally))| ValueOf {
                dimension,
                value: value.clone(),
                label: label.clone(),
                tally: *tally,
                mark: since.map(|since| mark(dimension, value, *tally, known, since)),
            })
            .collect();
        found.sort_by(|a, b| {
            let key = |v: &ValueOf| (v.mark, std::cmp::Reverse(v.tally.n));
            key(a).cmp(&key(b)).then_with(|| a.value.cmp(&b.value))
        });
        found
    }

    /// The timeline: rows in order, how many events each stands for, and the
    /// first record that tells it.
    pub fn rows(&self) -> impl Iterator<Item = (&Row, u64, Provenance)> {
        let n_rows = self.rows.values().filter(|t| t.n_events > 0).count();
        let n_more = n_rows.saturating_sub(self.scope.max_rows);
        let n_left_out = if self.scope.has_start() { 0 } else { n_more };
        self.rows
            .iter()
            .filter(|(_, tellings)| tellings.n_events > 0)
            .skip(n_left_out)
            .take(self.scope.max_rows)
            .map(|(row, tellings)| {
                let record = tellings.records.first().copied().unwrap_or_default();
                (row, tellings.n_events, record)
            })
    }

    /// In which dimensions a row of the timeline uses something new, by what
    /// [`Self::values`] tells.
    #[must_use]
    pub fn news_of(&self, row: &Row, known: &Known, since: Option<Timestamp>) -> Vec<Dimension> {
        let Some(since) = since.filter(|since| *since <= row.time) else {
            return Vec::new();
        };
        let values = [
            (Dimension::Identity, &row.identity_id),
            (Dimension::Ip, &row.ip),
            (Dimension::Client, &row.client),
            (Dimension::Key, &row.key),
            (Dimension::IssuedKey, &row.issued_key),
            (Dimension::Action, &row.action),
            (Dimension::Resource, &row.resource),
        ];
        // Of a thing that is new itself everything is: only what is new to
        // everybody says more.
        let is_known = self.total.is_before(since);
        let is_news = |mark| match mark {
            Mark::New => true,
            Mark::NewToIt => is_known,
            Mark::Unsure | Mark::Usual => false,
        };
        let is_new = |(dimension, value): &(Dimension, &String)| {
            let values = self.values.get(dimension);
            let tally = values.and_then(|values| values.by_value.get(value.as_str()));
            tally.is_some_and(|(_, tally)| is_news(mark(*dimension, value, *tally, known, since)))
        };
        let new = values.into_iter().filter(is_new);
        new.map(|(dimension, _)| dimension).collect()
    }

    /// How many values of a dimension the thing used in the window, as far as
    /// they are kept.
    #[must_use]
    pub fn n_values(&self, dimension: Dimension) -> usize {
        let values = self.values.get(&dimension);
        values.map_or(0, |v| v.by_value.values().filter(|(_, t)| t.n > 0).count())
    }

    /// Events in the window that the timeline does not list.
    #[must_use]
    pub fn n_unlisted(&self) -> u64 {
        let n_listed = self.rows().map(|(_, n, _)| n).sum();
        self.total.n.saturating_sub(n_listed)
    }
}

fn mark(dimension: Dimension, value: &str, tally: Tally, known: &Known, since: Timestamp) -> Mark {
    if tally.is_before(since) {
        return Mark::Usual;
    }
    match known.is_used_before(dimension, value, since) {
        Some(true) => Mark::NewToIt,
        Some(false) => Mark::New,
        None => Mark::Unsure,
    }
}

/// A trail, and what led to it.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The trail.
    pub trail: Trail,
    /// Steps from what was asked for, which is at 1.
    pub depth: u32,
    /// The trail that led to it, by its place in the list.
    pub parent: Option<usize>,
}
