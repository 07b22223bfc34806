//! One row as JSON text, up to a limit.

/// JSON that is being written. Beyond the limit nothing is kept, so that a few
/// bytes that a row repeats a million times cannot fill the memory.
#[derive(Debug, Default)]
pub(super) struct RowText {
    text: String,
    limit: usize,
    is_full: bool,
}

impl RowText {
    /// An empty text of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Begins the next row.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.is_full = false;
    }

    /// The text, unless the row was too long.
    pub(super) fn get(&self) -> Option<&str> {
        (!self.is_full).then_some(&*self.text)
    }

    /// How long the text is.
    pub(super) fn n_bytes(&self) -> usize {
        self.text.len()
    }

    /// Appends what is JSON already.
    pub(super) fn push(&mut self, json: &str) {
        self.is_full |= self.text.len().saturating_add(json.len()) > self.limit;
        if !self.is_full {
            self.text.push_str(json);
        }
    }

    /// Appends a string. What is no UTF-8 becomes U+FFFD.
    pub(super) fn text(&mut self, bytes: &[u8]) {
        if self.is_full || bytes.len() > self.limit {
            self.is_full = true;
            return;
        }
        let text = String::from_utf8_lossy(bytes);
        self.push(&serde_json::Value::from(&*text).to_string());
    }

    /// Appends a number; there is none for infinity.
    pub(super) fn number(&mut self, number: f64) {
        self.push(&serde_json::Value::from(number).to_string());
    }

    /// Takes back everything after the first `n` bytes.
    pub(super) fn take_from(&mut self, n: usize) -> String {
        let taken = self.text.get(n..).unwrap_or_default().to_owned();
        self.text.truncate(n);
        taken
    }

    /// Whether the text from `n` on is one string.
    pub(super) fn is_string_from(&self, n: usize) -> bool {
        self.text.get(n..).is_some_and(|text| text.starts_with('"'))
    }
}
