//! Renderers: an act becomes the text a vendor would have written.

pub(super) mod cloudtrail;
pub(super) mod okta;
pub(super) mod vault;

use super::act::Act;
use super::cast::{Member, Organisation, Place};

/// An act with everything a record says of it.
pub(super) struct Sighting<'a> {
    /// The act.
    pub act: &'a Act,
    /// Its event id, a UUID.
    pub id: &'a str,
    /// Who acts.
    pub member: &'a Member,
    /// From where.
    pub place: &'a Place,
    /// The user agent's text.
    pub agent: &'a str,
}

impl<'a> Sighting<'a> {
    /// Looks up what `act` refers to; `None` if it refers to nothing.
    pub(super) fn new(organisation: &'a Organisation, act: &'a Act, id: &'a str) -> Option<Self> {
        let agent = organisation.agents.get(&*act.agent);
        Some(Self {
            act,
            id,
            member: organisation.members.get(act.who)?,
            place: organisation.places.get(act.place)?,
            agent: agent.map_or(&*act.agent, String::as_str),
        })
    }

    /// The address.
    pub(super) fn address(&self) -> String {
        format!("{}{}", self.place.prefix, self.act.host)
    }
}
