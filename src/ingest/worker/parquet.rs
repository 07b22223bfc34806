//! Reading a Parquet file, row by row.

use std::fs::File;
use std::io::{BufRead, Read};
use std::rc::Rc;

use super::{PIECES_PER_REPORT, Worker};
use crate::ingest::Fold;
use crate::ingest::coverage::{ProblemKind, SkipReason};
use crate::ingest::decode::Tracker;
use crate::ingest::envelope;
use crate::ingest::keys::Keys;
use crate::ingest::parquet::{Refusal, Row, Source, Table};
use crate::ingest::structure::delimit;

/// The largest Parquet file that is kept in memory because it cannot be read
/// here and there: from a pipe, or out of another file.
const MAX_STREAMED: u64 = 256 << 20;

impl<F: Fold> Worker<'_, F> {
    /// Reads a Parquet file: `file` from the disk, or what `stream` delivers of
    /// one that another file holds, or a pipe.
    pub(super) fn read_parquet(
        &mut self,
        stream: Box<dyn BufRead + '_>,
        file: Option<&File>,
        tracker: &Rc<Tracker>,
    ) {
        let Some(file) = file else {
            return self.read_parquet_stream(stream, tracker);
        };
        match file.try_clone().and_then(Source::of_file) {
            Ok(source) => {
                let n_bytes = source.n_bytes();
                let n_decoded = self.read_rows(source, tracker);
                tracker.reach(n_bytes, n_decoded);
            }
            Err(error) => self.file.note(ProblemKind::Unreadable, &error.to_string()),
        }
    }

    fn read_parquet_stream(&mut self, stream: Box<dyn BufRead + '_>, tracker: &Rc<Tracker>) {
        let mut bytes = Vec::new();
        let outcome = stream.take(MAX_STREAMED + 1).read_to_end(&mut bytes);
        if let Err(error) = outcome {
            return self.file.note(ProblemKind::Unreadable, &error.to_string());
        }
        if bytes.len() as u64 > MAX_STREAMED {
            let detail = format!("Parquet of more than {MAX_STREAMED} bytes in a stream");
            return self.file.note(ProblemKind::TooLarge, &detail);
        }
        self.read_rows(Source::of_bytes(bytes), tracker);
    }

    /// Reads the rows that count in this round; their bytes as text.
    fn read_rows(&mut self, source: Source, tracker: &Rc<Tracker>) -> u64 {
        let limits = &self.run.options.limits;
        self.file.text.shape.envelope = Some("Parquet");
        let mut table = match Table::open(source, limits) {
            Ok(table) => table,
            Err(refusal) => {
                self.note_refusal(&refusal);
                return 0;
            }
        };
        let fidelity = table.fidelity();
        if self.file.waits_for(fidelity) {
            return 0;
        }
        let mut n_rows = 0_u32;
        while let Some(row) = table.next_row() {
            match row {
                Ok(Row::Text(text)) => {
                    let keys = delimit(text.as_bytes()).map_or_else(Keys::default, |(_, k)| k);
                    envelope::unwrap(text, keys, self);
                }
                Ok(Row::TooLarge) if self.file.is_due(fidelity) => self.skip(SkipReason::TooLarge),
                Ok(Row::TooLarge) => {}
                Err(refusal) => {
                    self.note_refusal(&refusal);
                    break;
                }
            }
            self.file.offset = table.n_decoded();
            n_rows = n_rows.wrapping_add(1);
            if n_rows.is_multiple_of(PIECES_PER_REPORT) {
                self.report(0, tracker);
            }
        }
        table.n_decoded()
    }

    fn note_refusal(&mut self, refusal: &Refusal) {
        let detail = format!("Parquet: {}", refusal.detail);
        self.file.note(refusal.kind, &detail);
    }
}
