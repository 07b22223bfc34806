//! A pivot, `habitual.pivot/1`: one object per trail in a document, and as
//! lines the summary of a trail, its values, its events and where it leads.

use std::io::Write;

use serde::Serialize;

use super::coverage::CoverageShape;
use super::{Text, write_line, write_pretty};
use crate::event::{Provenance, Timestamp};
use crate::pivot::{Dimension, Followed, Kind, Mark, Next, Row, Tallied, Tally, Trail, ValueOf};
use crate::report::pivot::PivotReport;
use crate::report::{citation, sanitize};

const SCHEMA: &str = "habitual.pivot/1";

/// Everything in one document.
pub(in crate::report) fn write_pivot(
    report: &PivotReport<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let trails = report.trails.iter();
    let document = Document {
        schema: SCHEMA,
        window: bounded(report),
        since: report.since.map(Timestamp::rfc3339),
        trails: trails.map(|of| TrailShape::of(report, of)).collect(),
        coverage: CoverageShape::of(report.coverage),
    };
    write_pretty(&document, out)
}

/// One fact per line; `pivot` says which trail it belongs to.
pub(in crate::report) fn write_pivot_lines(
    report: &PivotReport<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    for followed in report.trails {
        let trail = TrailShape::of(report, followed);
        let line = |record, fact| LineShape {
            schema: SCHEMA,
            record,
            pivot: PivotShape::of(followed),
            fact,
        };
        write_line(&line("summary", Fact::Summary(&trail.summary)), out)?;
        for value in &trail.values {
            write_line(&line("value", Fact::Value(value)), out)?;
        }
        for event in &trail.events {
            write_line(&line("event", Fact::Event(event)), out)?;
        }
        for next in &trail.next {
            write_line(&line("next", Fact::Next(next)), out)?;
        }
    }
    Ok(())
}

/// Sides that were left open are absent.
fn bounded(report: &PivotReport<'_>) -> OpenWindow {
    let written = |time: Timestamp| time.plausible().map(Timestamp::rfc3339);
    OpenWindow {
        start: written(report.window.start),
        end: written(report.window.end),
    }
}

#[derive(Serialize)]
struct OpenWindow {
    start: Option<String>,
    end: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    window: OpenWindow,
    since: Option<String>,
    trails: Vec<TrailShape<'a>>,
    coverage: CoverageShape<'a>,
}

#[derive(Serialize)]
struct LineShape<'a> {
    schema: &'static str,
    record: &'static str,
    pivot: PivotShape<'a>,
    #[serde(flatten)]
    fact: Fact<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Fact<'a> {
    Summary(&'a SummaryShape),
    Value(&'a ValueShape),
    Event(&'a EventShape<'a>),
    Next(&'a NextShape),
}

#[derive(Serialize)]
struct PivotShape<'a> {
    kind: &'static str,
    value: Text<'a>,
    /// Further accounts of the identity.
    accounts: Vec<Text<'a>>,
    depth: u32,
}

impl<'a> PivotShape<'a> {
    fn of(followed: &'a Followed) -> Self {
        let target = followed.trail.target();
        Self {
            kind: target.kind.name(),
            value: Text(&target.value),
            accounts: target.accounts.iter().map(|key| Text(key)).collect(),
            depth: followed.depth,
        }
    }
}

#[derive(Serialize)]
struct TrailShape<'a> {
    pivot: PivotShape<'a>,
    parent: Option<usize>,
    #[serde(flatten)]
    summary: SummaryShape,
    values: Vec<ValueShape>,
    events: Vec<EventShape<'a>>,
    next: Vec<NextShape>,
}

impl<'a> TrailShape<'a> {
    fn of(report: &PivotReport<'_>, followed: &'a Followed) -> Self {
        let trail = &followed.trail;
        let values = Dimension::ALL.into_iter();
        let values = values.flat_map(|d| trail.values(d, report.known, report.since));
        let next = report.next_of(trail).into_iter();
        Self {
            pivot: PivotShape::of(followed),
            parent: followed.parent,
            summary: SummaryShape::of(followed),
            values: values.map(ValueShape::of).collect(),
            events: trail
                .rows()
                .map(|row| EventShape::of(report, trail, row))
                .collect(),
            next: next.map(|next| NextShape::of(report, next)).collect(),
        }
    }
}

#[derive(Serialize)]
struct SummaryShape {
    #[serde(flatten)]
    total: TallyShape,
    n_after: u64,
    n_unlisted: u64,
    sources: Vec<CountShape>,
    outcomes: Vec<CountShape>,
    sampled: Vec<SampleShape>,
}

impl SummaryShape {
    fn of(followed: &Followed) -> Self {
        let trail = &followed.trail;
        let sampled = Dimension::ALL.into_iter().filter_map(|dimension| {
            let n = trail.n_halvings(dimension);
            (n > 0).then(|| SampleShape {
                dimension: dimension.name(),
                one_in: 1_u64.checked_shl(n).unwrap_or(u64::MAX),
            })
        });
        Self {
            total: TallyShape::of(trail.total()),
            n_after: trail.n_after(),
            n_unlisted: trail.n_unlisted(),
            sources: counts(trail.sources()),
            outcomes: counts(trail.outcomes()),
            sampled: sampled.collect(),
        }
    }
}

/// Of very many values of a dimension only a share is counted one by one.
#[derive(Serialize)]
struct SampleShape {
    dimension: &'static str,
    one_in: u64,
}

#[derive(Serialize)]
struct TallyShape {
    n_events: u64,
    n_failed: u64,
    n_before: u64,
    first: Option<String>,
    last: Option<String>,
}

impl TallyShape {
    fn of(tally: Tally) -> Self {
        Self {
            n_events: tally.n,
            n_failed: tally.n_failed,
            n_before: tally.n_before,
            first: tally.first.map(Timestamp::rfc3339),
            last: tally.last.map(Timestamp::rfc3339),
        }
    }
}

#[derive(Serialize)]
struct CountShape {
    name: &'static str,
    #[serde(flatten)]
    tally: TallyShape,
}

fn counts(tallies: Vec<Tallied>) -> Vec<CountShape> {
    let shape = |(name, tally)| CountShape {
        name,
        tally: TallyShape::of(tally),
    };
    tallies.into_iter().map(shape).collect()
}

/// Text of our own making, secrets redacted.
struct Owned(String);

impl Serialize for Owned {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Text(&self.0).serialize(serializer)
    }
}

#[derive(Serialize)]
struct ValueShape {
    dimension: &'static str,
    value: Owned,
    label: Owned,
    mark: Option<&'static str>,
    #[serde(flatten)]
    tally: TallyShape,
}

impl ValueShape {
    fn of(value: ValueOf) -> Self {
        Self {
            dimension: value.dimension.name(),
            value: Owned(value.value),
            label: Owned(value.label),
            mark: value.mark.map(Mark::name),
            tally: TallyShape::of(value.tally),
        }
    }
}

#[derive(Serialize)]
struct EventShape<'a> {
    time: String,
    source: &'static str,
    identity_id: Text<'a>,
    identity: Text<'a>,
    action: Text<'a>,
    resource: Text<'a>,
    n_resources: u32,
    outcome: &'static str,
    outcome_code: Text<'a>,
    ip: Text<'a>,
    client: Text<'a>,
    key: Text<'a>,
    issued_key: Text<'a>,
    new: Vec<&'static str>,
    cited: Owned,
    event_id: Text<'a>,
    n_events: u64,
}

impl<'a> EventShape<'a> {
    fn of(
        report: &PivotReport<'_>,
        trail: &Trail,
        (row, n_events, record): (&'a Row, u64, Provenance),
    ) -> Self {
        Self {
            time: row.time.rfc3339(),
            source: row.source.name(),
            identity_id: Text(&row.identity_id),
            identity: Text(&row.identity),
            action: Text(&row.action),
            resource: Text(&row.resource),
            n_resources: row.n_resources,
            outcome: row.outcome.name(),
            outcome_code: Text(&row.outcome_code),
            ip: Text(&row.ip),
            client: Text(&row.client),
            key: Text(&row.key),
            issued_key: Text(&row.issued_key),
            new: report.news_of(trail, row),
            cited: Owned(citation(report.coverage, record)),
            event_id: Text(&row.event_id),
            n_events,
        }
    }
}

#[derive(Serialize)]
struct NextShape {
    kind: &'static str,
    value: Owned,
    label: Owned,
    mark: Option<&'static str>,
    n_events: u64,
    command: Option<Owned>,
}

impl NextShape {
    fn of(report: &PivotReport<'_>, next: Next) -> Self {
        let command = report.command(&next);
        let is_plain = |command: &String| !sanitize::has_hidden(command);
        Self {
            kind: Kind::name(next.kind),
            value: Owned(next.value),
            label: Owned(next.label),
            mark: next.mark.map(Mark::name),
            n_events: next.n,
            command: command.filter(is_plain).map(Owned),
        }
    }
}
