//! Streams: in which order things were first done, and from where.
//!
//! A *stream* is one session of an identity (else its credential, else its
//! network and client) in one slot. Of a stream the ledger keeps when each
//! kind of step was taken *first*; the steps in the order of their first times
//! are its sequence. A minimum per step merges in any order, where the sequence
//! of all events would need every event.
//!
//! # Departures from the reference document, and why
//!
//! * A stream ends with its slot, not with a pause of 30 minutes: whether there
//!   was a pause cannot be told from parts of the input. Sessions are short, so
//!   little differs; of a key that is used all day, only the first of the
//!   day's repetitions counts.
//! * A step that returns (`a b a`) counts once, where it was first taken.
//! * A step is named by its tactic where the verb would not tell it from
//!   others: to approve and to start a deployment are both writing.
//! * Steps that follow each other within [`TOGETHER`] seconds were taken
//!   together and are put in order of their names. Calls that a program makes
//!   in parallel swap places from run to run, also over the border of a second.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::tactic::Tactic;
use super::{Dimension, StringId, Strings};
use crate::event::Event;

/// Streams whose steps are kept per slot: those with the smallest hashes.
const MAX_STREAMS: usize = 64;
/// Kinds of step kept per stream: those taken first.
const MAX_STEPS: usize = 64;
/// Credentials whose networks are kept per slot: those with the smallest
/// hashes.
const MAX_CREDENTIALS: usize = 256;
/// Networks kept per credential: those with the smallest hashes.
const MAX_NETWORKS: usize = 8;
/// Steps so many seconds apart, or fewer, have no order.
const TOGETHER: u32 = 1;
/// What every stream begins with.
const START: &str = "^";
/// Stands between a step and the one before it.
const THEN: &str = " > ";

/// The streams of one identity in one slot.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    /// By stream and step.
    steps: Vec<Step>,
    /// By credential and network.
    uses: Vec<Use>,
    /// Second of the last sign-in that succeeded.
    last_sign_in: u32,
}

/// When a kind of step was first taken in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    stream: u32,
    token: StringId,
    second: u32,
}

/// When a credential was used from a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Hash of the session or credential.
    pub credential: u32,
    /// Hash of the network's name, see [`short_hash`].
    pub network: u32,
    /// First second.
    pub first: u32,
    /// Last second.
    pub last: u32,
}

/// How many sessions and credentials were used in a slot, as far as their
/// network is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    /// All of them.
    pub n: u16,
    /// Used from two networks in turns.
    pub n_split: u16,
    /// Used from one network and then from another.
    pub n_moved: u16,
}

impl Sessions {
    /// Adds what was counted elsewhere: at least the most of both.
    pub(super) fn merge(&mut self, other: Self) {
        self.n = self.n.max(other.n);
        self.n_split = self.n_split.max(other.n_split);
        self.n_moved = self.n_moved.max(other.n_moved);
    }
}

/// Upper half of a stable hash.
#[must_use]
pub fn short_hash(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// What a step is called: its tactic, if any, and the step itself.
pub(super) fn write_token<'b>(event: &Event<'_>, buffer: &'b mut String) -> &'b str {
    buffer.clear();
    let tactic = Tactic::of(event);
    buffer.push_str(tactic.map_or("-", Tactic::name));
    buffer.push(' ');
    for (at, part) in event.action.service.split('>').enumerate() {
        buffer.push_str(if at == 0 { "" } else { "_" });
        buffer.push_str(part);
    }
    buffer.push('/');
    buffer.push_str(match tactic {
        Some(tactic) if tactic.is_told_apart() => tactic.name(),
        _ => event.action.verb.name(),
    });
    buffer
}

/// The step that a sequence value ends with, and the one before it.
#[must_use]
pub fn steps_of(bigram: &str) -> (&str, &str) {
    bigram.split_once(THEN).unwrap_or((START, bigram))
}

/// What an event says about a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Hash of the stream.
    pub(super) stream: u32,
    /// Whether that is a session or credential, which may travel.
    pub(super) is_credential: bool,
    /// Hash of the network, if it is known.
    pub(super) network: Option<u32>,
    pub(super) token: StringId,
    pub(super) second: u32,
}

impl Streams {
    /// Takes note of an event.
    pub(super) fn observe(&mut self, seen: &Seen, strings: &Strings) {
        let step = Step {
            stream: seen.stream,
            token: seen.token,
            second: seen.second,
        };
        if self.add_step(step) && self.steps.len() > MAX_STEPS.min(MAX_STREAMS) {
            self.bound(strings);
        }
        if let (true, Some(network)) = (seen.is_credential, seen.network) {
            self.add_use(Use {
                credential: seen.stream,
                network,
                first: seen.second,
                last: seen.second,
            });
        }
    }

    /// Adds what another part of the input said about the same slot. Afterwards
    /// there may be more steps than [`Streams::bound`] leaves.
    pub(super) fn merge(&mut self, other: &Self) {
        for step in &other.steps {
            self.add_step(*step);
        }
        for one in &other.uses {
            self.add_use(*one);
        }
        self.observe_sign_in(other.last_sign_in);
    }

    /// Takes note of a sign-in that succeeded.
    pub(super) fn observe_sign_in(&mut self, second: u32) {
        self.last_sign_in = self.last_sign_in.max(second);
    }

    /// Second of the last sign-in that succeeded, 0 if none did.
    #[must_use]
    pub fn last_sign_in(&self) -> u32 {
        self.last_sign_in
    }

    /// Each stream and step in it, and when that was first taken.
    pub(super) fn steps<'s>(
        &'s self,
        strings: &'s Strings,
    ) -> impl Iterator<Item = (u32, &'s str, u32)> {
        let steps = self.steps.iter();
        steps.map(|step| (step.stream, strings.text(step.token), step.second))
    }

    /// Takes note of a step that was saved.
    pub(super) fn restore_step(&mut self, stream: u32, token: StringId, second: u32) {
        self.add_step(Step {
            stream,
            token,
            second,
        });
    }

    /// The steps in words, with the stream and second of each, for comparing
    /// ledgers.
    #[cfg(test)]
    pub(super) fn dump(&self, strings: &Strings) -> String {
        let steps = self.steps.iter();
        let mut steps: Vec<_> = steps
            .map(|step| (step.stream, strings.text(step.token), step.second))
            .collect();
        steps.sort_unstable();
        format!("{steps:?} {:?} {}", self.uses, self.last_sign_in)
    }

    /// Whether the step is new.
    fn add_step(&mut self, step: Step) -> bool {
        let key = |step: &Step| (step.stream, step.token);
        match self.steps.binary_search_by_key(&key(&step), key) {
            Ok(at) => {
                if let Some(known) = self.steps.get_mut(at) {
                    known.second = known.second.min(step.second);
                }
                false
            }
            Err(at) => {
                if self.steps.len() == self.steps.capacity() {
                    // There are very many of these lists, most of them short.
                    self.steps.reserve_exact(2 + self.steps.len() / 2);
                }
                self.steps.insert(at, step);
                true
            }
        }
    }

    pub(super) fn add_use(&mut self, one: Use) {
        let key = |one: &Use| (one.credential, one.network);
        match self.uses.binary_search_by_key(&key(&one), key) {
            Ok(at) => {
                if let Some(known) = self.uses.get_mut(at) {
                    known.first = known.first.min(one.first);
                    known.last = known.last.max(one.last);
                }
            }
            Err(at) => {
                if self.uses.len() == self.uses.capacity() {
                    self.uses.reserve_exact(1 + self.uses.len() / 2);
                }
                self.uses.insert(at, one);
                if self.uses.len() > MAX_NETWORKS {
                    self.bound_uses();
                }
            }
        }
    }

    /// Leaves the credentials with the smallest hashes, and of each the
    /// networks with the smallest ones.
    fn bound_uses(&mut self) {
        let mut n_credentials = 0;
        let mut n_networks = 0;
        let mut last = None;
        self.uses.retain(|one| {
            if last != Some(one.credential) {
                last = Some(one.credential);
                n_credentials += 1;
                n_networks = 0;
            }
            n_networks += 1;
            n_credentials <= MAX_CREDENTIALS && n_networks <= MAX_NETWORKS
        });
    }

    /// Leaves the streams with the smallest hashes, and of each the steps that
    /// were taken first. Which these are depends on the set of events alone.
    pub(super) fn bound(&mut self, strings: &Strings) {
        let streams = || self.steps.chunk_by(|a, b| a.stream == b.stream);
        let n_kept: usize = streams().take(MAX_STREAMS).map(<[Step]>::len).sum();
        let is_long = streams().take(MAX_STREAMS).any(|s| s.len() > MAX_STEPS);
        self.steps.truncate(n_kept);
        if !is_long {
            return;
        }
        let mut kept: Vec<Step> = Vec::with_capacity(self.steps.len());
        for stream in self.steps.chunk_by_mut(|a, b| a.stream == b.stream) {
            if stream.len() > MAX_STEPS {
                stream.sort_unstable_by_key(|step| (step.second, strings.hash(step.token)));
            }
            kept.extend(stream.iter().copied().take(MAX_STEPS));
        }
        kept.sort_unstable_by_key(|step| (step.stream, step.token));
        self.steps = kept;
    }

    /// Renames the steps.
    pub(super) fn rename(&mut self, rename: &mut impl FnMut(StringId) -> StringId) {
        for step in &mut self.steps {
            step.token = rename(step.token);
        }
        self.steps
            .sort_unstable_by_key(|step| (step.stream, step.token));
    }

    /// Sessions and credentials, and the networks that they were used from.
    #[must_use]
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// Counts the sessions and credentials.
    pub(super) fn sessions(&self) -> Sessions {
        let mut sessions = Sessions::default();
        for networks in self.uses.chunk_by(|a, b| a.credential == b.credential) {
            sessions.n = sessions.n.saturating_add(1);
            if is_split(networks) {
                sessions.n_split = sessions.n_split.saturating_add(1);
            } else if networks.len() > 1 {
                sessions.n_moved = sessions.n_moved.saturating_add(1);
            }
        }
        sessions
    }

    /// The seconds of the steps with the last of some tactics, in streams that
    /// hold all of them.
    #[must_use]
    pub fn ends_of(&self, tactics: &[&str], strings: &Strings) -> Vec<u32> {
        let is_of = |step: &Step, tactic: &str| {
            let token = strings.text(step.token);
            token.split(' ').next() == Some(tactic)
        };
        let streams = self.steps.chunk_by(|a, b| a.stream == b.stream);
        let whole = streams.filter(|stream| {
            let mut tactics = tactics.iter();
            tactics.all(|tactic| stream.iter().any(|step| is_of(step, tactic)))
        });
        let last = tactics.last().copied().unwrap_or_default();
        let steps = whole.flatten().filter(|step| is_of(step, last));
        steps.map(|step| step.second).collect()
    }

    /// The seconds at which the step `token` was first taken, one per stream.
    pub fn seconds_of(
        &self,
        mut is_meant: impl FnMut(StringId) -> bool,
    ) -> impl Iterator<Item = u32> {
        let steps = self.steps.iter();
        steps.filter_map(move |step| is_meant(step.token).then_some(step.second))
    }
}

/// Whether the uses of one credential from two networks interleave.
#[must_use]
pub fn is_split(networks: &[Use]) -> bool {
    let after = |at: usize| networks.get(at + 1..).unwrap_or_default();
    let pairs = networks.iter().enumerate();
    let mut pairs = pairs.flat_map(|(at, a)| after(at).iter().map(move |b| (a, b)));
    pairs.any(|(a, b)| a.first <= b.last && b.first <= a.last)
}

/// Turns streams into values of [`Dimension::Bigram`] and
/// [`Dimension::Tactic`], remembering what the steps of a ledger mean.
#[derive(Debug, Default)]
pub(super) struct Sequencer {
    tokens: HashMap<StringId, Token, RandomState>,
    bigrams: HashMap<(StringId, StringId), StringId, RandomState>,
    tactics: HashMap<Vec<Tactic>, StringId, RandomState>,
}

/// What a step means.
#[derive(Clone, Copy, Debug)]
struct Token {
    /// The step without its tactic.
    step: StringId,
    tactic: Option<Tactic>,
}

impl Sequencer {
    /// Calls `emit` with every value that the streams of a slot make, some of
    /// them several times.
    pub(super) fn each(
        &mut self,
        streams: &Streams,
        strings: &mut Strings,
        mut emit: impl FnMut(Dimension, StringId),
    ) {
        let mut order: Vec<(u32, Token)> = Vec::new();
        for stream in streams.steps.chunk_by(|a, b| a.stream == b.stream) {
            order.clear();
            for step in stream {
                order.push((step.second, self.token(step.token, strings)));
            }
            put_in_order(&mut order, strings);
            self.bigrams_of(&order, strings, &mut emit);
            self.tactics_of(&order, strings, &mut emit);
        }
    }

    fn bigrams_of(
        &mut self,
        order: &[(u32, Token)],
        strings: &mut Strings,
        emit: &mut impl FnMut(Dimension, StringId),
    ) {
        let mut before = strings.intern(START);
        let mut taken: Vec<StringId> = Vec::with_capacity(order.len());
        for (_, token) in order {
            if taken.contains(&token.step) {
                continue;
            }
            taken.push(token.step);
            let pair = (before, token.step);
            let bigram = *self.bigrams.entry(pair).or_insert_with(|| {
                let text = [strings.text(pair.0), THEN, strings.text(pair.1)].concat();
                strings.intern(&text)
            });
            emit(Dimension::Bigram, bigram);
            before = token.step;
        }
    }

    fn tactics_of(
        &mut self,
        order: &[(u32, Token)],
        strings: &mut Strings,
        emit: &mut impl FnMut(Dimension, StringId),
    ) {
        let mut taken: Vec<Tactic> = Vec::new();
        for together in order.chunk_by(|a, b| is_together(a.0, b.0)) {
            let mut tactics: Vec<Tactic> = together.iter().filter_map(|(_, t)| t.tactic).collect();
            tactics.sort_unstable();
            for tactic in tactics {
                if !taken.contains(&tactic) {
                    taken.push(tactic);
                }
            }
        }
        for run in taken.windows(2).chain(taken.windows(3)) {
            let known = self.tactics.get(run).copied();
            let value = known.unwrap_or_else(|| {
                let names: Vec<&str> = run.iter().map(|tactic| tactic.name()).collect();
                let value = strings.intern(&names.join(">"));
                self.tactics.insert(run.to_vec(), value);
                value
            });
            emit(Dimension::Tactic, value);
        }
    }

    fn token(&mut self, token: StringId, strings: &mut Strings) -> Token {
        if let Some(known) = self.tokens.get(&token) {
            return *known;
        }
        let text = strings.text(token).to_owned();
        let (tactic, step) = text.split_once(' ').unwrap_or(("-", &text));
        let meaning = Token {
            step: strings.intern(step),
            tactic: Tactic::named(tactic),
        };
        self.tokens.insert(token, meaning);
        meaning
    }
}

fn is_together(earlier: u32, later: u32) -> bool {
    later.saturating_sub(earlier) <= TOGETHER
}

/// Sorts steps by time, those taken together by name.
fn put_in_order(order: &mut [(u32, Token)], strings: &Strings) {
    let name = |token: &Token| strings.text(token.step);
    order.sort_unstable_by(|(a, x), (b, y)| a.cmp(b).then_with(|| name(x).cmp(name(y))));
    for together in order.chunk_by_mut(|a, b| is_together(a.0, b.0)) {
        together.sort_by(|(_, x), (_, y)| name(x).cmp(name(y)));
    }
}

/// Whether `token`, as streams hold it, is this `step` of a sequence.
#[must_use]
pub fn is_step(token: &str, step: &str) -> bool {
    token.split_once(' ').is_some_and(|(_, own)| own == step)
}
