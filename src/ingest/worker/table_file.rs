//! Reads a file that is a table.

use std::io::Read;

use super::{PIECES_PER_REPORT, Worker, context};
use crate::event::Flags;
use crate::ingest::Fold;
use crate::ingest::coverage::{ProblemKind, SkipReason};
use crate::ingest::decode::Tracker;
use crate::ingest::envelope;
use crate::ingest::fidelity::Fidelity;
use crate::ingest::generic::Mapping;
use crate::ingest::rebuild::table::{Assembly, Damage, Plan};
use crate::ingest::table::{Content, Layout, Row, Rows};

/// A table, its text unread.
pub(super) struct Table<'t> {
    pub(super) layout: Layout,
    pub(super) plan: Plan,
    pub(super) reader: Box<dyn Read + 't>,
}

impl<F: Fold> Worker<'_, F> {
    /// Reads what a table holds for this round. One whose columns are to be put
    /// together is left alone until its own round.
    pub(super) fn read_table(&mut self, table: Table<'_>, tracker: &Tracker) {
        let Table {
            layout,
            mut plan,
            reader,
        } = table;
        let fidelity = plan.fidelity();
        if fidelity > Fidelity::Original && self.file.waits_for(fidelity) {
            return;
        }
        let name = format!("{} {}", plan.dialect(), layout.name());
        name.trim_start().clone_into(&mut self.file.text.container);
        let max_record = self.run.options.limits.max_record;
        let mut rows = Rows::new(reader, layout, max_record);
        if fidelity == self.file.round {
            self.file.reported.get_or_insert((0, 0));
        }
        let mut n_rows = 0_u32;
        while let Some(piece) = rows.next() {
            self.file.offset = piece.offset;
            match (piece.content, &mut plan) {
                (Content::Lost(reason), Plan::Whole(_)) => self.skip_due(reason),
                (Content::Lost(_), Plan::Columns(_)) if self.file.round == Fidelity::Retold => {
                    self.file.pass_over(1);
                }
                (Content::Lost(reason), Plan::Columns(_)) => self.skip(reason),
                (Content::Row(row), Plan::Whole(columns)) => self.take_record(&row, columns),
                (Content::Row(row), Plan::Columns(assembly)) => {
                    self.take_columns(&row, assembly, fidelity);
                }
            }
            n_rows = n_rows.wrapping_add(1);
            if n_rows.is_multiple_of(PIECES_PER_REPORT) {
                self.report(0, tracker);
            }
        }
        self.note_damage(&rows, &plan.damage());
    }

    /// The record whose text is in the first of these columns that has any.
    fn take_record(&mut self, row: &Row<'_>, columns: &[&str]) {
        match columns.iter().find_map(|name| row.get(name)) {
            Some(record) => envelope::unwrap_content(record, self),
            None => self.skip_due(SkipReason::UnknownType),
        }
    }

    /// The record whose fields are in columns of their own.
    fn take_columns(&mut self, row: &Row<'_>, assembly: &mut Assembly, fidelity: Fidelity) {
        let is_again = self.file.round == Fidelity::Retold;
        let rebuilt = match assembly.rebuild(row) {
            Ok(rebuilt) => rebuilt,
            Err(_) if is_again => return self.file.pass_over(1),
            Err(reason) => return self.skip(reason),
        };
        let flags = [
            (rebuilt.is_reduced, Flags::REDUCED_FIDELITY),
            (row.is_cut(), Flags::TRUNCATED),
        ]
        .into_iter()
        .filter(|(holds, _)| *holds)
        .fold(Flags::none(), |flags, (_, flag)| flags.with(flag));
        if is_again {
            return self.rebuilt_again(fidelity, flags, &rebuilt.text);
        }
        self.file.flags = flags;
        self.record(rebuilt.source, &rebuilt.text);
        self.file.flags = Flags::none();
    }

    /// Reads a table of another product as `mapping` says.
    pub(super) fn read_mapped_table(
        &mut self,
        mapping: &Mapping,
        layout: Layout,
        reader: Box<dyn Read + '_>,
        tracker: &Tracker,
    ) {
        if self.file.round > Fidelity::Original {
            return;
        }
        layout.name().clone_into(&mut self.file.text.container);
        let names: Vec<String> = layout
            .columns()
            .iter()
            .map(|(_, canonical)| canonical.to_owned())
            .collect();
        let mut rows = Rows::new(reader, layout, self.run.options.limits.max_record);
        let mut n_rows = 0_u32;
        while let Some(piece) = rows.next() {
            self.file.offset = piece.offset;
            match piece.content {
                Content::Lost(reason) => self.skip(reason),
                Content::Row(row) => {
                    let cells = names.iter().enumerate();
                    let cells = cells.map(|(at, name)| (name.as_str(), row.at(at)));
                    let mut context = context(self.run.options, &self.file, &mut self.notes);
                    match mapping.parse_row(cells, &mut context) {
                        Ok(events) => self.use_mapped(mapping, &events, None),
                        Err(reason) => self.skip(reason),
                    }
                }
            }
            n_rows = n_rows.wrapping_add(1);
            if n_rows.is_multiple_of(PIECES_PER_REPORT) {
                self.report(0, tracker);
            }
        }
        self.note_damage(&rows, &Damage::default());
    }

    fn note_damage<R: Read>(&mut self, rows: &Rows<R>, damage: &Damage) {
        let tally = rows.tally();
        if self.file.reported.is_some() {
            self.account.coverage.n_repaired += tally.n_repaired;
        }
        if tally.is_cut {
            let detail = "the text ends inside a quoted cell";
            self.file.note(ProblemKind::Truncated, detail);
        }
        let damage = damage.describe(&tally, rows.columns().n_duplicate() as u64);
        if !damage.is_empty() {
            self.file.note(ProblemKind::Damaged, &damage);
        }
    }
}
