//! Facts: what is worth knowing by itself, told before the details.

use super::VERY_WIDE;
use crate::finding::Fact;
use crate::report::layout::{truncate, width, wrap_at_most};
use crate::report::pen::Pen;
use crate::report::phrase::minute;

/// Facts shown; the rest is counted.
const SHOWN: usize = 6;

/// Lines of one fact: what happened comes first in it.
const LINES: usize = 2;

/// Writes the gravest facts.
pub(super) fn write(pen: &mut Pen<'_>, facts: &[Fact]) -> anyhow::Result<()> {
    if facts.is_empty() {
        return Ok(());
    }
    pen.heading("Facts, whatever the ranking says")?;
    for fact in facts.iter().take(SHOWN) {
        let label = format!("{}  ", minute(fact.time));
        let text = format!("{} {}", pen.text(&fact.identity), pen.text(&fact.sentence));
        let room = pen.width().saturating_sub(width(&label));
        let mut lines = wrap_at_most(&text, room, LINES, pen.ellipsis());
        if pen.width() >= VERY_WIDE {
            let record = format!("see {}", pen.text(&fact.record));
            lines.push(truncate(&record, room, pen.ellipsis()));
        }
        pen.lines(&label, &lines)?;
    }
    match facts.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        n => pen.line(&format!(
            "and {n} more; -f json lists them, with their records"
        )),
    }
}
