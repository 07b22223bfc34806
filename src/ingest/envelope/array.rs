//! Envelopes too large to be kept: where the array of their records begins.

use crate::ingest::keys::Keys;
use crate::ingest::members::members;
use crate::ingest::text::valid_prefix;

/// An array of records inside an envelope of which only the beginning is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct RecordArray {
    /// Bytes up to and including the array's opening bracket.
    pub(in crate::ingest) n_bytes: usize,
    /// Objects that are open around the array.
    pub(in crate::ingest) n_objects: usize,
    /// The outermost key on the way to it.
    pub(in crate::ingest) key: &'static str,
}

/// Where records may be in an envelope too large to be kept, besides
/// [`Keys::RECORDS`] and [`Keys::EVENTS`], which are always streamed.
const RECORD_ARRAYS: [&[&str]; 13] = [
    &["logEvents"],
    &["events"],
    &["results"],
    &["QueryResultRows"],
    &["hits", "hits"],
    &["data", "events"],
    &["records"],
    &["value"],
    &["items"],
    &["data"],
    &["messages"],
    &["logs"],
    &["matches"],
];

/// The name of an envelope's key, one of [`Keys::ENVELOPES`].
pub(in crate::ingest) fn name_of(key: Keys) -> &'static str {
    NAMES
        .iter()
        .find(|(named, _)| *named == key)
        .map_or("records", |(_, name)| name)
}

/// Keys of envelopes that have one name only.
const NAMES: [(Keys, &str); 6] = [
    (Keys::RECORDS, "Records"),
    (Keys::EVENTS, "Events"),
    (Keys::LOG_EVENTS, "logEvents"),
    (Keys::EVENTS_LOWER, "events"),
    (Keys::RESULTS, "results"),
    (Keys::ROWS, "QueryResultRows"),
];

/// The array of records in the envelope that begins with `prefix`.
pub(in crate::ingest) fn record_array(prefix: &[u8]) -> Option<RecordArray> {
    let text = valid_prefix(prefix);
    RECORD_ARRAYS.iter().find_map(|path| {
        let inner = path
            .iter()
            .try_fold(text, |object, key| open(object, key))?;
        let n_bytes = text.len().checked_sub(inner.len())?.checked_add(1)?;
        inner.starts_with('[').then_some(RecordArray {
            n_bytes,
            n_objects: path.len(),
            key: path.first().copied().unwrap_or_default(),
        })
    })
}

/// What follows `key` in the object that `text` begins with.
fn open<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let mut end = text.strip_prefix('{')?;
    for member in members(text) {
        if member.key == key {
            // The member is whole, so it is not the one that is too large.
            return None;
        }
        let from = member.value.as_ptr().addr() - text.as_ptr().addr();
        end = text.get(from + member.value.len()..)?;
    }
    let rest = end.trim_start_matches([',', ' ', '\t', '\r', '\n']);
    let rest = rest
        .strip_prefix('"')?
        .strip_prefix(key)?
        .strip_prefix('"')?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}
