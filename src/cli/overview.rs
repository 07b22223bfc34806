//! The overview: what `habitual -h` and `--help` say about the verbs, by what
//! one wants to do. The descriptions are the verbs' own.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::builder::Styles;
use clap::{Command, CommandFactory as _};

use super::Cli;

/// Verbs that serve one purpose.
struct Group {
    title: &'static str,
    verbs: &'static [&'static str],
    /// Whether the short help describes them, or names them only.
    is_described: bool,
}

const GROUPS: [Group; 5] = [
    Group {
        title: "Start here",
        verbs: &["demo", "inspect", "replay"],
        is_described: true,
    },
    Group {
        title: "Look closer",
        verbs: &["explain", "pivot", "identities", "case", "backtest"],
        is_described: true,
    },
    Group {
        title: "Watch from now on",
        verbs: &["nightly", "acknowledge", "suppress", "diff"],
        is_described: true,
    },
    Group {
        title: "Saved baselines",
        verbs: &["learn", "score", "merge", "baseline"],
        is_described: false,
    },
    Group {
        title: "Settings and more",
        verbs: &[
            "config",
            "check-mapping",
            "schema",
            "errors",
            "completions",
            "man",
        ],
        is_described: false,
    },
];

/// Which help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// A screen.
    Short,
    /// Everything.
    Long,
}

impl Length {
    /// Which help is asked for, if any is.
    pub(super) fn of(words: &[OsString]) -> Self {
        if words.iter().any(|word| word == "--help") {
            Self::Long
        } else {
            Self::Short
        }
    }
}

/// The command, its help with the verbs in groups.
pub(super) fn program(length: Length) -> Command {
    let program = Cli::command();
    let styles = program.get_styles().clone();
    let verbs = verbs(&program, &styles, length);
    let header = styles.get_header();
    // What is in a template is not wrapped, so that the columns stay.
    program.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{verbs}\n\
         {header}Options:{header:#}\n{{options}}{{after-help}}"
    ))
}

fn verbs(program: &Command, styles: &Styles, length: Length) -> String {
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let mut text = String::new();
    let names = GROUPS.iter().flat_map(|group| group.verbs);
    let columns = names.map(|name| name.len()).max().unwrap_or_default();
    for group in &GROUPS {
        let title = group.title;
        let _ = write!(text, "{header}{title}:{header:#}");
        if length == Length::Short && !group.is_described {
            let _ = writeln!(text, " {}", group.verbs.join(", "));
            continue;
        }
        text.push('\n');
        for name in group.verbs {
            let verb = program.find_subcommand(name);
            let about = verb.and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {literal}{name:columns$}{literal:#}  {about}");
        }
        if length == Length::Long {
            text.push('\n');
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_is_in_one_group() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|g| g.verbs).copied().collect();
        grouped.sort_unstable();
        let program = Cli::command();
        let mut verbs: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
        verbs.sort_unstable();
        assert_eq!(grouped, verbs);
    }

    /// Beside its name there is room for so much in 80 columns.
    #[test]
    fn every_description_fits_on_a_line() {
        for line in verbs(&Cli::command(), &Styles::plain(), Length::Long).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
