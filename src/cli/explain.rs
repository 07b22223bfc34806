//! `habitual explain`: the arithmetic of one finding, or the habits of one
//! identity.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::inputs::{InputArgs, Inputs, LabelArgs, LimitArgs};
use super::linkage::LinkArgs;
use super::modelling::ModelArgs;
use super::outputs::{Format, Offer, OutputArgs, announce, check_outputs, write_outputs};
use super::replay::ReplayConfig;
use super::score::against;
use super::selection::Selection;
use super::status::{Completion, Input, Verdict};
use super::study::{Damage, Study};
use super::teams::PeersArgs;
use super::terminal::Terminal;
use super::usage::UsageError;
use super::windows::{WindowArgs, WindowRequest};
use crate::event::{Untrusted, Window};
use crate::finding::{self, Explanation};
use crate::ledger::Links;
use crate::model::plant::{Trial, watch};
use crate::model::slate::Slate;
use crate::model::{IdentityScore, Parameters};
use crate::progress::Progress;
use crate::report::{self, sanitize};

/// Names that are suggested.
const SUGGESTED: usize = 8;
/// Characters of a name that are compared to find it.
const COMPARED: usize = 200;

/// What an explanation can be written as.
#[derive(Clone, Debug)]
struct Story;

impl Offer for Story {
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json];
}

/// Explain one finding to the last digit, or one identity's habits
#[derive(Clone, Debug, Args)]
#[command(
    override_usage = "habitual explain [OPTIONS] <FINDING|IDENTITY> <PATH>...",
    long_about = "Explain one finding to the last digit: every statistic against its own past, its \
                  peers and everybody, and the sums from there to the p-value, so that they can \
                  be done again by hand. Or show the habits of one identity: what it does, where \
                  from, when, with whom, how much, and how well it can be watched.

Examples:
  habitual explain 03c7a588 logs/
  habitual explain alice@corp.example logs/
  habitual explain role/ci-deploy logs/ -f json | jq .habits.watch
  habitual explain 1 logs/ --review 2026-11-01..2026-11-08
  habitual explain 03c7a588 new-logs/ --baseline baseline"
)]
pub struct ExplainArgs {
    /// A finding's rank, its id or the beginning of it; or an identity's name or key, or its
    /// beginning
    ///
    /// Findings are those that `habitual replay` prints with the same windows. An identity that is
    /// named like a finding is meant by its key.
    #[arg(value_name = "FINDING|IDENTITY")]
    target: String,
    #[command(flatten)]
    inputs: InputArgs,
    /// Explain a review against this saved baseline
    #[arg(long, value_name = "BASELINE", conflicts_with_all = ["history", "gap", "around", "period"])]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    windows: WindowArgs,
    #[command(flatten)]
    outputs: OutputArgs<Story>,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    peers: PeersArgs,
    #[command(flatten)]
    links: LinkArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

impl ExplainArgs {
    fn config(&self) -> Result<ReplayConfig, UsageError> {
        let inputs = Inputs::new(&self.inputs, &self.limits, &self.labels)?.linked(&self.links);
        let parameters = Parameters {
            teams: self.peers.teams(),
            ..self.model.parameters(&inputs)
        };
        Ok(ReplayConfig {
            inputs,
            windows: WindowRequest::new(&self.windows)?,
            period: self.windows.period,
            alerts_per_day: 5.0,
            selection: Selection::everything(),
            outputs: self.outputs.resolve()?,
            manifest: None,
            fail_on: None,
            damage: Damage::Count,
            parameters,
        })
    }
}

/// The plot: read, score, find what is meant, explain it, write.
pub(super) fn run(
    args: &ExplainArgs,
    terminal: Terminal,
    stdout: &mut dyn Write,
) -> anyhow::Result<Completion> {
    let mut config = args.config()?;
    check_outputs(&config.outputs, &config.inputs.paths, terminal)?;
    let study = read(args, &mut config, terminal)?;
    let completion = Completion {
        input: Input::of(&study.coverage),
        verdict: Verdict::Quiet,
    };
    let explanation = explain(&args.target, &config, &study, terminal)?;
    completion.once_written(write_outputs(&config.outputs, stdout, |output, out| {
        report::write_explanation(output.format, &explanation, &output.style(terminal), out)
    }))?;
    announce(&config.outputs, terminal.remarks);
    Ok(completion)
}

fn read(
    args: &ExplainArgs,
    config: &mut ReplayConfig,
    terminal: Terminal,
) -> anyhow::Result<Study> {
    let progress = Progress::new(terminal.progress);
    let Some(folder) = &args.baseline else {
        return Study::read(
            &config.inputs,
            config.windows,
            config.period,
            config.damage,
            &progress,
        );
    };
    let known = against(folder, args.windows.review, config)?;
    Study::against(
        known,
        &config.inputs,
        config.windows,
        config.damage,
        &progress,
    )
}

/// What a word stands for: a number of a scored identity, from 0, or of a
/// subject of the slate.
enum Meant {
    Finding(usize),
    Identity(usize),
}

/// Scores the review, and tells what `target` stands for.
fn explain(
    target: &str,
    config: &ReplayConfig,
    study: &Study,
    terminal: Terminal,
) -> anyhow::Result<Explanation> {
    let windows = (study.windows.history, study.windows.review);
    let trial = Trial::new(&study.history, &study.review, windows, &config.parameters);
    let trial = trial.united(study.review.links());
    let inputs = config.inputs.shown();
    match meant(&trial, study.review.links(), target, windows.1, terminal)? {
        Meant::Finding(at) => {
            let reckoning = trial.reckoning(at);
            let scores = trial.into_scores();
            let input = config.build_input(study, &scores, &inputs);
            let findings = finding::build(&input).findings;
            let (score, found) = scores
                .identities
                .get(at)
                .zip(findings.get(at))
                .context("a finding that is none")?;
            Ok(finding::arithmetic(&input, score, found, reckoning))
        }
        Meant::Identity(subject) => {
            let is_it = |own: &IdentityScore| own.subject == subject;
            let mut scored = trial.identities().iter();
            let at = scored.position(|own| own.accounts().any(is_it));
            let lead = at.and_then(|at| trial.identities().get(at));
            let score = lead.and_then(|lead| lead.accounts().find(|own| is_it(own)).cloned());
            let score = score.unwrap_or_else(|| trial.at_rest(subject));
            let scores = trial.into_scores();
            let input = config.build_input(study, &scores, &inputs);
            let findings = finding::build(&input).findings;
            let found = at.and_then(|at| findings.get(at));
            let key = scores.slate.subjects.get(subject).map(|own| &own.row.key);
            let watched =
                key.and_then(|key| watch(&study.history, windows, key, &config.parameters));
            finding::habits(&input, &score, found, watched).context("an identity that is none")
        }
    }
}

/// What `target` stands for: a finding of the review by rank or by id, of a
/// person also by the id that an account's would have alone; else an identity.
fn meant(
    trial: &Trial,
    links: &Links,
    target: &str,
    review: Window,
    terminal: Terminal,
) -> anyhow::Result<Meant> {
    let charset = terminal.text_charset();
    let slate = trial.slate();
    let is_id = (4..=16).contains(&target.len()) && target.bytes().all(|b| b.is_ascii_hexdigit());
    let prefix = target.to_ascii_lowercase();
    let rank = target.parse::<usize>().ok();
    let place = rank.and_then(|rank| rank.checked_sub(1));
    if let Some(place) = place.filter(|place| is_ranked(trial, *place)) {
        return Ok(Meant::Finding(place));
    }
    let ids = trial.identities().iter().enumerate();
    let of_finding: Vec<usize> = ids
        .filter(|(_, own)| {
            let subjects = own
                .accounts()
                .filter_map(|it| slate.subjects.get(it.subject));
            let mut keys = subjects.flat_map(|it| [&*it.row.key, links.account_of(&it.row.key)]);
            is_id && keys.any(|key| finding::finding_id(key, review).starts_with(&prefix))
        })
        .map(|(at, _)| at)
        .collect();
    if let [one] = of_finding.as_slice() {
        return Ok(Meant::Finding(*one));
    }
    let shown = |subject: &usize| {
        let row = &slate.subjects.get(*subject)?.row;
        let name = Untrusted::from(finding::readable_name(row));
        let (name, key) = (
            sanitize::terminal(&name, charset),
            Untrusted::new(row.key.clone()),
        );
        Some(format!("  {name}  {}", sanitize::terminal(&key, charset)))
    };
    let list = |subjects: &[usize]| -> String {
        let mut lines: Vec<String> = subjects.iter().filter_map(shown).take(SUGGESTED).collect();
        let n_more = subjects.len().saturating_sub(SUGGESTED);
        if n_more > 0 {
            lines.push(format!("  and {n_more} more"));
        }
        lines.join("\n")
    };
    let meant = finding::meant(slate, target);
    if let Some(one) = person(slate, links, &meant) {
        let accounts = list(&meant);
        let key = slate.subjects.get(one).map_or("", |own| &own.row.key);
        let key = sanitize::terminal(&Untrusted::from(key), charset);
        terminal.remarks.say(&format!(
            "habitual: {target:?} is one person with several accounts, of which {key} is shown; \
             take its key for another:\n{accounts}"
        ));
        return Ok(Meant::Identity(one));
    }
    let problem = match meant.as_slice() {
        [one] => return Ok(Meant::Identity(*one)),
        [] if of_finding.len() > 1 => format!(
            "{target} is the beginning of {} findings; write more of it",
            of_finding.len()
        ),
        [] => format!(
            "no finding or identity {target:?} in these windows; the nearest names, and their \
             keys:\n{}",
            list(&nearest(slate, target))
        ),
        many => format!(
            "{target:?} may be any of {} identities; take the name or key of one:\n{}",
            many.len(),
            list(many)
        ),
    };
    Err(UsageError::Unclear { problem }.into())
}

/// Of several accounts of one person, the one that the person is called by, or
/// else the first.
fn person(slate: &Slate, links: &Links, subjects: &[usize]) -> Option<usize> {
    let key = |at: &usize| slate.subjects.get(*at).map(|own| own.row.key.as_ref());
    let of = |at: &usize| key(at).map(|key| links.account_of(key));
    let (first, others) = subjects.split_first()?;
    let is_one = !others.is_empty() && others.iter().all(|other| of(other) == of(first));
    let by_name = || subjects.iter().find(|at| key(at) == of(at));
    is_one.then(|| *by_name().unwrap_or(first))
}

/// Whether a scored identity has a rank: those that the model abstains on have
/// none.
fn is_ranked(trial: &Trial, place: usize) -> bool {
    let own = trial.identities().get(place);
    own.is_some_and(|own| own.judgement.review().is_some())
}

/// The subjects whose names begin most like `target`, the most alike first.
fn nearest(slate: &Slate, target: &str) -> Vec<usize> {
    // The time goes with the product of two lengths, and logs choose one.
    let compared = |name: &str| -> String { name.to_lowercase().chars().take(COMPARED).collect() };
    let target = compared(target);
    let subjects = slate.subjects.iter().enumerate();
    let mut alike: Vec<(usize, usize)> = subjects
        .map(|(at, own)| {
            let row = &own.row;
            let names = [
                finding::readable_name(row),
                row.name.to_string(),
                row.key.to_string(),
            ];
            let distances = names
                .iter()
                .map(|name| strsim::levenshtein(&target, &compared(name)));
            (distances.min().unwrap_or(usize::MAX), at)
        })
        .collect();
    alike.sort_unstable();
    alike
        .into_iter()
        .take(SUGGESTED)
        .map(|(_, at)| at)
        .collect()
}
