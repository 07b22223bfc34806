//! Amounts of one identity in one slot.

use smallvec::SmallVec;

use super::{DistinctCount, StringId, atoms::hour_of};
use crate::event::{Citation, Event, Flags, Outcome, Sensitive, Timestamp, Verb};

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
    /// Refused for lack of permission.
    pub n_denied: u32,
    /// Refusals of permission, credential and admin verbs.
    pub n_denied_privileged: u32,
    /// Bytes sent to the caller.
    pub bytes_out: u64,
    /// Transactions of which some event would count in `n_events`. They are
    /// counted there once the ledger is whole.
    pub(super) transactions: DistinctCount,
    /// Direct events and targets per hour of the day.
    pub hours: SmallVec<[HourTally; 2]>,
    /// Resources listed.
    pub listed: DistinctCount,
    /// Secrets read.
    pub secrets: DistinctCount,
    /// Networks and clients that interleave: distinct (network, client) pairs.
    pub origins: DistinctCount,
    /// Credentials used.
    pub credentials: DistinctCount,
    /// Sub-identities (sessions, instances) seen.
    pub subs: DistinctCount,
    /// Privileged actions attempted, with their first refusal and last
    /// success; ascending by action within one ledger.
    pub attempts: Vec<Attempt>,
    /// Distinct actions refused.
    pub denied_actions: DistinctCount,
    /// First events, and first refused events.
    pub first: Vec<Citation>,
    /// First refused events.
    pub first_denied: Vec<Citation>,
    /// Sensitive actions that succeeded, by kind and action.
    pub sensitive: Vec<SensitiveAct>,
}

/// One hour of the day inside a cell.
#[derive(Clone, Debug)]
pub struct HourTally {
    /// 0 to 23, UTC.
    pub hour: u8,
    /// Direct events.
    pub n_events: u32,
    /// Transactions of which some event would count in `n_events`.
    pub(super) transactions: DistinctCount,
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

/// Numbers of one event that the cell cannot compute itself.
pub(super) struct Hashes {
    /// Of each resource's native id.
    pub(super) targets: SmallVec<[u64; 4]>,
    /// Of network and client together.
    pub(super) origin: Option<u64>,
    /// Of the credential's id.
    pub(super) credential: Option<u64>,
    /// Of the sub-identity.
    pub(super) sub: Option<u64>,
    /// Of the transaction.
    pub(super) transaction: Option<u64>,
    /// Of the action's name.
    pub(super) action: u64,
}

impl Cell {
    pub(super) fn observe(&mut self, event: &Event<'_>, action: StringId, hashes: &Hashes) {
        self.observe_refusal(event, action, hashes.action);
        self.cite(event);
        if event.flags.has(Flags::ABOUT_IDENTITY) {
            return;
        }
        self.observe_sensitive(event, action);
        match hashes.transaction {
            Some(transaction) => self.transactions.insert(transaction),
            None => self.n_events = self.n_events.saturating_add(1),
        }
        if event.action.verb == Verb::List {
            for hash in &hashes.targets {
                self.listed.insert(*hash);
            }
        }
        if event.action.sensitive == Some(Sensitive::SecretRead)
            && event.outcome == Outcome::Success
        {
            for hash in &hashes.targets {
                self.secrets.insert(*hash);
            }
        }
        for (count, hash) in [
            (&mut self.credentials, hashes.credential),
            (&mut self.subs, hashes.sub),
        ] {
            if let Some(hash) = hash {
                count.insert(hash);
            }
        }
        if event.is_direct() {
            // A refused call that is retried a thousand times is a refusal,
            // not a thousand things done: it counts in the failure statistics.
            let is_refused = matches!(
                event.outcome,
                Outcome::Denied | Outcome::Throttled | Outcome::AuthFailure
            );
            self.observe_direct(event, !is_refused, hashes);
        }
    }

    fn observe_direct(&mut self, event: &Event<'_>, counts: bool, hashes: &Hashes) {
        let volume = u32::from(counts && hashes.transaction.is_none());
        self.n_direct = self.n_direct.saturating_add(volume);
        self.bytes_out = self
            .bytes_out
            .saturating_add(event.bytes_out.unwrap_or_default());
        if let Some(hash) = hashes.origin {
            self.origins.insert(hash);
        }
        let tally = self.hour_mut(hour_of(event.time));
        tally.n_events = tally.n_events.saturating_add(volume);
        if let Some(transaction) = hashes.transaction.filter(|_| counts) {
            tally.transactions.insert(transaction);
        }
        for hash in &hashes.targets {
            tally.targets.insert(*hash);
        }
    }

    fn observe_refusal(&mut self, event: &Event<'_>, action: StringId, action_hash: u64) {
        if event.outcome == Outcome::Denied {
            self.n_denied = self.n_denied.saturating_add(1);
            self.denied_actions.insert(action_hash);
        }
        if !event.action.verb.is_privileged() {
            return;
        }
        let attempt = match event.outcome {
            Outcome::Denied => {
                self.n_denied_privileged = self.n_denied_privileged.saturating_add(1);
                Attempt {
                    action,
                    first_denial: Some(event.time),
                    last_success: None,
                }
            }
            Outcome::Success => Attempt {
                action,
                first_denial: None,
                last_success: Some(event.time),
            },
            _ => return,
        };
        self.merge_attempt(attempt);
    }

    fn observe_sensitive(&mut self, event: &Event<'_>, action: StringId) {
        if let (Some(kind), Outcome::Success) = (event.action.sensitive, event.outcome) {
            self.merge_sensitive(SensitiveAct {
                kind,
                action,
                n_events: 1,
                citation: event.citation(),
            });
        }
    }

    /// Actions of the identity, transactions included.
    pub(super) fn volume(&self) -> u32 {
        self.n_events.saturating_add(self.transactions.count())
    }

    /// Counts the transactions: however many events a request of the client
    /// wrote, it is one thing that was done. To be called once nothing is
    /// merged any more.
    pub(super) fn count_transactions(&mut self) {
        self.n_events = self.volume();
        self.transactions = DistinctCount::default();
        for tally in &mut self.hours {
            let n = std::mem::take(&mut tally.transactions).count();
            tally.n_events = tally.n_events.saturating_add(n);
            self.n_direct = self.n_direct.saturating_add(n);
        }
    }

    /// Lets one more record of an event compete for being cited.
    pub(super) fn cite_duplicate(&mut self, event: &Event<'_>, action: StringId) {
        self.cite(event);
        if let (Some(kind), Outcome::Success) = (event.action.sensitive, event.outcome)
            && !event.flags.has(Flags::ABOUT_IDENTITY)
        {
            self.merge_sensitive(SensitiveAct {
                kind,
                action,
                n_events: 0,
                citation: event.citation(),
            });
        }
    }

    pub(super) fn cite(&mut self, event: &Event<'_>) {
        keep_smallest(&mut self.first, &event.citation());
        if event.outcome == Outcome::Denied {
            keep_smallest(&mut self.first_denied, &event.citation());
        }
    }

    /// Adds what another part of the input said about the same slot. `rename`
    /// translates the other ledger's strings.
    pub(super) fn merge(&mut self, other: Self, rename: &impl Fn(StringId) -> StringId) {
        self.n_events = self.n_events.saturating_add(other.n_events);
        self.n_direct = self.n_direct.saturating_add(other.n_direct);
        self.n_denied = self.n_denied.saturating_add(other.n_denied);
        self.n_denied_privileged = self
            .n_denied_privileged
            .saturating_add(other.n_denied_privileged);
        self.bytes_out = self.bytes_out.saturating_add(other.bytes_out);
        self.transactions.merge(&other.transactions);
        for tally in other.hours {
            let own = self.hour_mut(tally.hour);
            own.transactions.merge(&tally.transactions);
            own.n_events = own.n_events.saturating_add(tally.n_events);
            own.targets.merge(&tally.targets);
        }
        self.listed.merge(&other.listed);
        self.secrets.merge(&other.secrets);
        self.origins.merge(&other.origins);
        self.credentials.merge(&other.credentials);
        self.subs.merge(&other.subs);
        self.denied_actions.merge(&other.denied_actions);
        for attempt in other.attempts {
            self.merge_attempt(Attempt {
                action: rename(attempt.action),
                ..attempt
            });
        }
        for citation in &other.first {
            keep_smallest(&mut self.first, citation);
        }
        for citation in &other.first_denied {
            keep_smallest(&mut self.first_denied, citation);
        }
        for act in other.sensitive {
            self.merge_sensitive(SensitiveAct {
                action: rename(act.action),
                ..act
            });
        }
    }

    fn merge_attempt(&mut self, attempt: Attempt) {
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

    fn merge_sensitive(&mut self, act: SensitiveAct) {
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

    fn hour_mut(&mut self, hour: u8) -> &mut HourTally {
        let at = self.hours.partition_point(|tally| tally.hour < hour);
        if self.hours.get(at).is_none_or(|tally| tally.hour != hour) {
            self.hours.insert(
                at,
                HourTally {
                    hour,
                    n_events: 0,
                    transactions: DistinctCount::default(),
                    targets: DistinctCount::default(),
                },
            );
        }
        #[expect(clippy::indexing_slicing, reason = "inserted above")]
        &mut self.hours[at]
    }

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

/// Keeps `citation` if its event is among the earliest few. An event that
/// several records tell of (an audit log may have several devices) is cited
/// once, by the earliest of them.
pub(super) fn keep_smallest(kept: &mut Vec<Citation>, citation: &Citation) {
    let is_same =
        |own: &Citation| own.native_id == citation.native_id && !citation.native_id.is_empty();
    if let Some(at) = kept.iter().position(is_same) {
        if kept.get(at).is_some_and(|own| own <= citation) {
            return;
        }
        kept.remove(at);
    }
    let at = kept.partition_point(|own| own < citation);
    if at < CITATIONS && kept.get(at) != Some(citation) {
        kept.truncate(CITATIONS - 1);
        kept.reserve_exact(1);
        kept.insert(at, citation.clone());
    }
}

fn min_some(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
