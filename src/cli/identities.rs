//! `habitual identities`: who is who, which identities are one, and which are
//! not and why.

use std::io::Write;
use std::sync::Arc;

use clap::Args;

use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::linkage::{LinkArgs, Linkage};
use super::outputs::{Format, Offer, Output, OutputArgs, announce, check_outputs, write_outputs};
use super::problem::check_recognised;
use super::status::{Completion, Input, Verdict};
use super::study::{self, Whole};
use super::terminal::Terminal;
use super::usage::UsageError;
use crate::event::{Period, Untrusted, Window};
use crate::finding;
use crate::identity::settle;
use crate::ingest::coverage::Coverage;
use crate::ledger::{Account, Decisions, Ledger, Links, Roster};
use crate::progress::Progress;
use crate::report::{self, Listed, Refused, Roll};

/// What a roll can be written as.
#[derive(Clone, Debug)]
struct Identities;

impl Offer for Identities {
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json, Format::Jsonl];
}

/// Say who is who, and which identities are one across products
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Say who is who: every identity with its class and its ids, those that are one \
                  across CloudTrail, Okta and Vault with the evidence, and those that are not \
                  linked and why.

Examples:
  habitual identities logs/
  habitual identities cloudtrail/ okta.json vault.log -f json -o identities.json
  habitual identities logs/ -q -f jsonl | jq 'select(.linked != [])'"
)]
pub struct IdentitiesArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    outputs: OutputArgs<Identities>,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    links: LinkArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// What a roll needs to know.
#[derive(Clone, Debug)]
struct IdentitiesConfig {
    inputs: Inputs,
    outputs: Vec<Output>,
}

impl IdentitiesConfig {
    fn new(args: &IdentitiesArgs) -> Result<Self, UsageError> {
        let inputs = Inputs::new(&args.inputs, &args.limits, &args.labels)?;
        Ok(Self {
            inputs: Inputs {
                linkage: Linkage::new(&args.links),
                ..inputs
            },
            outputs: args.outputs.resolve()?,
        })
    }
}

/// The plot: configure, try the outputs, read, write.
pub(super) fn run(
    args: &IdentitiesArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let config = IdentitiesConfig::new(args)?;
    check_outputs(&config.outputs, &config.inputs.paths, terminal)?;

    let (roll, coverage) = read(&config.inputs, &Progress::new(terminal.progress))?;
    check_recognised(&coverage, &config.inputs.paths)?;
    let completion = Completion {
        input: Input::of(&coverage),
        verdict: Verdict::Quiet,
    };
    completion.once_written(write_outputs(&config.outputs, stdout, |output, out| {
        report::write_roll(output.format, &roll, &output.style(terminal), out)
    }))?;
    announce(&config.outputs, terminal.remarks);
    Ok(completion)
}

/// Who is who, and who is one with whom.
fn read(inputs: &Inputs, progress: &Progress) -> anyhow::Result<(Roll, Coverage)> {
    let (mut ledger, links, coverage) = read_all(inputs, progress)?;
    links.apply(&mut ledger);
    Ok((roll(&ledger), coverage))
}

/// Reads everything, whatever its time; nobody is made one yet.
pub(super) fn read_all(
    inputs: &Inputs,
    progress: &Progress,
) -> anyhow::Result<(Ledger, Arc<Links>, Coverage)> {
    let roster = Arc::new(Roster::within(inputs.limits.memory));
    let empty = || Ledger::enrolling(Period::Day, Arc::clone(&roster));
    let intake = study::read(inputs, Window::ALWAYS, progress, || Whole(empty()))?;
    let mut coverage = intake.coverage;
    let mut ledger = empty();
    for part in intake.folds {
        ledger.merge(part.0);
    }
    ledger.settle();
    coverage.overflow = study::overflow(&[&ledger]);
    Decisions::from_history(&ledger).apply_to_review(&mut ledger);
    let links = inputs.linkage.decide(&ledger, &empty())?;
    Ok((ledger, links, coverage))
}

/// Those with the most events first.
fn roll(ledger: &Ledger) -> Roll {
    let accounts = ledger.accounts().iter();
    let mut accounts: Vec<&Account> = accounts.filter(|it| it.row.n_events > 0).collect();
    accounts.sort_by(|a, b| {
        let by_events = b.row.n_events.cmp(&a.row.n_events);
        by_events.then_with(|| a.row.key.cmp(&b.row.key))
    });
    let links = ledger.links();
    Roll {
        identities: accounts.into_iter().map(|it| listed(it, links)).collect(),
    }
}

fn listed(account: &Account, links: &Links) -> Listed {
    let row = &account.row;
    Listed {
        id: Untrusted::new(row.key.clone()),
        name: finding::readable_name(row).into(),
        class: settle(
            row.basis,
            row.class,
            row.class_confidence,
            row.traits,
            &row.name,
        ),
        tenant: Untrusted::new(row.tenant.clone()),
        sources: row.sources().collect(),
        native: row.native.as_deref().map(Untrusted::from),
        basis: row.basis.name(),
        n_events: row.n_events,
        linked: finding::linked(links, &row.key),
        refused: refused(links, &row.key),
    }
}

/// The links of an identity, or of one that is a part of it, that do not hold.
fn refused(links: &Links, key: &str) -> Vec<Refused> {
    let of = links.conflicts().iter().filter_map(|(edge, obstacle)| {
        let own = edge.keys.iter().find(|end| links.account_of(end) == key)?;
        Some(Refused {
            id: Untrusted::new(edge.other(own)?.to_owned()),
            rule: edge.rule.name(),
            confidence: f64::from(edge.confidence) / 100.0,
            n_evidence: edge.evidence.n,
            reason: obstacle.describe(),
        })
    });
    of.collect()
}
