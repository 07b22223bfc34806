//! What must hold of every event and every account, whatever was read.

use crate::event::{Event, Source};
use crate::ingest::coverage::{Coverage, ProblemKind};

/// More than any text of an event is long: the parsers cut at less.
const MAX_TEXT: usize = 8 * 1024;

/// Resources and edges that an event keeps at most.
const MAX_LIST: usize = 256;

/// Holds `event` against what is promised of all events.
///
/// # Panics
///
/// When it is broken.
pub(super) fn event(event: &Event<'_>) {
    assert!(event.time.plausible().is_some(), "{:?}", event.time);
    assert!(!event.action.name.is_empty(), "no action");
    // Of several events that a mapping finds in a record one stands for it.
    let is_told = event.n_records >= 1 || event.source == Source::Generic;
    assert!(is_told, "of no record");
    assert!(event.resources.len() <= MAX_LIST, "too many resources");
    assert!(event.edges.len() <= MAX_LIST, "too many edges");
    for text in [&event.native_id, &event.tenant, &event.action.name] {
        assert!(text.len() <= MAX_TEXT, "{} bytes of text", text.len());
    }
}

/// Holds the account of a run against itself.
///
/// # Panics
///
/// When it does not add up, or tells of a defect of ours.
pub(super) fn coverage(coverage: &Coverage) {
    assert!(coverage.adds_up(), "{coverage:#?}");
    let sum = |of: fn(&_) -> u64| coverage.files.iter().map(of).sum::<u64>();
    assert_eq!(coverage.n_records, sum(|file| file.n_records));
    for file in &coverage.files {
        assert!(file.n_skipped <= file.n_records, "{file:#?}");
        assert_eq!(file.first.is_some(), file.last.is_some());
        assert!(file.first <= file.last, "{file:#?}");
        for problem in &file.problems {
            let is_defect = problem
                .detail
                .as_raw()
                .starts_with("a defect in this program");
            assert!(!is_defect, "{file:#?}");
        }
    }
    for source in coverage.sources.values() {
        assert_eq!(source.n_events, source.hours.values().sum::<u64>());
    }
}

/// Whether a file unpacked to more than the limits allow. How much of it was
/// read before that showed depends on how its bytes arrived.
pub(super) fn is_exhausted(coverage: &Coverage) -> bool {
    let mut problems = coverage.files.iter().flat_map(|file| &file.problems);
    problems.any(|problem| problem.kind == ProblemKind::TooLarge)
}
