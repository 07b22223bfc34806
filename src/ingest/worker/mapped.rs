//! Records of other products, read as a mapping says.

use super::{Worker, context};
use crate::event::{Event, Source};
use crate::ingest::Fold;
use crate::ingest::generic::Mapping;

impl<F: Fold> Worker<'_, F> {
    /// A record of another product.
    pub(super) fn mapped(&mut self, mapping: &Mapping, text: &str) {
        let mut context = context(self.run.options, &self.file, &mut self.notes);
        match mapping.parse_record(text, &mut context) {
            Ok(events) => {
                self.keep_raw(text, None);
                self.use_mapped(mapping, &events, Some(text));
            }
            Err(reason) => self.skip(reason),
        }
    }

    /// Uses the events of one record; the first stands for the record.
    pub(super) fn use_mapped(
        &mut self,
        mapping: &Mapping,
        events: &[Event<'_>],
        text: Option<&str>,
    ) {
        self.file.count_event(Source::Generic);
        self.file.note_mapping(mapping.shown());
        self.account.coverage.n_records += 1;
        for event in events {
            self.file.coverage.observe_time(event.time);
            self.use_event(event, event.n_records.into(), text);
        }
    }
}
