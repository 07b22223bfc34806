//! A dump of the events, for other programs and for later.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::outputs::{Destination, Output, write_file};
use super::terminal::Remarks;
use crate::event::Event;
use crate::ingest::Fold;
use crate::report::{DumpFormat, Format, Spool, write_events};

/// Where the events go besides.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct DumpArgs {
    /// Also write every event, normalised, as JSON lines or as Parquet (*.parquet)
    ///
    /// One line or row per event, duplicates once, in order of time: schema habitual.event/1.
    /// Secrets are left out. The file can be read again in place of the logs. It is replaced
    /// in one step when the run is done, and only you can read it.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub dump_events: Option<PathBuf>,
}

/// A dump to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump {
    /// Where.
    pub path: PathBuf,
}

impl Dump {
    /// The dump that was asked for.
    #[must_use]
    pub fn new(args: &DumpArgs) -> Option<Self> {
        let path = args.dump_events.clone()?;
        Some(Self { path })
    }

    /// How it is written: the name says it.
    fn format(&self) -> DumpFormat {
        let extension = self.path.extension();
        if extension.is_some_and(|name| name.eq_ignore_ascii_case("parquet")) {
            DumpFormat::Parquet
        } else {
            DumpFormat::Jsonl
        }
    }

    /// The same as an output, to be tried and compared with the others.
    #[must_use]
    pub fn as_output(&self) -> Output {
        Output {
            format: match self.format() {
                DumpFormat::Jsonl => Format::Jsonl,
                DumpFormat::Parquet => Format::Parquet,
            },
            destination: Destination::File(self.path.clone()),
        }
    }

    /// Where one thread puts its events.
    pub(super) fn spool(&self) -> Spool {
        Spool::new(&self.folder())
    }

    /// Where there is room for what memory does not hold: beside the file, or
    /// where temporary files go if there will be none.
    fn folder(&self) -> PathBuf {
        let is_stream = fs::metadata(&self.path).is_ok_and(|target| !target.is_file());
        if is_stream {
            return std::env::temp_dir();
        }
        let folder = self.path.parent().filter(|folder| *folder != Path::new(""));
        folder.unwrap_or(Path::new(".")).to_owned()
    }

    /// Writes the events of all `spools`.
    pub(super) fn write(&self, spools: Vec<Spool>) -> anyhow::Result<()> {
        let path = &self.path;
        write_file(path, |out| write_events(self.format(), spools, out))
            .with_context(|| format!("--dump-events {path:?}"))
    }

    /// Says that it was written.
    pub(super) fn announce(&self, remarks: Remarks) {
        remarks.say(&format!("wrote {:?} (events)", self.path));
    }
}

/// A fold whose events are dumped besides, if there is a spool for them.
pub(super) struct Dumped<F> {
    pub(super) fold: F,
    pub(super) spool: Option<Spool>,
}

impl<F: Fold> Fold for Dumped<F> {
    fn observe(&mut self, event: &Event<'_>) {
        self.fold.observe(event);
        if let Some(spool) = &mut self.spool {
            spool.add(event);
        }
    }

    fn observe_duplicate(&mut self, event: &Event<'_>) {
        self.fold.observe_duplicate(event);
        if let Some(spool) = &mut self.spool {
            spool.add_repeat(event);
        }
    }
}
