//! The command: everything that touches the process itself.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use habitual::cli::{
    Answer, Cli, Environment, Status, describe, is_broken_pipe, legible, parse, run, status_of,
    within,
};

fn main() -> ExitCode {
    let environment = Environment::of_process();
    let words: Vec<OsString> = std::env::args_os().collect();
    let status = match parse(&words, &environment) {
        Ok(cli) => match cli.limit() {
            Some(limit) => within(limit, move || execute(&cli, &environment)),
            None => execute(&cli, &environment),
        },
        Err(Answer::Flags(answer)) => answer_with(&answer),
        Err(Answer::Settings(problem)) => fail(&problem.into()),
    };
    ExitCode::from(status.code())
}

fn execute(cli: &Cli, environment: &Environment) -> Status {
    let mut out = BufWriter::new(io::stdout().lock());
    match run(cli, environment, &mut out) {
        // What is lost on its last way out is lost as well.
        Ok(completion) => match out.flush() {
            Err(err) if err.kind() != io::ErrorKind::BrokenPipe => {
                fail(&anyhow::Error::new(err).context("writing to standard output"))
            }
            _ => completion.status(),
        },
        Err(err) if is_broken_pipe(&err) => Status::Done,
        Err(err) => fail(&err),
    }
}

/// Says what went wrong.
fn fail(err: &anyhow::Error) -> Status {
    // Nothing is left to do if stderr is gone as well.
    let _ = write!(io::stderr(), "{}", describe(err));
    status_of(err)
}

/// Prints the help or version that was asked for, or what is wrong with the
/// flags.
fn answer_with(answer: &clap::Error) -> Status {
    if answer.use_stderr() {
        let _ = write!(io::stderr(), "{}", legible(&answer.render().to_string()));
        return Status::Usage;
    }
    match answer.print() {
        Err(err) if err.kind() != io::ErrorKind::BrokenPipe => Status::Failed,
        _ => Status::Done,
    }
}
