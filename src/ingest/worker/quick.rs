//! The quick ways: files that are unpacked in one go, and records that are read
//! as they stand.

use std::fs::File;

use super::{Worker, context};
use crate::ingest::Fold;
use crate::ingest::cloudtrail::memo::Memo;
use crate::ingest::cloudtrail::quick::Quick;
use crate::ingest::decode::Tracker;
use crate::ingest::raw::RawPiece;
use crate::ingest::split::{Declined, Splitter, Taken};

impl<F: Fold> Worker<'_, F> {
    /// Reads a file that can be unpacked in one go; false if it cannot.
    pub(super) fn read_whole(&mut self, file: &mut File, tracker: &Tracker) -> bool {
        let limits = &self.run.options.limits;
        let Some(n) = self.whole.unpack(file, limits, tracker) else {
            return false;
        };
        self.file.layers.push("gzip");
        let text = self.whole.take_text();
        let mut splitter = Splitter::whole(text, n, limits.max_record, limits.max_depth);
        self.read_pieces(&mut splitter, tracker);
        self.whole.reuse(splitter.into_buffer());
        true
    }

    /// Takes the record that `text` begins with, if it is easy to read.
    pub(super) fn take_quick(
        &mut self,
        memo: &mut Memo,
        offset: u64,
        text: &str,
    ) -> Result<Taken, Declined> {
        let max_depth = self.run.options.limits.max_depth;
        let Memo {
            order,
            callers,
            derived,
        } = memo;
        let mut quick = Quick::default();
        let taken = quick.read(text, max_depth, order, callers)?;
        self.file.offset = offset;
        let mut context = context(self.run.options, &self.file, &mut self.notes);
        match quick.event(derived, &mut context) {
            Ok(mut event) => {
                let text = text.get(..taken.n_bytes).unwrap_or_default();
                if self.run.options.raw.is_some() {
                    self.piece = RawPiece::of(offset, text.as_bytes());
                    self.keep_raw(text, None);
                    self.piece = RawPiece::default();
                }
                self.use_record(&mut event, text);
            }
            Err(reason) => self.skip(reason),
        }
        Ok(taken)
    }
}
