//! From the columns of a table to native records.
//!
//! A [`Plan`] is made once per table, from its header: either a column holds
//! the whole record as text, or its fields have columns of their own, which are
//! put together again. What the columns are called is data, one list per
//! product (`cloudtrail`, `okta`).

mod cloudtrail;
mod damage;
mod document;
mod field;
pub(in crate::ingest) mod fields;
mod okta;
mod product;
#[cfg(test)]
mod tests;
mod vault;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::Rebuilt;
use crate::ingest::coverage::SkipReason;
use crate::ingest::fidelity::Fidelity;
use crate::ingest::table::{Columns, Layout, Row};
use crate::ingest::text::is_absent;
use crate::ingest::time::local::{DateOrder, DateOrders};

use cloudtrail::CLOUDTRAIL;
pub(in crate::ingest) use damage::Damage;
use document::Document;
use field::{Field, Form};
use okta::OKTA;
use product::Product;
use vault::VAULT;

/// The products whose records tables may hold in columns.
const PRODUCTS: [&Product; 3] = [&CLOUDTRAIL, &OKTA, &VAULT];

/// Columns that hold a whole record: by name alone, and if there is JSON in
/// them.
const RECORDS: [&str; 5] = [
    "cloudtrailevent",
    "raw",
    "rawdata",
    "rawevent",
    "eventoriginal",
];
const LIKELY_RECORDS: [&str; 24] = [
    "message",
    "eventdata",
    "event",
    "record",
    "records",
    "log",
    "line",
    "payload",
    "body",
    "data",
    "json",
    "result",
    "content",
    "text",
    "value",
    "source",
    "detail",
    "document",
    "entry",
    "fulllog",
    "logtext",
    "rawlog",
    "jsonpayload",
    "textpayload",
];

/// Whose dialect a table is in, by how the name of one of its columns begins.
const DIALECTS: [(&str, &str); 9] = [
    ("AwsEventId", "Sentinel"),
    ("UserIdentityArn", "Sentinel"),
    ("aws.cloudtrail.", "Elastic"),
    ("okta.", "Elastic"),
    ("hashicorp_vault.", "Elastic"),
    ("userIdentity.", "flattened"),
    ("eventTime", "Lake"),
    ("eventtime", "Athena"),
    ("Event time", "console"),
];

/// Whether a column with this canonical name tells that a text is a table.
pub(in crate::ingest) fn knows(name: &str) -> bool {
    static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let records = RECORDS.into_iter().chain(LIKELY_RECORDS).map(str::to_owned);
        let fields = PRODUCTS.iter().flat_map(|product| product.names());
        records.chain(fields).collect()
    });
    NAMES.contains(name)
        || PRODUCTS
            .iter()
            .any(|product| product.element(name).is_some())
}

/// What to do with the rows of one table.
pub(in crate::ingest) enum Plan {
    /// The first of these columns that is not empty holds the record.
    Whole(Vec<&'static str>),
    /// The fields of the record are to be put together.
    Columns(Assembly),
}

impl Plan {
    /// What to do with a table of this layout, if it is known. `head` is the
    /// beginning that the layout was found in.
    pub(in crate::ingest) fn of(layout: &Layout, head: &[u8]) -> Option<Self> {
        let columns = layout.columns();
        let present = |name: &&str| columns.position(name).is_some();
        let whole: Vec<&str> = RECORDS.into_iter().filter(present).collect();
        if !whole.is_empty() {
            return Some(Self::Whole(whole));
        }
        let assembly = PRODUCTS
            .iter()
            .find_map(|product| Assembly::of(product, columns));
        if let Some(mut assembly) = assembly {
            assembly.learn_order(layout, head);
            return Some(Self::Columns(assembly));
        }
        let has_json = |name: &&str| columns.position(name).is_some_and(|at| layout.has_json(at));
        let likely: Vec<&str> = LIKELY_RECORDS.into_iter().filter(has_json).collect();
        (!likely.is_empty() && columns.len() > 1).then_some(Self::Whole(likely))
    }

    /// The round in which the table is read.
    pub(in crate::ingest) fn fidelity(&self) -> Fidelity {
        match self {
            Self::Whole(_) => Fidelity::Original,
            Self::Columns(assembly) if assembly.is_whole => Fidelity::Columns,
            Self::Columns(_) => Fidelity::Summary,
        }
    }

    /// What spreadsheets did to the rows so far.
    pub(in crate::ingest) fn damage(&self) -> Damage {
        match self {
            Self::Whole(_) => Damage::default(),
            Self::Columns(assembly) => assembly.damage,
        }
    }

    /// Whose dialect the table is in, for people; empty where it says nothing.
    pub(in crate::ingest) fn dialect(&self) -> &'static str {
        match self {
            Self::Whole(_) => "",
            Self::Columns(assembly) => assembly.dialect,
        }
    }
}

/// How the records of one table are put together.
pub(in crate::ingest) struct Assembly {
    product: &'static Product,
    dialect: &'static str,
    /// Fields, and where they may be found.
    fields: Vec<(&'static Field, Vec<usize>)>,
    /// Columns with parts of a structure that may have any keys, by position.
    open: Vec<(usize, Vec<String>)>,
    /// Columns with parts of the list, by number and key of the element.
    elements: BTreeMap<(usize, usize), usize>,
    /// Whether every field that matters has a column.
    is_whole: bool,
    /// Whether what the columns hold may differ from what the product wrote.
    is_reduced: bool,
    /// What comes first in dates with slashes, where the table tells.
    order: Option<DateOrder>,
    damage: Damage,
}

impl Assembly {
    fn of(product: &'static Product, columns: &Columns) -> Option<Self> {
        let is_elastic = columns.iter().any(|(_, name)| {
            let rest = name.strip_prefix(product.elastic);
            rest.is_some_and(|rest| product.fields.iter().any(|field| field.is_named(rest)))
        });
        let has_leaves = !columns
            .iter()
            .any(|(_, name)| name.starts_with("useridentity"));
        let positions = |field: &Field| {
            let names = field.names().into_iter();
            if is_elastic {
                let ecs = product.ecs.iter().filter(|(_, path)| *path == field.0);
                let prefixed = names.map(|name| format!("{}{name}", product.elastic));
                let names = ecs.map(|(name, _)| (*name).to_owned()).chain(prefixed);
                return names.filter_map(|name| columns.position(&name)).collect();
            }
            let leaves = product
                .leaves
                .iter()
                .filter(|(path, _)| has_leaves && *path == field.0);
            let names = names.chain(leaves.map(|(_, leaf)| (*leaf).to_owned()));
            names.filter_map(|name| columns.position(&name)).collect()
        };
        let fields = product.fields.iter().map(|field| (field, positions(field)));
        let mut assembly = Self {
            product,
            dialect: dialect(columns),
            fields: fields
                .filter(|(_, at): &(_, Vec<usize>)| !at.is_empty())
                .collect(),
            open: open(product, columns),
            elements: elements(product, columns),
            is_whole: false,
            is_reduced: is_elastic,
            order: None,
            damage: Damage::default(),
        };
        let has_all = |paths: &[&[&str]]| {
            let has_any = |any: &[&str]| any.iter().any(|path| assembly.has(path));
            paths.iter().all(|any| has_any(any))
        };
        let is_known = has_all(product.needed);
        assembly.is_whole = !product.whole.is_empty() && has_all(product.whole);
        assembly.is_reduced |= !assembly.is_whole;
        is_known.then_some(assembly)
    }

    /// Learns from the times of the first events how the table writes dates.
    fn learn_order(&mut self, layout: &Layout, head: &[u8]) {
        let times = self
            .fields
            .iter()
            .filter(|(field, _)| matches!(field.1, Form::Time));
        let mut orders = DateOrders::default();
        for position in times.flat_map(|(_, positions)| positions) {
            layout.sample(head, *position, &mut |cell| orders.observe(cell));
        }
        self.order = orders.order();
    }

    /// Whether a field has a column.
    fn has(&self, path: &str) -> bool {
        match path.strip_suffix(".*") {
            Some(outer) => self
                .open
                .iter()
                .any(|(_, path)| path.first().is_some_and(|key| key == outer)),
            None => self.fields.iter().any(|(field, _)| field.0 == path),
        }
    }

    /// Puts the record of one row together.
    ///
    /// # Errors
    ///
    /// When the row has nothing that makes a record: a note below the table.
    pub(in crate::ingest) fn rebuild(&mut self, row: &Row<'_>) -> Result<Rebuilt, SkipReason> {
        let mut record = Document::default();
        let mut is_reduced = self.is_reduced;
        self.damage.check_row(row);
        for (Field(path, form, _), positions) in &self.fields {
            let cells = positions.iter().map(|position| row.at(*position));
            let Some(cell) = cells.map(str::trim).find(|cell| !is_absent(cell)) else {
                continue;
            };
            match form.read(cell, row, self.order, &mut self.damage) {
                Some(reading) => {
                    is_reduced |= reading.is_damaged;
                    record.set(path.split('.'), reading.value);
                }
                None => is_reduced = true,
            }
        }
        for (position, path) in self.open.iter().take_while(|(at, _)| *at < row.len()) {
            let cell = row.at(*position);
            if !is_absent(cell) {
                record.set(path.iter().map(String::as_str), each_line(cell));
            }
        }
        if let Some((list, keys)) = self.product.list {
            let elements = self.list(keys, row);
            if !elements.is_empty() {
                record.set([list], elements.into_iter().map(Value::Object).collect());
            }
        }
        let mut needed = self.product.needed.iter().copied().flatten();
        if !needed.any(|path| record.has(path.split('.'))) {
            return Err(SkipReason::UnknownType);
        }
        (self.product.complete)(&mut record);
        Ok(Rebuilt {
            source: self.product.source,
            text: record.into_text(),
            is_reduced,
        })
    }

    /// The elements of the list, from columns of their own or from the lines of
    /// common ones.
    fn list(&self, keys: &[&str], row: &Row<'_>) -> Vec<Map<String, Value>> {
        let mut elements: Vec<Map<String, Value>> = Vec::new();
        let mut n_lines = (0, 0);
        for ((number, rank), position) in &self.elements {
            let cell = row.at(*position);
            let Some(key) = keys.get(*rank).filter(|_| !is_absent(cell)) else {
                continue;
            };
            if n_lines.1 == 0 || n_lines.0 != *number {
                n_lines = (*number, cell.lines().count());
            }
            // What an element lacks has no line, so fewer belong to nobody.
            if cell.lines().count() != n_lines.1 {
                continue;
            }
            for (n, line) in cell.lines().enumerate().take(MAX_LIST) {
                let at = number.saturating_add(n);
                if elements.len() <= at {
                    elements.resize_with(at.saturating_add(1), Map::new);
                }
                if let Some(element) = elements.get_mut(at) {
                    let value = || Value::String(line.to_owned());
                    element.entry(*key).or_insert_with(value);
                }
            }
        }
        elements.retain(|element| !element.is_empty());
        elements
    }
}

/// The longest list that is put together.
const MAX_LIST: usize = 4096;

fn dialect(columns: &Columns) -> &'static str {
    let begins = |sign: &str| columns.iter().any(|(written, _)| written.starts_with(sign));
    let known = DIALECTS.iter().find(|(sign, _)| begins(sign));
    known.map_or("", |(_, dialect)| *dialect)
}

/// The columns that are parts of structures with any keys. Lists among them are
/// marked with `{}`.
fn open(product: &Product, columns: &Columns) -> Vec<(usize, Vec<String>)> {
    let path = |written: &str| {
        product.open.iter().find_map(|(begin, outer)| {
            let rest = written.strip_prefix(begin)?;
            let keys = rest.split('.').map(|key| key.trim_end_matches("{}"));
            let path = std::iter::once(*outer).chain(keys).map(str::to_owned);
            Some(path.collect::<Vec<_>>())
        })
    };
    let columns = columns.iter().enumerate();
    columns
        .filter_map(|(position, (written, _))| Some((position, path(written)?)))
        .collect()
}

/// The columns that are parts of the list: number and key, and the first that
/// has them.
fn elements(product: &Product, columns: &Columns) -> BTreeMap<(usize, usize), usize> {
    let mut elements = BTreeMap::new();
    for (position, (_, name)) in columns.iter().enumerate() {
        if let Some(element) = product.element(name) {
            elements.entry(element).or_insert(position);
        }
    }
    elements
}

/// The value of a cell, or the values if it has several, one per line.
fn each_line(cell: &str) -> Value {
    let text = |line: &str| Value::String(line.to_owned());
    let mut lines = cell.lines();
    match (lines.next(), lines.next()) {
        (Some(_), Some(_)) => cell.lines().map(text).collect(),
        _ => text(cell),
    }
}
