//! The shape of what CloudTrail tells about itself.

use serde::Serialize;

use super::{Text, text};
use crate::event::Source;
use crate::ingest::coverage::{Coverage, Digests, Insight};

#[derive(Serialize)]
pub(super) struct TrailShape<'a> {
    /// Among the duplicates: told better by another record.
    n_retold: u64,
    n_delayed: u64,
    no_global_services: bool,
    n_insights: u64,
    /// The earliest.
    insights: Vec<InsightShape<'a>>,
    digests: Option<DigestsShape<'a>>,
}

impl<'a> TrailShape<'a> {
    /// `None` where there is nothing to tell.
    pub(super) fn of(coverage: &'a Coverage) -> Option<Self> {
        let trail = &coverage.trail;
        (!trail.is_empty()).then(|| Self {
            n_retold: trail.n_retold,
            n_delayed: trail.n_delayed,
            no_global_services: trail.lacks_global_services(),
            n_insights: trail.insights.n,
            insights: trail.insights.kept.keys().map(InsightShape::of).collect(),
            digests: (trail.digests.n() > 0).then(|| DigestsShape::of(&trail.digests, coverage)),
        })
    }
}

#[derive(Serialize)]
struct InsightShape<'a> {
    time: String,
    kind: Text<'a>,
    action: Text<'a>,
    error: Option<Text<'a>>,
    callers: Vec<Text<'a>>,
}

impl<'a> InsightShape<'a> {
    fn of(insight: &'a Insight) -> Self {
        Self {
            time: insight.time.rfc3339(),
            kind: text(&insight.kind),
            action: text(&insight.action),
            error: insight.error.as_ref().map(text),
            callers: insight.callers.iter().map(text).collect(),
        }
    }
}

#[derive(Serialize)]
struct DigestsShape<'a> {
    n: usize,
    n_log_files: usize,
    /// `null` where no file bears the name of a log file.
    n_missing: Option<u64>,
    missing: Vec<Text<'a>>,
    /// Digests that do not follow the one before them.
    n_breaks: u64,
    breaks: Vec<Text<'a>>,
    n_silent_hours: usize,
}

impl<'a> DigestsShape<'a> {
    fn of(digests: &'a Digests, coverage: &Coverage) -> Self {
        let source = coverage.sources.get(&Source::CloudTrail);
        let missing = digests.missing.as_ref();
        Self {
            n: digests.n(),
            n_log_files: digests.n_log_files,
            n_missing: missing.map(|files| files.n),
            missing: missing.map_or_else(Vec::new, |files| files.names.iter().map(text).collect()),
            n_breaks: digests.breaks.n,
            breaks: digests.breaks.names.iter().map(text).collect(),
            n_silent_hours: source.map_or(0, |source| source.silent_hours.len()),
        }
    }
}
