//! A machine's day: cycles, each going through its routine in order.

use std::rc::Rc;

use super::{Day, Mood, Stance};
use crate::demo::act::{Deed, Product};
use crate::demo::calendar::{HOUR, Millis, SECOND};
use crate::demo::cast::{Rhythm, Sort};
use crate::demo::ids;

/// Hours a machine's credentials last.
const SESSION_HOURS: u32 = 6;

impl Day<'_> {
    /// Every cycle the rhythm asks for.
    pub(super) fn of_machine(&mut self, mood: Mood) {
        let (first, length, cycles) = self.plan();
        let cycles = cycles * mood.percent / 100;
        let mut last_session = u64::MAX;
        for k in 0..cycles {
            let from = first + length * k / cycles;
            let slot = (length / cycles).max(1);
            let minute = from + self.rng.below(slot);
            let at = self.minute(minute);
            self.cycle(k, at, &mut last_session);
        }
    }

    /// First minute, length in minutes and number of cycles of today.
    fn plan(&mut self) -> (u32, u32, u32) {
        let rhythm = self.member.rhythm.clone();
        match rhythm {
            Rhythm::Office { .. } => (0, 0, 0),
            Rhythm::Steady { cycles } => (0, 24 * 60 - 2, self.nearly(cycles)),
            Rhythm::Window {
                hour,
                hours,
                cycles,
            } => (hour * 60, hours * 60 - 4, self.nearly(cycles)),
            Rhythm::Pipeline { runs } => {
                let is_quiet = self.calendar.is_weekend(self.day);
                let most = if is_quiet { 1 } else { runs * 2 };
                let least = u32::from(!is_quiet);
                (7 * 60, 10 * 60, self.rng.between(least, most))
            }
            Rhythm::Monthly {
                on,
                big,
                hour,
                cycles,
                big_cycles,
            } => {
                let is_on = |list: &[u32]| {
                    let is_day = |&day: &u32| self.calendar.is_day_of_month(self.day, day);
                    list.iter().any(is_day)
                };
                let n = match (is_on(&big), is_on(&on)) {
                    (true, _) => big_cycles,
                    (_, true) => cycles,
                    _ => 0,
                };
                (hour * 60, 180, self.nearly(n))
            }
            Rhythm::Weekly {
                weekday,
                hour,
                cycles,
            } => {
                let is_today = self.calendar.weekday(self.day) == weekday;
                let n = if is_today { self.nearly(cycles) } else { 0 };
                (hour * 60, 120, n)
            }
            Rhythm::Seldom { days, hour, cycles } => {
                let n = if days.contains(&self.day) { cycles } else { 0 };
                (hour * 60, 40, n)
            }
        }
    }

    /// `n` give or take a sixth: machines vary little.
    fn nearly(&mut self, n: u32) -> u32 {
        self.rng.between(n - n / 6, n + n / 6)
    }

    fn cycle(&mut self, k: u32, mut at: Millis, last_session: &mut u64) {
        let stance = self.stance_of_cycle(k, at);
        if stance.session.id != *last_session {
            *last_session = stance.session.id;
            if let Some(deed) = login_of(self.member.sort) {
                self.record(at, &stance, &deed, String::new());
                at += self.pause(2);
            }
        }
        let member = self.member;
        let mut has_vault = false;
        for habit in &member.menu {
            let once_more = u32::from(self.rng.happens(habit.weight % 100 * 10));
            for _ in 0..habit.weight / 100 + once_more {
                let logs_in_first = matches!(member.sort, Sort::AppRole | Sort::Kubernetes);
                let is_vault_of_role = habit.deed.product == Product::Vault && !logs_in_first;
                if is_vault_of_role && !has_vault {
                    has_vault = true;
                    self.record(at, &stance, &Deed::new("vault", "login"), String::new());
                }
                at += self.pause(5);
                self.follow(at, &stance, habit);
            }
        }
    }

    /// A run of a pipeline has a session of its own; other machines keep
    /// theirs for some hours.
    fn stance_of_cycle(&mut self, k: u32, at: Millis) -> Stance {
        let name = &self.member.name;
        let midnight = self.calendar.midnight(self.day);
        let hour = u32::try_from((at - midnight) / HOUR).unwrap_or_default();
        let (n, since) = match self.member.sort {
            Sort::Ci => (k, at - SECOND),
            _ => {
                let block = hour / SESSION_HOURS;
                let early = i64::try_from(ids::hash(name) % 1800).unwrap_or_default();
                let start = midnight + Millis::from(block * SESSION_HOURS) * HOUR - early * SECOND;
                (block, start)
            }
        };
        let fleet = match self.member.sort {
            Sort::Ci => ids::hash(&format!("{name} {} {k}", self.day)),
            Sort::Ecs => ids::hash(&format!("{name} {}", self.day)),
            Sort::Ec2 => ids::hash(&format!("{name} {}", hour % 2)),
            _ => ids::hash(name),
        };
        Stance {
            place: self
                .rng
                .pick(&self.member.places)
                .copied()
                .unwrap_or_default(),
            agent: self
                .rng
                .pick(&self.member.agents)
                .cloned()
                .unwrap_or_default(),
            session: self.session(n, since, fleet),
        }
    }
}

/// How a machine of this sort obtains its session, where a log shows it.
fn login_of(sort: Sort) -> Option<Rc<Deed>> {
    match sort {
        Sort::Ci => Some(Deed::new("sts", "AssumeRoleWithWebIdentity")),
        Sort::Vendor => Some(Deed::new("sts", "AssumeRole")),
        Sort::AppRole | Sort::Kubernetes => Some(Deed::new("vault", "login")),
        _ => None,
    }
}
