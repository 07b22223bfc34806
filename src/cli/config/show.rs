//! `habitual config show`: the settings in effect, and where they come from.

use std::io::Write;

use anyhow::Context as _;
use clap::{Arg, Args, Command, CommandFactory as _, Subcommand};

use super::setting::{Kind, SETTINGS, Setting};
use super::{Given, Origin, gather};
use crate::cli::Cli;
use crate::cli::status::Completion;
use crate::cli::terminal::Environment;
use crate::report::sanitize::{Charset, terminal};

/// Show the settings in effect
#[derive(Clone, Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    long_about = "Show the settings in effect. A setting is a flag that is given once: in \
                  ./habitual.toml (or the file that --config or HABITUAL_CONFIG names) or as a \
                  variable. A flag wins over a variable, a variable over the file.

Examples:
  habitual config show
  habitual config show --origin
  habitual config show > habitual.toml"
)]
pub struct ConfigArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    /// Print every setting and its value, as a file that can be used
    Show {
        /// Say where each value comes from
        #[arg(long)]
        origin: bool,
    },
}

/// The plot: gather the settings, print them.
pub(in crate::cli) fn run(
    args: &ConfigArgs,
    file: &super::FileArgs,
    environment: &Environment,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let What::Show { origin } = args.what;
    // As if a verb were typed that reads nothing.
    let mut words = vec!["habitual".into(), "schema".into()];
    if let Some(path) = &file.config {
        words.extend(["--config".into(), path.clone().into_os_string()]);
    }
    let typed = Cli::command().try_get_matches_from(words)?;
    let given = gather(&typed, environment)?;
    let mut program = Cli::command();
    program.build();
    let lines = SETTINGS.iter().map(|setting| {
        let given = given.iter().find(|given| given.setting == *setting);
        line(*setting, given, flag_of(&program, *setting), origin)
    });
    let text: String = lines.collect();
    Completion::FULL.once_written(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .context("writing the settings"),
    )
}

/// The flag, as `replay` has it.
fn flag_of(program: &Command, setting: Setting) -> Option<&Arg> {
    let replay = program.find_subcommand("replay")?;
    let mut flags = replay.get_arguments();
    flags.find(|flag| flag.get_long() == Some(setting.name))
}

/// A line of TOML. What is not set is a comment.
fn line(setting: Setting, given: Option<&Given>, flag: Option<&Arg>, with_origin: bool) -> String {
    let name = setting.name;
    let default = flag.and_then(|flag| flag.get_default_values().first());
    let default = default.map(|value| value.to_string_lossy().into_owned());
    let (text, origin) = match (given, default) {
        (Some(given), _) => (
            format!("{name} = {}", in_toml(setting, &given.values)),
            origin_of(&given.origin),
        ),
        (None, Some(value)) if setting.kind == Kind::Value => (
            format!("# {name} = {}", in_toml(setting, &[value])),
            "default".to_owned(),
        ),
        (None, _) => (format!("# {name} ="), "not set".to_owned()),
    };
    if with_origin {
        format!("{text:<40}  # {origin}\n")
    } else {
        format!("{text}\n")
    }
}

fn in_toml(setting: Setting, values: &[String]) -> String {
    let quoted = |value: &String| {
        let shown = terminal(value, Charset::Unicode);
        toml::Value::String(shown).to_string()
    };
    let texts: Vec<String> = values.iter().map(quoted).collect();
    match setting.kind {
        Kind::Files => format!("[{}]", texts.join(", ")),
        Kind::Value => texts.concat(),
        Kind::Switch => values.concat(),
    }
}

fn origin_of(origin: &Origin) -> String {
    match origin {
        Origin::Variable(variable) => format!("variable {variable}"),
        Origin::File(path) => format!("file {path:?}"),
    }
}
