//! Progress: how far the reading is, on stderr, while somebody watches.
//!
//! It knows bytes and nothing else, and nothing it shows reaches an output.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// More often than this would only flicker.
const DRAWS_PER_SECOND: u8 = 10;

/// Whether progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// On stderr, unless that is not a terminal.
    Shown(Charset),
    /// Not at all.
    Hidden,
}

/// Which characters the bar is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Block elements.
    Unicode,
    /// `=` and `>`.
    Ascii,
}

/// While the end is not known, as with standard input.
const OPEN_TEMPLATE: &str = "{spinner} {bytes} read, {bytes_per_sec}";

/// Once it is.
const TEMPLATE: &str = "[{bar:30}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";

/// A bar that counts bytes. Any thread may advance it; it is gone when it is
/// dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    charset: Charset,
}

impl Progress {
    /// A bar whose end is not known yet.
    #[must_use]
    pub fn new(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Hidden => Self {
                bar: ProgressBar::hidden(),
                charset: Charset::Ascii,
            },
            Visibility::Shown(charset) => {
                let target = ProgressDrawTarget::stderr_with_hz(DRAWS_PER_SECOND);
                let bar = ProgressBar::with_draw_target(None, target);
                bar.set_style(style(OPEN_TEMPLATE, charset));
                Self { bar, charset }
            }
        }
    }

    /// Sets how many bytes there are in all.
    pub fn set_total(&self, n_bytes: u64) {
        self.bar.set_length(n_bytes);
        self.bar.set_style(style(TEMPLATE, self.charset));
    }

    /// Counts `n_bytes` more as read.
    pub fn advance(&self, n_bytes: u64) {
        self.bar.inc(n_bytes);
    }

    /// Bytes read so far.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        self.bar.position()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str, charset: Charset) -> ProgressStyle {
    // The templates are ours and a test reads them; the default is never used.
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    match charset {
        Charset::Unicode => style.progress_chars("█▌ ").tick_chars("⠋⠙⠸⠴⠦⠇ "),
        Charset::Ascii => style.progress_chars("=> ").tick_chars("|/-\\ "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_valid() {
        for template in [TEMPLATE, OPEN_TEMPLATE] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn any_thread_may_advance_it() {
        let progress = Progress::new(Visibility::Hidden);
        progress.set_total(4_000);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        progress.advance(10);
                    }
                });
            }
        });
        assert_eq!(progress.n_bytes(), 4_000);
    }

    #[test]
    fn both_character_sets_draw_without_a_terminal() {
        for charset in [Charset::Unicode, Charset::Ascii] {
            let progress = Progress::new(Visibility::Shown(charset));
            progress.advance(1);
            progress.set_total(2);
            progress.advance(1);
            assert_eq!(progress.n_bytes(), 2);
        }
    }
}
