//! The stage: where a scenario puts its acts and changes.

use std::ops::Range;
use std::rc::Rc;

use anyhow::{Context, Result};

use super::Scenario;
use crate::demo::act::{Act, Deed, End, Habit, MemberId, Product, Session, StoryId};
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
    /// The story.
    pub story: StoryId,
    /// The identity's key and name.
    pub identity: (String, String),
    /// The silent days.
    pub days: Range<u32>,
}

/// One telling of a scenario.
#[derive(Clone, Copy)]
pub(in crate::demo) struct Story {
    /// Which scenario.
    pub scenario: &'static Scenario,
    /// With which copies of its members: 0 for the cast itself.
    pub copy: usize,
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
    /// The stories told so far, the last being staged.
    pub stories: Vec<Story>,
    /// Chance of the story being staged.
    pub rng: Rng,
}

impl<'a> Stage<'a> {
    /// Begins the story of `scenario` with copy number `copy` of its members.
    pub(super) fn begin(&mut self, scenario: &'static Scenario, copy: usize, seed: u64) {
        self.stories.push(Story { scenario, copy });
        let number = u32::try_from(copy).unwrap_or(u32::MAX);
        self.rng = Rng::new(seed, scenario.code, number);
    }

    /// Which copy of the cast the story being staged is about.
    fn copy(&self) -> usize {
        self.stories.last().map_or(0, |story| story.copy)
    }

    /// The story being staged.
    pub(super) fn story(&self) -> StoryId {
        self.stories.len().saturating_sub(1)
    }

    /// The member of this story who plays the part of `name`.
    fn who(&self, name: &str) -> Result<MemberId> {
        self.organisation.copy(name, self.copy())
    }

    /// What the member of this story who plays the part of `name` is called.
    pub(super) fn called(&self, name: &str) -> Result<&'a str> {
        let member = self.organisation.members.get(self.who(name)?);
        Ok(&member.context("no member")?.name)
    }

    /// Day `n` of the review, counted from 0. The working days are turned about
    /// for copies of a story, so that a week does not hold the same thing many
    /// times on one day.
    pub(super) fn review(&self, n: u32) -> u32 {
        let turn = u32::try_from(self.copy() * 2 % 5).unwrap_or_default();
        let n = if n < 5 { (n + turn) % 5 } else { n };
        self.calendar.review().start + n
    }

    /// What is left of the review after `day`.
    pub(super) fn rest_after(&self, day: u32) -> Range<u32> {
        day + 1..self.calendar.days
    }

    /// The days `from..to` of the review.
    pub(super) fn review_days(&self, from: u32, to: u32) -> Range<u32> {
        let start = self.calendar.review().start;
        start + from..start + to
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
            who: self.who(name)?,
            days,
            change,
            story: is_told.then_some(self.story()),
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
        let who = self.who(name)?;
        let member = self.organisation.members.get(who).context("no member")?;
        self.absences.push(Absence {
            story: self.story(),
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
        let who = self.who(name)?;
        let member = self.organisation.members.get(who).context("no member")?;
        let at = self.calendar.midnight(day) + minutes(clock)?;
        let session = Session {
            id: self.rng.next(),
            since: at - SECOND,
            fleet: ids::hash(&member.name),
        };
        let place = member.places.first().copied().unwrap_or_default();
        let next = Act {
            who,
            at,
            deed: Deed::new("sts", "GetCallerIdentity"),
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
            issues: None,
            story: Some(self.story()),
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

impl<'a> Scene<'_, 'a> {
    /// From another place.
    pub(super) fn from(mut self, place: &str) -> Result<Self> {
        let (organisation, copy) = (self.stage.organisation, self.stage.copy());
        self.next.place = organisation.intruder_place(place, copy)?;
        self.next.host = target::host(self.next.place, self.next.session.fleet);
        Ok(self)
    }

    /// If the intruder is a loud one, from another place with another client.
    pub(super) fn loudly_from(self, place: &str, agent: &str) -> Result<Self> {
        match self.stage.difficulty {
            Difficulty::Loud => Ok(self.from(place)?.with(agent)),
            Difficulty::Moderate | Difficulty::Stealthy => Ok(self),
        }
    }

    /// With the session of somebody else.
    pub(super) fn in_session(mut self, session: Session) -> Self {
        self.next.session = session;
        self
    }

    /// The member's own doing, and no part of the story.
    pub(super) fn untold(mut self) -> Self {
        self.next.story = None;
        self
    }

    /// The session of the scene.
    pub(super) fn session(&self) -> Session {
        self.next.session
    }

    /// Does `deed`, which issues the credentials of a new session, and returns
    /// that session.
    pub(super) fn obtains(&mut self, deed: &str) -> Result<Session> {
        self.does(deed)?;
        let id = self.stage.rng.next();
        let act = self.stage.planted.last_mut().context("nothing was done")?;
        act.issues = Some(id);
        let since = act.at / SECOND * SECOND;
        let fleet = act.session.fleet;
        Ok(Session { id, since, fleet })
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

    /// How conspicuous intruders are.
    pub(super) fn difficulty(&self) -> Difficulty {
        self.stage.difficulty
    }

    /// Changes the client from here on, however stealthy.
    pub(super) fn switches_to(&mut self, agent: &str) {
        self.next.agent = agent.into();
    }

    /// Goes on in the member's own browser, if it is a person.
    pub(super) fn in_own_browser(&mut self) {
        let desk = self.member().and_then(|member| member.desk.as_ref());
        if let Some(desk) = desk {
            self.next.agent = Rc::clone(&desk.browser);
        }
    }

    /// Goes on with the tool that the member usually calls with.
    pub(super) fn with_own_tool(&mut self) {
        let tool = self.member().and_then(|member| member.agents.first());
        if let Some(tool) = tool {
            self.next.agent = Rc::clone(tool);
        }
    }

    /// Who acts.
    fn member(&self) -> Option<&'a Member> {
        let organisation: &'a Organisation = self.stage.organisation;
        organisation.members.get(self.next.who)
    }

    /// Does `deed` once: `service:verb target|target`.
    pub(super) fn does(&mut self, deed: &str) -> Result<()> {
        self.acts(1, &End::Done, deed)
    }

    /// Does `deed` `n` times.
    pub(super) fn repeats(&mut self, n: u32, deed: &str) -> Result<()> {
        self.acts(n, &End::Done, deed)
    }

    /// Follows `n` of the member's own habits that `product` records, if it has
    /// any.
    pub(super) fn as_usual(&mut self, n: u32, product: Product) -> Result<()> {
        let menu = &self.member().context("no member")?.menu;
        let direct = menu.iter().filter(|habit| habit.via.is_none());
        let habits: Vec<&Habit> = direct
            .filter(|habit| habit.deed.product == product)
            .collect();
        let total = habits.iter().map(|habit| habit.weight).sum();
        for _ in 0..n {
            let mut drawn = self.stage.rng.below(total);
            let habit = habits.iter().find(|habit| {
                let is_it = drawn < habit.weight;
                drawn = drawn.saturating_sub(habit.weight);
                is_it
            });
            if let Some(habit) = habit {
                let template = self.stage.rng.pick_skewed(&habit.targets).cloned();
                self.act(&habit.deed, &template.unwrap_or_default(), &End::Done)?;
            }
        }
        Ok(())
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
            let template = self.stage.rng.pick(&habit.targets).cloned();
            self.act(&habit.deed, &template.unwrap_or_default(), end)?;
        }
        Ok(())
    }

    fn act(&mut self, deed: &Rc<Deed>, template: &str, end: &End) -> Result<()> {
        let pause = self.stage.rng.below(self.pace.saturating_mul(1000));
        self.next.at = (self.next.at + SECOND / 2 + Millis::from(pause)).min(self.end);
        let member = self.member().context("no member")?;
        let date = crate::demo::calendar::datetime(self.next.at).date_naive();
        let mut act = self.next.clone();
        act.target = target::fill(template, date, member, &mut self.stage.rng);
        act.deed = Rc::clone(deed);
        act.end = end.clone();
        self.stage.planted.push(act);
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
