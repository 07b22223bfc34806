//! Inputs: which logs to read, how much of them at most, and what they leave
//! unsaid.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use clap::value_parser;

use super::linkage::{LinkArgs, Linkage};
use super::memory;
use super::usage::UsageError;
use super::windows::parse_length;
use crate::ingest::generic::{self, Mapping, Mappings};
use crate::ingest::net::Geography;

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

/// Below this no CloudTrail record would fit (256 KB), and above it a single
/// record could fill the memory.
const RECORD_BYTES: std::ops::RangeInclusive<u64> = (1 << 18)..=GIB;

/// What to read.
#[derive(Clone, Debug, Args)]
pub struct InputArgs {
    /// Logs: files, folders, or - for standard input
    ///
    /// CloudTrail, Okta System Log and Vault audit exports, told apart by their content:
    /// compressed with gzip, zstd, bzip2 or xz or not at all, alone or in zip and tar archives.
    /// Folders are read completely, without following symbolic links.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Read other logs as this mapping says; repeat it for more
    ///
    /// A file of yours, or one of those that are built in: github, entra-signin, entra-audit,
    /// google-workspace, gcp-audit, kubernetes-audit. These are recognised without being asked for;
    /// `habitual check-mapping` helps to write another.
    #[arg(long, value_name = "NAME|FILE", value_parser = MappingArg::new, hide_short_help = true)]
    pub mapping: Vec<MappingArg>,
    /// Look addresses up in this MaxMind database; repeat it for more
    ///
    /// Networks (ASN) and countries (Country, City) of public addresses, where the logs do not say.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub mmdb: Vec<PathBuf>,
    #[command(flatten)]
    files: FileArgs,
}

/// A mapping that the user asked for.
#[derive(Clone, Debug)]
pub struct MappingArg(pub Arc<Mapping>);

impl MappingArg {
    /// The mapping that comes with this program under `name`, or in the file
    /// of that name.
    ///
    /// # Errors
    ///
    /// When there is neither, or the file makes no sense.
    pub fn new(name: &str) -> anyhow::Result<Self> {
        if let Some(mapping) = generic::built_in(name) {
            return Ok(Self(mapping));
        }
        Mapping::load(Path::new(name)).map(|mapping| Self(Arc::new(mapping)))
    }
}

/// The heading of the flags that choose files; those of the groups that follow
/// are not under it.
const FILES: &str = "Files";

/// Which of the files that are found to read.
#[derive(Clone, Debug, Args)]
struct FileArgs {
    /// Follow symbolic links in folders
    ///
    /// Also those that lead out of the folder. What several links lead to is read once, and loops
    /// end.
    #[arg(long, help_heading = FILES, hide_short_help = true)]
    follow: bool,
    /// Leave out files that were written to less than this ago, as in 60s
    ///
    /// For folders that logs are still being written to. This alone makes a run depend on the
    /// clock: the file's time of change is held against it.
    #[arg(long, help_heading = FILES, value_name = "LENGTH", value_parser = parse_length, hide_short_help = true)]
    settle: Option<i64>,
}

/// Which files the windows make superfluous.
#[derive(Clone, Copy, Debug, Args)]
pub struct DateArgs {
    /// Leave out CloudTrail files whose names tell a date outside of the windows
    ///
    /// Saves reading, for trees as S3 holds them. A file named for a day after the end is read all
    /// the same, for events arrive late. Needs windows that are given as dates.
    #[arg(long, help_heading = FILES, hide_short_help = true)]
    path_dates: bool,
}

/// How much to read at most.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Threads to read and to compute with [default: one per processor]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub threads: Option<NonZeroUsize>,
    /// Decompressed size at which a file is given up
    #[arg(long, value_name = "SIZE", default_value = "16GiB", value_parser = parse_size, hide_short_help = true)]
    pub max_decompressed: u64,
    /// Compression ratio at which a file is given up
    #[arg(long, value_name = "N", default_value = "200", value_parser = value_parser!(u64).range(2..), hide_short_help = true)]
    pub max_ratio: u64,
    /// Memory for identities [default: half of the machine's, at most 4GiB]
    ///
    /// One identity is kept for every 10 KiB, and at most a million. Of more, a sample is kept that
    /// does not depend on the order of reading: those whose names have the smallest hashes. The
    /// others are counted and make the exit status 3.
    #[arg(long, value_name = "SIZE", value_parser = parse_size, hide_short_help = true)]
    pub memory_limit: Option<u64>,
    /// Size at which a record is skipped
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = parse_record_size, hide_short_help = true)]
    pub max_record: usize,
}

/// The heading of the flags that tell what the logs do not.
pub(super) const LABELS: &str = "Labels";

/// What the logs do not say.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = LABELS)]
pub struct LabelArgs {
    /// Organisation that Okta logs belong to
    ///
    /// System Log exports do not name it. Give it when you combine several organisations.
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub okta_org: Option<String>,
    /// Cluster that Vault logs belong to
    ///
    /// Audit logs do not name it. Give it when you combine several clusters.
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub vault_cluster: Option<String>,
}

/// What to read, checked.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// Files and folders as given; `-` at most once.
    pub paths: Vec<PathBuf>,
    /// Which of the files in folders.
    pub files: Files,
    /// How much of them at most.
    pub limits: Limits,
    /// What they leave unsaid.
    pub labels: Labels,
    /// What the records of other products mean.
    pub mappings: Mappings,
    /// Databases of addresses.
    pub mmdb: Vec<PathBuf>,
    /// Whether identities of several products are made one.
    pub linkage: Linkage,
}

/// Which of the files that are found are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Also those that symbolic links lead to.
    pub follow: bool,
    /// Only those that were last written to so long ago.
    pub settle: Option<Duration>,
    /// Only those whose names tell no date outside of the windows.
    pub by_date: bool,
}

/// How much is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Threads that read.
    pub threads: NonZeroUsize,
    /// Bytes of one file after decompression.
    pub max_decompressed: u64,
    /// Bytes after decompression per byte before.
    pub max_ratio: u64,
    /// Bytes of one record.
    pub max_record: usize,
    /// Bytes of memory for identities.
    pub memory: u64,
}

/// What the logs do not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Organisation that Okta logs belong to.
    pub okta_org: Option<String>,
    /// Cluster that Vault logs belong to.
    pub vault_cluster: Option<String>,
}

impl Inputs {
    /// What the three groups of flags amount to.
    ///
    /// # Errors
    ///
    /// [`UsageError::StdinTwice`].
    pub fn new(
        inputs: &InputArgs,
        limits: &LimitArgs,
        labels: &LabelArgs,
    ) -> Result<Self, UsageError> {
        let n_stdin = inputs
            .paths
            .iter()
            .filter(|path| *path == Path::new("-"))
            .count();
        if n_stdin > 1 {
            return Err(UsageError::StdinTwice);
        }
        Ok(Self {
            paths: inputs.paths.clone(),
            files: Files {
                follow: inputs.files.follow,
                settle: inputs
                    .files
                    .settle
                    .map(|seconds| Duration::from_secs(seconds.unsigned_abs())),
                by_date: false,
            },
            limits: Limits {
                threads: limits.threads.unwrap_or_else(one_per_processor),
                max_decompressed: limits.max_decompressed,
                max_ratio: limits.max_ratio,
                max_record: limits.max_record,
                memory: limits.memory_limit.unwrap_or_else(memory::default_limit),
            },
            labels: Labels {
                okta_org: labels.okta_org.clone(),
                vault_cluster: labels.vault_cluster.clone(),
            },
            mmdb: inputs.mmdb.clone(),
            linkage: Linkage::default(),
            mappings: Mappings {
                asked: inputs
                    .mapping
                    .iter()
                    .map(|arg| Arc::clone(&arg.0))
                    .collect(),
            },
        })
    }
}

impl Inputs {
    /// What the databases of addresses know.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read.
    pub fn geography(&self) -> anyhow::Result<Option<Arc<Geography>>> {
        let mut geography = Geography::default();
        for path in &self.mmdb {
            let opened = geography.open(path);
            opened.with_context(|| format!("--mmdb {path:?}"))?;
        }
        Ok((!geography.is_empty()).then(|| Arc::new(geography)))
    }

    /// The same, without the files that `args` leave out, for windows that are
    /// known before anything is read or not.
    ///
    /// # Errors
    ///
    /// [`UsageError::DatesWithoutWindow`].
    pub fn by_date(mut self, args: DateArgs, are_known: bool) -> Result<Self, UsageError> {
        if args.path_dates && !are_known {
            return Err(UsageError::DatesWithoutWindow);
        }
        self.files.by_date = args.path_dates;
        Ok(self)
    }

    /// The same, linked as `args` say.
    #[must_use]
    pub fn linked(mut self, args: &LinkArgs) -> Self {
        self.linkage = Linkage::new(args);
        self
    }

    /// The paths as a report shows them.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        self.paths
            .iter()
            .map(|path| path.to_string_lossy().into_owned())
            .collect()
    }
}

/// Processors that the process may use; no result depends on it.
fn one_per_processor() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Why a text is not a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeError {
    /// Not a number and a unit.
    NotASize,
    /// Nothing.
    Zero,
    /// More than a machine can count.
    TooLarge,
    /// A record limit outside of what makes sense.
    NotARecordSize,
}

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotASize => {
                "write a whole number of bytes, or one with KiB, MiB or GiB, as in 512MiB"
            }
            Self::Zero => "a size must be more than nothing, as in 512MiB",
            Self::TooLarge => "no file is that large; write less, as in 64GiB",
            Self::NotARecordSize => "a record limit lies between 256KiB and 1GiB, as in 32MiB",
        })
    }
}

impl std::error::Error for SizeError {}

/// Reads a size: bytes, or a number with `KiB`, `MiB`, `GiB` or `TiB`
/// (`K`, `KB` … mean the same).
///
/// # Errors
///
/// [`SizeError`], which says what to write instead.
pub fn parse_size(text: &str) -> Result<u64, SizeError> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.strip_prefix(digits).unwrap_or_default().trim();
    let unit_bytes = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => MIB,
        "g" | "gb" | "gib" => GIB,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return Err(SizeError::NotASize),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SizeError::NotASize);
    }
    let count: u64 = digits.parse().map_err(|_| SizeError::TooLarge)?;
    match count.checked_mul(unit_bytes) {
        Some(0) => Err(SizeError::Zero),
        Some(bytes) => Ok(bytes),
        None => Err(SizeError::TooLarge),
    }
}

fn parse_record_size(text: &str) -> Result<usize, SizeError> {
    let bytes = parse_size(text)?;
    if !RECORD_BYTES.contains(&bytes) {
        return Err(SizeError::NotARecordSize);
    }
    usize::try_from(bytes).map_err(|_| SizeError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn size(text: &str, expected: Result<u64, SizeError>) {
        assert_eq!(parse_size(text), expected);
    }

    #[test]
    fn sizes_are_bytes_or_have_a_unit() {
        size("1", Ok(1));
        size("4096b", Ok(4_096));
        size("4K", Ok(4_096));
        size("16MiB", Ok(16 * MIB));
        size("16mb", Ok(16 * MIB));
        size("16 GiB", Ok(16 * GIB));
        size("1T", Ok(1_024 * GIB));
    }

    #[test]
    fn what_is_not_a_size_is_refused() {
        for text in ["", "MiB", "1.5GiB", "-1", "1XB", "1 2", "lots"] {
            size(text, Err(SizeError::NotASize));
        }
        size("0", Err(SizeError::Zero));
        size("0GiB", Err(SizeError::Zero));
        size("18446744073709551615", Ok(u64::MAX));
        size("18446744073709551616", Err(SizeError::TooLarge));
        size("16777216TiB", Err(SizeError::TooLarge));
    }

    #[test]
    fn a_record_limit_has_both_ends() {
        assert_eq!(parse_record_size("256KiB"), Ok(256 * 1_024));
        assert_eq!(parse_record_size("262143"), Err(SizeError::NotARecordSize));
        assert_eq!(parse_record_size("1GiB"), Ok(1 << 30));
        assert_eq!(
            parse_record_size("1073741825"),
            Err(SizeError::NotARecordSize)
        );
    }
}
