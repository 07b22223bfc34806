//! The shape of what was read: a part of `habitual.report/1`, and with the
//! identities and recommended windows `habitual.inspection/1`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::trail::TrailShape;
use super::{Text, WindowShape, text, texts};
use crate::event::Timestamp;
use crate::ingest::coverage::{Coverage, FileCoverage, FileProblem, Sample, SourceCoverage, Tally};
use crate::report::{ClassCount, Gap, Inspection, Recommended, citation};

#[derive(Serialize)]
pub(super) struct CoverageShape<'a> {
    n_records: u64,
    n_used: u64,
    n_duplicate: u64,
    n_out_of_window: u64,
    n_skipped: u64,
    /// `n_records` is the sum of the four counts that follow it.
    adds_up: bool,
    is_incomplete: bool,
    skipped: Vec<SkipShape<'a>>,
    passed_over: Vec<PassShape<'a>>,
    conflicts: TallyShape<'a>,
    n_unpaired: u64,
    unknown_values: BTreeMap<Text<'a>, u64>,
    sources: Vec<SourceShape>,
    /// What CloudTrail tells about itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    cloudtrail: Option<TrailShape<'a>>,
    files: Vec<FileShape<'a>>,
}

impl<'a> CoverageShape<'a> {
    pub(super) fn of(coverage: &'a Coverage) -> Self {
        let skipped = coverage.skipped.iter().map(|(reason, tally)| SkipShape {
            reason: reason.name(),
            is_damage: reason.is_damage(),
            tally: TallyShape::of(tally, coverage),
        });
        let passed_over = coverage
            .passed_over
            .iter()
            .map(|(reason, tally)| PassShape {
                reason: reason.name(),
                n: tally.n,
                paths: tally.samples.iter().map(|s| text(&s.detail)).collect(),
            });
        Self {
            n_records: coverage.n_records,
            n_used: coverage.n_used,
            n_duplicate: coverage.n_duplicate,
            n_out_of_window: coverage.n_out_of_window,
            n_skipped: coverage.n_skipped(),
            adds_up: coverage.adds_up(),
            is_incomplete: coverage.is_incomplete(),
            skipped: skipped.collect(),
            passed_over: passed_over.collect(),
            conflicts: TallyShape::of(&coverage.conflicts, coverage),
            n_unpaired: coverage.n_unpaired,
            unknown_values: coverage
                .unknown_values
                .iter()
                .map(|(value, n)| (Text(value), *n))
                .collect(),
            sources: SourceShape::all(coverage),
            cloudtrail: TrailShape::of(coverage),
            files: coverage.files.iter().map(FileShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct SkipShape<'a> {
    reason: &'static str,
    /// Whether these should have been events.
    is_damage: bool,
    #[serde(flatten)]
    tally: TallyShape<'a>,
}

#[derive(Serialize)]
struct PassShape<'a> {
    reason: &'static str,
    n: u64,
    paths: Vec<Text<'a>>,
}

#[derive(Serialize)]
struct TallyShape<'a> {
    n: u64,
    samples: Vec<SampleShape<'a>>,
}

impl<'a> TallyShape<'a> {
    fn of(tally: &'a Tally, coverage: &'a Coverage) -> Self {
        let sample = |sample: &'a Sample| SampleShape {
            record: super::exact(&citation(coverage, sample.provenance)).into_owned(),
            detail: text(&sample.detail),
        };
        Self {
            n: tally.n,
            samples: tally.samples.iter().map(sample).collect(),
        }
    }
}

#[derive(Serialize)]
struct SampleShape<'a> {
    record: String,
    detail: Text<'a>,
}

#[derive(Serialize)]
struct SourceShape {
    source: &'static str,
    n_events: u64,
    first: Option<String>,
    last: Option<String>,
    n_hours_with_events: usize,
}

impl SourceShape {
    fn all(coverage: &Coverage) -> Vec<Self> {
        let shape = |(source, covered): (&crate::event::Source, &SourceCoverage)| Self {
            source: source.name(),
            n_events: covered.n_events,
            first: covered.first.map(Timestamp::rfc3339),
            last: covered.last.map(Timestamp::rfc3339),
            n_hours_with_events: covered.hours.values().filter(|n| **n > 0).count(),
        };
        coverage.sources.iter().map(shape).collect()
    }
}

#[derive(Serialize)]
struct FileShape<'a> {
    path: Text<'a>,
    format: Text<'a>,
    n_bytes: u64,
    n_decoded: u64,
    n_records: u64,
    n_events: u64,
    n_skipped: u64,
    first: Option<String>,
    last: Option<String>,
    problems: Vec<ProblemShape<'a>>,
}

impl<'a> FileShape<'a> {
    fn of(file: &'a FileCoverage) -> Self {
        Self {
            path: text(&file.path),
            format: Text(&file.format),
            n_bytes: file.n_bytes,
            n_decoded: file.n_decoded,
            n_records: file.n_records,
            n_events: file.n_events,
            n_skipped: file.n_skipped,
            first: file.first.map(Timestamp::rfc3339),
            last: file.last.map(Timestamp::rfc3339),
            problems: file.problems.iter().map(ProblemShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct ProblemShape<'a> {
    kind: &'static str,
    detail: Text<'a>,
    hint: &'static str,
}

impl<'a> ProblemShape<'a> {
    fn of(problem: &'a FileProblem) -> Self {
        let (kind, hint) = problem.kind.describe();
        Self {
            kind,
            detail: text(&problem.detail),
            hint,
        }
    }
}

#[derive(Serialize)]
pub(super) struct InspectionShape<'a> {
    schema: &'static str,
    coverage: CoverageShape<'a>,
    identities: Vec<ClassShape>,
    gaps: Vec<GapShape>,
    recommended: Option<RecommendedShape<'a>>,
    notes: Vec<Text<'a>>,
}

impl<'a> InspectionShape<'a> {
    pub(super) fn of(inspection: &'a Inspection<'_>) -> Self {
        Self {
            schema: "habitual.inspection/1",
            coverage: CoverageShape::of(inspection.coverage),
            identities: inspection.identities.iter().map(ClassShape::of).collect(),
            gaps: inspection.gaps.iter().map(GapShape::of).collect(),
            recommended: inspection.recommended.as_ref().map(RecommendedShape::of),
            notes: texts(&inspection.notes),
        }
    }
}

#[derive(Serialize)]
struct ClassShape {
    class: &'static str,
    n_identities: u64,
    n_events: u64,
}

impl ClassShape {
    fn of(count: &ClassCount) -> Self {
        Self {
            class: count.class.name(),
            n_identities: count.n_identities,
            n_events: count.n_events,
        }
    }
}

#[derive(Serialize)]
struct GapShape {
    source: &'static str,
    start: String,
    end: String,
    n_hours: u64,
}

impl GapShape {
    fn of(gap: &Gap) -> Self {
        Self {
            source: gap.source.name(),
            start: gap.start.rfc3339(),
            end: gap.end.rfc3339(),
            n_hours: gap.n_hours,
        }
    }
}

#[derive(Serialize)]
struct RecommendedShape<'a> {
    history: WindowShape,
    review: WindowShape,
    period: &'static str,
    reason: Text<'a>,
}

impl<'a> RecommendedShape<'a> {
    fn of(recommended: &'a Recommended) -> Self {
        Self {
            history: WindowShape::of(recommended.history),
            review: WindowShape::of(recommended.review),
            period: recommended.period,
            reason: Text(&recommended.reason),
        }
    }
}
