//! Growth: the members beyond the named cast.
//!
//! Each takes the job of one of the cast to a team, a home, hours, an amount
//! and a list of habits of its own, so that no two of them are alike.

mod draft;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::act::{Habit, PlaceId};
use super::cast::{Member, Organisation, Place, Sort};
use super::ids;
use super::rng::Rng;
use super::tables::parse_menu;
use draft::Draft;

/// Homes to move to, and hotels, for every so many members; at least ten.
const MEMBERS_PER_SPARE: usize = 25;
/// Members of a team, on average.
const TEAM: usize = 14;
/// Roles that other members have no second one of: many networks share one, or
/// nobody is expected to use it.
const UNIQUE: [&str; 2] = ["shared-analytics", "break-glass-admin"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrowthTable {
    given: Vec<String>,
    family: Vec<String>,
    team: Vec<String>,
    topic: Vec<String>,
    account: Vec<String>,
    region: Vec<String>,
    city: Vec<City>,
    trip: Vec<City>,
    person: Vec<String>,
    machine: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct City {
    city: String,
    country: String,
    as_number: u32,
}

impl City {
    fn place(&self, name: String, prefix: String) -> Place {
        Place {
            name,
            prefix,
            country: self.country.clone(),
            city: self.city.clone(),
            as_number: self.as_number,
            intruder: false,
        }
    }
}

/// Adds members until `identities` (background not counted) are there, and
/// places to travel and to move to.
///
/// # Errors
///
/// When the table beside this file cannot be read.
pub(super) fn grow(organisation: &mut Organisation, identities: usize, seed: u64) -> Result<()> {
    let table: GrowthTable =
        toml::from_str(include_str!("growth.toml")).context("reading growth.toml")?;
    let members = &organisation.members;
    let scored = members.iter().filter(|m| !m.is_background()).count();
    add_spare_places(organisation, &table, identities.max(scored));
    let models = organisation.members.iter().filter(|member| {
        let is_unique = UNIQUE.contains(&member.name.as_str());
        !member.is_background() && member.sort != Sort::Root && !is_unique
    });
    let mut models: Vec<Member> = models.cloned().collect();
    models.sort_by_key(|member| ids::mix(seed ^ ids::hash(&member.name)));
    let mut growth = Growth {
        models,
        names: organisation
            .members
            .iter()
            .map(|member| member.name.clone())
            .collect(),
        person: parse_menu(&table.person)?,
        machine: parse_menu(&table.machine)?,
        n_teams: (identities / TEAM).max(table.team.len().min(4)),
        table,
    };
    let missing = identities.saturating_sub(scored);
    let n_models = growth.models.len().max(1);
    for n in 0..missing {
        let mut rng = Rng::new(seed, "growth", u32::try_from(n).unwrap_or(u32::MAX));
        // Each round makes one of everybody, so that stories have their parts.
        if let Some(model) = growth.models.get(n % n_models).cloned() {
            growth.add(organisation, n, (model, 1 + n / n_models), &mut rng);
        }
    }
    organisation.add_intruder_places(missing.div_ceil(n_models));
    Ok(())
}

/// Flats to move to and hotels to travel to, found as `flat 0` and `trip 0`.
fn add_spare_places(organisation: &mut Organisation, table: &GrowthTable, members: usize) {
    let n = (members / MEMBERS_PER_SPARE).max(10);
    for (what, cities, network) in [("flat", &table.city, 0x3000), ("trip", &table.trip, 0x2000)] {
        for (k, city) in cities.iter().cycle().take(n).enumerate() {
            let prefix = format!("2001:db8:{:x}::", network + k);
            let place = city.place(format!("{what} {k}"), prefix);
            organisation.places.push(place);
        }
    }
}

/// Members in the making.
struct Growth {
    table: GrowthTable,
    models: Vec<Member>,
    names: BTreeSet<String>,
    person: Vec<Habit>,
    machine: Vec<Habit>,
    n_teams: usize,
}

impl Growth {
    /// Adds the `n`-th further member, copy number `copy` of `model`.
    fn add(
        &mut self,
        organisation: &mut Organisation,
        n: usize,
        (model, copy): (Member, usize),
        rng: &mut Rng,
    ) {
        let model_name = model.name.clone();
        let team = self.team(rng);
        let draft = Draft {
            table: &self.table,
            models: &self.models,
            extras: if model.desk.is_some() {
                &self.person
            } else {
                &self.machine
            },
            model,
            team,
            n,
        };
        let mut member = draft.member(organisation, rng);
        member.name = self.unique(&member.name);
        self.names.insert(member.name.clone());
        organisation.add_copy(&model_name, copy, member);
    }

    /// A team; some are far larger than others.
    fn team(&self, rng: &mut Rng) -> String {
        let n_teams = u32::try_from(self.n_teams).unwrap_or(u32::MAX);
        let number = usize::try_from(rng.zipf(n_teams)).unwrap_or(1) - 1;
        let n_names = self.table.team.len().max(1);
        let name = self.table.team.get(number % n_names);
        let name = name.map_or("team", String::as_str);
        match number / n_names {
            0 => name.to_owned(),
            more => format!("{name}{}", more + 1),
        }
    }

    /// `name`, or the first numbered one that nobody has.
    fn unique(&self, name: &str) -> String {
        let mut numbered = (2..).map(|n| format!("{name}{n}"));
        if self.names.contains(name) {
            numbered
                .find(|name| !self.names.contains(name))
                .unwrap_or_default()
        } else {
            name.to_owned()
        }
    }
}

/// Adds a network and says where it is in the list.
fn add_place(organisation: &mut Organisation, place: Place) -> PlaceId {
    organisation.places.push(place);
    organisation.places.len() - 1
}
