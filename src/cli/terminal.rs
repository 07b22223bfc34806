//! The terminal: what it can show, and what the user wants to see on it.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use clap::{Args, ValueEnum};

use super::config::setting;
use crate::progress::{Charset, Visibility};
use crate::report::sanitize;

/// Width of a terminal that does not tell it.
const DEFAULT_COLUMNS: u16 = 80;

/// Every environment variable that is read, beside those of the settings.
const VARIABLES: [&str; 8] = [
    "CI",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "NO_COLOR",
    "TERM",
];

/// What the process was started in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The variables that are set and not empty, of those that matter here.
    pub variables: BTreeMap<&'static str, String>,
    /// What standard output is.
    pub stdout: Stream,
    /// What standard error is.
    pub stderr: Stream,
}

/// What a standard stream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stream {
    /// A terminal, with its width if it tells it.
    Terminal {
        /// Characters in a line.
        columns: Option<u16>,
    },
    /// A file, a pipe, or nothing.
    #[default]
    Elsewhere,
}

impl Environment {
    /// Looks at the process, once.
    #[must_use]
    pub fn of_process() -> Self {
        let names = VARIABLES.into_iter().chain(setting::variables());
        let variables = names.filter_map(|name| {
            let value = std::env::var_os(name)?.to_string_lossy().into_owned();
            (!value.is_empty()).then_some((name, value))
        });
        Self {
            variables: variables.collect(),
            stdout: Stream::of(&io::stdout()),
            stderr: Stream::of(&io::stderr()),
        }
    }

    /// A variable of the environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    fn is_dumb(&self) -> bool {
        self.variable("TERM") == Some("dumb")
    }

    /// Whether the locale is the one without a character set. A locale that
    /// was never set says nothing: containers and cron jobs have none.
    fn has_ascii_locale(&self) -> bool {
        ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| self.variable(name))
            .is_some_and(|locale| matches!(locale, "C" | "POSIX"))
    }
}

impl Stream {
    fn of(stream: &impl IsTerminal) -> Self {
        if !stream.is_terminal() {
            return Self::Elsewhere;
        }
        let size = terminal_size::terminal_size();
        Self::Terminal {
            columns: size.map(|(width, _)| width.0),
        }
    }

    /// Whether somebody reads along.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Terminal { .. })
    }
}

/// Flags about what is shown while and after running.
#[derive(Clone, Debug, Default, Args)]
pub struct TerminalArgs {
    /// Print nothing but the result and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Show no progress
    ///
    /// Progress is shown only when standard error is a terminal, and not in CI.
    #[arg(long, global = true, hide_short_help = true, help_heading = "Terminal")]
    pub no_progress: bool,
    /// When to use colour
    ///
    /// `auto` respects NO_COLOR, CLICOLOR_FORCE and TERM=dumb. Nothing is said by colour alone.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_short_help = true,
        help_heading = "Terminal"
    )]
    pub color: ColorArg,
    /// Draw with ASCII characters only
    ///
    /// Also chosen by TERM=dumb and by the locales C and POSIX.
    #[arg(long, global = true, hide_short_help = true, help_heading = "Terminal")]
    pub ascii: bool,
}

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// On a terminal that can
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to draw, and what to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Whether standard output is coloured.
    pub color: Color,
    /// Which characters are drawn with.
    pub charset: Charset,
    /// Width of standard output; `None` where it is no terminal, and lines
    /// are neither cut nor framed.
    pub columns: Option<u16>,
    /// Whether progress is shown.
    pub progress: Visibility,
    /// Whether remarks are made on standard error.
    pub remarks: Remarks,
}

/// Whether to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Use it.
    On,
    /// Do not.
    Off,
}

/// What goes to standard error besides errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remarks {
    /// Windows used, files written, what limits the result.
    Made,
    /// Nothing.
    Silent,
}

impl Terminal {
    /// What `args` amount to in `environment`.
    #[must_use]
    pub fn new(args: &TerminalArgs, environment: &Environment) -> Self {
        let charset = if args.ascii || environment.is_dumb() || environment.has_ascii_locale() {
            Charset::Ascii
        } else {
            Charset::Unicode
        };
        let may_progress = environment.stderr.is_terminal()
            && !args.quiet
            && !args.no_progress
            && !environment.is_dumb()
            && environment.variable("CI").is_none();
        Self {
            color: color(args.color, environment),
            charset,
            columns: columns(environment),
            progress: if may_progress {
                Visibility::Shown(charset)
            } else {
                Visibility::Hidden
            },
            remarks: if args.quiet {
                Remarks::Silent
            } else {
                Remarks::Made
            },
        }
    }

    /// Which characters logged text may be shown with.
    #[must_use]
    pub const fn text_charset(self) -> sanitize::Charset {
        match self.charset {
            Charset::Ascii => sanitize::Charset::Ascii,
            Charset::Unicode => sanitize::Charset::Unicode,
        }
    }
}

impl Remarks {
    /// Says one line on standard error. Where that is gone, nobody is missed.
    pub fn say(self, line: &str) {
        if self == Self::Made {
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
}

fn color(arg: ColorArg, environment: &Environment) -> Color {
    let is_forced = || {
        environment
            .variable("CLICOLOR_FORCE")
            .is_some_and(|value| value != "0")
    };
    let is_on = match arg {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto if environment.variable("NO_COLOR").is_some() => false,
        ColorArg::Auto if is_forced() => true,
        ColorArg::Auto => environment.stdout.is_terminal() && !environment.is_dumb(),
    };
    if is_on { Color::On } else { Color::Off }
}

fn columns(environment: &Environment) -> Option<u16> {
    let Stream::Terminal { columns } = environment.stdout else {
        return None;
    };
    let asked = environment
        .variable("COLUMNS")
        .and_then(|value| value.parse().ok())
        .filter(|columns| *columns > 0);
    asked.or(columns).or(Some(DEFAULT_COLUMNS))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal on both streams, with these variables.
    fn terminal(variables: &[(&'static str, &str)]) -> Environment {
        let terminal = Stream::Terminal { columns: Some(120) };
        Environment {
            variables: variables
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            stdout: terminal,
            stderr: terminal,
        }
    }

    fn piped(variables: &[(&'static str, &str)]) -> Environment {
        Environment {
            stdout: Stream::Elsewhere,
            stderr: Stream::Elsewhere,
            ..terminal(variables)
        }
    }

    #[track_caller]
    fn colors(arg: ColorArg, environment: &Environment, expected: Color) {
        assert_eq!(color(arg, environment), expected);
    }

    #[test]
    fn colour_is_for_terminals_that_can_show_it() {
        colors(ColorArg::Auto, &terminal(&[]), Color::On);
        colors(ColorArg::Auto, &terminal(&[("TERM", "xterm")]), Color::On);
        colors(ColorArg::Auto, &terminal(&[("TERM", "dumb")]), Color::Off);
        colors(ColorArg::Auto, &piped(&[]), Color::Off);
    }

    #[test]
    fn no_color_wins_over_forcing_and_a_flag_over_both() {
        let force = ("CLICOLOR_FORCE", "1");
        let no = ("NO_COLOR", "1");
        colors(ColorArg::Auto, &terminal(&[no]), Color::Off);
        colors(ColorArg::Auto, &piped(&[force]), Color::On);
        colors(
            ColorArg::Auto,
            &piped(&[("CLICOLOR_FORCE", "0")]),
            Color::Off,
        );
        colors(ColorArg::Auto, &terminal(&[force, no]), Color::Off);
        colors(ColorArg::Always, &piped(&[no]), Color::On);
        colors(ColorArg::Never, &terminal(&[force]), Color::Off);
    }

    fn args(quiet: bool, no_progress: bool) -> TerminalArgs {
        TerminalArgs {
            quiet,
            no_progress,
            ..TerminalArgs::default()
        }
    }

    #[track_caller]
    fn progress(args: &TerminalArgs, environment: &Environment, is_shown: bool) {
        let progress = Terminal::new(args, environment).progress;
        assert_eq!(progress != Visibility::Hidden, is_shown);
    }

    #[test]
    fn progress_is_shown_only_while_somebody_watches() {
        let watched = terminal(&[]);
        progress(&args(false, false), &watched, true);
        progress(&args(true, false), &watched, false);
        progress(&args(false, true), &watched, false);
        progress(&args(false, false), &terminal(&[("CI", "true")]), false);
        progress(&args(false, false), &terminal(&[("TERM", "dumb")]), false);
        progress(&args(false, false), &piped(&[]), false);
        let only_stdout = Environment {
            stderr: Stream::Elsewhere,
            ..terminal(&[])
        };
        progress(&args(false, false), &only_stdout, false);
    }

    #[track_caller]
    fn draws(args: &TerminalArgs, environment: &Environment, expected: Charset) {
        assert_eq!(Terminal::new(args, environment).charset, expected);
    }

    #[test]
    fn characters_follow_the_flag_and_the_locale() {
        let args = TerminalArgs::default();
        draws(&args, &terminal(&[]), Charset::Unicode);
        draws(&args, &terminal(&[("LANG", "C")]), Charset::Ascii);
        draws(&args, &terminal(&[("LANG", "C.UTF-8")]), Charset::Unicode);
        draws(
            &args,
            &terminal(&[("LC_ALL", "en_GB.UTF-8"), ("LANG", "C")]),
            Charset::Unicode,
        );
        draws(&args, &terminal(&[("TERM", "dumb")]), Charset::Ascii);
        let ascii = TerminalArgs {
            ascii: true,
            ..TerminalArgs::default()
        };
        draws(&ascii, &terminal(&[]), Charset::Ascii);
    }

    #[test]
    fn the_width_is_that_of_the_terminal_unless_columns_says_otherwise() {
        assert_eq!(columns(&terminal(&[])), Some(120));
        assert_eq!(columns(&terminal(&[("COLUMNS", "60")])), Some(60));
        assert_eq!(columns(&terminal(&[("COLUMNS", "wide")])), Some(120));
        assert_eq!(columns(&terminal(&[("COLUMNS", "0")])), Some(120));
        assert_eq!(columns(&piped(&[("COLUMNS", "60")])), None);
        let silent = Environment {
            stdout: Stream::Terminal { columns: None },
            ..terminal(&[])
        };
        assert_eq!(columns(&silent), Some(DEFAULT_COLUMNS));
    }
}
