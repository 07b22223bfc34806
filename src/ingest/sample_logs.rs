//! Real logs beside the crate, for tests: present on some machines only.

use std::path::Path;

/// The lines of the real log `name`, NUL bytes removed; `None`, and a word
/// about it, where the collection is absent.
pub(crate) fn lines(name: &str) -> Option<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = root
        .ancestors()
        .take(4)
        .map(|folder| folder.join("shared/data").join(name))
        .find(|path| path.exists());
    #[allow(clippy::print_stderr, reason = "a test says that it was skipped")]
    let Some(path) = found else {
        eprintln!("skipped: no shared/data/{name}");
        return None;
    };
    let mut bytes = std::fs::read(path).unwrap_or_default();
    bytes.retain(|byte| *byte != 0);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Some(text.lines().map(str::to_owned).collect())
}
