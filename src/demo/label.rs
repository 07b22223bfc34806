//! A label: the truth about one identity in one scenario.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::act::{Act, Product, ScenarioId};
use super::calendar::Calendar;
use super::cast::{Member, Organisation};
use super::disk::Written;
use super::render::cloudtrail;
use super::scenario::{self, Absence, Scenario};
use super::{DemoOptions, ids};

/// The schema of `labels.json`; also how an earlier demo is recognised.
pub(super) const SCHEMA: &str = "habitual.demo-labels/1";
/// How many event ids a label lists at most.
const MAX_EVENT_IDS: usize = 50;

/// Whether a story should be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelKind {
    /// A takeover.
    Planted,
    /// An ordinary change.
    Quiet,
}

/// What happened to one identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Which story: `S01` to `S27`, or `Q01` and so on for ordinary changes.
    pub scenario: &'static str,
    /// The story's name.
    pub title: String,
    /// The identity's key as `habitual` derives it.
    pub identity_key: String,
    /// The identity's name.
    pub identity_name: String,
    /// Whether it should be found.
    pub kind: LabelKind,
    /// The dates it happened on.
    pub days: Vec<String>,
    /// The products' ids of the events that tell it, at most 50.
    pub event_ids: Vec<String>,
    /// What happened, in one sentence.
    pub what: String,
}

/// What was seen of one story and identity.
#[derive(Default)]
pub(super) struct Seen {
    name: String,
    days: BTreeSet<u32>,
    event_ids: Vec<String>,
}

/// Collects labels while the days are written.
pub(super) struct Tally<'a> {
    organisation: &'a Organisation,
    calendar: Calendar,
    seen: BTreeMap<(ScenarioId, String), Seen>,
}

impl<'a> Tally<'a> {
    /// Nothing seen yet.
    pub(super) fn new(organisation: &'a Organisation, calendar: Calendar) -> Self {
        Self {
            organisation,
            calendar,
            seen: BTreeMap::new(),
        }
    }

    /// Adds one event that was written on `day`, if it belongs to a story.
    pub(super) fn observe(&mut self, day: u32, event: &Written<'_>) {
        let Some(scenario) = event.act.scenario else {
            return;
        };
        let Some(member) = self.organisation.members.get(event.act.who) else {
            return;
        };
        let Some((key, name)) = identity_of(member, event.act) else {
            return;
        };
        let seen = self.seen.entry((scenario, key)).or_default();
        seen.name = name;
        seen.days.insert(day);
        if seen.event_ids.len() < MAX_EVENT_IDS {
            seen.event_ids.push(event.id.clone());
        }
    }

    /// What was seen, for a tally of more days.
    pub(super) fn into_seen(self) -> BTreeMap<(ScenarioId, String), Seen> {
        self.seen
    }

    /// Adds what was seen on later days.
    pub(super) fn absorb(&mut self, later: BTreeMap<(ScenarioId, String), Seen>) {
        for (story, more) in later {
            let seen = self.seen.entry(story).or_default();
            seen.name = more.name;
            seen.days.extend(more.days);
            let n_free = MAX_EVENT_IDS - seen.event_ids.len().min(MAX_EVENT_IDS);
            seen.event_ids
                .extend(more.event_ids.into_iter().take(n_free));
        }
    }

    /// The labels, by scenario and key.
    pub(super) fn finish(mut self, absences: &[Absence]) -> Vec<Label> {
        for absence in absences {
            let (key, name) = absence.identity.clone();
            let seen = self.seen.entry((absence.scenario, key)).or_default();
            seen.name = name;
            seen.days.extend(absence.days.clone());
        }
        let scenarios: Vec<&Scenario> = scenario::all().collect();
        let calendar = self.calendar;
        let label = |((number, key), seen): ((ScenarioId, String), Seen)| {
            let scenario = scenarios.get(number)?;
            let date = |day: &u32| calendar.date(*day).to_string();
            Some(Label {
                scenario: scenario.code,
                title: scenario.title.to_owned(),
                identity_key: key,
                identity_name: seen.name,
                kind: scenario.kind,
                days: seen.days.iter().map(date).collect(),
                event_ids: seen.event_ids,
                what: scenario.what.to_owned(),
            })
        };
        self.seen.into_iter().filter_map(label).collect()
    }
}

/// Key and name of the identity that `act` is recorded under; `None` when that
/// is not `member` itself.
fn identity_of(member: &Member, act: &Act) -> Option<(String, String)> {
    let key = match act.deed.product {
        Product::Aws if cloudtrail::is_before_session(member.sort, act) => return None,
        Product::Aws => return Some((member.aws_key_of(act), member.shown_name_of(act))),
        Product::Okta => member.okta_key(),
        Product::Vault => member.vault_key(),
    };
    Some((key, member.shown_name()))
}

/// The document `labels.json`.
pub(super) fn to_json(labels: &[Label], options: &DemoOptions, calendar: Calendar) -> Value {
    let review = calendar.review();
    json!({
        "schema": SCHEMA,
        "options": {
            "seed": options.seed,
            "identities": options.identities,
            "days": options.days,
            "difficulty": options.difficulty.name(),
        },
        "review": {
            "start": calendar.date(review.start).to_string(),
            "end": calendar.date(review.end).to_string(),
        },
        "labels": labels,
    })
}

/// The id of the `n`-th event of `day`.
pub(super) fn event_id(seed: u64, day: u32, n: usize) -> String {
    let n = u64::try_from(n).unwrap_or_default();
    let high = ids::mix(seed.wrapping_add(0x1D) ^ u64::from(day) << 32 ^ n);
    ids::uuid_from(high, ids::mix(high ^ n))
}
