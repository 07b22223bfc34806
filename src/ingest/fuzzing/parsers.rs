//! Single parsers, without the way to them.

use serde_json::Value;

use super::check;
use crate::event::{Event, Provenance, Source};
use crate::ingest::coverage::SkipReason;
use crate::ingest::generic::{self, Mapping};
use crate::ingest::net::Network;
use crate::ingest::record::{Context, Notes};
use crate::ingest::user_agent::UserAgent;
use crate::ingest::vault::Exchange;
use crate::ingest::{cloudtrail, okta, prefix, structure, vault};

/// Longest name of a program, and of its product.
const MAX_CLIENT: usize = 1024;

/// Parses one record's text, and once more with its keys in another order and
/// without white space.
///
/// # Panics
///
/// When the order of keys has an effect, or the event cannot be.
pub fn record(source: Source, text: &str) {
    let told = told(source, text);
    if let Some(other) = reordered(text) {
        assert_eq!(told, self::told(source, &other), "{other}");
    }
}

/// What a parser makes of `text`, in words.
fn told(source: Source, text: &str) -> Result<String, SkipReason> {
    with_context(|context| match source {
        Source::CloudTrail => cloudtrail::parse(text, context).map(|event| tell(&event)),
        Source::Okta => okta::parse(text, context).map(|event| tell(&event)),
        Source::Vault => {
            vault::parse(text, context).map(|entry| tell(&Exchange::from_half(entry).event()))
        }
        // Of these there are no native records.
        Source::Generic => Err(SkipReason::UnknownType),
    })
}

fn tell(event: &Event<'_>) -> String {
    check::event(event);
    format!("{event:?}")
}

/// The same object, its keys sorted, where that is sure to be the same: every
/// number is whole and every key occurs once.
fn reordered(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let again = value.to_string();
    let is_same = value.is_object() && all_whole(&value) && n_marks(text) == n_marks(&again);
    is_same.then_some(again)
}

/// How many colons and commas there are: keys that are lost take one along.
fn n_marks(text: &str) -> usize {
    memchr::memchr2_iter(b':', b',', text.as_bytes()).count()
}

fn all_whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_f64(),
        Value::Array(elements) => elements.iter().all(all_whole),
        Value::Object(members) => members.values().all(all_whole),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

fn with_context<T>(parse: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let mut notes = Notes::default();
    parse(&mut Context {
        provenance: Provenance::default(),
        okta_org: "org",
        vault_cluster: "cluster",
        notes: &mut notes,
    })
}

/// Looks for records in a line of text.
///
/// # Panics
///
/// When something that is found is no whole object of the line.
pub fn line(text: &str) {
    let mut n = 0_usize;
    let is_found = prefix::read(text, &mut |object, _| {
        n = n.saturating_add(1);
        assert!(text.contains(object), "not in the line");
        let end = structure::delimit(object.as_bytes()).map(|(n, _)| n);
        assert_eq!(end, Some(object.len()));
    });
    assert_eq!(is_found, n > 0);
}

/// Reads a time.
///
/// # Panics
///
/// When it is read as another once it was written down.
pub fn time(text: &str) {
    let time = super::super::time::parse(text);
    if let Some(time) = time.and_then(crate::event::Timestamp::plausible) {
        assert_eq!(super::super::time::parse(&time.rfc3339()), Some(time));
    }
}

/// Reads an address.
///
/// # Panics
///
/// When its canonical form is another address.
pub fn address(text: &str) {
    let network = Network::of(text.into(), "tenant", None);
    if let Some(address) = network.address.clone() {
        assert_eq!(Network::of(address, "tenant", None), network);
    }
}

/// Reads a user agent.
///
/// # Panics
///
/// When it becomes longer, or more than a name.
pub fn user_agent(text: &str) {
    let agent = UserAgent::of(text);
    let client = agent.client;
    let product = client.product.as_deref().unwrap_or_default();
    assert!(client.family.len() <= MAX_CLIENT && product.len() <= MAX_CLIENT);
}

/// Reads a mapping file, and a record as it says.
///
/// # Panics
///
/// When the event that comes of it cannot be.
pub fn mapping(text: &str) {
    let (rules, record) = text.split_once("\n---\n").unwrap_or((text, "{}"));
    if let Ok(mapping) = Mapping::parse(rules) {
        map(&mapping, record);
    }
}

/// Reads a record as each of the mappings says that come with the command.
///
/// # Panics
///
/// When the event that comes of it cannot be.
pub fn mapped(text: &str) {
    for mapping in generic::built_in_names().filter_map(generic::built_in) {
        map(&mapping, text);
    }
}

fn map(mapping: &Mapping, record: &str) {
    let events = with_context(|context| mapping.parse_record(record, context));
    for event in events.unwrap_or_default() {
        check::event(&event);
    }
}
