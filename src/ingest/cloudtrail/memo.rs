//! What a parser remembers from one record to the next: who calls, with which
//! program, from where, and what each call is named.
//!
//! Most records of a trail repeat all of these. What is remembered is what the
//! parser's own functions made of the same texts, so that it can be forgotten
//! at any time without changing an event.

mod lend;

use std::borrow::Cow;

use super::action::Call;
use super::callers::Callers;
use super::fields::{Record, UserIdentity};
use super::origin::Agency;
use super::principal::{self, names_service};
use super::quick::{KEYS, Lend, N_KEYS};
use super::role::is_function;
use crate::event::Actor;
use crate::ingest::cache::Cache;
use crate::ingest::cursor::Order;
use crate::ingest::net::Network;
use crate::ingest::record::Notes;
use crate::ingest::text::Nested;
use crate::ingest::user_agent::UserAgent;

use lend::{keep_actor, keep_call, keep_network, lend_actor, lend_call, lend_client, lend_network};

/// Half of how many of each kind are remembered.
const N_PAIRS: usize = 512;

type Calls = Cache<Option<Call<'static>>, 2>;
/// Programs, and whether they run in a function.
type Agents = Cache<(UserAgent<'static>, bool), 1>;
type Networks = Cache<Network<'static>, 3>;
type Actors = Cache<(Actor<'static>, Notes), 2>;

/// The memory of one parser.
#[derive(Debug)]
pub(in crate::ingest) struct Memo {
    /// The order of the keys of a record.
    pub(in crate::ingest) order: Order<N_KEYS>,
    /// Callers by the text of their identity.
    pub(in crate::ingest) callers: Callers,
    /// What was made of records.
    pub(in crate::ingest) derived: Derived,
}

/// What was made of the fields of records.
#[derive(Debug)]
pub(in crate::ingest) struct Derived {
    calls: Calls,
    agents: Agents,
    networks: Networks,
    actors: Actors,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            order: Order::new(&KEYS),
            callers: Callers::default(),
            derived: Derived {
                calls: Cache::new(N_PAIRS),
                agents: Cache::new(N_PAIRS),
                networks: Cache::new(N_PAIRS),
                actors: Cache::new(N_PAIRS),
            },
        }
    }
}

/// The memory as it serves one record, each part once; without it, everything
/// is made anew.
#[derive(Debug, Default)]
pub(super) struct Recall<'m> {
    /// The number of the caller, if it is a known one.
    caller: Option<u64>,
    /// Whether the record's program runs in a function.
    is_function: bool,
    calls: Option<&'m mut Calls>,
    agents: Option<&'m mut Agents>,
    networks: Option<&'m mut Networks>,
    actors: Option<&'m mut Actors>,
}

impl<'m> Recall<'m> {
    /// For a record of the caller with this number.
    pub(super) fn new(caller: Option<u64>, derived: &'m mut Derived) -> Self {
        Self {
            caller,
            is_function: false,
            calls: Some(&mut derived.calls),
            agents: Some(&mut derived.agents),
            networks: Some(&mut derived.networks),
            actors: Some(&mut derived.actors),
        }
    }

    /// The call that is named `name` by the service `source`.
    pub(super) fn call(
        &mut self,
        source: &str,
        name: &str,
        make: impl FnOnce() -> Option<Call<'m>>,
    ) -> Option<Call<'m>> {
        match self.calls.take() {
            Some(calls) => calls
                .get(0, [source, name], || make().map(keep_call))
                .as_ref()
                .map(lend_call),
            None => make(),
        }
    }

    /// The calling program.
    pub(super) fn user_agent(&mut self, text: &str) -> UserAgent<'m> {
        match self.agents.take() {
            Some(agents) => {
                let (agent, is_function) =
                    agents.get(0, [text], || (UserAgent::of(text), is_function(text)));
                self.is_function = *is_function;
                UserAgent {
                    client: lend_client(&agent.client),
                    interface: agent.interface,
                    is_agent: agent.is_agent,
                }
            }
            None => UserAgent::of(text),
        }
    }

    /// The network that `make` makes of three texts.
    pub(super) fn network(
        &mut self,
        texts: [&str; 3],
        make: impl FnOnce() -> Network<'m>,
    ) -> Network<'m> {
        match self.networks.take() {
            Some(networks) => lend_network(networks.get(0, texts, || keep_network(make()))),
            None => make(),
        }
    }

    /// The actor of `record`.
    pub(super) fn actor(
        &mut self,
        record: &Record<'m>,
        agency: Agency,
        notes: &mut Notes,
    ) -> Actor<'m> {
        let (Some(caller), Some(actors)) = (self.caller, self.actors.take()) else {
            return principal::actor(record, agency, notes);
        };
        let number = caller << 2 | agency as u64;
        // All that an actor depends on besides. It is made of no more than that.
        let identity = &record.user_identity;
        let source = &record.event_source;
        let source = source.get().filter(|_| names_service(&identity.value));
        let user_agent = record.user_agent.get().filter(|_| self.is_function);
        let texts = [source, user_agent].map(Option::unwrap_or_default);
        let (actor, remarks) = actors.get(number, texts, || {
            let [event_source, user_agent] = texts.map(|text| Cow::Borrowed(text).into());
            let grounds = Record {
                event_source,
                user_agent,
                user_identity: Nested {
                    value: UserIdentity::lend(&identity.value),
                    is_damaged: identity.is_damaged,
                },
                ..Record::default()
            };
            let mut remarks = Notes::default();
            let actor = principal::actor(&grounds, agency, &mut remarks);
            (keep_actor(actor), remarks)
        });
        notes.add_counts(remarks);
        lend_actor(actor)
    }
}
