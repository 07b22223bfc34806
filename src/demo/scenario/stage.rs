//! The stage: where a scenario puts its acts and changes.

use std::ops::Range;
use std::rc::Rc;

use anyhow::{Context, Result};

use crate::demo::act::{Act, End, Habit, ScenarioId, Session};
use crate::demo::calendar::{Calendar, DAY, MINUTE, Millis, SECOND};
use crate::demo::cast::{Member, Organisation};
use crate::demo::change::{Change, Spell};
use crate::demo::rng::Rng;
use crate::demo::{Difficulty, ids, target};

/// A fault of the log delivery.
#[derive(Clone, Copy, Debug)]
pub(in crate::demo) enum Fault {
    /// No Vault log of this day.
    NoVaultLog(u32),
    /// The CloudTrail files of this account and day come twice.
    Twice {
        /// The account.
        account: &'static str,
        /// The day.
        day: u32,
    },
}

/// A label that no act can carry, because its point is that nothing happens.
#[derive(Clone, Debug)]
pub(in crate::demo) struct Absence {
    /// The scenario.
    pub scenario: ScenarioId,
    /// The identity's key and name.
    pub identity: (String, String),
    /// The silent days.
    pub days: Range<u32>,
}

/// What all scenarios have added.
pub(in crate::demo) struct Stage<'a> {
    /// The organisation it plays in.
    pub organisation: &'a Organisation,
    /// The days it plays on.
    pub calendar: Calendar,
    /// How conspicuous intruders are.
    pub difficulty: Difficulty,
    /// Changes of ordinary behaviour.
    pub spells: Vec<Spell>,
    /// Acts besides ordinary behaviour.
    pub planted: Vec<Act>,
    /// Faults of the delivery.
    pub faults: Vec<Fault>,
    /// Labels without acts.
    pub absences: Vec<Absence>,
    /// The scenario being staged.
    pub scenario: ScenarioId,
    /// Chance of the scenario being staged.
    pub rng: Rng,
}

impl<'a> Stage<'a> {
    /// Day `n` of the review, counted from 0.
    pub(super) fn review(&self, n: u32) -> u32 {
        self.calendar.review().start + n
    }

    /// The days `from..to` of the review.
    pub(super) fn review_days(&self, from: u32, to: u32) -> Range<u32> {
        self.review(from)..self.review(to)
    }

    /// `days` days before the review begins.
    pub(super) fn before(&self, days: u32) -> u32 {
        self.calendar.review().start.saturating_sub(days)
    }

    /// An amount for each difficulty.
    pub(super) fn amount(&self, loud: u32, moderate: u32, stealthy: u32) -> u32 {
        match self.difficulty {
            Difficulty::Loud => loud,
            Difficulty::Moderate => moderate,
            Difficulty::Stealthy => stealthy,
        }
    }

    /// Changes `name`'s behaviour on `days`. What changes in the review is
    /// part of the story, what changes before is habit.
    pub(super) fn spell(&mut self, name: &str, days: Range<u32>, change: Change) -> Result<()> {
        let is_told = self.calendar.review().contains(&days.start);
        self.spells.push(Spell {
            who: self.organisation.member(name)?,
            days,
            change,
            scenario: is_told.then_some(self.scenario),
        });
        Ok(())
    }

    /// Says that `name` is silent on `days`, as the product at `key` sees it.
    pub(super) fn absent(
        &mut self,
        name: &str,
        days: Range<u32>,
        key: impl Fn(&Member) -> String,
    ) -> Result<()> {
        let who = self.organisation.member(name)?;
        let member = self.organisation.members.get(who).context("no member")?;
        self.absences.push(Absence {
            scenario: self.scenario,
            identity: (key(member), member.shown_name()),
            days,
        });
        Ok(())
    }

    /// Opens a scene: `name` sits down on `day` at `clock` ("13:20"), as usual
    /// until something else is said.
    pub(super) fn scene<'s>(
        &'s mut self,
        name: &str,
        day: u32,
        clock: &str,
    ) -> Result<Scene<'s, 'a>> {
        let who = self.organisation.member(name)?;
        let member = self.organisation.members.get(who).context("no member")?;
        let at = self.calendar.midnight(day) + minutes(clock)?;
        let session = Session {
            id: self.rng.next(),
            since: at - SECOND,
            fleet: ids::hash(name),
        };
        let place = member.places.first().copied().unwrap_or_default();
        let next = Act {
            who,
            at,
            deed: crate::demo::act::Deed::new("sts", "GetCallerIdentity"),
            target: String::new(),
            via: None,
            account: Rc::clone(&member.account),
            region: Rc::clone(&member.region),
            place,
            host: target::host(place, session.fleet),
            agent: member.agents.first().cloned().unwrap_or_default(),
            end: End::Done,
            session,
            credential: 0,
            scenario: Some(self.scenario),
        };
        Ok(Scene {
            end: self.calendar.midnight(day) + DAY - SECOND,
            stage: self,
            next,
            pace: 20,
        })
    }
}

/// A few minutes of a story: one member, one session, one act after another.
pub(super) struct Scene<'s, 'a> {
    stage: &'s mut Stage<'a>,
    next: Act,
    pace: u32,
    end: Millis,
}

impl Scene<'_, '_> {
    /// From another place.
    pub(super) fn from(mut self, place: &str) -> Result<Self> {
        self.next.place = self.stage.organisation.place(place)?;
        self.next.host = target::host(self.next.place, self.next.session.fleet);
        Ok(self)
    }

    /// With another client; a stealthy intruder imitates the usual one.
    pub(super) fn with(mut self, agent: &str) -> Self {
        if self.stage.difficulty != Difficulty::Stealthy {
            self.next.agent = agent.into();
        }
        self
    }

    /// In another region.
    pub(super) fn in_region(mut self, region: &str) -> Self {
        self.next.region = region.into();
        self
    }

    /// With at most `seconds` between two acts.
    pub(super) fn pace(mut self, seconds: u32) -> Self {
        self.pace = seconds;
        self
    }

    /// Changes the client from here on, however stealthy.
    pub(super) fn switches_to(&mut self, agent: &str) {
        self.next.agent = agent.into();
    }

    /// Does `deed` once: `service:verb target|target`.
    pub(super) fn does(&mut self, deed: &str) -> Result<()> {
        self.acts(1, &End::Done, deed)
    }

    /// Does `deed` `n` times.
    pub(super) fn repeats(&mut self, n: u32, deed: &str) -> Result<()> {
        self.acts(n, &End::Done, deed)
    }

    /// Tries `deed` `n` times and is refused.
    pub(super) fn is_refused(&mut self, n: u32, deed: &str) -> Result<()> {
        self.acts(n, &End::Denied, deed)
    }

    /// Tries `deed` `n` times and fails with `code`.
    pub(super) fn fails(&mut self, n: u32, code: &str, deed: &str) -> Result<()> {
        self.acts(n, &End::Failed(code.into()), deed)
    }

    fn acts(&mut self, n: u32, end: &End, deed: &str) -> Result<()> {
        let habit = Habit::parse(&format!("1 {deed}"))?;
        for _ in 0..n {
            let pause = self.stage.rng.below(self.pace.saturating_mul(1000));
            self.next.at = (self.next.at + SECOND / 2 + Millis::from(pause)).min(self.end);
            let template = self.stage.rng.pick(&habit.targets);
            let template = template.cloned().unwrap_or_default();
            let organisation = self.stage.organisation;
            let member = organisation.members.get(self.next.who);
            let member = member.context("no member")?;
            let date = crate::demo::calendar::datetime(self.next.at).date_naive();
            let mut act = self.next.clone();
            act.target = target::fill(&template, date, member, &mut self.stage.rng);
            act.deed = Rc::clone(&habit.deed);
            act.end = end.clone();
            self.stage.planted.push(act);
        }
        Ok(())
    }
}

/// `13:20` as a time since midnight.
fn minutes(clock: &str) -> Result<Millis> {
    let (hours, minutes) = clock
        .split_once(':')
        .with_context(|| format!("{clock:?} is no time of day"))?;
    let (hours, minutes): (Millis, Millis) = (hours.parse()?, minutes.parse()?);
    Ok((hours * 60 + minutes) * MINUTE)
}
