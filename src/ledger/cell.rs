//! Amounts of one identity in one slot.

use super::citations::{Citations, First, Offer, second_of};
use super::notable;
use super::streams::Seen;
use super::transactions::Transactions;
use super::{
    DistinctCount, Notable, NotableAct, Sessions, Streams, StringId, Strings, atoms::hour_of,
    short_hash, value_hash,
};
use crate::event::{Citation, Event, Flags, Outcome, Sensitive, Source, Timestamp, Verb};

/// Citations kept per cell, per atom and per fact.
pub const CITATIONS: usize = 3;

/// How much an identity did in one slot. Every field merges by sum, union,
/// minimum or maximum.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Actions of the identity: one per transaction, and none for what merely
    /// happened to it.
    pub n_events: u32,
    /// Of these, made by the identity itself and not refused.
    pub n_direct: u32,
    /// Bytes sent to the caller.
    pub bytes_out: u64,
    /// What is counted in `n_events` and `n_direct` once the ledger is whole.
    pub(super) transactions: Option<Box<Transactions>>,
    /// Direct events and targets per hour of the day.
    pub hours: Vec<HourTally>,
    /// Resources listed.
    pub listed: DistinctCount,
    /// Networks and clients that interleave: distinct (network, client) pairs.
    pub origins: DistinctCount,
    /// Credentials used.
    pub credentials: DistinctCount,
    /// Sub-identities (sessions, instances) seen.
    pub subs: DistinctCount,
    /// First events, refused or not.
    pub first: First,
    /// In which order things were done, and from where. Kept for the review;
    /// of the history only what follows from it is.
    pub(super) streams: Option<Box<Streams>>,
    /// Sessions and credentials of `streams`, once the ledger is whole.
    pub sessions: Sessions,
    pub(super) rare: Option<Box<Rare>>,
}

/// What most cells have none of.
#[derive(Clone, Debug, Default)]
pub struct Rare {
    /// Refused for lack of permission.
    pub n_denied: u32,
    /// Refusals of permission, credential and admin verbs.
    pub n_denied_privileged: u32,
    /// Distinct actions refused.
    pub denied_actions: DistinctCount,
    /// First refused events.
    pub first_denied: First,
    /// Secrets read.
    pub secrets: DistinctCount,
    /// Privileged actions attempted, with their first refusal and last
    /// success; ascending by action within one ledger.
    pub attempts: Vec<Attempt>,
    /// Sensitive actions that succeeded, by kind and action.
    pub sensitive: Vec<SensitiveAct>,
    /// What the product itself says, by kind and action.
    pub notable: Vec<NotableAct>,
}

static NOTHING_RARE: Rare = Rare {
    n_denied: 0,
    n_denied_privileged: 0,
    denied_actions: DistinctCount::NONE,
    first_denied: First::NONE,
    secrets: DistinctCount::NONE,
    attempts: Vec::new(),
    sensitive: Vec::new(),
    notable: Vec::new(),
};

/// One hour of the day inside a cell.
#[derive(Clone, Debug)]
pub struct HourTally {
    /// 0 to 23, UTC.
    pub hour: u8,
    /// Direct events.
    pub n_events: u32,
    /// Distinct resources touched.
    pub targets: DistinctCount,
}

/// A privileged action that was attempted in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The action's name in the ledger's string table.
    pub action: StringId,
    /// Time of the first refusal.
    pub first_denial: Option<Timestamp>,
    /// Time of the last success.
    pub last_success: Option<Timestamp>,
}

/// A sensitive action in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SensitiveAct {
    /// Which kind.
    pub kind: Sensitive,
    /// The action's name in the ledger's string table.
    pub action: StringId,
    /// How often it succeeded.
    pub n_events: u32,
    /// The first time.
    pub citation: Citation,
}

/// What a cell is told of an event beside the event itself.
pub(super) struct Told<'o, 'e, 'a> {
    pub(super) event: &'e Event<'a>,
    /// The action's name in the ledger's string table.
    pub(super) action: StringId,
    /// A stable hash of that name.
    pub(super) action_hash: u64,
    /// A stable hash of network and client.
    pub(super) origin: Option<u64>,
    /// A stable hash of the network.
    pub(super) network: Option<u32>,
    /// What kind of step it is.
    pub(super) token: StringId,
    pub(super) strings: &'o Strings,
    pub(super) citations: &'o mut Citations,
    pub(super) offer: &'o mut Offer<'e, 'a>,
}

impl Cell {
    /// What most cells have none of.
    #[must_use]
    pub fn rare(&self) -> &Rare {
        self.rare.as_deref().unwrap_or(&NOTHING_RARE)
    }

    pub(super) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    pub(super) fn observe(&mut self, told: &mut Told<'_, '_, '_>) {
        let event = told.event;
        self.cite(told.event, told.offer, told.citations);
        self.observe_refusal(told);
        if let Some(kind) = Notable::of(event) {
            let act = NotableAct {
                kind,
                action: told.action,
                n_events: 1,
                citation: event.citation(),
            };
            notable::merge(&mut self.rare_mut().notable, act);
        }
        if event.flags.has(Flags::ABOUT_IDENTITY) {
            return;
        }
        if event.action.sensitive.is_some() {
            self.observe_sensitive(event, told.action, 1);
        }
        let transaction = event.ties.transaction.as_deref().map(value_hash);
        match transaction {
            Some(hash) => self.transactions.get_or_insert_default().insert(hash),
            None => self.n_events = self.n_events.saturating_add(1),
        }
        let targets = event.resources.iter().map(|r| value_hash(&r.id));
        if event.action.verb == Verb::List {
            targets.clone().for_each(|hash| self.listed.insert(hash));
        }
        if event.action.sensitive == Some(Sensitive::SecretRead)
            && event.outcome == Outcome::Success
        {
            targets.for_each(|hash| self.rare_mut().secrets.insert(hash));
        }
        // Only role sessions are told apart by their keys. A Vault accessor
        // differs between the devices that logged the same request.
        if let Some(id) = &event.credential.id
            && event.source == Source::CloudTrail
        {
            self.credentials.insert(value_hash(id));
        }
        if let Some(sub) = &event.actor.sub {
            self.subs.insert(value_hash(sub));
        }
        if event.is_direct() {
            // A refused call that is retried a thousand times is a refusal,
            // not a thousand things done: it counts in the failure statistics.
            let is_refused = matches!(
                event.outcome,
                Outcome::Denied | Outcome::Throttled | Outcome::AuthFailure
            );
            self.observe_direct(event, !is_refused, transaction, told.origin);
            self.observe_stream(told);
        }
    }

    fn observe_stream(&mut self, told: &Told<'_, '_, '_>) {
        let event = told.event;
        let id = event.session.as_ref().or(event.credential.id.as_ref());
        let seen = Seen {
            stream: short_hash(id.map_or(told.origin.unwrap_or_default(), |id| value_hash(id))),
            is_credential: id.is_some(),
            network: told.network,
            token: told.token,
            second: second_of(event.time),
        };
        let streams = self.streams.get_or_insert_default();
        streams.observe(&seen, told.strings);
        if event.action.verb == Verb::Auth && event.outcome == Outcome::Success {
            streams.observe_sign_in(seen.second);
        }
    }

    /// In which order things were done, and from where; of the review only.
    #[must_use]
    pub fn streams(&self) -> Option<&Streams> {
        self.streams.as_deref()
    }

    fn observe_direct(
        &mut self,
        event: &Event<'_>,
        counts: bool,
        transaction: Option<u64>,
        origin: Option<u64>,
    ) {
        let hour = hour_of(event.time);
        let volume = u32::from(counts && transaction.is_none());
        if let Some(hash) = transaction.filter(|_| counts) {
            let transactions = self.transactions.get_or_insert_default();
            transactions.insert_direct(hour, hash);
        }
        self.n_direct = self.n_direct.saturating_add(volume);
        self.bytes_out = self
            .bytes_out
            .saturating_add(event.bytes_out.unwrap_or_default());
        if let Some(hash) = origin {
            self.origins.insert(hash);
        }
        let tally = self.hour_mut(hour);
        tally.n_events = tally.n_events.saturating_add(volume);
        for resource in &event.resources {
            tally.targets.insert(value_hash(&resource.id));
        }
    }

    fn observe_refusal(&mut self, told: &Told<'_, '_, '_>) {
        let event = told.event;
        let is_privileged = event.action.verb.is_privileged();
        let mut attempt = Attempt {
            action: told.action,
            first_denial: None,
            last_success: None,
        };
        match event.outcome {
            Outcome::Denied => {
                let rare = self.rare_mut();
                rare.n_denied = rare.n_denied.saturating_add(1);
                rare.denied_actions.insert(told.action_hash);
                if is_privileged {
                    rare.n_denied_privileged = rare.n_denied_privileged.saturating_add(1);
                }
                attempt.first_denial = Some(event.time);
            }
            Outcome::Success => attempt.last_success = Some(event.time),
            _ => return,
        }
        if is_privileged {
            self.rare_mut().merge_attempt(attempt);
        }
    }

    fn observe_sensitive(&mut self, event: &Event<'_>, action: StringId, n_events: u32) {
        if let (Some(kind), Outcome::Success) = (event.action.sensitive, event.outcome) {
            self.rare_mut().merge_sensitive(SensitiveAct {
                kind,
                action,
                n_events,
                citation: event.citation(),
            });
        }
    }

    /// Actions of the identity, transactions included.
    pub(super) fn volume(&self) -> u32 {
        let n = self.transactions.as_ref().map_or(0, |own| own.count());
        self.n_events.saturating_add(n)
    }

    /// Counts the transactions: however many events a request of the client
    /// wrote, it is one thing that was done. To be called once nothing is
    /// merged any more.
    pub(super) fn count_transactions(&mut self) {
        self.n_events = self.volume();
        for (hour, n) in self.transactions.take().iter().flat_map(|own| own.hours()) {
            let tally = self.hour_mut(hour);
            tally.n_events = tally.n_events.saturating_add(n);
            self.n_direct = self.n_direct.saturating_add(n);
        }
    }

    /// Leaves the streams exactly the steps that they may keep.
    pub(super) fn bound_streams(&mut self, strings: &Strings) {
        if let Some(streams) = &mut self.streams {
            streams.bound(strings);
        }
    }

    /// Counts the sessions. To be called once nothing is merged any more.
    pub(super) fn count_sessions(&mut self) {
        if let Some(streams) = &self.streams {
            self.sessions = streams.sessions();
        }
    }

    /// Lets one more record of an event compete for being cited.
    pub(super) fn cite_duplicate(&mut self, told: &mut Told<'_, '_, '_>) {
        self.cite(told.event, told.offer, told.citations);
        if !told.event.flags.has(Flags::ABOUT_IDENTITY) {
            self.observe_sensitive(told.event, told.action, 0);
        }
    }

    /// Lets an event compete for being cited.
    pub(super) fn cite<'e, 'a>(
        &mut self,
        event: &Event<'_>,
        offer: &mut Offer<'e, 'a>,
        citations: &mut Citations,
    ) {
        citations.offer(&mut self.first, offer);
        if event.outcome == Outcome::Denied {
            citations.offer(&mut self.rare_mut().first_denied, offer);
        }
    }

    /// Adds what another part of the input said about the same slot, in the
    /// strings and citations of this ledger.
    pub(super) fn merge(&mut self, other: Self, citations: &mut Citations) {
        self.n_events = self.n_events.saturating_add(other.n_events);
        self.n_direct = self.n_direct.saturating_add(other.n_direct);
        self.bytes_out = self.bytes_out.saturating_add(other.bytes_out);
        if let Some(theirs) = &other.transactions {
            self.transactions.get_or_insert_default().merge(theirs);
        }
        for tally in other.hours {
            let own = self.hour_mut(tally.hour);
            own.n_events = own.n_events.saturating_add(tally.n_events);
            own.targets.merge(&tally.targets);
        }
        self.listed.merge(&other.listed);
        self.origins.merge(&other.origins);
        self.credentials.merge(&other.credentials);
        self.subs.merge(&other.subs);
        citations.merge(&mut self.first, &other.first);
        if let Some(theirs) = &other.streams {
            self.streams.get_or_insert_default().merge(theirs);
        }
        self.sessions.merge(other.sessions);
        if let Some(rare) = other.rare {
            self.rare_mut().merge(*rare, citations);
        }
    }

    /// Renames the strings of this cell.
    pub(super) fn rename(&mut self, rename: &mut impl FnMut(StringId) -> StringId) {
        if let Some(streams) = &mut self.streams {
            streams.rename(rename);
        }
        if let Some(rare) = &mut self.rare {
            for attempt in &mut rare.attempts {
                attempt.action = rename(attempt.action);
            }
            rare.attempts.sort_unstable_by_key(|attempt| attempt.action);
            for act in &mut rare.sensitive {
                act.action = rename(act.action);
            }
            rare.sensitive
                .sort_unstable_by_key(|act| (act.kind, act.action));
            for act in &mut rare.notable {
                act.action = rename(act.action);
            }
            rare.notable
                .sort_unstable_by_key(|act| (act.kind, act.action));
        }
    }

    /// Every list of citations.
    pub(super) fn for_each_first(&mut self, mut each: impl FnMut(&mut First)) {
        each(&mut self.first);
        if let Some(rare) = &mut self.rare {
            each(&mut rare.first_denied);
        }
    }

    pub(super) fn hour_mut(&mut self, hour: u8) -> &mut HourTally {
        let at = self.hours.partition_point(|tally| tally.hour < hour);
        if self.hours.get(at).is_none_or(|tally| tally.hour != hour) {
            if self.hours.len() == self.hours.capacity() {
                // Most have one or two: no room for four.
                self.hours.reserve_exact(1 + self.hours.len() / 2);
            }
            self.hours.insert(
                at,
                HourTally {
                    hour,
                    n_events: 0,
                    targets: DistinctCount::default(),
                },
            );
        }
        #[expect(clippy::indexing_slicing, reason = "inserted above")]
        &mut self.hours[at]
    }

    /// Distinct resources touched directly.
    #[must_use]
    pub fn n_targets(&self) -> u32 {
        let mut all = DistinctCount::default();
        for tally in &self.hours {
            all.merge(&tally.targets);
        }
        all.count()
    }
}

impl Rare {
    /// Privileged actions refused first and granted later in this slot.
    #[must_use]
    pub fn n_denied_then_success(&self) -> u32 {
        let granted = self.attempts.iter().filter(|attempt| {
            attempt
                .first_denial
                .zip(attempt.last_success)
                .is_some_and(|(denied, granted)| denied < granted)
        });
        u32::try_from(granted.count()).unwrap_or(u32::MAX)
    }

    fn merge(&mut self, other: Self, citations: &mut Citations) {
        self.n_denied = self.n_denied.saturating_add(other.n_denied);
        self.n_denied_privileged = self
            .n_denied_privileged
            .saturating_add(other.n_denied_privileged);
        self.denied_actions.merge(&other.denied_actions);
        citations.merge(&mut self.first_denied, &other.first_denied);
        self.secrets.merge(&other.secrets);
        for attempt in other.attempts {
            self.merge_attempt(attempt);
        }
        for act in other.sensitive {
            self.merge_sensitive(act);
        }
        for act in other.notable {
            notable::merge(&mut self.notable, act);
        }
    }

    pub(super) fn merge_attempt(&mut self, attempt: Attempt) {
        match self
            .attempts
            .binary_search_by_key(&attempt.action, |a| a.action)
        {
            Ok(at) => {
                if let Some(own) = self.attempts.get_mut(at) {
                    own.first_denial = min_some(own.first_denial, attempt.first_denial);
                    own.last_success = own.last_success.max(attempt.last_success);
                }
            }
            Err(at) => self.attempts.insert(at, attempt),
        }
    }

    pub(super) fn merge_sensitive(&mut self, act: SensitiveAct) {
        match self
            .sensitive
            .binary_search_by_key(&(act.kind, act.action), |a| (a.kind, a.action))
        {
            Ok(at) => {
                if let Some(own) = self.sensitive.get_mut(at) {
                    own.n_events = own.n_events.saturating_add(act.n_events);
                    own.citation = own.citation.clone().min(act.citation);
                }
            }
            Err(at) => self.sensitive.insert(at, act),
        }
    }
}

fn min_some(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
