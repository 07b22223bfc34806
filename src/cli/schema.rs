//! `habitual schema`: what a record that we publish looks like.

use std::io::Write;

use anyhow::Context as _;
use clap::Args;

use super::choice::one_of;
use super::status::Completion;
use crate::report::Schema;

/// Print the JSON Schema of a record that is written
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Print the JSON Schema (2020-12) of a record that this version writes: a finding \
                  (-f jsonl), a report (replay -f json), an inspection (inspect -f json), an event \
                  (--dump-events), an explanation (explain -f json), a manifest (--manifest), a pivot \
                  (pivot -f json or jsonl) or the manifest of a case file. Fields may be added within a \
                  major version; ignore what you do not know.

Examples:
  habitual schema
  habitual schema report > report.schema.json
  habitual schema event | jq .required"
)]
pub struct SchemaArgs {
    /// Which record: finding, report, inspection, event, explanation, manifest, pivot or case
    #[arg(
        value_name = "RECORD",
        default_value = Schema::Finding.name(),
        value_parser = one_of(&Schema::ALL, Schema::name),
        hide_possible_values = true
    )]
    record: Schema,
}

/// The plot: print it.
pub(super) fn run(args: &SchemaArgs, stdout: &mut dyn Write) -> anyhow::Result<Completion> {
    let document = args.record.document()?;
    Completion::FULL.once_written(
        writeln!(stdout, "{document}")
            .and_then(|()| stdout.flush())
            .context("writing the schema"),
    )
}
