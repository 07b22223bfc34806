//! A draft: one further member, from its model to its own ways.

use std::rc::Rc;

use super::{GrowthTable, add_place};
use crate::demo::act::{Habit, PlaceId};
use crate::demo::cast::{Desk, Member, Organisation, Place, Rhythm, Sort};
use crate::demo::ids;
use crate::demo::render::cloudtrail;
use crate::demo::rng::Rng;
use crate::demo::ways::Ways;

/// Percent of the usual amount that the idlest member does; the busiest does so
/// many times as much, and a few members do most of the work.
const LEAST: u32 = 10;
const BUSIEST: u32 = 64;
/// Command lines and libraries of people.
const TOOLS: [&str; 6] = ["cli-mac", "cli-linux", "boto", "terraform", "go", "cli-old"];
/// Browsers of people.
const BROWSERS: [&str; 3] = ["chrome", "edge", "firefox"];
/// Clients of machines.
const CLIENTS: [&str; 5] = ["boto", "go", "java", "js", "cli-linux"];
/// Members of a network that machines share.
const MEMBERS_PER_NETWORK: usize = 12;

/// What one further member is made of.
pub(super) struct Draft<'a> {
    pub(super) table: &'a GrowthTable,
    pub(super) models: &'a [Member],
    /// Habits it may have besides those of its job.
    pub(super) extras: &'a [Habit],
    pub(super) model: Member,
    pub(super) team: String,
    pub(super) n: usize,
}

impl Draft<'_> {
    /// The member, its name not yet unique.
    pub(super) fn member(&self, organisation: &mut Organisation, rng: &mut Rng) -> Member {
        let mut member = self.model.clone();
        member.project.clone_from(&self.team);
        let team = ids::hash(&self.team);
        member.account = of_team(&self.table.account, team).into();
        member.region = of_team(&self.table.region, team >> 8).into();
        let amount = LEAST * rng.zipf(BUSIEST);
        member.menu = self.menu(rng);
        member.ways = ways(&self.model, rng);
        if let Some(desk) = &self.model.desk {
            self.settle(organisation, &mut member, desk, amount, rng);
        } else {
            self.install(organisation, &mut member, amount, rng);
        }
        member
    }

    /// A person's name, home, hours and devices.
    fn settle(
        &self,
        organisation: &mut Organisation,
        member: &mut Member,
        desk: &Desk,
        amount: u32,
        rng: &mut Rng,
    ) {
        let given = rng.pick(&self.table.given).cloned().unwrap_or_default();
        let family = rng.pick(&self.table.family).cloned().unwrap_or_default();
        member.name = format!("{given}.{family}").to_lowercase();
        member.title = format!("{given} {family}");
        let home = self.home(rng);
        let home = add_place(organisation, home);
        member.places.splice(..1, [home]);
        if let Rhythm::Office { acts, .. } = self.model.rhythm {
            member.rhythm = Rhythm::Office {
                start: rng.between(5, 10),
                sittings: rng.between(2, 4),
                acts: (acts * amount / 100).clamp(2, 60),
            };
        }
        let browser: Rc<str> = pick(&BROWSERS, rng);
        let is_by_console = rng.happens(250);
        let tool = if is_by_console {
            Rc::clone(&browser)
        } else {
            pick(&TOOLS, rng)
        };
        member.agents = vec![tool];
        let mut apps = desk.apps.clone();
        if !apps.is_empty() {
            let by = usize::try_from(rng.below(3)).unwrap_or_default() % apps.len();
            apps.rotate_left(by);
        }
        member.desk = Some(Desk {
            office: rng.pick(&[0, 20, 50, 60, 80, 95]).copied().unwrap_or(50),
            vpn: rng.pick(&[0, 0, 10, 30, 60]).copied().unwrap_or(0),
            explores: rng
                .pick_skewed(&[20, 50, 5, 90, 150])
                .copied()
                .unwrap_or(20),
            browser,
            apps,
            permission: desk.permission.clone(),
        });
    }

    /// Some homes share a network of their provider, others have their own.
    fn home(&self, rng: &mut Rng) -> Place {
        let city = rng.pick_skewed(&self.table.city).cloned();
        let city = city.unwrap_or_else(|| super::City {
            city: String::new(),
            country: String::new(),
            as_number: 0,
        });
        let prefix = if rng.happens(500) {
            format!("198.19.{}.", 64 + rng.below(190))
        } else {
            format!("2001:db8:{:x}::", 0x4000 + self.n % 0x8000)
        };
        city.place(format!("home {}", self.n), prefix)
    }

    /// A machine's name, network, rhythm and client.
    fn install(
        &self,
        organisation: &mut Organisation,
        member: &mut Member,
        amount: u32,
        rng: &mut Rng,
    ) {
        let (model, team) = (&self.model, &self.team);
        member.name = if model.name.contains(&model.project) {
            model.name.replace(&model.project, team)
        } else {
            let topic = rng.pick(&self.table.topic).cloned().unwrap_or_default();
            format!("{team}-{topic}-{}", model.name)
        };
        member.title.clone_from(&member.name);
        member.rhythm = rhythm(model, amount, rng);
        let has_own_client = !matches!(model.sort, Sort::Lambda | Sort::OktaApp);
        if has_own_client && rng.happens(600) {
            member.agents = vec![pick(&CLIENTS, rng)];
        }
        if rng.happens(700) {
            member.places = vec![self.network(organisation)];
        }
    }

    /// The network of some neighbouring members of one kind.
    fn network(&self, organisation: &mut Organisation) -> PlaceId {
        let number = self.n / MEMBERS_PER_NETWORK;
        let (name, prefix) = match self.model.sort {
            Sort::AppRole | Sort::Kubernetes => ("cluster", format!("10.41.{}.", number % 250)),
            Sort::Vendor => (
                "vendor",
                format!("2001:db8:{:x}::", 0x1000 + self.n % 0x800),
            ),
            _ => ("network", format!("198.18.{}.", 180 + number % 76)),
        };
        let name = format!("{name} {number}");
        if let Ok(known) = organisation.place(&name) {
            return known;
        }
        let model = self.model.places.first();
        let like = model.and_then(|&place| organisation.places.get(place));
        let place = Place {
            name,
            prefix,
            country: like.map_or_else(String::new, |place| place.country.clone()),
            city: like.map_or_else(String::new, |place| place.city.clone()),
            as_number: like.map_or(64_500, |place| place.as_number),
            intruder: false,
        };
        add_place(organisation, place)
    }

    /// The job's habits for this team: some left out, the others more or less
    /// common and with other favourites, and a few besides.
    fn menu(&self, rng: &mut Rng) -> Vec<Habit> {
        let mut menu: Vec<Habit> = Vec::new();
        for (place, habit) in self.model.menu.iter().enumerate() {
            if place > 1 && rng.happens(180) {
                continue;
            }
            menu.push(self.own(habit, rng));
        }
        for _ in 0..rng.between(1, 3) {
            if let Some(habit) = rng.pick(self.extras) {
                menu.push(self.own(habit, rng));
            }
        }
        let is_alike = |model: &&Member| {
            model.desk.is_some() == self.model.desk.is_some()
                && model.sort == self.model.sort
                && model.name != self.model.name
        };
        let alike: Vec<&Member> = self.models.iter().filter(is_alike).collect();
        let borrowed = rng.pick(&alike).and_then(|model| rng.pick(&model.menu));
        if let Some(habit) = borrowed.filter(|_| rng.happens(300)) {
            menu.push(self.own(habit, rng));
        }
        if rng.happens(500) {
            without_data_events(&mut menu);
        }
        menu
    }

    fn own(&self, habit: &Habit, rng: &mut Rng) -> Habit {
        let mut habit = habit.clone();
        let percent = rng.pick(&[50, 70, 100, 100, 140, 200]).copied();
        habit.weight = (habit.weight * percent.unwrap_or(100) / 100).max(1);
        for target in &mut habit.targets {
            *target = target.replace(&self.model.project, &self.team);
        }
        let n = u32::try_from(habit.targets.len()).unwrap_or(1);
        habit
            .targets
            .rotate_left(usize::try_from(rng.below(n)).unwrap_or_default());
        habit
    }
}

/// Not every account records data events; what does nothing else is recorded.
fn without_data_events(menu: &mut Vec<Habit>) {
    let is_management =
        |habit: &Habit| !cloudtrail::is_data_event(&habit.deed.service, &habit.deed.verb);
    if menu.iter().filter(|habit| is_management(habit)).count() >= 2 {
        menu.retain(is_management);
    }
}

fn ways(model: &Member, rng: &mut Rng) -> Ways {
    let is_person = model.desk.is_some();
    let usual = if is_person {
        Ways::PERSON
    } else {
        Ways::MACHINE
    };
    let mut weekdays = [true; 7];
    if is_person && rng.happens(120) {
        // Part-time.
        for day in weekdays.iter_mut().take(5) {
            *day = rng.happens(550);
        }
    }
    // A tenth acts on a few days only.
    let active = if rng.happens(100) {
        rng.between(30, 150)
    } else {
        rng.pick(&[1000, 1000, 950, 800]).copied().unwrap_or(1000)
    };
    Ways {
        active,
        weekdays,
        weekends: rng.pick_skewed(&[40, 0, 120, 300]).copied().unwrap_or(70),
        wanders: rng.pick_skewed(&[1, 0, 2, 4]).copied().unwrap_or(0),
        refused: rng
            .pick_skewed(&[usual.refused, 5, 0, 20, 60])
            .copied()
            .unwrap_or(0),
        trend: rng.pick(&[0, 0, -30, 20, 40, 60]).copied().unwrap_or(0),
        drift: if is_person { rng.between(20, 130) } else { 0 },
    }
}

/// The model's rhythm at another hour and amount, or that of a weekly job.
fn rhythm(model: &Member, amount: u32, rng: &mut Rng) -> Rhythm {
    let scaled = |n: u32| (n * amount / 100).max(1);
    let is_job = matches!(model.sort, Sort::Irsa | Sort::User | Sort::Ec2);
    if is_job && rng.happens(120) {
        return Rhythm::Weekly {
            weekday: rng.below(7),
            hour: rng.below(20),
            cycles: scaled(8),
        };
    }
    match model.rhythm.clone() {
        Rhythm::Steady { cycles } => Rhythm::Steady {
            cycles: scaled(cycles),
        },
        Rhythm::Window { hours, cycles, .. } => Rhythm::Window {
            hour: rng.below(24 - hours),
            hours,
            cycles: scaled(cycles),
        },
        Rhythm::Pipeline { runs } => Rhythm::Pipeline { runs: scaled(runs) },
        Rhythm::Monthly {
            big,
            big_cycles,
            cycles,
            ..
        } => Rhythm::Monthly {
            on: (0..8).map(|k| k * 4 + rng.between(1, 3)).collect(),
            big,
            hour: rng.below(20),
            cycles: scaled(cycles),
            big_cycles: scaled(big_cycles),
        },
        other @ (Rhythm::Office { .. } | Rhythm::Weekly { .. } | Rhythm::Seldom { .. }) => other,
    }
}

fn of_team(list: &[String], team: u64) -> &str {
    let n = u64::try_from(list.len().max(1)).unwrap_or(1);
    // The smaller of two draws: the first ones are the commonest.
    let place = (team % n).min(team / n % n);
    let place = usize::try_from(place).unwrap_or_default();
    list.get(place).map_or("", String::as_str)
}

fn pick(list: &[&str], rng: &mut Rng) -> Rc<str> {
    rng.pick_skewed(list).copied().unwrap_or_default().into()
}
