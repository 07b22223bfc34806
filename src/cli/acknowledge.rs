//! `habitual acknowledge` and `habitual suppress`: what people say to a
//! nightly job.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::nightly::{Memory, release};
use super::selection::IdentityPattern;
use super::status::Completion;
use super::terminal::{Environment, Terminal};
use super::usage::UsageError;
use super::windows::parse_length;
use crate::event::{Period, Untrusted};
use crate::ledger::Slot;
use crate::report::sanitize;
use crate::state::{Acknowledgement, Alert, Suppression};

const DAY_SECONDS: i64 = 86_400;

/// Say that a finding is all right, so that its day is learned
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Say that a finding is all right. Its day, which was held back, is learned, so \
                  that the same will be usual from then on. Of a person, that is the day of all \
                  accounts.

Examples:
  habitual acknowledge 3cc5f7b4b0bf9372 --state state --reason 'a migration'
  habitual acknowledge 3cc5f7b4 5a3df0b2 --state state --reason drill
  habitual acknowledge 3cc5f7b4 --state state --reason drill --by ann"
)]
pub struct AcknowledgeArgs {
    /// Ids of findings, or the beginnings of them
    #[arg(value_name = "FINDING", required = true, num_args = 1..)]
    findings: Vec<String>,
    /// Folder of the nightly job
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Why it is all right
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who says so [default: $USER]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Do not tell about identities for a while
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Do not tell about findings of some identities for a while. Every summary counts \
                  what is left out, and critical findings are told all the same.

Examples:
  habitual suppress 'role/ci-*' --state state --reason moving --for 14d
  habitual suppress alice --state state --reason 'travels' --family where_from
  habitual suppress --list --state state
  habitual suppress --remove 1 --state state"
)]
pub struct SuppressArgs {
    /// Names or keys of identities, or of any of their accounts, as in 'role/ci-*'
    #[arg(value_name = "PATTERN", required_unless_present_any = ["list", "remove"])]
    pattern: Option<String>,
    /// Folder of the nightly job
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Why
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["list", "remove"])]
    reason: Option<String>,
    /// For how long, counted from the last day that was judged
    #[arg(long = "for", value_name = "LENGTH", default_value = "90d", value_parser = parse_length)]
    length: i64,
    /// Only findings led by this family of evidence, as in where_from
    #[arg(long, value_name = "FAMILY")]
    family: Option<String>,
    /// Who says so [default: $USER]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// List what is suppressed
    #[arg(long)]
    list: bool,
    /// Take back the suppression with this number in the list
    #[arg(long, value_name = "N", conflicts_with = "list")]
    remove: Option<usize>,
}

/// The plot: find each finding, learn its day, remember who said so.
pub(super) fn acknowledge(
    args: &AcknowledgeArgs,
    environment: &Environment,
    terminal: Terminal,
) -> anyhow::Result<Completion> {
    let mut memory = Memory::existing(&args.state)?;
    let who = who(args.by.as_deref(), environment);
    for id in &args.findings {
        let alert = found(&memory.state.alerts, id)?;
        let (identity, slot) = (alert.identity.clone(), alert.slot);
        let finding_id = alert.finding_id.clone();
        let accounts = &alert.accounts;
        let learned = release(&mut memory.learned, &mut memory.held, accounts, slot);
        memory.state.acknowledgements.push(Acknowledgement {
            finding_id: finding_id.clone(),
            identity: identity.clone(),
            slot,
            reason: args.reason.clone(),
            who: who.clone(),
        });
        for own in &mut memory.state.alerts {
            own.is_held &= own.identity != identity || own.slot != slot;
        }
        let day = Period::Day.start_of(slot).date();
        let what = if learned {
            "its day is learned"
        } else {
            "its day was learned already"
        };
        terminal
            .remarks
            .say(&format!("{finding_id} of {day}: {what}."));
    }
    memory.write()?;
    Ok(Completion::FULL)
}

/// The one alert whose id begins like this.
fn found<'a>(alerts: &'a [Alert], id: &str) -> Result<&'a Alert, UsageError> {
    let mut known = alerts
        .iter()
        .filter(|alert| !id.is_empty() && alert.finding_id.starts_with(id));
    match (known.next(), known.next()) {
        (Some(alert), None) => Ok(alert),
        (Some(_), Some(_)) => Err(unclear(format!(
            "{id:?} begins several findings; write more of it"
        ))),
        (None, _) => Err(unclear(format!(
            "no finding {id:?} was reported by this nightly job; its reports have the ids"
        ))),
    }
}

fn unclear(problem: String) -> UsageError {
    UsageError::Unclear { problem }
}

/// The plot: list, take back, or add.
pub(super) fn suppress(
    args: &SuppressArgs,
    environment: &Environment,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let mut memory = Memory::existing(&args.state)?;
    let suppressions = &mut memory.state.suppressions;
    if args.list {
        let lines = list(suppressions, terminal);
        return Completion::FULL
            .once_written(stdout.write_all(lines.as_bytes()).map_err(Into::into));
    }
    if let Some(number) = args.remove {
        let at = number.checked_sub(1).filter(|at| *at < suppressions.len());
        let Some(at) = at else {
            let problem = format!("there is no suppression number {number}; --list numbers them");
            return Err(unclear(problem).into());
        };
        suppressions.remove(at);
        memory.write()?;
        return Ok(Completion::FULL);
    }
    let pattern = args.pattern.clone().unwrap_or_default();
    IdentityPattern::new(&pattern)?;
    let from = memory.horizon.unwrap_or_default();
    let days = Slot::try_from(args.length.div_euclid(DAY_SECONDS).max(1)).unwrap_or(Slot::MAX);
    let until = from.saturating_add(days);
    memory.state.suppressions.push(Suppression {
        pattern,
        family: args.family.clone().unwrap_or_default(),
        reason: args.reason.clone().unwrap_or_default(),
        who: who(args.by.as_deref(), environment),
        from,
        until,
    });
    memory.write()?;
    let until = Period::Day.start_of(until).date();
    terminal.remarks.say(&format!("Suppressed until {until}."));
    Ok(Completion::FULL)
}

/// A line for each, numbered.
fn list(suppressions: &[Suppression], terminal: Terminal) -> String {
    let charset = terminal.text_charset();
    let text = |text: &str| sanitize::terminal(&Untrusted::new(text), charset);
    let day = |slot| Period::Day.start_of(slot).date();
    let line = |(number, own): (usize, &Suppression)| {
        let family = if own.family.is_empty() {
            "all"
        } else {
            &own.family
        };
        format!(
            "{number}\t{}\t{}\t{}..{}\t{}\t{}\n",
            text(&own.pattern),
            text(family),
            day(own.from),
            day(own.until),
            text(&own.who),
            text(&own.reason)
        )
    };
    (1..).zip(suppressions).map(line).collect()
}

fn who(by: Option<&str>, environment: &Environment) -> String {
    let user = || environment.variable("USER").unwrap_or("unknown");
    by.unwrap_or_else(user).to_owned()
}
