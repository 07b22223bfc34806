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

    /// Says that `n_bytes` of `n_bytes_total` are read; a total of 0 is not
    /// known. Reports of several threads may come late: the bar never goes
    /// back.
    pub fn reach(&self, n_bytes: u64, n_bytes_total: u64) {
        if 0 < n_bytes_total && self.bar.length() != Some(n_bytes_total) {
            self.bar.set_length(n_bytes_total);
            self.bar.set_style(style(TEMPLATE, self.charset));
        }
        if self.bar.position() < n_bytes {
            self.bar.set_position(n_bytes);
        }
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
    fn reports_that_come_late_do_not_turn_it_back() {
        let progress = Progress::new(Visibility::Hidden);
        progress.reach(30, 100);
        progress.reach(10, 100);
        assert_eq!(progress.n_bytes(), 30);
        progress.reach(100, 100);
        assert_eq!(progress.n_bytes(), 100);
    }

    #[test]
    fn any_thread_may_advance_it() {
        let progress = Progress::new(Visibility::Hidden);
        std::thread::scope(|scope| {
            for n_bytes in 1..=4 {
                let progress = &progress;
                scope.spawn(move || progress.reach(n_bytes, 4));
            }
        });
        assert!((1..=4).contains(&progress.n_bytes()));
    }

    #[test]
    fn both_character_sets_draw_without_a_terminal() {
        for charset in [Charset::Unicode, Charset::Ascii] {
            let progress = Progress::new(Visibility::Shown(charset));
            progress.reach(1, 0);
            progress.reach(2, 2);
            assert_eq!(progress.n_bytes(), 2);
        }
    }
}
