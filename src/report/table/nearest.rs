//! Nearest: who comes closest to a finding where there is none, so that a quiet
//! week can be told from one in which nothing could be seen.

use super::column::{self, Names};
use super::entry;
use crate::finding::Finding;
use crate::report::pen::Pen;
use crate::report::{Report, Selection};

/// Identities shown.
const SHOWN: usize = 3;

/// Writes the least ordinary identities, each with its leading reason.
pub(super) fn write(pen: &mut Pen<'_>, report: &Report<'_>, names: &Names) -> anyhow::Result<()> {
    let n = report.top.unwrap_or(SHOWN).min(SHOWN);
    let scored = report.assessment.findings.iter();
    let scored = scored.filter(|f| f.p_value.is_some());
    let nearest: Vec<&Finding> = scored.take(n).collect();
    if nearest.is_empty() || report.selection == Selection::All {
        return Ok(());
    }
    pen.heading("Closest to standing out, but no finding")?;
    let columns = column::of_entries(pen, report, names, &nearest);
    column::titles(pen, &columns)?;
    for finding in nearest {
        column::line(pen, &columns, names, finding)?;
        entry::why(pen, finding, 1)?;
    }
    Ok(())
}
