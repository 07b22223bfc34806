//! A person's day: sittings, each with sign-ons through Okta and some work.

use std::rc::Rc;

use super::{Day, Mood, Stance};
use crate::demo::act::{Deed, End, Habit, PlaceId, Product};
use crate::demo::calendar::{MINUTE, Millis};
use crate::demo::cast::{Desk, Member, Rhythm};
use crate::demo::ids;
use crate::demo::rng::Rng;

/// Positions in a person's list of places.
const HOME: usize = 0;
const OFFICE: usize = 1;
const VPN: usize = 2;
/// Length of a working day in minutes.
const WORKDAY: u32 = 8 * 60;

impl<'o> Day<'o> {
    /// A working day, a day off with little or nothing, and a night call.
    pub(super) fn of_person(&mut self, mood: Mood) {
        let member = self.member;
        let Some(desk) = &member.desk else { return };
        let Rhythm::Office {
            start,
            sittings,
            acts,
        } = member.rhythm
        else {
            return;
        };
        let acts = acts * mood.percent / 100;
        if mood.night {
            let at = 60 + self.rng.below(150);
            self.sit(desk, 90, at, (self.place(HOME), acts));
        }
        if !self.is_at_work() {
            return;
        }
        let start = self.start_of_today(start);
        let place = self.place_of_today(desk);
        let n = self.rng.between(sittings.max(2) - 1, sittings + 1);
        let span = WORKDAY / n;
        for k in 0..n {
            let at = start * 60 + k * span + self.rng.below(span * 2 / 3);
            self.sit(desk, k, at, (place, acts));
        }
        if self.rng.happens(100) {
            let at = (start + 11) * 60 + self.rng.below(90);
            self.sit(desk, n, at, (self.place(HOME), acts / 2));
        }
    }

    fn is_at_work(&mut self) -> bool {
        let member = self.member;
        if self.calendar.is_weekend(self.day) {
            return self.rng.happens(member.ways.weekends);
        }
        let weekday = usize::try_from(self.calendar.weekday(self.day)).unwrap_or_default();
        let home = self.organisation.places.get(self.place(HOME));
        let is_holiday = home.is_some_and(|home| self.calendar.is_holiday(self.day, &home.country));
        let is_ill = self.rng.happens(35);
        !is_ill && !is_holiday && member.ways.weekdays.get(weekday) == Some(&true)
    }

    /// The hour at which today begins.
    fn start_of_today(&mut self, usual: u32) -> u32 {
        match self.member.ways.wanders {
            0 => usual,
            hours => (usual + self.rng.below(2 * hours + 1)).saturating_sub(hours),
        }
    }

    fn place(&self, which: usize) -> PlaceId {
        self.member.places.get(which).copied().unwrap_or_default()
    }

    fn place_of_today(&mut self, desk: &Desk) -> PlaceId {
        if self.rng.happens(desk.office * 10) {
            self.place(OFFICE)
        } else if self.rng.happens(desk.vpn * 10) {
            self.place(VPN)
        } else {
            self.place(HOME)
        }
    }

    /// Sits down at `minute`, signs on, works, and leaves.
    fn sit(&mut self, desk: &Desk, n: u32, minute: u32, (place, acts): (PlaceId, u32)) {
        let mut at = self.minute(minute);
        let device = ids::hash(&self.member.name);
        let mut stance = Stance {
            place,
            agent: Rc::clone(&desk.browser),
            session: self.session(n, at, device),
        };
        at = self.sign_on(at, desk, &stance);
        stance.session.since = at;
        let tool = self.member.agents.first().cloned().unwrap_or_default();
        let by_console = tool == desk.browser || self.rng.happens(200);
        if by_console {
            at += self.pause(6);
            self.record(
                at,
                &stance,
                &Deed::new("signin", "ConsoleLogin"),
                String::new(),
            );
        } else {
            stance.agent = tool;
        }
        self.work(at, desk, &stance, acts);
    }

    /// Starts the Okta session and opens one to three applications and AWS.
    fn sign_on(&mut self, mut at: Millis, desk: &Desk, stance: &Stance) -> Millis {
        if self.rng.happens(25) {
            self.okta(at, stance, "user.session.start", "");
            if let Some(act) = self.acts.last_mut() {
                act.end = End::Failed("INVALID_CREDENTIALS".into());
            }
            at += self.pause(20);
        }
        self.okta(at, stance, "user.session.start", "");
        self.okta(at + 900, stance, "policy.evaluate_sign_on", "");
        at += self.pause(8);
        self.okta(
            at,
            stance,
            "user.authentication.auth_via_mfa",
            "OKTA_VERIFY_PUSH",
        );
        for _ in 0..self.rng.between(1, 3) {
            at += self.pause(90);
            if let Some(app) = self.rng.pick_skewed(&desk.apps) {
                self.okta(at, stance, "user.authentication.sso", app);
            }
        }
        at += self.pause(60);
        self.okta(
            at,
            stance,
            "user.authentication.sso",
            "AWS IAM Identity Center",
        );
        at
    }

    fn okta(&mut self, at: Millis, stance: &Stance, kind: &str, target: &str) {
        self.record(at, stance, &Deed::new("okta", kind), target.to_owned());
    }

    /// About `acts` habits, and rarely something never tried before.
    fn work(&mut self, mut at: Millis, desk: &Desk, stance: &Stance, acts: u32) {
        let mut has_vault = false;
        let organisation = self.organisation;
        let menu = self.menu_of_today();
        for _ in 0..self.rng.around(acts) {
            at += self.pause(80);
            if let Some(habit) = drawn_habit(&menu, &mut self.rng) {
                self.step(&mut at, stance, habit, &mut has_vault);
            }
        }
        if self.rng.happens(desk.explores) {
            let things = organisation.curiosity.iter();
            let things: Vec<Share<'_>> = things.map(|habit| (habit.weight, habit)).collect();
            if let Some(habit) = drawn_habit(&things, &mut self.rng) {
                at += MINUTE;
                self.step(&mut at, stance, habit, &mut has_vault);
            }
        }
    }

    /// The member's habits, some of them in favour at present.
    fn menu_of_today(&self) -> Vec<Share<'o>> {
        let Member {
            menu, ways, name, ..
        } = self.member;
        let shares = menu.iter().enumerate();
        shares
            .map(|(place, habit)| (ways.share(name, place, habit.weight, self.day), habit))
            .collect()
    }

    /// Follows one habit, after the Vault login it may need.
    fn step(&mut self, at: &mut Millis, stance: &Stance, habit: &Habit, has_vault: &mut bool) {
        if habit.deed.product == Product::Vault && !*has_vault {
            self.record(*at, stance, &Deed::new("vault", "login"), String::new());
            *has_vault = true;
            *at += self.pause(4);
        }
        self.follow(*at, stance, habit);
    }
}

/// A habit and how common it is.
type Share<'a> = (u32, &'a Habit);

/// One of `menu`, each as often as its share says.
fn drawn_habit<'a>(menu: &[Share<'a>], rng: &mut Rng) -> Option<&'a Habit> {
    let total = menu.iter().map(|(share, _)| share).sum();
    let mut drawn = rng.below(total);
    let found = menu.iter().find(|(share, _)| {
        let is_it = drawn < *share;
        drawn = drawn.saturating_sub(*share);
        is_it
    });
    found.map(|(_, habit)| *habit)
}
