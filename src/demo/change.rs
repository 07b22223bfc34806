//! A spell: some days on which a member's ordinary behaviour is different.

use std::ops::Range;
use std::rc::Rc;

use super::act::{Act, End, Habit, MemberId, PlaceId, Product, StoryId};
use super::calendar::{HOUR, MINUTE, Millis, datetime};
use super::cast::Organisation;
use super::day::Mood;
use super::rng::Rng;
use super::{ids, target};

/// How often a program tries again what was refused.
const RETRIES: i64 = 12;

/// What is different.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Nothing is done at all.
    Away,
    /// Everything is done from another place.
    Place(PlaceId),
    /// What was done from one place is done from another.
    Moves {
        /// The place that is given up.
        from: PlaceId,
        /// The new one.
        to: PlaceId,
    },
    /// Everything in AWS is done in another region.
    Region(Rc<str>),
    /// One client is replaced by another.
    Agent {
        /// The client that is given up.
        from: Rc<str>,
        /// The client used instead.
        to: Rc<str>,
    },
    /// Another access key is used; of a machine's role, one made anew under
    /// another name.
    Credential(u32),
    /// The machines are replaced by new ones.
    Fleet(u64),
    /// Amounts are this many percent of the usual.
    Busier(u32),
    /// A person is called at night.
    Night,
    /// Something is done besides, in so many sittings of a thousand.
    Also {
        /// What.
        habit: Habit,
        /// How often.
        per_mille: u32,
    },
    /// Something is done besides, once a day, one thing after the other.
    Once(Vec<Habit>),
    /// Calls of a service are refused, and tried again, between two hours of
    /// the day.
    Refused {
        /// The service.
        service: &'static str,
        /// The hours.
        hours: Range<u32>,
    },
    /// Nothing, but the acts belong to the story.
    Noted,
}

/// A change of one member on some days.
#[derive(Clone, Debug)]
pub(super) struct Spell {
    /// Whose behaviour.
    pub who: MemberId,
    /// When.
    pub days: Range<u32>,
    /// How.
    pub change: Change,
    /// The story that the changed acts tell; none in the history.
    pub story: Option<StoryId>,
}

/// How the day begins under `spells`; `None` when the member is away.
pub(super) fn mood(spells: &[&Spell]) -> Option<Mood> {
    let mut mood = Mood::USUAL;
    for spell in spells {
        match spell.change {
            Change::Away => return None,
            Change::Busier(percent) => mood.percent = percent,
            Change::Night => mood.night = true,
            _ => {}
        }
    }
    Some(mood)
}

/// Changes `acts` of one member and day as `spell` says.
pub(super) fn apply(
    spell: &Spell,
    acts: &mut Vec<Act>,
    organisation: &Organisation,
    rng: &mut Rng,
) {
    let more = match &spell.change {
        Change::Also { habit, per_mille } => besides(spell, acts, (habit, *per_mille), rng),
        Change::Once(habits) => once(spell, acts, habits, rng),
        _ => Vec::new(),
    };
    if !more.is_empty() {
        acts.extend(more.into_iter().map(|mut act| {
            if let Some(member) = organisation.members.get(act.who) {
                let date = datetime(act.at).date_naive();
                act.target = target::fill(&act.target, date, member, rng);
            }
            act
        }));
    }
    let mut retries = Vec::new();
    for act in acts.iter_mut() {
        if change_one(&spell.change, act) {
            act.story = spell.story.or(act.story);
            if matches!(spell.change, Change::Refused { .. }) {
                retries.extend((1..=RETRIES).map(|n| later(act, n)));
            }
        }
    }
    acts.extend(retries);
}

/// The `n`-th retry of `act`, a quarter of a minute after the one before.
fn later(act: &Act, n: i64) -> Act {
    let mut act = act.clone();
    act.at += n * MINUTE / 4;
    act
}

/// Changes one act, and says whether it was concerned.
fn change_one(change: &Change, act: &mut Act) -> bool {
    match change {
        Change::Place(place) => {
            act.place = *place;
            act.host = target::host(*place, act.session.fleet);
            act.via.is_none()
        }
        Change::Moves { from, to } => {
            let is_concerned = act.place == *from;
            if is_concerned {
                act.place = *to;
                act.host = target::host(*to, act.session.fleet);
            }
            is_concerned && act.via.is_none()
        }
        Change::Region(region) => {
            act.region = Rc::clone(region);
            act.deed.product == Product::Aws
        }
        Change::Agent { from, to } => {
            let is_concerned = act.agent == *from && act.deed.product != Product::Vault;
            if is_concerned {
                act.agent = Rc::clone(to);
            }
            is_concerned && act.via.is_none()
        }
        Change::Credential(generation) => {
            act.credential = *generation;
            true
        }
        Change::Fleet(generation) => {
            act.session.fleet = ids::mix(act.session.fleet ^ generation);
            act.session.id = ids::mix(act.session.id ^ generation);
            act.host = target::host(act.place, act.session.fleet);
            true
        }
        Change::Refused { service, hours } => {
            let hour = u32::try_from(act.at.rem_euclid(24 * HOUR) / HOUR).unwrap_or_default();
            let is_concerned = act.deed.service == *service && hours.contains(&hour);
            if is_concerned {
                act.end = End::Denied;
            }
            is_concerned
        }
        Change::Night => is_at_night(act),
        Change::Busier(_) | Change::Noted => true,
        Change::Away | Change::Also { .. } | Change::Once(_) => false,
    }
}

fn is_at_night(act: &Act) -> bool {
    act.at.rem_euclid(24 * HOUR) < 5 * HOUR
}

/// One more act at the end of some sessions.
fn besides(
    spell: &Spell,
    acts: &[Act],
    (habit, per_mille): (&Habit, u32),
    rng: &mut Rng,
) -> Vec<Act> {
    let mut more = Vec::new();
    let direct: Vec<&Act> = acts
        .iter()
        .filter(|act| act.deed.product == Product::Aws && act.via.is_none())
        .collect();
    for (k, act) in direct.iter().enumerate() {
        let is_last = direct
            .get(k + 1)
            .is_none_or(|next| next.session.id != act.session.id);
        if is_last && rng.happens(per_mille) {
            more.push(another(spell, act, habit, MINUTE, rng));
        }
    }
    more
}

/// One more act for each of `habits`, in the day's first AWS session.
fn once(spell: &Spell, acts: &[Act], habits: &[Habit], rng: &mut Rng) -> Vec<Act> {
    let is_direct = |act: &&Act| act.deed.product == Product::Aws && act.via.is_none();
    let Some(first) = acts.iter().filter(is_direct).min_by_key(|act| act.at) else {
        return Vec::new();
    };
    let pauses = (1..).map(|n| n * MINUTE);
    habits
        .iter()
        .zip(pauses)
        .map(|(habit, pause)| another(spell, first, habit, pause, rng))
        .collect()
}

/// `habit`, followed a `pause` after `act` and in its session.
fn another(spell: &Spell, act: &Act, habit: &Habit, pause: Millis, rng: &mut Rng) -> Act {
    let mut act = act.clone();
    act.at += pause + Millis::from(rng.below(60_000));
    act.deed = Rc::clone(&habit.deed);
    act.target = rng.pick_skewed(&habit.targets).cloned().unwrap_or_default();
    act.end = End::Done;
    act.issues = None;
    act.story = spell.story;
    act
}
