//! A day: what one member does between two midnights when nothing special
//! happens.

mod machine;
mod person;

use std::rc::Rc;

use super::act::{Act, Deed, End, Habit, MemberId, PlaceId, Session};
use super::calendar::{Calendar, DAY, MINUTE, Millis, SECOND};
use super::cast::{Member, Organisation};
use super::{ids, target};
use crate::demo::rng::Rng;

/// How a day differs from an ordinary one before it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mood {
    /// How much is done, in percent of the usual.
    pub percent: u32,
    /// Whether a person is called out of bed.
    pub night: bool,
}

impl Mood {
    /// Nothing special.
    pub(super) const USUAL: Self = Self {
        percent: 100,
        night: false,
    };
}

/// Everything `who` does on `day`, in order of time within each sitting.
pub(super) fn ordinary_day(
    organisation: &Organisation,
    calendar: Calendar,
    seed: u64,
    (who, day): (MemberId, u32),
    mood: Mood,
) -> Vec<Act> {
    let Some(member) = organisation.members.get(who) else {
        return Vec::new();
    };
    let mut today = Day {
        organisation,
        calendar,
        member,
        who,
        day,
        rng: Rng::new(seed, &member.name, day),
        acts: Vec::new(),
    };
    let ways = &member.ways;
    // Only what is not certain is drawn, so that a member without such ways is
    // not changed by them.
    if ways.active < 1000 && !today.rng.happens(ways.active) {
        return Vec::new();
    }
    let mood = Mood {
        percent: mood.percent * ways.amount(calendar.n_after(day)) / 100,
        ..mood
    };
    if member.desk.is_some() {
        today.of_person(mood);
    } else {
        today.of_machine(mood);
    }
    let end = calendar.midnight(day) + DAY;
    today.acts.retain(|act| act.at < end);
    today.acts
}

/// Where, with what and in which session a member sits while acting.
#[derive(Clone, Debug)]
struct Stance {
    place: PlaceId,
    agent: Rc<str>,
    session: Session,
}

/// A day in the making.
struct Day<'a> {
    organisation: &'a Organisation,
    calendar: Calendar,
    member: &'a Member,
    who: MemberId,
    day: u32,
    rng: Rng,
    acts: Vec<Act>,
}

impl Day<'_> {
    /// The instant `minute` minutes after midnight, give or take.
    fn minute(&mut self, minute: u32) -> Millis {
        let jitter = Millis::from(self.rng.below(60_000));
        self.calendar.midnight(self.day) + Millis::from(minute) * MINUTE + jitter
    }

    /// The session number `n` of this day.
    fn session(&self, n: u32, since: Millis, fleet: u64) -> Session {
        let name = format!("{} {} {n}", self.member.name, self.day);
        Session {
            id: ids::hash(&name),
            since,
            fleet,
        }
    }

    /// Records that `habit` was followed at `at`.
    fn follow(&mut self, at: Millis, stance: &Stance, habit: &Habit) {
        let template = self.rng.pick_skewed(&habit.targets).cloned();
        let template = template.unwrap_or_default();
        let target = target::fill_by_habit(
            &template,
            self.calendar.date(self.day),
            self.member,
            &mut self.rng,
        );
        self.record(at, stance, &habit.deed, target);
        if let Some(act) = self.acts.last_mut() {
            act.via.clone_from(&habit.via);
        }
    }

    /// Records one act, which now and then fails as acts do.
    fn record(&mut self, at: Millis, stance: &Stance, deed: &Rc<Deed>, target: String) {
        let end = self.outcome(deed);
        self.acts.push(Act {
            who: self.who,
            at,
            deed: Rc::clone(deed),
            target,
            via: None,
            account: Rc::clone(&self.member.account),
            region: Rc::clone(&self.member.region),
            place: stance.place,
            host: target::host(stance.place, stance.session.fleet),
            agent: Rc::clone(&stance.agent),
            end,
            session: stance.session,
            credential: 0,
            issues: None,
            story: None,
        });
    }

    /// Some are refused something now and then, programs meet a missing object
    /// or a throttle.
    fn outcome(&mut self, deed: &Deed) -> End {
        let refused = self.member.ways.refused;
        match deed.service.as_str() {
            "okta" | "vault" | "sts" | "signin" => End::Done,
            _ if refused > 0 && self.rng.happens(refused) => End::Denied,
            "s3" if deed.verb == "GetObject" && self.rng.happens(4) => {
                End::Failed("NoSuchKey".into())
            }
            _ if self.rng.happens(2) => End::Failed("ThrottlingException".into()),
            _ => End::Done,
        }
    }

    /// A pause between two acts, at most `seconds`.
    fn pause(&mut self, seconds: u32) -> Millis {
        SECOND + Millis::from(self.rng.below(seconds.saturating_mul(1000)))
    }
}
