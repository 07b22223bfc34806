//! A window read: from its statistics to their p-values, families and scores.

use super::first_use::TypedDay;
use super::novelty::Habit;
use super::subject::Day;
use super::{Family, Parameters};
use crate::event::Class;
use crate::stats::combine::{FamilyKind, FamilyScore, channels, family_bits};

/// A window of the review that is to be scored.
pub(super) struct Candidate<'a> {
    pub(super) subject: usize,
    pub(super) day: &'a Day,
    /// What the identity had learned before.
    pub(super) habit: &'a Habit,
    pub(super) typed: &'a TypedDay,
    /// Whether several callers interleave behind the identity.
    pub(super) is_shared: bool,
}

/// What the statistics of one window say.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// Raw statistics, in the order of [`Parameters::statistics`].
    pub(super) raw: Vec<f64>,
    /// Their p-values.
    pub(super) p: Vec<f64>,
    pub(super) families: Vec<(Family, f64)>,
    /// Takeover, fragment, burst.
    pub(super) scores: [f64; 3],
    pub(super) p_channels: [f64; 3],
    pub(super) p_final: f64,
    /// Whether it is ranked among the windows of newcomers.
    pub(super) is_newcomer: bool,
}

impl Reading {
    /// What a family says; 0 if it is not enabled.
    fn bits(&self, family: Family) -> f64 {
        let mut own = self.families.iter().filter(|(own, _)| *own == family);
        own.next().map_or(0.0, |(_, bits)| *bits)
    }
}

/// Families and channel scores from the p-values of the statistics. Of a
/// shared identity, where it came from and from how many places says nothing.
pub(super) fn combine(
    parameters: &Parameters,
    class: Class,
    is_shared: bool,
    reading: &mut Reading,
) {
    let mut scores = Vec::with_capacity(Family::ALL.len());
    reading.families.clear();
    for family in Family::ALL {
        let ps: Vec<f64> = parameters
            .statistics
            .iter()
            .zip(&reading.p)
            .filter(|((_, own), _)| *own == family)
            .map(|(_, p)| *p)
            .collect();
        if ps.is_empty() {
            continue;
        }
        let is_blurred = matches!(family, Family::From | Family::Credential);
        let bits = if is_shared && is_blurred {
            0.0
        } else {
            family_bits(&ps)
        };
        let kind = match family {
            Family::Fraction => FamilyKind::Fraction,
            family if parameters.lone.contains(&family) => FamilyKind::Amount,
            _ => FamilyKind::Plain,
        };
        scores.push(FamilyScore {
            bits,
            weight: parameters.weight(family, class),
            kind,
        });
        reading.families.push((family, bits));
    }
    let channels = channels(&scores);
    let echo = if parameters.discounts_echoes {
        reading
            .bits(Family::What)
            .min(reading.bits(Family::Sequence))
    } else {
        0.0
    };
    let fragment = (channels.fragment - echo).max(0.0);
    reading.scores = [channels.takeover, fragment, channels.burst];
}
