//! A label: the truth about one identity in one scenario.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::act::{Act, Product, StoryId};
use super::calendar::Calendar;
use super::cast::{Member, Organisation, Sort};
use super::disk::Written;
use super::render::cloudtrail;
use super::scenario::{Absence, Story};
use super::{DemoOptions, Difficulty, ids};

/// The schema of `labels.json`; also how an earlier demo is recognised.
pub(super) const SCHEMA: &str = "habitual.demo-labels/1";
/// How many event ids a label of a takeover lists at most: all but the loudest.
const MAX_PLANTED_IDS: usize = 1000;
/// How many event ids a label of an ordinary change lists at most; such a
/// change may be a whole week of a busy service.
const MAX_QUIET_IDS: usize = 50;

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
    /// Which telling of the story, counted from 1: the labels that share it are
    /// one takeover, or one change.
    pub case: usize,
    /// The story's name.
    pub title: String,
    /// The identity's key as `habitual` derives it.
    pub identity_key: String,
    /// The identity's name.
    pub identity_name: String,
    /// Whether it should be found.
    pub kind: LabelKind,
    /// The keys of the other identities that a takeover goes through.
    pub others: Vec<String>,
    /// How conspicuous it is, if it is a takeover.
    pub difficulty: Option<Difficulty>,
    /// The dates it happened on.
    pub days: Vec<String>,
    /// How many events tell it.
    pub n_events: u64,
    /// The products' ids of these events, in order of time: at most 1,000 of a
    /// takeover, 50 of an ordinary change.
    pub event_ids: Vec<String>,
    /// What happened, in one sentence.
    pub what: String,
}

/// What was seen of one story and identity.
#[derive(Default)]
pub(super) struct Seen {
    name: String,
    days: BTreeSet<u32>,
    n_events: u64,
    event_ids: Vec<String>,
}

/// Collects labels while the days are written.
pub(super) struct Tally<'a> {
    organisation: &'a Organisation,
    calendar: Calendar,
    stories: &'a [Story],
    seen: BTreeMap<(StoryId, String), Seen>,
}

impl<'a> Tally<'a> {
    /// Nothing seen yet.
    pub(super) fn new(
        organisation: &'a Organisation,
        calendar: Calendar,
        stories: &'a [Story],
    ) -> Self {
        Self {
            organisation,
            calendar,
            stories,
            seen: BTreeMap::new(),
        }
    }

    /// Adds one event that was written on `day`, if it belongs to a story.
    pub(super) fn observe(&mut self, day: u32, event: &Written<'_>) {
        let Some(story) = event.act.story else {
            return;
        };
        let Some(member) = self.organisation.members.get(event.act.who) else {
            return;
        };
        let place = self.organisation.places.get(event.act.place);
        let from_elsewhere = place.is_some_and(|place| place.intruder);
        let Some((key, name)) = identity_of(member, event.act, from_elsewhere) else {
            return;
        };
        let most = self.max_ids(story);
        let seen = self.seen.entry((story, key)).or_default();
        seen.name = name;
        seen.days.insert(day);
        seen.n_events += 1;
        if seen.event_ids.len() < most {
            seen.event_ids.push(event.id.clone());
        }
    }

    /// What was seen, for a tally of more days.
    pub(super) fn into_seen(self) -> BTreeMap<(StoryId, String), Seen> {
        self.seen
    }

    /// Adds what was seen on later days.
    pub(super) fn absorb(&mut self, later: BTreeMap<(StoryId, String), Seen>) {
        for (story, more) in later {
            let most = self.max_ids(story.0);
            let seen = self.seen.entry(story).or_default();
            seen.name = more.name;
            seen.days.extend(more.days);
            seen.n_events += more.n_events;
            seen.event_ids.extend(more.event_ids);
            seen.event_ids.truncate(most);
        }
    }

    /// How many event ids a label of `story` lists at most.
    fn max_ids(&self, story: StoryId) -> usize {
        match self.stories.get(story).map(|told| told.scenario.kind) {
            Some(LabelKind::Planted) => MAX_PLANTED_IDS,
            Some(LabelKind::Quiet) | None => MAX_QUIET_IDS,
        }
    }

    /// The labels, by scenario, case and key.
    pub(super) fn finish(mut self, absences: &[Absence], difficulty: Difficulty) -> Vec<Label> {
        for absence in absences {
            let (key, name) = absence.identity.clone();
            let seen = self.seen.entry((absence.story, key)).or_default();
            seen.name = name;
            seen.days.extend(absence.days.clone());
        }
        let mut keys: BTreeMap<StoryId, Vec<String>> = BTreeMap::new();
        for (story, key) in self.seen.keys() {
            keys.entry(*story).or_default().push(key.clone());
        }
        let (stories, calendar) = (self.stories, self.calendar);
        let label = |((story, key), seen): ((StoryId, String), Seen)| {
            let Story { scenario, copy } = stories.get(story)?;
            let date = |day: &u32| calendar.date(*day).to_string();
            let is_planted = scenario.kind == LabelKind::Planted;
            let involved = keys
                .get(&story)
                .filter(|_| is_planted)
                .into_iter()
                .flatten();
            Some(Label {
                scenario: scenario.code,
                case: copy + 1,
                title: scenario.title.to_owned(),
                others: involved.filter(|other| **other != key).cloned().collect(),
                identity_key: key,
                identity_name: seen.name,
                kind: scenario.kind,
                difficulty: is_planted.then_some(difficulty),
                days: seen.days.iter().map(date).collect(),
                n_events: seen.n_events,
                event_ids: seen.event_ids,
                what: scenario.what.to_owned(),
            })
        };
        self.seen.into_iter().filter_map(label).collect()
    }
}

/// Key and name of the identity that `act` is recorded under. `None` when that
/// is not `member` itself: a login before there is a session tells nothing,
/// unless an intruder makes it `from_elsewhere`.
fn identity_of(member: &Member, act: &Act, from_elsewhere: bool) -> Option<(String, String)> {
    let is_before_session =
        act.deed.product == Product::Aws && cloudtrail::is_before_session(member.sort, act);
    if is_before_session {
        let is_pipeline = member.sort == Sort::Ci;
        return (is_pipeline && from_elsewhere).then(|| {
            let name = format!("repo:{}", member.repository());
            (cloudtrail::web_identity_key(member), name)
        });
    }
    let key = match act.deed.product {
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
            "scenarios": options.scenarios.codes(),
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
