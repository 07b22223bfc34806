//! A part of the coverage while it grows.

use crate::event::{Event, Source, Timestamp};
use crate::ingest::coverage::{Coverage, FileCoverage, SourceCoverage};

const SECONDS_PER_HOUR: i64 = 3600;

/// The coverage of one thread, or of the whole run.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// All but the newest hour's count.
    pub(super) coverage: Coverage,
    /// The hour of the last event and how many were in it. Logs are roughly in
    /// order of time, so this saves two look-ups per event.
    hour: Option<(Source, i64, u64)>,
}

impl Account {
    /// Counts an event that is used.
    pub(super) fn observe(&mut self, event: &Event<'_>) {
        let hour = event.time.seconds().div_euclid(SECONDS_PER_HOUR);
        match &mut self.hour {
            Some((source, same, n)) if *source == event.source && *same == hour => *n += 1,
            _ => {
                self.flush();
                self.hour = Some((event.source, hour, 1));
            }
        }
        if event.source == Source::CloudTrail {
            self.coverage.trail.observe_service(&event.action.service);
        }
        let source = self.coverage.sources.entry(event.source).or_default();
        source.n_events += 1;
        widen(&mut source.first, &mut source.last, event.time);
    }

    /// Counts the halves that were offered to a pairing and came out neither
    /// paired nor alone: repeats of halves that were there before.
    pub(super) fn settle_repeats(&mut self, n_waiting: u64, n_alone: usize) {
        let n_repeats = n_waiting.saturating_sub(n_alone as u64);
        self.coverage.n_duplicate += n_repeats;
    }

    /// Adds what another thread counted.
    pub(super) fn merge(&mut self, other: Coverage) {
        let total = &mut self.coverage;
        total.n_records += other.n_records;
        total.n_used += other.n_used;
        total.n_duplicate += other.n_duplicate;
        total.n_out_of_window += other.n_out_of_window;
        total.n_unpaired += other.n_unpaired;
        total.n_repaired += other.n_repaired;
        total.n_salvaged += other.n_salvaged;
        for (reason, tally) in other.passed_over {
            total.passed_over.entry(reason).or_default().merge(tally);
        }
        total.trail.merge(other.trail);
        for (reason, tally) in other.skipped {
            total.skipped.entry(reason).or_default().merge(tally);
        }
        for (name, n) in other.unknown_values {
            *total.unknown_values.entry(name).or_default() += n;
        }
        for (source, part) in other.sources {
            merge_source(total.sources.entry(source).or_default(), part);
        }
    }

    /// The coverage so far.
    pub(super) fn into_coverage(mut self) -> Coverage {
        self.flush();
        self.coverage
    }

    fn flush(&mut self) {
        if let Some((source, hour, n)) = self.hour.take() {
            let source = self.coverage.sources.entry(source).or_default();
            *source.hours.entry(hour).or_default() += n;
        }
    }
}

impl FileCoverage {
    /// Adds what a later round found in the same file.
    pub(super) fn merge(&mut self, later: Self) {
        if self.n_events == 0 {
            self.format = later.format;
        }
        if self.members.is_empty() {
            // Records have the same numbers in every round.
            self.members = later.members;
        }
        self.n_bytes = self.n_bytes.max(later.n_bytes);
        self.n_decoded = self.n_decoded.max(later.n_decoded);
        self.n_records += later.n_records;
        self.n_events += later.n_events;
        self.n_skipped += later.n_skipped;
        for time in later.first.into_iter().chain(later.last) {
            self.observe_time(time);
        }
        for problem in later.problems {
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }

    /// Takes note of when an event of the file happened.
    pub(super) fn observe_time(&mut self, time: Timestamp) {
        widen(&mut self.first, &mut self.last, time);
    }
}

fn merge_source(total: &mut SourceCoverage, part: SourceCoverage) {
    total.n_events += part.n_events;
    for time in part.first.into_iter().chain(part.last) {
        widen(&mut total.first, &mut total.last, time);
    }
    for (hour, n) in part.hours {
        *total.hours.entry(hour).or_default() += n;
    }
}

fn widen(first: &mut Option<Timestamp>, last: &mut Option<Timestamp>, time: Timestamp) {
    *first = Some(first.map_or(time, |first| first.min(time)));
    *last = Some(last.map_or(time, |last| last.max(time)));
}
