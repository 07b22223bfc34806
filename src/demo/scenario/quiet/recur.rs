//! What happens again and again: the ordinary changes of further members in
//! the review, and those of everybody in the weeks before it.
//!
//! The history is told backwards: what lasts is what the tables say, and before
//! the change it was otherwise. What is planted thus meets its victims as they
//! are.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::Result;

use crate::demo::act::MemberId;
use crate::demo::cast::Member;
use crate::demo::change::{Change, Spell};
use crate::demo::rng::Rng;
use crate::demo::scenario::Stage;

/// Identities for one ordinary change a week.
const IDENTITIES_PER_CHANGE: usize = 10;
/// The sum of what all stories say of their commonness.
const ALL: usize = 32;
/// Days from the start of a week on which changes begin.
const FIRST_DAYS: u32 = 4;
/// How often somebody suitable is looked for.
const TRIES: usize = 40;

/// A change that happens to somebody every now and then.
pub(super) struct Recurring {
    /// How common, out of [`ALL`].
    pub(super) common: usize,
    /// To whom.
    pub(super) befalls: fn(&Member) -> bool,
    /// Whether it happened to the named cast, too.
    pub(super) with_cast: bool,
    /// What it is.
    pub(super) change: fn(&mut Stage<'_>, &Turn) -> Result<()>,
}

/// To whom and when.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) who: MemberId,
    pub(super) day: u32,
    pub(super) is_past: bool,
}

impl Turn {
    /// The days on which it is otherwise than the tables say: from then on, or
    /// until then.
    pub(super) fn lasting(&self, stage: &Stage<'_>) -> Range<u32> {
        if self.is_past {
            0..self.day
        } else {
            self.day..stage.calendar.days
        }
    }

    /// `n` days from then on, no longer than history or review.
    pub(super) fn some_days(&self, stage: &Stage<'_>, n: u32) -> Range<u32> {
        let end = if self.is_past {
            stage.calendar.review().start
        } else {
            stage.calendar.days
        };
        self.day..(self.day + n).min(end)
    }
}

/// Adds a change of `who` on `days`: part of the story if it begins in the
/// review.
pub(super) fn spell(stage: &mut Stage<'_>, who: MemberId, days: Range<u32>, change: Change) {
    if days.is_empty() {
        return;
    }
    let is_told = stage.calendar.review().contains(&days.start);
    stage.spells.push(Spell {
        who,
        days,
        change,
        story: is_told.then_some(stage.story()),
    });
}

/// Who has a part in some story of the review already.
pub(super) fn engaged(stage: &Stage<'_>) -> BTreeSet<MemberId> {
    let told = stage.spells.iter().filter(|spell| spell.story.is_some());
    let planted = stage.planted.iter().map(|act| act.who);
    told.map(|spell| spell.who).chain(planted).collect()
}

/// The first of `names` to whom nothing is done by intruders; the last one if
/// there is none.
pub(super) fn first_free(stage: &Stage<'_>, names: &[&'static str]) -> &'static str {
    let victims: BTreeSet<MemberId> = stage.planted.iter().map(|act| act.who).collect();
    let is_free = |name: &&str| {
        let who = stage.organisation.member(name);
        who.is_ok_and(|who| !victims.contains(&who))
    };
    let free = names.iter().copied().find(is_free);
    free.or(names.last().copied()).unwrap_or_default()
}

/// Lets `story` happen to members beyond the cast in the review, and to anybody
/// in each week before.
pub(super) fn recurs(stage: &mut Stage<'_>, story: &Recurring) -> Result<()> {
    let n_members = stage.organisation.members.len();
    let n_further = n_members - stage.organisation.n_cast;
    let mut engaged = engaged(stage);
    let review = stage.calendar.review().start;
    for _ in 0..times(n_further, story.common, &mut stage.rng) {
        let day = review + stage.rng.below(FIRST_DAYS);
        let from = stage.organisation.n_cast;
        if let Some(who) = somebody(stage, story, from, &engaged) {
            engaged.insert(who);
            let turn = Turn {
                who,
                day,
                is_past: false,
            };
            (story.change)(stage, &turn)?;
        }
    }
    let from = if story.with_cast {
        0
    } else {
        stage.organisation.n_cast
    };
    for week in 1..=review / 7 {
        for _ in 0..times(n_members - from, story.common, &mut stage.rng) {
            let day = review - 7 * week + stage.rng.below(FIRST_DAYS);
            if let Some(who) = somebody(stage, story, from, &BTreeSet::new()) {
                let turn = Turn {
                    who,
                    day,
                    is_past: true,
                };
                (story.change)(stage, &turn)?;
            }
        }
    }
    Ok(())
}

/// How often something of this commonness happens to `n` members in a week.
fn times(n: usize, common: usize, rng: &mut Rng) -> usize {
    let in_thousand = 1000 * n * common / (IDENTITIES_PER_CHANGE * ALL);
    let rest = u32::try_from(in_thousand % 1000).unwrap_or_default();
    in_thousand / 1000 + usize::from(rng.happens(rest))
}

/// A member, number `from` or later, to whom `story` can happen.
fn somebody(
    stage: &mut Stage<'_>,
    story: &Recurring,
    from: usize,
    engaged: &BTreeSet<MemberId>,
) -> Option<MemberId> {
    let members = stage.organisation.members.get(from..)?;
    let n = u32::try_from(members.len()).unwrap_or(u32::MAX);
    (0..TRIES).find_map(|_| {
        let place = usize::try_from(stage.rng.below(n)).ok()?;
        let member = members.get(place)?;
        let who = from + place;
        let is_fit =
            member.ways.active >= 800 && !member.is_background() && !engaged.contains(&who);
        (is_fit && (story.befalls)(member)).then_some(who)
    })
}
