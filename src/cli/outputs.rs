//! An output is a format and a place: what `-f` and `-o` say, in pairs.

use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::choice::one_of;
use super::terminal::{Color, Remarks, Terminal};
use super::usage::UsageError;
use crate::progress::Charset;
pub use crate::report::Format;
use crate::report::Style;
use crate::state::AtomicFile;

/// What a file name says about the format: the longest ending that one of them
/// has, so that `a.sarif.json` and `a.ocsf.jsonl` are not taken for plain ones.
fn format_of(path: &Path) -> Option<Format> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let has = |ending: &str| {
        let stem = name.strip_suffix(ending);
        stem.is_some_and(|stem| stem.ends_with('.'))
    };
    let ordinary = Format::ALL.map(|format| (format.extension(), format));
    let others = [
        ("ndjson", Format::Jsonl),
        ("htm", Format::Html),
        ("sarif.json", Format::Sarif),
        ("markdown", Format::Markdown),
    ];
    ordinary
        .into_iter()
        .chain(others)
        .filter(|(ending, _)| has(ending))
        .max_by_key(|(ending, _)| ending.len())
        .map(|(_, format)| format)
}

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Stdout,
    /// A file, replaced in one step at the end; or a device or named pipe.
    File(PathBuf),
}

/// One output to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How.
    pub format: Format,
    /// Where.
    pub destination: Destination,
}

impl Output {
    /// How to lay it out: a file is written as if nobody watched.
    #[must_use]
    pub fn style(&self, terminal: Terminal) -> Style {
        let width = match self.destination {
            Destination::Stdout => terminal.columns,
            Destination::File(_) => None,
        };
        Style {
            width,
            color: width.is_some() && terminal.color == Color::On,
            ascii: terminal.charset == Charset::Ascii,
        }
    }
}

/// The formats that a verb can write.
pub trait Offer: 'static {
    /// In the order in which they are listed; the first is the default.
    const FORMATS: &'static [Format];
}

/// `-f` and `-o` in the order in which they were typed.
#[derive(Clone, Debug)]
pub struct OutputArgs<O> {
    words: Vec<Word>,
    offer: PhantomData<O>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Format(Format),
    File(PathBuf),
}

impl<O: Offer> OutputArgs<O> {
    /// Pairs every format with its file.
    ///
    /// A file belongs to the format before it; without one its name says the
    /// format, or else the format after it does. A format without a file goes
    /// to standard output, and without any of them the table does.
    ///
    /// # Errors
    ///
    /// [`UsageError`], when a file has no format, two outputs go to one place,
    /// or the verb does not write a format.
    pub fn resolve(&self) -> Result<Vec<Output>, UsageError> {
        let mut outputs = Vec::new();
        let mut words = self.words.as_slice();
        while let Some((output, rest)) = next_output(words)? {
            outputs.push(output);
            words = rest;
        }
        if outputs.is_empty() {
            outputs.push(Output {
                format: Format::Table,
                destination: Destination::Stdout,
            });
        }
        refuse_unoffered(&outputs, O::FORMATS)?;
        refuse_shared_destinations(&outputs)?;
        Ok(outputs)
    }
}

/// The output that `words` begin with, and the words after it.
fn next_output(words: &[Word]) -> Result<Option<(Output, &[Word])>, UsageError> {
    let (format, path, rest) = match words {
        [] => return Ok(None),
        [Word::Format(format), Word::File(path), rest @ ..] => (*format, Some(path), rest),
        [Word::Format(format), rest @ ..] => (*format, None, rest),
        [Word::File(path), rest @ ..] => {
            let guess = format_of(path);
            match (guess, rest) {
                // `-o report.csv -f csv`: one output, said backwards. A
                // format that is followed by a file of its own is another.
                (guess, [Word::Format(format), after @ ..])
                    if guess.is_none_or(|guess| guess == *format)
                        && !matches!(after, [Word::File(_), ..]) =>
                {
                    (*format, Some(path), after)
                }
                (Some(format), rest) => (format, Some(path), rest),
                (None, _) => return Err(UsageError::UnknownExtension { path: path.clone() }),
            }
        }
    };
    let destination = match path {
        Some(path) if path != Path::new("-") => Destination::File(path.clone()),
        _ => Destination::Stdout,
    };
    let output = Output {
        format,
        destination,
    };
    Ok(Some((output, rest)))
}

fn refuse_unoffered(outputs: &[Output], offered: &'static [Format]) -> Result<(), UsageError> {
    outputs
        .iter()
        .map(|output| output.format)
        .find(|format| !offered.contains(format))
        .map_or(Ok(()), |format| {
            Err(UsageError::NotOffered { format, offered })
        })
}

pub(super) fn refuse_shared_destinations(outputs: &[Output]) -> Result<(), UsageError> {
    for (idx, output) in outputs.iter().enumerate() {
        let earlier = outputs
            .iter()
            .take(idx)
            .find(|earlier| is_one_place(&earlier.destination, &output.destination));
        match (earlier, &output.destination) {
            (None, _) => {}
            (Some(earlier), Destination::Stdout) => {
                return Err(UsageError::StdoutTwice {
                    first: earlier.format,
                    second: output.format,
                });
            }
            (Some(_), Destination::File(path)) => {
                return Err(UsageError::SameFile { path: path.clone() });
            }
        }
    }
    Ok(())
}

/// Whether both are the same, however their paths are written.
fn is_one_place(one: &Destination, other: &Destination) -> bool {
    let place = |destination: &Destination| match destination {
        Destination::Stdout => None,
        Destination::File(path) => {
            let folder = path.parent().map(|folder| match folder.as_os_str() {
                name if name.is_empty() => Path::new("."),
                _ => folder,
            });
            Some((
                fs::canonicalize(folder?).ok()?,
                path.file_name()?.to_owned(),
            ))
        }
    };
    one == other || place(one).is_some_and(|known| place(other) == Some(known))
}

// Clap's derive keeps `-f` and `-o` in two lists and loses which belongs to
// which, so this one group is written by hand.
impl<O: Offer> Args for OutputArgs<O> {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new("format")
                    .short('f')
                    .long("format")
                    .value_name("FORMAT")
                    .value_parser(one_of(O::FORMATS, Format::name))
                    .action(ArgAction::Append)
                    .hide_possible_values(true)
                    .help_heading("Output")
                    .help(format!("Write {}", listed_briefly(O::FORMATS)))
                    .long_help(format!(
                        "How to write the result: {} [default: table]. Repeat it together with \
                         --output to write several formats in one run; at most one of them goes \
                         to standard output.",
                        listed(O::FORMATS)
                    )),
            )
            .arg(
                Arg::new("output")
                    .short('o')
                    .long("output")
                    .value_name("FILE")
                    .value_parser(value_parser!(PathBuf))
                    .action(ArgAction::Append)
                    .help_heading("Output")
                    .help("Where to write that format [default: standard output]")
                    .long_help(
                        "Where to write the format before it [default: standard output]. \
                         Without a format, the name says it: .txt, .jsonl, .json, .csv, \
                         .parquet, .html, .md, .sarif, .ocsf.jsonl and so on. The file is replaced in one step when the run is \
                         done, and only you can read it.",
                    ),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<O: Offer> FromArgMatches for OutputArgs<O> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let formats = words(matches, "format", |format: &Format| Word::Format(*format));
        let files = words(matches, "output", |path: &PathBuf| Word::File(path.clone()));
        let mut words: Vec<_> = formats.chain(files).collect();
        words.sort_by_key(|(position, _)| *position);
        Ok(Self {
            words: words.into_iter().map(|(_, word)| word).collect(),
            offer: PhantomData,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// `table, json or csv`.
fn listed(formats: &[Format]) -> String {
    let names: Vec<_> = formats.iter().map(|format| format.name()).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.join(", "),
    }
}

/// Formats named in the short help.
const FORMATS_NAMED: usize = 5;

/// The first of them, and whether there are more.
fn listed_briefly(formats: &[Format]) -> String {
    if formats.len() <= FORMATS_NAMED {
        return listed(formats);
    }
    let names = formats.iter().take(FORMATS_NAMED);
    let names: Vec<_> = names.map(|format| format.name()).collect();
    format!("{} and more", names.join(", "))
}

/// Every value of one flag, with its position on the command line.
fn words<'m, T: Clone + Send + Sync + 'static>(
    matches: &'m ArgMatches,
    id: &'static str,
    word: impl Fn(&T) -> Word + 'm,
) -> impl Iterator<Item = (usize, Word)> + 'm {
    let positions = matches.indices_of(id).into_iter().flatten();
    let values = matches.get_many::<T>(id).into_iter().flatten();
    positions.zip(values.map(word))
}

/// Finds out, before the long run, whether every output can be written.
///
/// A file is tried by creating its temporary neighbour, which is removed at
/// once: a run that is interrupted while it reads leaves nothing behind.
///
/// # Errors
///
/// [`UsageError`], or what the system says, with the path.
pub fn check_outputs(
    outputs: &[Output],
    inputs: &[PathBuf],
    terminal: Terminal,
) -> anyhow::Result<()> {
    for output in outputs {
        match &output.destination {
            Destination::Stdout
                if output.format == Format::Parquet && terminal.columns.is_some() =>
            {
                let format = output.format;
                return Err(UsageError::BinaryToTerminal { format }.into());
            }
            Destination::Stdout => {}
            Destination::File(path) => {
                if is_input(path, inputs) {
                    return Err(UsageError::OutputIsInput { path: path.clone() }.into());
                }
                if Target::of(path)? == Target::File {
                    drop(AtomicFile::create(path).with_context(|| format!("-o {path:?}"))?);
                }
            }
        }
    }
    Ok(())
}

fn is_input(path: &Path, inputs: &[PathBuf]) -> bool {
    fs::canonicalize(path).is_ok_and(|path| {
        inputs
            .iter()
            .filter_map(|input| fs::canonicalize(input).ok())
            .any(|input| input == path)
    })
}

/// What lies at the path of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// Nothing, or a file that will be replaced.
    File,
    /// A device or pipe (`/dev/stdout`, `>(gzip)`), which is written into.
    Stream,
}

impl Target {
    fn of(path: &Path) -> anyhow::Result<Self> {
        let is_link = fs::symlink_metadata(path).is_ok_and(|target| target.is_symlink());
        match fs::metadata(path) {
            Ok(target) if target.is_dir() => {
                bail!("-o {path:?} is a folder; name a file in it")
            }
            Ok(target) if !target.is_file() => Ok(Self::Stream),
            // Replacing what a link points to would let whoever may create
            // the link choose the file.
            _ if is_link => bail!("-o {path:?} is a symbolic link; name the file it points to"),
            _ => Ok(Self::File),
        }
    }
}

/// Writes every output with `write`: files first, so that they are complete
/// even if the reader of standard output goes away.
///
/// # Errors
///
/// When an output cannot be written completely. A file is then as it was
/// before.
pub fn write_outputs(
    outputs: &[Output],
    stdout: &mut dyn Write,
    mut write: impl FnMut(&Output, &mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for output in outputs {
        if let Destination::File(path) = &output.destination {
            write_file(path, |out| write(output, out)).with_context(|| format!("-o {path:?}"))?;
        }
    }
    for output in outputs {
        if output.destination == Destination::Stdout {
            write(output, stdout)?;
            stdout.flush().context("writing to standard output")?;
        }
    }
    Ok(())
}

/// Writes one file with `write`, whole or not at all.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    match Target::of(path)? {
        Target::File => {
            let mut file = AtomicFile::create(path)?;
            write(&mut file)?;
            file.commit()
        }
        Target::Stream => {
            let file = OpenOptions::new().write(true).open(path)?;
            let mut out = BufWriter::new(file);
            write(&mut out)?;
            out.flush().context("writing")
        }
    }
}

/// Says which files were written: with nothing on standard output, nothing
/// else tells that the run did what it should.
pub(super) fn announce(outputs: &[Output], remarks: Remarks) {
    for output in outputs {
        if let Destination::File(path) = &output.destination {
            remarks.say(&format!("wrote {path:?} ({})", output.format.name()));
        }
    }
}

#[cfg(test)]
mod tests;
