//! A scenario: a story told by a few acts, or by a change of habits.
//!
//! Planted scenarios are takeovers that should be found; quiet ones are
//! ordinary changes that should not.

mod choice;
mod planted;
mod quiet;
mod stage;

use anyhow::{Context, Result};

use super::calendar::Calendar;
use super::cast::Organisation;
use super::rng::Rng;
use super::{DemoOptions, LabelKind};

pub use choice::{Scenarios, UnknownScenario};
pub(super) use stage::{Absence, Fault, Stage, Story};

/// So many identities beyond the cast make one more takeover.
const IDENTITIES_PER_TAKEOVER: usize = 20;

/// One story.
pub(super) struct Scenario {
    /// `S01` to `S27` as in the list of scenarios, `Q01`… for ordinary changes.
    pub code: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What happens, in one sentence.
    pub what: &'static str,
    /// Whether it should be found.
    pub kind: LabelKind,
    /// The members of the cast it is about, if it may be told of their copies
    /// too.
    cast: &'static [&'static str],
    /// Puts it on the stage.
    direct: fn(&mut Stage<'_>) -> Result<()>,
}

impl Scenario {
    /// Whether there is a copy number `copy` of everybody it is about.
    fn has_copy(&self, organisation: &Organisation, copy: usize) -> bool {
        let is_there = |name: &&str| organisation.copy(name, copy).is_ok();
        !self.cast.is_empty() && self.cast.iter().all(is_there)
    }
}

/// Every scenario, planted ones first.
pub(super) fn all() -> impl Iterator<Item = &'static Scenario> {
    planted::SCENARIOS.iter().chain(quiet::SCENARIOS)
}

/// Stages every scenario that is asked for: each once with the cast, and
/// takeovers again with copies of it where there are enough.
pub(super) fn stage<'a>(
    organisation: &'a Organisation,
    calendar: Calendar,
    options: &DemoOptions,
) -> Result<Stage<'a>> {
    let mut stage = Stage {
        organisation,
        calendar,
        difficulty: options.difficulty,
        spells: Vec::new(),
        planted: Vec::new(),
        faults: Vec::new(),
        absences: Vec::new(),
        stories: Vec::new(),
        rng: Rng::new(options.seed, "stage", 0),
    };
    let told: Vec<&Scenario> = all()
        .filter(|scenario| options.scenarios.contains(scenario.code))
        .collect();
    let n_tellings = n_tellings(&told, organisation);
    for (scenario, n_tellings) in told.into_iter().zip(n_tellings) {
        for copy in 0..n_tellings {
            stage.begin(scenario, copy, options.seed);
            (scenario.direct)(&mut stage)
                .with_context(|| format!("staging scenario {}", scenario.code))?;
        }
    }
    Ok(stage)
}

/// How often each of `told` is told: once, and takeovers in turn once more for
/// every [`IDENTITIES_PER_TAKEOVER`] identities beyond the cast.
fn n_tellings(told: &[&Scenario], organisation: &Organisation) -> Vec<usize> {
    let mut left = organisation.n_copies() / IDENTITIES_PER_TAKEOVER;
    let mut n_tellings = vec![1; told.len()];
    for copy in 1.. {
        let before = left;
        for (scenario, n) in told.iter().zip(&mut n_tellings) {
            if left > 0 && scenario.has_copy(organisation, copy) {
                *n += 1;
                left -= 1;
            }
        }
        if left == before || left == 0 {
            break;
        }
    }
    n_tellings
}
