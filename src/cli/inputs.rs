//! Inputs: which logs to read, how much of them at most, and what they leave
//! unsaid.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::value_parser;

use super::memory;
use super::usage::UsageError;

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
    /// CloudTrail, Okta System Log and Vault audit exports, told apart by their content, gzipped
    /// or not. Folders are read completely, without following symbolic links.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// How much to read at most.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Threads to read with [default: one per processor]
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

/// What the logs do not say.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Labels")]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Files and folders as given; `-` at most once.
    pub paths: Vec<PathBuf>,
    /// How much of them at most.
    pub limits: Limits,
    /// What they leave unsaid.
    pub labels: Labels,
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
        })
    }
}

impl Inputs {
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
