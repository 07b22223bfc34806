//! Reading a Parquet file, row by row.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use super::{PIECES_PER_REPORT, Worker};
use crate::ingest::Fold;
use crate::ingest::coverage::{ProblemKind, SkipReason};
use crate::ingest::decode::Tracker;
use crate::ingest::envelope;
use crate::ingest::keys::Keys;
use crate::ingest::parquet::{MAGIC, Row, Source, Table};
use crate::ingest::structure::delimit;

/// The largest Parquet file that is kept in memory because it cannot be read
/// here and there: from a pipe, or out of another file.
const MAX_STREAMED: u64 = 256 << 20;

/// Whether `file` begins as a Parquet file does. Afterwards it is at its
/// beginning again.
pub(super) fn is_parquet(file: &mut File) -> io::Result<bool> {
    let mut head = Vec::with_capacity(MAGIC.len());
    file.by_ref()
        .take(MAGIC.len() as u64)
        .read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(head == MAGIC)
}

impl<F: Fold> Worker<'_, F> {
    /// Reads a Parquet file from the disk.
    pub(super) fn read_parquet_file(&mut self, file: File, tracker: &Rc<Tracker>) {
        match Source::of_file(file) {
            Ok(source) => {
                let n_bytes = source.n_bytes();
                let n_decoded = self.read_parquet(source, tracker);
                tracker.reach(n_bytes, n_decoded);
            }
            Err(error) => self.file.note(ProblemKind::Unreadable, &error.to_string()),
        }
    }

    /// Reads a Parquet file that another one holds, or a pipe delivers.
    pub(super) fn read_parquet_stream(&mut self, stream: &mut dyn Read, tracker: &Rc<Tracker>) {
        let mut bytes = Vec::new();
        let outcome = stream.take(MAX_STREAMED + 1).read_to_end(&mut bytes);
        if let Err(error) = outcome {
            return self.file.note(ProblemKind::Unreadable, &error.to_string());
        }
        if bytes.len() as u64 > MAX_STREAMED {
            let detail = format!("Parquet of more than {MAX_STREAMED} bytes in a stream");
            return self.file.note(ProblemKind::TooLarge, &detail);
        }
        self.read_parquet(Source::of_bytes(bytes), tracker);
    }

    /// Reads the rows that count in this round; their bytes as text.
    fn read_parquet(&mut self, source: Source, tracker: &Rc<Tracker>) -> u64 {
        let limits = &self.run.options.limits;
        self.file.shape.envelope = Some("Parquet");
        let mut table = match Table::open(source, limits) {
            Ok(table) => table,
            Err(refusal) => {
                self.file.note(refusal.kind, &refusal.detail);
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
                    self.file.note(refusal.kind, &refusal.detail);
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
}
