//! Lines that need more than a look: text around records, lines in pieces, lines
//! whose end was cut off, and halves whose other half does not come.

use super::{Worker, context};
use crate::ingest::Fold;
use crate::ingest::coverage::SkipReason;
use crate::ingest::envelope;
use crate::ingest::fidelity::Fidelity;
use crate::ingest::prefix::{self, ContainerLine, Joined};
use crate::ingest::vault::{self, Exchange, Half};

/// Lines that every file may leave waiting for other files, however many files
/// there are: calls that are open when a log is rotated.
const MIN_SHARE: usize = 64;

impl<F: Fold> Worker<'_, F> {
    /// Takes a line of text, or a piece of one. Whether a whole record ended
    /// in it.
    pub(super) fn take_text(&mut self, text: &str) -> bool {
        let limit = self.run.options.limits.max_record;
        let joined = ContainerLine::of(text).map_or(Joined::Alone, |line| {
            self.file.text.partials.join(line, limit)
        });
        match joined {
            Joined::Alone => self.take_line(text),
            Joined::Whole(line) => self.take_line(&line),
            Joined::Waiting => false,
            Joined::TooLong => {
                self.skip_text(SkipReason::TooLarge);
                false
            }
        }
    }

    /// Takes a line of text. Whether there was a whole record in it.
    pub(super) fn take_line(&mut self, line: &str) -> bool {
        let line = line.trim_end();
        let is_record = envelope::unwrap_line(line, self);
        if !is_record {
            match prefix::cut_record(line) {
                Some(beginning) => self.cut(beginning),
                None => self.skip_text(SkipReason::OperationalLine),
            }
        }
        is_record
    }

    /// Takes what is left of a record whose end was cut off.
    pub(super) fn cut(&mut self, beginning: &str) {
        if !self.file.is_due(Fidelity::Original) {
            return;
        }
        let mut context = context(self.run.options, &self.file, &mut self.notes);
        match vault::salvage(beginning, &mut context) {
            Ok(entry) => {
                self.account.coverage.n_salvaged += 1;
                self.half(entry);
            }
            Err(SkipReason::TruncatedRecord) => {
                self.file.skip_text(SkipReason::TruncatedRecord);
            }
            Err(reason) => self.skip(reason),
        }
    }

    /// Gives up on lines of which the other half did not come in time.
    pub(super) fn give_up(&mut self, halves: Vec<Half>) {
        for half in halves {
            self.file.n_waiting = self.file.n_waiting.saturating_sub(1);
            self.account.coverage.n_unpaired += 1;
            self.call(Exchange::from_half(half));
        }
    }

    /// Leaves the file no more waiting lines than its share of all that may
    /// wait for other files.
    pub(super) fn give_up_surplus(&mut self) {
        let most = self.run.options.limits.max_waiting;
        let share = most / self.run.inputs.len().max(1);
        let share = share.max(MIN_SHARE).min(most);
        let surplus = self.file.pairing.take_surplus(share);
        self.give_up(surplus);
    }
}
