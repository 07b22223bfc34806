//! What this program wrote itself: whoever works in the folder of the logs has
//! reports and a state next to them, and neither is damaged input.
//!
//! What a file is, its first bytes say, and those of a log are not chosen by
//! whoever is logged. Dumped events are no report: they can be read again.

use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Ends of the names under which reports are kept. Other files are not opened.
const ENDS: [&str; 8] = [
    ".json", ".jsonl", ".csv", ".txt", ".html", ".md", ".sarif", ".parquet",
];

/// Bytes of a beginning that are looked at; a page names its generator in them.
const BEGINNING: u64 = 1_024;

/// How reports begin, without white space.
const BEGINNINGS: [&str; 8] = [
    r#"{"schema":"habitual."#,
    "rank,finding_id,severity,is_selected,",
    "rankseverityidentityclasstenantchance",
    "sectionnamemeasurevalue",
    "pivot,time,source,identity,action,resource,",
    "pivottimesourceidentityactionresource",
    "#Habits2",
    r#"{"$schema":"https://json.schemastore.org/sarif"#,
];

/// How dumped events begin.
const EVENTS: &str = r#"{"schema":"habitual.event/"#;

/// How the manifest of a baseline or a nightly state begins.
const BASELINE: &str = r#"{"schema":"habitual.baseline/"#;

/// A number of a process in the folder of a state that is being made.
const LOCK: &[u8] = b"lock";

/// Most bytes of a Parquet file's footer that are read.
const MOST_FOOTER: u32 = 64 * 1_024;

/// Whether the file at `path`, found in a folder, is a report of ours.
pub(super) fn is_report(path: &Path, meta: &Metadata) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    if name == LOCK {
        return beginning(path).is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    }
    let ends = |end: &&str| name.ends_with(end.as_bytes());
    match ENDS.iter().find(|end| ends(end)) {
        None => false,
        Some(&".parquet") => has_findings(path, meta.len()).unwrap_or(false),
        Some(_) => beginning(path).is_some_and(|text| {
            let is_page = text.starts_with("<!DOCTYPEhtml>")
                && text.contains(r#"<metaname="generator"content="habitual"#);
            let is_manifest =
                text.starts_with(r#"{"command":["#) && text.contains(r#"],"command_line":""#);
            let is_report = BEGINNINGS.iter().any(|own| text.starts_with(own));
            is_page || is_manifest || is_report && !text.starts_with(EVENTS)
        }),
    }
}

/// Whether the folder at `path` holds a baseline or a nightly state.
pub(super) fn is_baseline(path: &Path) -> bool {
    beginning(&path.join("manifest.json")).is_some_and(|text| text.starts_with(BASELINE))
}

/// The first bytes of a file as text without white space.
fn beginning(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    open(path)?.take(BEGINNING).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.split_whitespace().collect())
}

/// Whether a Parquet file of `n_bytes` was written here and has findings: its
/// footer names both, the writer last.
fn has_findings(path: &Path, n_bytes: u64) -> Option<bool> {
    let mut file = open(path)?;
    let mut tail = [0; 8];
    file.seek(SeekFrom::Start(n_bytes.checked_sub(8)?)).ok()?;
    file.read_exact(&mut tail).ok()?;
    let [a, b, c, d, ..] = tail;
    let n_footer = u32::from_le_bytes([a, b, c, d]).min(MOST_FOOTER);
    let start = n_bytes.checked_sub(8)?.checked_sub(n_footer.into())?;
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut footer = Vec::new();
    file.take(n_footer.into()).read_to_end(&mut footer).ok()?;
    let has = |word: &[u8]| footer.windows(word.len()).any(|bytes| bytes == word);
    Some(has(b"finding_id") && has(b"habitual"))
}

fn open(path: &Path) -> Option<File> {
    let flags = libc::O_NONBLOCK | libc::O_NOFOLLOW | libc::O_CLOEXEC;
    let mut options = File::options();
    options.read(true).custom_flags(flags).open(path).ok()
}
