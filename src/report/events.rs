//! A dump: every event of a run as it was normalised, schema
//! `habitual.event/1`, as JSON lines or as Parquet.
//!
//! Events come from several threads in no particular order. Each thread writes
//! its own into a [`Spool`]; at the end they are merged in order of time, so
//! that the dump depends on the set of events alone. Where several records tell
//! the same event, the first of them is cited.
//!
//! Text is exact, except for secrets. Absent is left out of a line, and null in
//! a column.

mod line;
mod parquet;
mod spool;

use std::io::Write;

use anyhow::Context as _;

use crate::event::Event;
use line::Line;

pub use spool::Spool;

/// How a dump is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpFormat {
    /// One JSON object per event and line.
    Jsonl,
    /// One row per event, typed columns.
    Parquet,
}

/// Writes the events of all `spools` to `out`, in order of time.
///
/// # Errors
///
/// When a spool could not keep its events, or `out` fails.
pub fn write_events(
    format: DumpFormat,
    spools: Vec<Spool>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut sink: Box<dyn Sink + '_> = match format {
        DumpFormat::Jsonl => Box::new(Lines(out)),
        DumpFormat::Parquet => Box::new(parquet::Rows::new(out)?),
    };
    spool::merge(spools, &mut |line| sink.take(line))?;
    sink.finish()
}

/// One event as a line of a dump.
///
/// # Errors
///
/// When it cannot be encoded.
pub fn event_line(event: &Event<'_>) -> anyhow::Result<String> {
    let line = Line {
        body: &line::body_of(event)?,
        origin: event.provenance,
    };
    Ok(line.to_string())
}

/// Takes events in their final order.
trait Sink {
    /// One more event.
    fn take(&mut self, line: &Line<'_>) -> anyhow::Result<()>;

    /// That was the last one.
    fn finish(self: Box<Self>) -> anyhow::Result<()>;
}

/// JSON lines.
struct Lines<'o>(&'o mut dyn Write);

impl Sink for Lines<'_> {
    fn take(&mut self, line: &Line<'_>) -> anyhow::Result<()> {
        writeln!(self.0, "{line}").context("writing an event")
    }

    fn finish(self: Box<Self>) -> anyhow::Result<()> {
        self.0.flush().context("writing the events")
    }
}

#[cfg(test)]
mod tests;
