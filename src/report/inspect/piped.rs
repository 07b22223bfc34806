//! An inspection without a terminal: one measure per line, tab-separated, in
//! the columns `section`, `name`, `measure`, `value`.

use std::io::Write;

use anyhow::Context as _;

use super::{Inspection, replay_command};
use crate::event::Timestamp;
use crate::report::{Style, citation, inputs_in_words, phrase};

/// Writes the header and every measure.
pub(super) fn write(
    inspection: &Inspection<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut measures = Measures {
        lines: vec!["section\tname\tmeasure\tvalue".to_owned()],
        style: *style,
    };
    measures.totals(inspection);
    measures.sources(inspection);
    measures.identities(inspection);
    measures.files(inspection);
    measures.left_out(inspection);
    measures.advice(inspection);
    let mut text = measures.lines.join("\n");
    text.push('\n');
    out.write_all(text.as_bytes())
        .context("writing the inspection")
}

struct Measures {
    lines: Vec<String>,
    style: Style,
}

impl Measures {
    fn push(&mut self, section: &str, name: &str, measure: &str, value: impl ToString) {
        let (name, value) = (self.style.text(name), self.style.text(&value.to_string()));
        self.lines
            .push([section, &name, measure, &value].join("\t"));
    }

    fn span(&mut self, section: &str, name: &str, times: [Option<Timestamp>; 2]) {
        for (measure, time) in ["first", "last"].into_iter().zip(times) {
            if let Some(time) = time {
                self.push(section, name, measure, time.rfc3339());
            }
        }
    }

    fn totals(&mut self, inspection: &Inspection<'_>) {
        let coverage = inspection.coverage;
        self.push("total", "", "files", coverage.files.len());
        for (measure, n) in [
            ("records", coverage.n_records),
            ("used", coverage.n_used),
            ("duplicate", coverage.n_duplicate),
            ("out_of_window", coverage.n_out_of_window),
            ("skipped", coverage.n_skipped()),
        ] {
            self.push("total", "", measure, n);
        }
    }

    fn sources(&mut self, inspection: &Inspection<'_>) {
        for (source, covered) in &inspection.coverage.sources {
            self.push("source", source.name(), "events", covered.n_events);
            self.span("source", source.name(), [covered.first, covered.last]);
        }
        for gap in &inspection.gaps {
            let value = format!("{}..{}", gap.start.rfc3339(), gap.end.rfc3339());
            self.push("gap", gap.source.name(), "window", value);
        }
    }

    fn identities(&mut self, inspection: &Inspection<'_>) {
        for of in &inspection.identities {
            self.push("class", of.class.name(), "identities", of.n_identities);
            self.push("class", of.class.name(), "events", of.n_events);
        }
    }

    fn files(&mut self, inspection: &Inspection<'_>) {
        for file in &inspection.coverage.files {
            let path = file.path.as_raw();
            self.push("file", path, "format", &file.format);
            self.push("file", path, "records", file.n_records);
            self.push("file", path, "events", file.n_events);
            self.push("file", path, "skipped", file.n_skipped);
            self.span("file", path, [file.first, file.last]);
            for problem in &file.problems {
                let (kind, _) = problem.kind.describe();
                let value = format!("{kind}: {}", problem.detail.as_raw());
                self.push("file", path, "trouble", value);
            }
        }
    }

    fn left_out(&mut self, inspection: &Inspection<'_>) {
        let coverage = inspection.coverage;
        for (reason, tally) in &coverage.skipped {
            self.push("skipped", reason.name(), "records", tally.n);
            for sample in &tally.samples {
                let record = citation(coverage, sample.provenance);
                let value = format!("{record} {}", sample.detail.as_raw());
                self.push("skipped", reason.name(), "sample", value);
            }
        }
        for (reason, tally) in &coverage.passed_over {
            self.push("passed_over", reason.name(), "paths", tally.n);
            for sample in &tally.samples {
                self.push(
                    "passed_over",
                    reason.name(),
                    "sample",
                    sample.detail.as_raw(),
                );
            }
        }
    }

    fn advice(&mut self, inspection: &Inspection<'_>) {
        for note in &inspection.notes {
            self.push("note", "", "text", note.as_raw());
        }
        if let Some(windows) = &inspection.recommended {
            self.push(
                "recommended",
                "history",
                "window",
                phrase::window(windows.history),
            );
            self.push(
                "recommended",
                "review",
                "window",
                phrase::window(windows.review),
            );
            let command = replay_command(windows, &inputs_in_words(&inspection.inputs));
            self.push("recommended", "", "command", command);
        }
    }
}
