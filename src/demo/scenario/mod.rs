//! A scenario: a story told by a few acts, or by a change of habits.
//!
//! Planted scenarios are takeovers that should be found; quiet ones are
//! ordinary changes that should not.

mod planted;
mod quiet;
mod stage;

use anyhow::{Context, Result};

use super::calendar::Calendar;
use super::cast::Organisation;
use super::rng::Rng;
use super::{DemoOptions, LabelKind};

pub(super) use stage::{Absence, Fault, Stage};

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
    /// Puts it on the stage.
    direct: fn(&mut Stage<'_>) -> Result<()>,
}

/// Every scenario, planted ones first.
pub(super) fn all() -> impl Iterator<Item = &'static Scenario> {
    planted::SCENARIOS.iter().chain(quiet::SCENARIOS)
}

/// Stages every scenario.
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
        scenario: 0,
        rng: Rng::new(options.seed, "stage", 0),
    };
    for (number, scenario) in all().enumerate() {
        if scenario.kind == LabelKind::Planted && !options.has_takeovers {
            continue;
        }
        stage.scenario = number;
        stage.rng = Rng::new(options.seed, scenario.code, 0);
        (scenario.direct)(&mut stage)
            .with_context(|| format!("staging scenario {}", scenario.code))?;
    }
    Ok(stage)
}
