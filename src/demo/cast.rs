//! The cast: the members of the example organisation and their habits, read
//! from the tables beside this file.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::act::{Act, Habit, MemberId, PlaceId};
use super::release::{self, Line};
use super::tables::{
    Job, MachineRow, MachinesTable, PeopleTable, PersonRow, PlacesTable, parse_menu,
};
use super::ways::Ways;
use super::{growth, ids};
use crate::event::encode_component;

/// The domain of every e-mail address.
pub(super) const DOMAIN: &str = "corp.example";

/// A network and where it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// What the scenarios call it.
    pub name: String,
    /// The addresses without their last part: `203.0.113.` or `2001:db8:81::`.
    pub prefix: String,
    /// Country, as Okta writes it.
    pub country: String,
    /// City, as Okta writes it.
    pub city: String,
    /// Autonomous system.
    pub as_number: u32,
    /// Whether only intruders come from here.
    #[serde(default)]
    pub intruder: bool,
}

/// What a member is to the products, which decides how records name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Sort {
    /// An employee: Okta user, AWS SSO session, Vault entity.
    Person,
    /// A role assumed by a CI pipeline with its OIDC token.
    Ci,
    /// A role of instances.
    Ec2,
    /// A role of container tasks.
    Ecs,
    /// A role of Kubernetes pods; sessions carry generated names.
    Irsa,
    /// The role of a function.
    Lambda,
    /// A role that another company assumes.
    Vendor,
    /// A role that others of the organisation assume.
    Role,
    /// An IAM user with an access key.
    User,
    /// The root of an account.
    Root,
    /// A service-linked role.
    ServiceLinked,
    /// A Vault entity behind an AppRole.
    #[serde(rename = "approle")]
    AppRole,
    /// A Vault entity behind a Kubernetes service account.
    Kubernetes,
    /// An OAuth client of Okta.
    OktaApp,
}

/// When a member is active.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Rhythm {
    /// Working days, in a few sittings.
    Office {
        start: u32,
        sittings: u32,
        acts: u32,
    },
    /// Round the clock.
    Steady { cycles: u32 },
    /// Every day within some hours.
    Window { hour: u32, hours: u32, cycles: u32 },
    /// Several times on working days.
    Pipeline { runs: u32 },
    /// On days of the month, 31 being the last; on `big` ones far more.
    Monthly {
        on: Vec<u32>,
        big: Vec<u32>,
        hour: u32,
        cycles: u32,
        big_cycles: u32,
    },
    /// Once a week, 0 being Monday.
    Weekly {
        weekday: u32,
        hour: u32,
        cycles: u32,
    },
    /// On single days of the example.
    Seldom {
        days: Vec<u32>,
        hour: u32,
        cycles: u32,
    },
}

/// What only people have.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    /// Percentage of working days in the office.
    pub office: u32,
    /// Percentage of the other days on the VPN.
    pub vpn: u32,
    /// Sittings in a thousand that bring something never tried.
    pub explores: u32,
    /// The browser, by its name in the list of agents.
    pub browser: Rc<str>,
    /// The applications used through Okta, commonest first.
    pub apps: Vec<String>,
    /// The AWS permission set.
    pub permission: String,
}

/// One member of the organisation.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Login or name; unique.
    pub name: String,
    /// Which of the members of this kind it is: 0 in the cast, counted up for
    /// its copies.
    pub copy: usize,
    /// Name for people to read.
    pub title: String,
    /// What it is.
    pub sort: Sort,
    /// Home account.
    pub account: Rc<str>,
    /// Home region.
    pub region: Rc<str>,
    /// Fills `{project}` in targets.
    pub project: String,
    /// When it is active.
    pub rhythm: Rhythm,
    /// Where it acts from; a person's are home, office and VPN.
    pub places: Vec<PlaceId>,
    /// The clients it uses, chief one first.
    pub agents: Vec<Rc<str>>,
    /// What it does.
    pub menu: Vec<Habit>,
    /// How it does it.
    pub ways: Ways,
    /// Set for people.
    pub desk: Option<Desk>,
}

impl Member {
    /// The e-mail address of a person.
    pub(super) fn email(&self) -> String {
        format!("{}@{DOMAIN}", self.name)
    }

    /// The name that its records show.
    pub(super) fn shown_name(&self) -> String {
        match self.sort {
            Sort::Person => self.email(),
            _ => self.name.clone(),
        }
    }

    /// The unique id of the IAM role or user.
    pub(super) fn iam_id(&self) -> String {
        self.iam_id_in(0)
    }

    /// The name of a machine's role in its `generation`: the role may have been
    /// made anew under another name.
    pub(super) fn role_name_in(&self, generation: u32) -> String {
        match generation {
            0 => self.name.clone(),
            _ => format!("{}-r{generation}", self.name),
        }
    }

    /// The unique id of the IAM user, or of the role in its `generation`.
    fn iam_id_in(&self, generation: u32) -> String {
        match (self.sort, &self.desk) {
            (Sort::User, _) => ids::iam("AIDA", &self.name),
            (_, Some(desk)) => ids::iam("AROA", &format!("{}{}", desk.permission, self.account)),
            _ => ids::iam("AROA", &self.role_name_in(generation)),
        }
    }

    /// The IAM id that a record of `act` shows.
    pub(super) fn iam_id_of(&self, act: &Act) -> String {
        self.iam_id_in(act.credential)
    }

    /// The name that a CloudTrail record of `act` shows.
    pub(super) fn shown_name_of(&self, act: &Act) -> String {
        match self.sort {
            Sort::Person | Sort::User => self.shown_name(),
            _ => self.role_name_in(act.credential),
        }
    }

    /// The key `habitual` derives from a CloudTrail record of `act`.
    pub(super) fn aws_key_of(&self, act: &Act) -> String {
        match self.sort {
            Sort::Person | Sort::User | Sort::Root | Sort::Lambda => self.aws_key(),
            _ => format!("aws:role:{}", self.iam_id_of(act)),
        }
    }

    /// The Okta id.
    pub(super) fn okta_id(&self) -> String {
        let prefix = if self.desk.is_some() { "00u" } else { "0oa" };
        ids::okta(prefix, &self.name)
    }

    /// The Vault entity id.
    pub(super) fn entity_id(&self) -> String {
        ids::uuid(&format!("entity {}", self.name))
    }

    /// The source repository of a pipeline.
    pub(super) fn repository(&self) -> String {
        match self.copy {
            0 => format!("corp-example/{}", self.project),
            copy => format!("corp-example/{}-{copy}", self.project),
        }
    }

    /// The key `habitual` derives from the CloudTrail records.
    pub(super) fn aws_key(&self) -> String {
        match self.sort {
            Sort::Person => format!("aws:sso:{}", encode_component(&self.email().to_lowercase())),
            Sort::User => format!("aws:user:{}", self.iam_id()),
            Sort::Root => format!("aws:root:{}", self.account),
            Sort::Lambda => {
                let function = encode_component(&self.name);
                format!("aws:role:{}/fn:{function}", self.iam_id())
            }
            _ => format!("aws:role:{}", self.iam_id()),
        }
    }

    /// The key `habitual` derives from the Okta records.
    pub(super) fn okta_key(&self) -> String {
        format!("okta:default/{}", self.okta_id())
    }

    /// The key `habitual` derives from the Vault records.
    pub(super) fn vault_key(&self) -> String {
        format!("vault:default:entity:{}", self.entity_id())
    }

    /// Whether it is the provider's own and therefore never scored.
    pub(super) fn is_background(&self) -> bool {
        self.sort == Sort::ServiceLinked
    }
}

/// Everything that does not depend on chance.
#[derive(Clone, Debug)]
pub(super) struct Organisation {
    /// Everybody and everything that acts.
    pub members: Vec<Member>,
    /// Every network.
    pub places: Vec<Place>,
    /// User-agent texts by name.
    pub agents: BTreeMap<String, String>,
    /// What people try once.
    pub curiosity: Vec<Habit>,
    /// How the clients are released.
    pub releases: Vec<Line>,
    /// How many members, the first ones, are the named cast.
    pub n_cast: usize,
    /// Copies of the members of the cast, by name there and number.
    copies: BTreeMap<(String, usize), MemberId>,
}

impl Organisation {
    /// The cast, with further members until `identities` (background not
    /// counted) are there; the cast itself is never cut.
    pub(super) fn new(identities: usize, seed: u64) -> Result<Self> {
        let PlacesTable {
            place,
            mut agent,
            release,
        } = toml::from_str(include_str!("places.toml")).context("reading places.toml")?;
        release::publish(&mut agent, &release)?;
        let people: PeopleTable =
            toml::from_str(include_str!("people.toml")).context("reading people.toml")?;
        let machines: MachinesTable =
            toml::from_str(include_str!("machines.toml")).context("reading machines.toml")?;
        let mut organisation = Self {
            members: Vec::new(),
            places: place,
            agents: agent,
            curiosity: parse_menu(&people.curiosity)?,
            releases: release,
            n_cast: 0,
            copies: BTreeMap::new(),
        };
        for row in &people.person {
            let job = people
                .job
                .get(&row.job)
                .with_context(|| format!("{} has no known job", row.login))?;
            organisation.hire(row, job)?;
        }
        for row in &machines.machine {
            organisation.install(row)?;
        }
        organisation.n_cast = organisation.members.len();
        growth::grow(&mut organisation, identities, seed)?;
        Ok(organisation)
    }

    /// Finds a member by name.
    pub(super) fn member(&self, name: &str) -> Result<MemberId> {
        self.members
            .iter()
            .position(|member| member.name == name)
            .with_context(|| format!("nobody is called {name:?}"))
    }

    /// Finds the member of the cast called `name`, or a copy of it counted from
    /// 1.
    pub(super) fn copy(&self, name: &str, copy: usize) -> Result<MemberId> {
        if copy == 0 {
            return self.member(name);
        }
        let known = self.copies.get(&(name.to_owned(), copy)).copied();
        known.with_context(|| format!("there is no copy {copy} of {name:?}"))
    }

    /// How many members there are beyond the cast.
    pub(super) fn n_copies(&self) -> usize {
        self.copies.len()
    }

    /// Finds the place that the intruders of a story's copy come from: each has
    /// a network of its own.
    pub(super) fn intruder_place(&self, name: &str, copy: usize) -> Result<PlaceId> {
        match copy {
            0 => self.place(name),
            _ => self
                .place(&format!("{name} {copy}"))
                .or_else(|_| self.place(name)),
        }
    }

    /// Finds a place by name.
    pub(super) fn place(&self, name: &str) -> Result<PlaceId> {
        self.places
            .iter()
            .position(|place| place.name == name)
            .with_context(|| format!("no place is called {name:?}"))
    }

    fn hire(&mut self, row: &PersonRow, job: &Job) -> Result<()> {
        let home = self.add_home(row);
        let places = vec![home, self.place("office")?, self.place("vpn")?];
        self.members.push(Member {
            name: row.login.clone(),
            copy: 0,
            title: row.name.clone(),
            sort: Sort::Person,
            account: job.account.as_str().into(),
            region: job.region.as_str().into(),
            project: job.project.clone(),
            rhythm: Rhythm::Office {
                start: row.start,
                sittings: 3,
                acts: row.acts,
            },
            places,
            agents: vec![row.tool.as_str().into()],
            menu: parse_menu(&job.menu)?,
            ways: Ways::PERSON,
            desk: Some(Desk {
                office: row.office,
                vpn: row.vpn,
                explores: row.explores,
                browser: row.browser.as_str().into(),
                apps: job.apps.clone(),
                permission: job.permission.clone(),
            }),
        });
        Ok(())
    }

    fn add_home(&mut self, row: &PersonRow) -> PlaceId {
        self.places.push(Place {
            name: format!("home of {}", row.login),
            prefix: format!("198.18.{}.", row.home),
            country: row.country.clone(),
            city: row.city.clone(),
            as_number: 65_536 + u32::from(row.home % 4),
            intruder: false,
        });
        self.places.len() - 1
    }

    fn install(&mut self, row: &MachineRow) -> Result<()> {
        let places: Result<Vec<PlaceId>> = row.places.iter().map(|name| self.place(name)).collect();
        let agents = std::iter::once(&row.agent).chain(&row.agents);
        self.members.push(Member {
            name: row.name.clone(),
            copy: 0,
            title: row.name.clone(),
            sort: row.sort,
            account: row.account.as_str().into(),
            region: row.region.as_str().into(),
            project: row.project.clone(),
            rhythm: row.rhythm.clone(),
            places: places?,
            agents: agents.map(|name| name.as_str().into()).collect(),
            menu: parse_menu(&row.menu)?,
            ways: Ways::MACHINE,
            desk: None,
        });
        Ok(())
    }

    /// Registers `member` as copy number `copy` of `model`.
    pub(super) fn add_copy(&mut self, model: &str, copy: usize, mut member: Member) {
        member.copy = copy;
        let named = (model.to_owned(), copy);
        self.copies.insert(named, self.members.len());
        self.members.push(member);
    }

    /// Gives the intruders of each of `n` copies of a story networks of their
    /// own.
    pub(super) fn add_intruder_places(&mut self, n: usize) {
        let models = self.places.iter().filter(|place| place.intruder);
        let models: Vec<Place> = models.cloned().collect();
        for copy in 1..=n {
            for (which, model) in models.iter().enumerate() {
                let mut place = model.clone();
                place.name = format!("{} {copy}", model.name);
                place.prefix = format!("2001:db8:{:x}::", 0xE000 + copy * 16 % 0x1000 + which);
                self.places.push(place);
            }
        }
    }
}
