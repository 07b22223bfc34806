//! The command: everything that touches the process itself.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;
use habitual::cli::{Cli, Environment, Status, describe, is_broken_pipe, run, status_of};

fn main() -> ExitCode {
    let status = match Cli::try_parse() {
        Ok(cli) => execute(&cli),
        Err(answer) => answer_with(&answer),
    };
    ExitCode::from(status.code())
}

fn execute(cli: &Cli) -> Status {
    let mut out = BufWriter::new(io::stdout().lock());
    match run(cli, &Environment::of_process(), &mut out) {
        Ok(completion) => completion.status(),
        Err(err) if is_broken_pipe(&err) => Status::Done,
        Err(err) => {
            // Nothing is left to do if stderr is gone as well.
            let _ = write!(io::stderr(), "{}", describe(&err));
            status_of(&err)
        }
    }
}

/// Prints the help or version that was asked for, or what is wrong with the
/// flags.
fn answer_with(answer: &clap::Error) -> Status {
    match answer.print() {
        _ if answer.use_stderr() => Status::Usage,
        Err(err) if err.kind() != io::ErrorKind::BrokenPipe => Status::Failed,
        _ => Status::Done,
    }
}
