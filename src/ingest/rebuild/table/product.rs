//! What is known of a product's records as tables have them.

use super::document::Document;
use super::field::Field;
use crate::event::Source;

/// How many elements of a list may have columns of their own.
const MAX_ELEMENTS: usize = 256;

/// One product's columns.
pub(super) struct Product {
    pub(super) source: Source,
    /// The columns of one record.
    pub(super) fields: &'static [Field],
    /// Paths of fields, and the names of their last parts alone.
    pub(super) leaves: &'static [(&'static str, &'static str)],
    /// A list of objects with these keys, in columns by key and number
    /// (`target0.id`), or by key with one line per object. Every object has the
    /// first key.
    pub(super) list: Option<(&'static str, &'static [&'static str])>,
    /// How names of columns begin that are parts of a structure with any keys,
    /// and which structure that is.
    pub(super) open: &'static [(&'static str, &'static str)],
    /// Paths of the fields without which no record can be told, of which one per
    /// line must be there.
    pub(super) needed: &'static [&'static [&'static str]],
    /// Paths of fields of which a full rendering has one per line, `*` standing
    /// for any keys. Empty where nothing makes a rendering full.
    pub(super) whole: &'static [&'static [&'static str]],
    /// How the names of columns begin where an index of Elastic's was exported.
    pub(super) elastic: &'static str,
    /// Names of the Elastic Common Schema, and paths of the fields.
    pub(super) ecs: &'static [(&'static str, &'static str)],
    /// Fills in what follows from the rest of a record.
    pub(super) complete: fn(&mut Document),
}

impl Product {
    /// The number of the object in the list and the position of its key, if the
    /// column with this canonical name is a part of one.
    pub(super) fn element(&self, name: &str) -> Option<(usize, usize)> {
        let (list, keys) = self.list?;
        let name = name.strip_prefix(self.elastic).unwrap_or(name);
        let rest = name.strip_prefix(list)?;
        let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, key) = rest.split_at_checked(n_digits)?;
        let number = match number {
            "" => 0,
            number => number.parse().ok().filter(|n| *n < MAX_ELEMENTS)?,
        };
        let is_key = |own: &&str| own.eq_ignore_ascii_case(key);
        Some((number, keys.iter().position(is_key)?))
    }

    /// The canonical names of the columns of a record, those of a list left out.
    pub(super) fn names(&self) -> Vec<String> {
        let own = self.fields.iter().flat_map(Field::names);
        let own: Vec<String> = own.collect();
        let elastic = own.iter().map(|name| format!("{}{name}", self.elastic));
        let leaves = self.leaves.iter().map(|(_, leaf)| (*leaf).to_owned());
        let ecs = self.ecs.iter().map(|(name, _)| (*name).to_owned());
        let others: Vec<String> = elastic.chain(leaves).chain(ecs).collect();
        [own, others].concat()
    }
}
