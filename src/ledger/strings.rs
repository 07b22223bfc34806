//! Every distinct string once.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Number of a string in one ledger's table. It says nothing outside of it and
/// never orders anything.
pub type StringId = u32;

/// A table of strings and their stable hashes.
#[derive(Clone, Debug, Default)]
pub struct Strings {
    texts: Vec<Box<str>>,
    hashes: Vec<u64>,
    index: HashTable<StringId>,
    hasher: RandomState,
}

impl Strings {
    /// The number of `text`, which is added if it is new.
    pub fn intern(&mut self, text: &str) -> StringId {
        let hash = self.hasher.hash_one(text);
        let texts = &self.texts;
        if let Some(id) = self.index.find(hash, |id| text_of(texts, *id) == text) {
            return *id;
        }
        let id = StringId::try_from(self.texts.len()).unwrap_or(StringId::MAX);
        self.texts.push(text.into());
        self.hashes.push(value_hash(text));
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.index
            .insert_unique(hash, id, |id| hasher.hash_one(text_of(texts, *id)));
        id
    }

    /// The same for a text that is often the `last` one that was asked for.
    pub(super) fn intern_again(&mut self, text: &str, last: &mut StringId) -> StringId {
        if self.text(*last) != text || text.is_empty() {
            *last = self.intern(text);
        }
        *last
    }

    /// The number of `text`, if it is known.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<StringId> {
        let hash = self.hasher.hash_one(text);
        self.index
            .find(hash, |id| text_of(&self.texts, *id) == text)
            .copied()
    }

    /// The text of `id`.
    #[must_use]
    pub fn text(&self, id: StringId) -> &str {
        text_of(&self.texts, id)
    }

    /// The stable hash of `id`'s text.
    #[must_use]
    pub fn hash(&self, id: StringId) -> u64 {
        self.hashes.get(id as usize).copied().unwrap_or_default()
    }

    /// How many strings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

fn text_of(texts: &[Box<str>], id: StringId) -> &str {
    texts.get(id as usize).map_or("", AsRef::as_ref)
}

/// A hash of `text` that is the same in every run and on every machine: it
/// decides which elements a sketch or a sample holds.
#[must_use]
pub fn value_hash(text: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}
