//! The demo: a small organisation that does not exist, its logs as the vendors
//! would have written them, and the truth about them.
//!
//! Members with habits (`cast`) live ordinary days (`day`) of abstract acts
//! (`act`); scenarios (`scenario`) add acts or change habits; renderers
//! (`render`) turn acts into CloudTrail, Okta and Vault records. Nothing here
//! knows how `habitual` reads or scores, except the form of identity keys.
//!
//! The same options give the same bytes: chance comes from a seed, time from a
//! calendar that ends on 2026-11-15.

mod act;
mod calendar;
mod cast;
mod change;
mod day;
mod disk;
mod growth;
mod ids;
mod label;
mod release;
mod render;
mod rng;
mod scenario;
mod story;
mod tables;
mod target;
#[cfg(test)]
mod tests;
mod ways;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::Range;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use anyhow::{Result, ensure};
use serde::Serialize;

use act::{Act, MemberId, StoryId};
use calendar::{Calendar, REVIEW_DAYS};
use cast::Organisation;
use change::Spell;
use disk::Tree;
use label::{Seen, Tally};
use rng::Rng;
use scenario::Stage;

pub use label::{Label, LabelKind};
pub use scenario::{Scenarios, UnknownScenario};

/// Days are written by at most so many threads: each holds what happens on one.
const MAX_PARTS: u32 = 8;

/// How conspicuous the planted takeovers are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Difficulty {
    /// In great volume, and mostly from a foreign network with a foreign client.
    Loud,
    /// Clearly foreign, but not absurd in volume.
    #[default]
    Moderate,
    /// A handful of acts, with the victim's own client.
    Stealthy,
}

impl Difficulty {
    /// The lower-case name used in flags and machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Loud => "loud",
            Self::Moderate => "moderate",
            Self::Stealthy => "stealthy",
        }
    }
}

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// Seed of all chance.
    pub seed: u64,
    /// How many members act. The named cast of 65 always does; those above it
    /// have its jobs, with ways of their own.
    pub identities: usize,
    /// How many days there are, the last seven being the review; 35 to 400.
    pub days: u32,
    /// How conspicuous the planted takeovers are.
    pub difficulty: Difficulty,
    /// Which stories are told.
    pub scenarios: Scenarios,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            identities: 65,
            days: 45,
            difficulty: Difficulty::Moderate,
            scenarios: Scenarios::all(),
        }
    }
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The truth: what was planted, and which changes are ordinary.
    pub labels: Vec<Label>,
    /// How many distinct events the logs hold; a Vault request and its response
    /// are one, and a record delivered twice is one.
    pub n_events: u64,
    /// How many log files there are.
    pub n_files: u64,
}

/// Writes the example organisation into `dir`: `cloudtrail/`, `okta/`,
/// `vault/`, `labels.json` and `README.txt`.
///
/// An earlier demo in `dir` is replaced.
///
/// # Errors
///
/// When an option is out of its range, when `dir` holds anything but an
/// earlier demo, or when a file cannot be written.
pub fn write(dir: &Path, options: &DemoOptions) -> Result<Demo> {
    ensure!(
        (5 * REVIEW_DAYS..=400).contains(&options.days),
        "a demo has {} to 400 days, not {}",
        5 * REVIEW_DAYS,
        options.days
    );
    let calendar = Calendar { days: options.days };
    disk::prepare(dir)?;
    let organisation = Organisation::new(options.identities, options.seed)?;
    let stage = scenario::stage(&organisation, calendar, options)?;
    let mut tally = Tally::new(&organisation, calendar, &stage.stories);
    let (mut n_events, mut n_files) = (0, 0);
    for part in write_in_parts(dir, options)? {
        tally.absorb(part.seen);
        n_events += part.n_events;
        n_files += part.n_files;
    }
    let labels = tally.finish(&stage.absences, options.difficulty);
    let story = story::tell(&labels, options);
    disk::write_truth(dir, &label::to_json(&labels, options, calendar), &story)?;
    Ok(Demo {
        labels,
        n_events,
        n_files,
    })
}

/// What was written of some days.
struct Part {
    seen: BTreeMap<(StoryId, String), Seen>,
    n_events: u64,
    n_files: u64,
}

/// Writes the days, each processor some in a row; the parts are in order.
fn write_in_parts(dir: &Path, options: &DemoOptions) -> Result<Vec<Part>> {
    let n = thread::available_parallelism().map_or(1, NonZero::get);
    let n = u32::try_from(n).unwrap_or(1).min(MAX_PARTS);
    let bounds = |k: u32| k * options.days / n..(k + 1) * options.days / n;
    thread::scope(|scope| {
        let parts: Vec<_> = (0..n)
            .map(|k| scope.spawn(move || write_days(dir, options, bounds(k))))
            .collect();
        let results = parts.into_iter().map(|part| match part.join() {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic),
        });
        results.collect()
    })
}

/// Writes `days`: what happens on one does not depend on any other.
fn write_days(dir: &Path, options: &DemoOptions, days: Range<u32>) -> Result<Part> {
    let calendar = Calendar { days: options.days };
    let organisation = Organisation::new(options.identities, options.seed)?;
    let stage = scenario::stage(&organisation, calendar, options)?;
    let mut tree = Tree::of(dir, &organisation, &stage.faults);
    let mut tally = Tally::new(&organisation, calendar, &stage.stories);
    let spells = spells_by_member(&stage);
    let mut planted = planted_by_day(&stage);
    for day in days {
        let mut acts = ordinary_acts(&stage, &spells, options.seed, day);
        acts.extend(planted.remove(&day).unwrap_or_default());
        acts.sort_by_key(|act| act.at);
        let events = tree.write_day(day, calendar, options.seed, &acts)?;
        for event in &events {
            tally.observe(day, event);
        }
    }
    Ok(Part {
        seen: tally.into_seen(),
        n_events: tree.n_events(),
        n_files: tree.n_files(),
    })
}

fn spells_by_member<'s>(stage: &'s Stage<'_>) -> BTreeMap<MemberId, Vec<&'s Spell>> {
    let mut by_member: BTreeMap<MemberId, Vec<&Spell>> = BTreeMap::new();
    for spell in &stage.spells {
        by_member.entry(spell.who).or_default().push(spell);
    }
    by_member
}

fn planted_by_day(stage: &Stage<'_>) -> BTreeMap<u32, Vec<Act>> {
    let mut by_day: BTreeMap<u32, Vec<Act>> = BTreeMap::new();
    for act in &stage.planted {
        let day = stage.calendar.day_of(act.at);
        by_day.entry(day).or_default().push(act.clone());
    }
    by_day
}

/// What everybody does on `day`, as far as habits and spells tell.
fn ordinary_acts(
    stage: &Stage<'_>,
    spells: &BTreeMap<MemberId, Vec<&Spell>>,
    seed: u64,
    day: u32,
) -> Vec<Act> {
    let mut all = Vec::new();
    for (who, member) in stage.organisation.members.iter().enumerate() {
        let today: Vec<&Spell> = spells
            .get(&who)
            .into_iter()
            .flatten()
            .copied()
            .filter(|spell| spell.days.contains(&day))
            .collect();
        let Some(mood) = change::mood(&today) else {
            continue;
        };
        let mut acts =
            day::ordinary_day(stage.organisation, stage.calendar, seed, (who, day), mood);
        let mut rng = Rng::new(seed ^ 1, &member.name, day);
        for spell in today {
            change::apply(spell, &mut acts, stage.organisation, &mut rng);
        }
        let end = stage.calendar.midnight(day + 1);
        all.extend(acts.into_iter().filter(|act| act.at < end));
    }
    all
}
