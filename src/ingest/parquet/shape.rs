//! The shape of a row: which columns make which fields of its JSON.
//!
//! Only the columns that are wanted are in it. A field without a value is left
//! out, as if the file had no such column.

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::schema::types::Type;

use super::Refusal;
use super::column::{Cursor, Level};
use super::text::RowText;

/// One node of a row.
#[derive(Debug)]
pub(super) struct Node {
    /// The first column below it.
    first: usize,
    /// How many columns are below it.
    n_columns: usize,
    /// The least definition level at which it is there.
    def: i16,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A value.
    Leaf,
    /// Fields, each with its name as JSON.
    Group(Vec<(String, Node)>),
    /// A list whose elements begin at this definition and repetition level.
    List(Level, Box<Node>),
    /// A list of pairs.
    Map(Level, Box<Node>, Box<Node>),
}

/// The columns of a row that were opened.
pub(super) type Columns = [Box<dyn Cursor>];

/// The shape of the rows of a file, and the columns that they need: positions
/// in the file, in order.
pub(super) fn of_rows(root: &Type, is_wanted: impl Fn(&str) -> bool) -> (Node, Vec<usize>) {
    let mut plan = Plan::default();
    let mut fields = Vec::new();
    for field in root.get_fields() {
        plan.is_wanted = is_wanted(field.name());
        if let Some(node) = plan.node(field, Level { def: 0, rep: 0 }) {
            fields.push((quoted(field.name()), node));
        }
    }
    let node = Node {
        first: 0,
        n_columns: plan.columns.len(),
        def: 0,
        kind: Kind::Group(fields),
    };
    (node, plan.columns)
}

/// The walk through a schema.
#[derive(Default)]
struct Plan {
    is_wanted: bool,
    /// Leaves met so far.
    n_leaves: usize,
    columns: Vec<usize>,
}

impl Plan {
    /// The node of `field` inside something at `level`; `None` where nothing
    /// of it is wanted.
    fn node(&mut self, field: &Type, level: Level) -> Option<Node> {
        match repetition(field) {
            Repetition::REQUIRED => self.inner(field, level),
            Repetition::OPTIONAL => self.inner(field, deeper(level, 0)),
            // A list without the groups that usually make one.
            Repetition::REPEATED => {
                let element = deeper(level, 1);
                let item = self.inner(field, element)?;
                Some(list(level, element, item))
            }
        }
    }

    fn inner(&mut self, field: &Type, level: Level) -> Option<Node> {
        if field.is_primitive() {
            let column = self.n_leaves;
            self.n_leaves += 1;
            return self.is_wanted.then(|| {
                self.columns.push(column);
                Node {
                    first: self.columns.len() - 1,
                    n_columns: 1,
                    def: level.def,
                    kind: Kind::Leaf,
                }
            });
        }
        match (annotation(field), field.get_fields()) {
            (Some(Annotation::List), [repeated]) if is_repeated(repeated) => {
                self.list(repeated, level)
            }
            (Some(Annotation::Map), [pair]) if is_repeated(pair) && pair.is_group() => {
                match pair.get_fields() {
                    [key, value] => self.map(key, value, level),
                    _ => self.list(pair, level),
                }
            }
            (_, fields) => self.group(fields, level),
        }
    }

    fn group(&mut self, fields: &[std::sync::Arc<Type>], level: Level) -> Option<Node> {
        let first = self.columns.len();
        let mut nodes = Vec::new();
        for field in fields {
            if let Some(node) = self.node(field, level) {
                nodes.push((quoted(field.name()), node));
            }
        }
        (!nodes.is_empty()).then(|| Node {
            first,
            n_columns: self.columns.len() - first,
            def: level.def,
            kind: Kind::Group(nodes),
        })
    }

    /// Three levels as written today (list, repeated group, element), or two
    /// as written before.
    fn list(&mut self, repeated: &Type, level: Level) -> Option<Node> {
        let element = deeper(level, 1);
        let is_wrapper = repeated.is_group()
            && repeated.get_fields().len() == 1
            && repeated.name() != "array"
            && !repeated.name().ends_with("_tuple");
        let item = match repeated.is_group().then(|| repeated.get_fields()) {
            Some([inner]) if is_wrapper => self.node(inner, element)?,
            _ => self.inner(repeated, element)?,
        };
        Some(list(level, element, item))
    }

    fn map(&mut self, key: &Type, value: &Type, level: Level) -> Option<Node> {
        let element = deeper(level, 1);
        let key = self.node(key, element)?;
        let value = self.node(value, element)?;
        Some(Node {
            first: key.first,
            n_columns: key.n_columns + value.n_columns,
            def: level.def,
            kind: Kind::Map(element, Box::new(key), Box::new(value)),
        })
    }
}

fn list(outer: Level, element: Level, item: Node) -> Node {
    Node {
        first: item.first,
        n_columns: item.n_columns,
        def: outer.def,
        kind: Kind::List(element, Box::new(item)),
    }
}

fn deeper(level: Level, n_lists: i16) -> Level {
    Level {
        def: level.def.saturating_add(1),
        rep: level.rep.saturating_add(n_lists),
    }
}

fn repetition(field: &Type) -> Repetition {
    let info = field.get_basic_info();
    if info.has_repetition() {
        info.repetition()
    } else {
        Repetition::REQUIRED
    }
}

pub(super) fn is_repeated(field: &Type) -> bool {
    repetition(field) == Repetition::REPEATED
}

enum Annotation {
    List,
    Map,
}

fn annotation(field: &Type) -> Option<Annotation> {
    let info = field.get_basic_info();
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::List), _) | (_, ConvertedType::LIST) => Some(Annotation::List),
        (Some(LogicalType::Map), _) | (_, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE) => {
            Some(Annotation::Map)
        }
        _ => None,
    }
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

impl Node {
    /// Writes the next row. False when there is none.
    pub(super) fn write_row(
        &self,
        columns: &mut Columns,
        out: &mut RowText,
    ) -> Result<bool, Refusal> {
        if columns.iter().all(|column| column.level().is_none()) {
            return Ok(false);
        }
        self.write(columns, out)?;
        let mut levels = columns.iter().filter_map(|column| column.level());
        if levels.all(|level| level.rep == 0) {
            Ok(true)
        } else {
            Err(Refusal::corrupt("the columns of a row are at odds"))
        }
    }

    fn write(&self, columns: &mut Columns, out: &mut RowText) -> Result<(), Refusal> {
        match &self.kind {
            Kind::Leaf => {
                let column = self.column(columns)?;
                if self.is_there(column)? {
                    column.write(out);
                } else {
                    out.push("null");
                }
                column.advance()
            }
            Kind::Group(fields) => self.write_group(fields, columns, out),
            Kind::List(element, item) => {
                out.push("[");
                let mut n = 0_u64;
                self.each(*element, columns, |columns| {
                    out.push(if n == 0 { "" } else { "," });
                    n += 1;
                    item.write(columns, out)
                })?;
                out.push("]");
                Ok(())
            }
            Kind::Map(element, key, value) => {
                out.push("{");
                let mut n = 0_u64;
                self.each(*element, columns, |columns| {
                    out.push(if n == 0 { "" } else { "," });
                    n += 1;
                    write_key(key, columns, out)?;
                    out.push(":");
                    value.write(columns, out)
                })?;
                out.push("}");
                Ok(())
            }
        }
    }

    fn write_group(
        &self,
        fields: &[(String, Self)],
        columns: &mut Columns,
        out: &mut RowText,
    ) -> Result<(), Refusal> {
        out.push("{");
        let mut is_first = true;
        for (name, field) in fields {
            if !field.has_value(columns)? {
                field.pass(columns)?;
                continue;
            }
            out.push(if is_first { "" } else { "," });
            is_first = false;
            out.push(name);
            out.push(":");
            field.write(columns, out)?;
        }
        out.push("}");
        Ok(())
    }

    /// Calls `write` for each element of a list.
    fn each(
        &self,
        element: Level,
        columns: &mut Columns,
        mut write: impl FnMut(&mut Columns) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        if self.level(columns)?.def < element.def {
            return self.pass(columns);
        }
        loop {
            write(columns)?;
            match self.column(columns)?.level() {
                Some(level) if level.rep == element.rep => {}
                _ => return Ok(()),
            }
        }
    }

    /// Whether there is anything to write.
    fn has_value(&self, columns: &mut Columns) -> Result<bool, Refusal> {
        Ok(self.level(columns)?.def >= self.def)
    }

    /// Goes past the place of something that is not there.
    fn pass(&self, columns: &mut Columns) -> Result<(), Refusal> {
        for column in columns.iter_mut().skip(self.first).take(self.n_columns) {
            column.advance()?;
        }
        Ok(())
    }

    fn is_there(&self, column: &dyn Cursor) -> Result<bool, Refusal> {
        let level = column.level().ok_or_else(ended)?;
        Ok(level.def >= self.def)
    }

    fn level(&self, columns: &mut Columns) -> Result<Level, Refusal> {
        self.column(columns)?.level().ok_or_else(ended)
    }

    fn column<'c>(&self, columns: &'c mut Columns) -> Result<&'c mut dyn Cursor, Refusal> {
        match columns.get_mut(self.first) {
            Some(column) => Ok(&mut **column),
            None => Err(ended()),
        }
    }
}

fn ended() -> Refusal {
    Refusal::corrupt("a column ends before the others")
}

/// Writes the key of a pair, which JSON wants to be a string.
fn write_key(key: &Node, columns: &mut Columns, out: &mut RowText) -> Result<(), Refusal> {
    let start = out.n_bytes();
    key.write(columns, out)?;
    if !out.is_string_from(start) {
        let other = out.take_from(start);
        out.text(other.as_bytes());
    }
    Ok(())
}
