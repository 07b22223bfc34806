//! Text that came out of a log.

use std::fmt;

/// Text that an attacker may have written: user agents, session names, object
/// keys, and every sentence that quotes them.
///
/// It has no `Display`. Only an encoder of a sink (`report::sanitize`) may
/// print it; comparing and serialising go through [`Untrusted::as_raw`].
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted(Box<str>);

impl Untrusted {
    /// Marks `text` as coming from a log.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for encoders and comparisons.
    #[must_use]
    pub fn as_raw(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.escape_debug().to_string())
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
