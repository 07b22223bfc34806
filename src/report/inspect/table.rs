//! An inspection on a terminal: sections from the whole to the odd file, and
//! the command to run next at the end.

use std::collections::BTreeMap;
use std::io::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::{ClassCount, Gap, Inspection, longest_silence, replay_command};
use crate::event::{Timestamp, Untrusted};
use crate::ingest::coverage::{Coverage, FileCoverage};
use crate::report::layout::{truncate, truncate_start, width, wrap, wrap_at_most, wrap_command};
use crate::report::pen::{Ink, Pen};
use crate::report::phrase::{bytes, count, counted, minute, number};
use crate::report::{PLACEHOLDER, Style, citation, inputs_in_words};

/// Writes the inspection as sections of a page.
pub(super) fn write(
    inspection: &Inspection<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut pen = Pen::new(style, out);
    title(&mut pen, inspection.coverage)?;
    sources(&mut pen, inspection.coverage)?;
    gaps(&mut pen, &inspection.gaps)?;
    identities(&mut pen, &inspection.identities)?;
    folders(&mut pen, inspection.coverage)?;
    left_out(&mut pen, inspection.coverage)?;
    troubles(&mut pen, inspection.coverage)?;
    notes(&mut pen, &inspection.notes)?;
    recommended(&mut pen, inspection)
}

fn title(pen: &mut Pen<'_>, coverage: &Coverage) -> anyhow::Result<()> {
    let text = format!(
        "{} in {}: {} used, {} duplicate, {} out of window, {} skipped.",
        counted(coverage.n_records, "record"),
        counted(number(coverage.files.len()), "file"),
        count(coverage.n_used),
        count(coverage.n_duplicate),
        count(coverage.n_out_of_window),
        count(coverage.n_skipped()),
    );
    for line in wrap(&text, pen.width()) {
        let line = pen.paint(&line, Ink::Bold);
        pen.line(&line)?;
    }
    Ok(())
}

/// Writes rows under titles. Cells must be encoded; columns from `numbers` on
/// are numbers. The first column loses its beginning so that the others fit.
pub(in crate::report) fn rows(
    pen: &mut Pen<'_>,
    titles: &[&str],
    numbers: std::ops::Range<usize>,
    rows: Vec<Vec<String>>,
) -> anyhow::Result<()> {
    let others: usize = (1..titles.len())
        .map(|idx| {
            let cells = rows
                .iter()
                .filter_map(|row| row.get(idx))
                .map(|cell| width(cell));
            let title = titles.get(idx).map_or(0, |title| width(title));
            cells.chain([title]).max().unwrap_or(0) + 2
        })
        .sum();
    let room = pen.width().saturating_sub(others).max(12);
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(titles.to_vec());
    for mut row in rows {
        row.truncate(titles.len());
        if let Some(first) = row.first_mut() {
            *first = truncate_start(first, room, pen.ellipsis());
        }
        table.add_row(row);
    }
    for (idx, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if numbers.contains(&idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        let line = truncate(line.trim_end(), pen.width(), pen.ellipsis());
        pen.line(&line)?;
    }
    Ok(())
}

fn time_or_dash(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), minute)
}

fn sources(pen: &mut Pen<'_>, coverage: &Coverage) -> anyhow::Result<()> {
    pen.heading("Sources (UTC)")?;
    let lines = coverage
        .sources
        .iter()
        .map(|(source, covered)| {
            vec![
                source.name().to_owned(),
                count(covered.n_events),
                time_or_dash(covered.first),
                time_or_dash(covered.last),
                longest_silence(*source, covered)
                    .map_or_else(|| "-".to_owned(), |gap| format!("{} h", count(gap.n_hours))),
            ]
        })
        .collect();
    let titles = ["SOURCE", "EVENTS", "FIRST", "LAST", "LONGEST SILENCE"];
    rows(pen, &titles, 1..2, lines)
}

/// Rows shown of a list that may be long.
const ROWS_SHOWN: usize = 12;

fn gaps(pen: &mut Pen<'_>, gaps: &[Gap]) -> anyhow::Result<()> {
    if gaps.is_empty() {
        return Ok(());
    }
    pen.heading("Gaps: nothing recorded")?;
    for gap in gaps.iter().take(ROWS_SHOWN) {
        let text = format!(
            "{} to {}, {}",
            minute(gap.start),
            minute(gap.end),
            counted(gap.n_hours, "hour")
        );
        pen.block(&format!("{:<12}", gap.source.name()), &text)?;
    }
    more(pen, gaps.len())
}

/// Says how many entries of a list were not shown.
fn more(pen: &mut Pen<'_>, n: usize) -> anyhow::Result<()> {
    match n.saturating_sub(ROWS_SHOWN) {
        0 => Ok(()),
        n => pen.line(&format!("and {n} more; -f json lists them")),
    }
}

fn identities(pen: &mut Pen<'_>, identities: &[ClassCount]) -> anyhow::Result<()> {
    if identities.is_empty() {
        return Ok(());
    }
    pen.heading("Identities")?;
    let lines = identities
        .iter()
        .map(|of| {
            vec![
                of.class.name().to_owned(),
                count(of.n_identities),
                count(of.n_events),
            ]
        })
        .collect();
    rows(pen, &["CLASS", "IDENTITIES", "EVENTS"], 1..3, lines)
}

/// Files of one format in one folder.
#[derive(Default)]
struct Folder {
    n_files: u64,
    n_bytes: u64,
    n_records: u64,
    n_events: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Folder {
    fn observe(&mut self, file: &FileCoverage) {
        self.n_files = self.n_files.saturating_add(1);
        self.n_bytes = self.n_bytes.saturating_add(file.n_bytes);
        self.n_records = self.n_records.saturating_add(file.n_records);
        self.n_events = self.n_events.saturating_add(file.n_events);
        self.first = self.first.into_iter().chain(file.first).min();
        self.last = self.last.max(file.last);
    }

    fn row(&self, folder: String, format: String) -> Vec<String> {
        vec![
            folder,
            format,
            count(self.n_files),
            bytes(self.n_bytes),
            count(self.n_records),
            self.first.map_or_else(|| "-".to_owned(), Timestamp::date),
            self.last.map_or_else(|| "-".to_owned(), Timestamp::date),
        ]
    }
}

/// The folder of a path, without the date folders that exports end in.
fn folder_of(path: &str) -> &str {
    let mut folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    while let Some((parent, last)) = folder.rsplit_once('/') {
        if last.is_empty() || !last.bytes().all(|b| b.is_ascii_digit()) || last.len() > 4 {
            break;
        }
        folder = parent;
    }
    folder
}

fn folders(pen: &mut Pen<'_>, coverage: &Coverage) -> anyhow::Result<()> {
    let mut folders: BTreeMap<(&str, &str), Folder> = BTreeMap::new();
    for file in &coverage.files {
        let key = (folder_of(file.path.as_raw()), file.format.as_str());
        folders.entry(key).or_default().observe(file);
    }
    pen.heading("Files, by folder and format")?;
    let n_folders = folders.len();
    let lines = folders
        .iter()
        .take(ROWS_SHOWN)
        .map(|((folder, format), of)| {
            let format = truncate(&pen.text(*format), 28, pen.ellipsis());
            of.row(pen.text(*folder), format)
        })
        .collect();
    let titles = [
        "FOLDER", "FORMAT", "FILES", "SIZE", "RECORDS", "FIRST", "LAST",
    ];
    // The dates are among the sources already; the folders need the room more.
    let n_columns = if pen.width() < 100 { 5 } else { 7 };
    rows(pen, titles.get(..n_columns).unwrap_or(&titles), 2..5, lines)?;
    more(pen, n_folders)
}

/// Records skipped and paths passed over, with samples.
fn left_out(pen: &mut Pen<'_>, coverage: &Coverage) -> anyhow::Result<()> {
    if coverage.n_skipped() == 0 && coverage.passed_over.is_empty() {
        return Ok(());
    }
    pen.heading("Left out")?;
    for (reason, tally) in &coverage.skipped {
        let samples: Vec<String> = tally
            .samples
            .iter()
            .take(2)
            .map(|s| {
                pen.text(&format!(
                    "{} {}",
                    citation(coverage, s.provenance),
                    s.detail.as_raw()
                ))
            })
            .collect();
        reason_line(pen, reason.name(), tally.n, "record", &samples)?;
    }
    for (reason, tally) in &coverage.passed_over {
        let samples: Vec<String> = tally
            .samples
            .iter()
            .take(2)
            .map(|s| pen.text(&s.detail))
            .collect();
        reason_line(pen, reason.name(), tally.n, "path", &samples)?;
    }
    Ok(())
}

fn reason_line(
    pen: &mut Pen<'_>,
    reason: &str,
    n: u64,
    noun: &str,
    samples: &[String],
) -> anyhow::Result<()> {
    let label = format!("{reason:<18}");
    let mut text = counted(n, noun);
    if !samples.is_empty() {
        text.push_str(&format!(", such as {}", samples.join(", ")));
    }
    let room = pen.width().saturating_sub(label.len());
    let lines = wrap_at_most(&text, room, 3, pen.ellipsis());
    pen.lines(&label, &lines)
}

fn troubles(pen: &mut Pen<'_>, coverage: &Coverage) -> anyhow::Result<()> {
    let troubled: Vec<_> = coverage
        .files
        .iter()
        .filter(|f| !f.problems.is_empty())
        .collect();
    if troubled.is_empty() {
        return Ok(());
    }
    pen.heading("Files in trouble")?;
    for file in troubled.iter().take(ROWS_SHOWN) {
        let path = pen.text(&file.path);
        pen.block("", &path)?;
        for problem in &file.problems {
            let (kind, hint) = problem.kind.describe();
            let text = format!("{kind}: {}; {hint}", pen.text(&problem.detail));
            pen.block("  ", &text)?;
        }
    }
    more(pen, troubled.len())
}

fn notes(pen: &mut Pen<'_>, notes: &[Untrusted]) -> anyhow::Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    pen.heading("Notes")?;
    for note in notes {
        let text = pen.text(note);
        pen.warning(&text)?;
    }
    Ok(())
}

fn recommended(pen: &mut Pen<'_>, inspection: &Inspection<'_>) -> anyhow::Result<()> {
    pen.heading("Next")?;
    let Some(windows) = &inspection.recommended else {
        return pen.line("Too little to learn from: give more files, or a longer time.");
    };
    let reason = pen.text(&windows.reason);
    let text = format!("{reason} Scored per {}.", windows.period);
    pen.block("", &text)?;
    let room = pen.width().saturating_sub(2);
    let inputs = inputs_in_words(&inspection.inputs);
    let lines = pen
        .command(&replay_command(windows, &inputs))
        .and_then(|command| wrap_command(&command, room))
        .or_else(|| wrap_command(&replay_command(windows, PLACEHOLDER), room));
    pen.lines(
        "  ",
        &lines.unwrap_or_else(|| vec![replay_command(windows, PLACEHOLDER)]),
    )
}
