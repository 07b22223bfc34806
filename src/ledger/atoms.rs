//! One event to the atoms of its slot.

use std::collections::HashMap;
use std::fmt::Write;

use foldhash::fast::RandomState;

use super::citations::{Citations, First};
use super::tenants::Reading;
use super::{Dimension, Slot, SlotSet, StringId, template_scope};
use crate::event::{EdgeKind, Event, Flags, Mfa, Mount, NetKind, Origin, Timestamp, Verb};

/// A value in a dimension.
pub type AtomKey = (Dimension, StringId);

/// The slots in which an identity used one value.
#[derive(Clone, Debug)]
pub struct Atom {
    /// Of which dimension.
    pub dimension: Dimension,
    /// Which value.
    pub value: StringId,
    /// How often, over all slots.
    pub n_events: u32,
    /// The earliest events.
    pub first: First,
    /// When.
    pub slots: SlotSet,
}

impl Atom {
    /// A value that was not used yet.
    fn new((dimension, value): AtomKey) -> Self {
        Self {
            dimension,
            value,
            n_events: 0,
            first: First::NONE,
            slots: SlotSet::default(),
        }
    }

    /// Dimension and value.
    #[must_use]
    pub fn key(&self) -> AtomKey {
        (self.dimension, self.value)
    }

    /// Adds slots in which the value was used, once in each.
    pub(super) fn observe_slots(&mut self, slots: &SlotSet) {
        self.slots.union(slots);
        self.n_events = self.n_events.saturating_add(slots.len());
    }

    pub(super) fn observe(&mut self, slot: Slot) {
        self.slots.insert(slot);
        self.n_events = self.n_events.saturating_add(1);
    }
}

/// The values that an identity used, in no particular order.
#[derive(Clone, Debug, Default)]
pub struct Atoms {
    list: Vec<Atom>,
    /// Made when there are too many to look at each of them.
    index: Option<Box<Index>>,
    /// Where those of the hours are, plus one.
    hours: [u16; 24],
}

type Index = HashMap<AtomKey, u32, RandomState>;

/// Up to so many atoms are looked through one by one.
const INDEXED_FROM: usize = 24;

impl Atoms {
    /// Every value.
    pub fn iter(&self) -> std::slice::Iter<'_, Atom> {
        self.list.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// When and how often the value was used.
    #[must_use]
    pub fn get(&self, key: AtomKey) -> Option<&Atom> {
        self.list.get(self.find(key)?)
    }

    /// Where a value is, which stays so until one is dropped.
    pub(super) fn find(&self, key: AtomKey) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(&key).map(|at| *at as usize),
            None => self.list.iter().position(|atom| atom.key() == key),
        }
    }

    /// Where the value of an hour of the day is, if that was noted.
    pub(super) fn hour(&self, hour: u8) -> Option<usize> {
        let at = self.hours.get(usize::from(hour))?;
        usize::from(*at).checked_sub(1)
    }

    /// Notes where the value of an hour of the day is.
    pub(super) fn note_hour(&mut self, hour: u8, at: usize) {
        let place = self.hours.get_mut(usize::from(hour));
        if let (Some(place), Ok(at)) = (place, u16::try_from(at.saturating_add(1))) {
            *place = at;
        }
    }

    pub(super) fn at_mut(&mut self, at: usize) -> Option<&mut Atom> {
        self.list.get_mut(at)
    }

    /// Where a value is, after it was added if it is new.
    pub(super) fn place(&mut self, key: AtomKey) -> usize {
        if let Some(at) = self.find(key) {
            return at;
        }
        self.push(Atom::new(key));
        self.list.len() - 1
    }

    /// Adds what another part of the input said about a value.
    pub(super) fn merge(&mut self, theirs: Atom, citations: &mut Citations) {
        let Some(at) = self.find(theirs.key()) else {
            return self.push(theirs);
        };
        if let Some(own) = self.list.get_mut(at) {
            own.slots.union(&theirs.slots);
            own.n_events = own.n_events.saturating_add(theirs.n_events);
            citations.merge(&mut own.first, &theirs.first);
        }
    }

    fn push(&mut self, atom: Atom) {
        if self.list.len() == self.list.capacity() {
            // There are very many of these lists, most of them short.
            self.list.reserve_exact(4 + self.list.len() / 4);
        }
        let at = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        if let Some(index) = &mut self.index {
            index.insert(atom.key(), at);
        }
        self.list.push(atom);
        if self.index.is_none() && self.list.len() > INDEXED_FROM {
            self.reindex();
        }
    }

    fn reindex(&mut self) {
        self.index = (self.list.len() > INDEXED_FROM).then(|| {
            let keys = self.list.iter().map(Atom::key);
            Box::new(keys.zip(0..).collect())
        });
    }

    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Atom> {
        self.list.iter_mut()
    }

    /// Gives back the room for further values.
    pub(super) fn shrink(&mut self) {
        self.list.shrink_to_fit();
    }

    /// Drops all but some.
    pub(super) fn retain(&mut self, keeps: impl FnMut(&Atom) -> bool) {
        self.list.retain(keeps);
        self.list.shrink_to_fit();
        self.hours = [0; 24];
        self.reindex();
    }
}

impl FromIterator<Atom> for Atoms {
    fn from_iter<I: IntoIterator<Item = Atom>>(atoms: I) -> Self {
        let mut all = Self {
            list: atoms.into_iter().collect(),
            ..Self::default()
        };
        all.reindex();
        all
    }
}

impl IntoIterator for Atoms {
    type Item = Atom;
    type IntoIter = std::vec::IntoIter<Atom>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

/// Calls `emit` with each categorical value that `event` contributes beside
/// those of its origin, of its resources and of its time.
///
/// Things that merely happened to the identity reach only the error dimension.
pub(super) fn for_each_deed(
    event: &Event<'_>,
    buffer: &mut String,
    mut emit: impl FnMut(Dimension, &str),
) {
    if event.action.verb == Verb::Eval {
        return;
    }
    if event.outcome.is_failure() {
        let code = event.outcome_code.as_deref().unwrap_or("-");
        let value = format_into(
            buffer,
            format_args!("{}/{}/{code}", event.outcome.name(), event.action.service),
        );
        emit(Dimension::Error, value);
    }
    if event.flags.has(Flags::ABOUT_IDENTITY) {
        return;
    }
    emit(Dimension::Action, &event.action.name);
    emit(Dimension::Service, &event.action.service);
    emit(Dimension::Account, &event.tenant);
    if let Some(region) = &event.region {
        emit(Dimension::Region, region);
    }
    for edge in &event.edges {
        buffer.clear();
        for part in [edge.kind.name(), ":", &edge.target] {
            buffer.push_str(part);
        }
        emit(Dimension::Edge, buffer);
    }
}

/// What was done to somebody, and by whom: the value of an edge.
pub(super) fn undergone<'b>(event: &Event<'_>, buffer: &'b mut String) -> &'b str {
    let kind = EdgeKind::Undergo.name();
    let (action, whom) = (&event.action.name, &event.actor.key);
    format_into(buffer, format_args!("{kind}:{action} by {whom}"))
}

/// Calls `emit` with the area and the scope of a resource of `event`.
pub(super) fn for_each_place(
    event: &Event<'_>,
    scope: &str,
    buffer: &mut String,
    mut emit: impl FnMut(Dimension, &str),
) {
    let Some((scope, area)) = template_scope(scope) else {
        return;
    };
    emit(Dimension::Area, scope.get(..area).unwrap_or_default());
    let plain = plain_scope(event).and_then(|(mount, plain)| Some((mount, template_scope(plain)?)));
    match plain {
        Some((mount, (plain, _))) => {
            let reading = Reading::Name {
                mount,
                versioned: &scope,
                plain: &plain,
            };
            reading.write(buffer);
            emit(Dimension::Scope, buffer);
        }
        None => emit(Dimension::Scope, &scope),
    }
}

/// The mount of a name that may have a verb in front, and the scope if that is
/// no verb.
pub(super) fn plain_scope<'e>(event: &'e Event<'_>) -> Option<(&'e str, &'e str)> {
    match event.ties.mount.as_ref()? {
        Mount::Store { path, plain_scope } => Some((path, plain_scope.as_deref()?)),
        Mount::Login { .. } => None,
    }
}

/// Calls `emit` with each value that the origin of `event` contributes.
///
/// Calls made on the identity's behalf (`Event::is_direct` is false) never
/// reach origin and hour: one stack deployment would look like 400 calls from
/// a new network.
pub(super) fn for_each_origin(
    event: &Event<'_>,
    buffer: &mut String,
    mut emit: impl FnMut(Dimension, &str),
) {
    if event.action.verb == Verb::Eval || !event.is_direct() {
        return;
    }
    let origin = &event.origin;
    match (&origin.network, &event.ties.forwarded) {
        (Some(direct), Some(forwarded)) => {
            Reading::Network { direct, forwarded }.write(buffer);
            emit(Dimension::Network, buffer);
        }
        (Some(network), None) => emit(Dimension::Network, network),
        (None, _) => {}
    }
    let client = &origin.client;
    if !client.family.is_empty() {
        buffer.clear();
        buffer.push_str(&client.family);
        if let Some(product) = &client.product {
            // Writing to a string cannot fail.
            let _ = write!(buffer, "/{product}");
        }
        if let Some(major) = client.major {
            let _ = write!(buffer, "/{major}");
        }
        emit(Dimension::Client, buffer);
    }
    let factor = match event.mfa {
        Mfa::Yes => "/mfa",
        Mfa::No => "/nomfa",
        Mfa::Unknown => "",
    };
    let access = format_args!(
        "{}/{}{factor}",
        origin.interface.name(),
        event.credential.kind.name()
    );
    emit(Dimension::Access, format_into(buffer, access));
    if let Some(place) = place(origin, buffer) {
        emit(Dimension::Place, place);
    }
}

/// Country and kind of network, when at least one of them says something.
fn place<'b>(origin: &Origin<'_>, buffer: &'b mut String) -> Option<&'b str> {
    let kind = match origin.net_kind {
        NetKind::Hosting | NetKind::Private | NetKind::VpcEndpoint | NetKind::Anonymiser => {
            origin.net_kind.name()
        }
        NetKind::Public if origin.country.is_some() => origin.net_kind.name(),
        NetKind::Public | NetKind::Provider | NetKind::None => return None,
    };
    let country = origin.country.as_deref().unwrap_or("-");
    Some(format_into(buffer, format_args!("{country}/{kind}")))
}

/// The value of an hour of the day.
pub(super) fn hour_text(hour: u8, buffer: &mut String) -> &str {
    format_into(buffer, format_args!("{hour:02}"))
}

/// Whether the time of `event` belongs to the identity's habits.
pub(super) fn has_hour(event: &Event<'_>) -> bool {
    event.action.verb != Verb::Eval && event.is_direct()
}

/// Whether the resources of `event` belong to the identity's habits.
pub(super) fn has_scopes(event: &Event<'_>) -> bool {
    event.action.verb != Verb::Eval && !event.flags.has(Flags::ABOUT_IDENTITY)
}

/// Hour of the day, UTC.
pub(super) fn hour_of(time: Timestamp) -> u8 {
    u8::try_from(time.seconds().rem_euclid(86_400) / 3_600).unwrap_or_default()
}

fn format_into<'b>(buffer: &'b mut String, args: std::fmt::Arguments<'_>) -> &'b str {
    buffer.clear();
    // Writing to a string cannot fail.
    let _ = buffer.write_fmt(args);
    buffer
}
