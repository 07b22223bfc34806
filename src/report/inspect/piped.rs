//! An inspection without a terminal: one measure per line, tab-separated, in
//! the columns `section`, `name`, `measure`, `value`.

use std::io::Write;

use anyhow::Context as _;

use super::{Inspection, replay_command};
use crate::event::Timestamp;
use crate::report::measures::Measures;
use crate::report::{Style, citation, inputs_in_words, phrase};

/// Writes the header and every measure.
pub(super) fn write(
    inspection: &Inspection<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut measures = Measures::of(&["section", "name", "measure", "value"], *style);
    measures.totals(inspection);
    measures.sources(inspection);
    measures.identities(inspection);
    measures.files(inspection);
    measures.left_out(inspection);
    measures.advice(inspection);
    measures.write(out).context("writing the inspection")
}

impl Measures {
    fn span(&mut self, section: &str, name: &str, times: [Option<Timestamp>; 2]) {
        for (measure, time) in ["first", "last"].into_iter().zip(times) {
            if let Some(time) = time {
                self.value(section, name, measure, time.rfc3339());
            }
        }
    }

    fn totals(&mut self, inspection: &Inspection<'_>) {
        let coverage = inspection.coverage;
        self.value("total", "", "files", coverage.files.len());
        for (measure, n) in [
            ("records", coverage.n_records),
            ("used", coverage.n_used),
            ("duplicate", coverage.n_duplicate),
            ("out_of_window", coverage.n_out_of_window),
            ("skipped", coverage.n_skipped()),
        ] {
            self.value("total", "", measure, n);
        }
    }

    fn sources(&mut self, inspection: &Inspection<'_>) {
        for (source, covered) in &inspection.coverage.sources {
            self.value("source", source.name(), "events", covered.n_events);
            self.span("source", source.name(), [covered.first, covered.last]);
        }
        for gap in &inspection.gaps {
            let value = format!("{}..{}", gap.start.rfc3339(), gap.end.rfc3339());
            self.value("gap", gap.source.name(), "window", value);
        }
    }

    fn identities(&mut self, inspection: &Inspection<'_>) {
        for of in &inspection.identities {
            self.value("class", of.class.name(), "identities", of.n_identities);
            self.value("class", of.class.name(), "events", of.n_events);
        }
    }

    fn files(&mut self, inspection: &Inspection<'_>) {
        for file in &inspection.coverage.files {
            let path = file.path.as_raw();
            self.value("file", path, "format", &file.format);
            self.value("file", path, "records", file.n_records);
            self.value("file", path, "events", file.n_events);
            self.value("file", path, "skipped", file.n_skipped);
            self.span("file", path, [file.first, file.last]);
            for problem in &file.problems {
                let (kind, _) = problem.kind.describe();
                let value = format!("{kind}: {}", problem.detail.as_raw());
                self.value("file", path, "trouble", value);
            }
        }
    }

    fn left_out(&mut self, inspection: &Inspection<'_>) {
        let coverage = inspection.coverage;
        for (reason, tally) in &coverage.skipped {
            self.value("skipped", reason.name(), "records", tally.n);
            for sample in &tally.samples {
                let record = citation(coverage, sample.provenance);
                let value = format!("{record} {}", sample.detail.as_raw());
                self.value("skipped", reason.name(), "sample", value);
            }
        }
        for (reason, tally) in &coverage.passed_over {
            self.value("passed_over", reason.name(), "paths", tally.n);
            for sample in &tally.samples {
                self.value(
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
            self.value("note", "", "text", note.as_raw());
        }
        if let Some(windows) = &inspection.recommended {
            self.value(
                "recommended",
                "history",
                "window",
                phrase::window(windows.history),
            );
            self.value(
                "recommended",
                "review",
                "window",
                phrase::window(windows.review),
            );
            let command = replay_command(windows, &inputs_in_words(&inspection.inputs));
            self.value("recommended", "", "command", command);
        }
    }
}
