//! The configuration: settings from a file and from the environment, put where
//! the user would have typed them. A flag wins over a variable, a variable over
//! the file, the file over the default.
//!
//! The file is what `--config` or `HABITUAL_CONFIG` names, or `habitual.toml` in
//! the working directory; never one that lies among the logs, which whoever
//! writes the logs could have written too.

mod file;
pub(super) mod setting;
mod show;

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _};

use super::Cli;
use super::overview::{self, Length};
use super::terminal::Environment;
use super::usage::UsageError;
use file::Named;
use setting::{FILE_VARIABLE, Kind, SETTINGS, Setting};

pub use show::ConfigArgs;
pub(super) use show::run;

/// The flag that names the file.
#[derive(Clone, Debug, Default, Args)]
pub struct FileArgs {
    /// Read settings from this file [default: ./habitual.toml]
    ///
    /// A flag wins over a variable (HABITUAL_THREADS for --threads), a variable over the file.
    /// `habitual config show --origin` lists the settings, their values and where they come from.
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub config: Option<PathBuf>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Variable(&'static str),
    File(PathBuf),
}

/// A setting with its values, as they would be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Given {
    setting: Setting,
    values: Vec<String>,
    origin: Origin,
}

/// Why there is nothing to run.
#[derive(Debug)]
pub enum Answer {
    /// Help, the version, or what is wrong with the flags.
    Flags(clap::Error),
    /// What is wrong with the settings.
    Settings(UsageError),
}

/// What the user asked for, with the settings that were not typed.
///
/// # Errors
///
/// [`Answer`].
pub fn parse(words: &[OsString], environment: &Environment) -> Result<Cli, Answer> {
    let typed = overview::program(Length::of(words))
        .try_get_matches_from(words)
        .map_err(|answer| Answer::Flags(with_hint(answer)))?;
    let given = gather(&typed, environment).map_err(Answer::Settings)?;
    let missing = untyped(&typed, given);
    let completed = with(words, &typed, &missing);
    let parsed = Cli::command().try_get_matches_from(&completed);
    match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(mut cli) => {
            let words = completed.iter().map(|word| word.to_string_lossy());
            cli.words = words.map(Cow::into_owned).collect();
            Ok(cli)
        }
        Err(answer) => Err(Answer::Settings(blame(words, &typed, &missing, &answer))),
    }
}

/// Whoever names logs where a verb belongs is told of one.
fn with_hint(mut answer: clap::Error) -> clap::Error {
    let is_path = match answer.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => Path::new(word).exists(),
        _ => false,
    };
    if is_path {
        let tip = "that is a path; say what to do with it, as in: habitual replay PATH";
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        answer.insert(ContextKind::Suggested, tips);
    }
    answer
}

/// Every setting that is given, the stronger origin where there are two.
fn gather(typed: &ArgMatches, environment: &Environment) -> Result<Vec<Given>, UsageError> {
    let file = match location(typed, environment) {
        Some((path, named)) => {
            let found = file::read(&path, named)?;
            found
                .unwrap_or_default()
                .into_iter()
                .map(|(setting, values)| Given {
                    setting,
                    values,
                    origin: Origin::File(path.clone()),
                })
                .collect()
        }
        None => Vec::new(),
    };
    let of_variable = |setting: &Setting| of_variable(*setting, environment);
    let of_file = |setting: &Setting| file.iter().find(|given| given.setting == *setting).cloned();
    Ok(SETTINGS
        .iter()
        .filter_map(|setting| of_variable(setting).or_else(|| of_file(setting)))
        .collect())
}

/// The file to read, and whether it must be there.
fn location(typed: &ArgMatches, environment: &Environment) -> Option<(PathBuf, Named)> {
    let verb = typed.subcommand().map(|(_, matches)| matches);
    let flag = verb.and_then(|matches| matches.try_get_one::<PathBuf>("config").ok().flatten());
    let variable = || environment.variable(FILE_VARIABLE).map(PathBuf::from);
    if let Some(path) = flag.cloned().or_else(variable) {
        return Some((path, Named::Explicitly));
    }
    let path = Path::new(file::NAME);
    let is_input = verb.is_some_and(|matches| is_among(inputs(matches), path));
    (!is_input).then(|| (path.to_owned(), Named::ByDefault))
}

/// The logs that a verb reads.
fn inputs(verb: &ArgMatches) -> impl Iterator<Item = &PathBuf> {
    let many = |id| verb.try_get_many::<PathBuf>(id).ok().flatten();
    ["paths", "sample"].into_iter().filter_map(many).flatten()
}

/// Whether `file` lies in one of the folders `paths`, or is one of them.
fn is_among<'a>(mut paths: impl Iterator<Item = &'a PathBuf>, file: &Path) -> bool {
    let Ok(file) = fs::canonicalize(file) else {
        return false;
    };
    paths.any(|path| fs::canonicalize(path).is_ok_and(|path| file.starts_with(path)))
}

fn of_variable(setting: Setting, environment: &Environment) -> Option<Given> {
    let text = environment.variable(setting.variable)?;
    let values = match setting.kind {
        Kind::Value => vec![text.to_owned()],
        Kind::Files => std::env::split_paths(text)
            .map(|path| path.to_string_lossy().into_owned())
            .collect(),
        Kind::Switch => vec![(text != "0" && text != "false").to_string()],
    };
    Some(Given {
        setting,
        values,
        origin: Origin::Variable(setting.variable),
    })
}

/// Those of the settings that the verb knows and that were not typed.
fn untyped(typed: &ArgMatches, given: Vec<Given>) -> Vec<Given> {
    let Some((_, verb)) = typed.subcommand() else {
        return Vec::new();
    };
    let is_open = |given: &Given| {
        let id = given.setting.name.replace('-', "_");
        is_known(typed, given.setting.name)
            && verb.value_source(&id) != Some(ValueSource::CommandLine)
    };
    given.into_iter().filter(is_open).collect()
}

/// Whether the verb that was typed has such a flag.
fn is_known(typed: &ArgMatches, flag: &str) -> bool {
    let mut program = Cli::command();
    program.build();
    let verb = typed.subcommand_name();
    let verb = verb.and_then(|name| program.find_subcommand(name));
    verb.is_some_and(|verb| verb.get_arguments().any(|arg| arg.get_long() == Some(flag)))
}

/// The command line with the settings behind its verb, before any `--`.
fn with(words: &[OsString], typed: &ArgMatches, given: &[Given]) -> Vec<OsString> {
    let verb = typed.subcommand_name().map(OsString::from);
    let is_verb = |word: &OsString| Some(word) == verb.as_ref();
    let at = words.iter().skip(1).position(is_verb);
    let (head, tail) = words.split_at(at.map_or(words.len(), |at| at.saturating_add(2)));
    let more = given.iter().flat_map(|given| {
        let name = given.setting.name;
        given
            .values
            .iter()
            .filter_map(move |value| match (given.setting.kind, value.as_str()) {
                (Kind::Switch, "true") => Some(OsString::from(format!("--{name}"))),
                (Kind::Switch, _) => None,
                _ => Some(OsString::from(format!("--{name}={value}"))),
            })
    });
    head.iter()
        .cloned()
        .chain(more)
        .chain(tail.iter().cloned())
        .collect()
}

/// Which of the settings is wrong: the first that cannot be used alone.
fn blame(
    words: &[OsString],
    typed: &ArgMatches,
    given: &[Given],
    answer: &clap::Error,
) -> UsageError {
    let alone = |given: &&Given| {
        let words = with(words, typed, std::slice::from_ref(*given));
        Cli::command().try_get_matches_from(words).err()
    };
    let found = given.iter().find_map(|given| Some((given, alone(&given)?)));
    let text = |answer: &clap::Error| {
        let text = answer.render().to_string();
        let line = text.lines().next().unwrap_or_default();
        line.trim_start_matches("error: ").to_owned()
    };
    match found {
        Some((given, answer)) => match &given.origin {
            Origin::File(path) => UsageError::Configuration {
                path: path.clone(),
                problem: text(&answer),
            },
            Origin::Variable(variable) => UsageError::Variable {
                variable,
                problem: text(&answer),
            },
        },
        None => UsageError::Configuration {
            path: PathBuf::from(file::NAME),
            problem: text(answer),
        },
    }
}

#[cfg(test)]
mod tests;
