//! What a night has to say: the news about the days that were judged, and
//! everything in a line.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use super::days::{Judged, alerts, window};
use super::fold::Counts;
use super::story;
use crate::cli::outputs::{Destination, announce, write_outputs};
use crate::cli::replay::{Assessed, ReplayConfig, write_report};
use crate::cli::selection::IdentityPattern;
use crate::cli::status::{Completion, Input};
use crate::cli::terminal::Terminal;
use crate::event::{Period, Window};
use crate::finding::{Assessment, Finding, Recurrence, Severity};
use crate::ingest::coverage::{Coverage, FileCoverage};
use crate::ledger::Slot;
use crate::state::{Alert, NightState, Suppression};

/// What a night read.
pub(super) struct Account {
    pub(super) coverage: Coverage,
    pub(super) counts: Counts,
    /// Files that were read again, and their bytes.
    pub(super) again: (usize, u64),
    /// Events of days that were not complete, which an earlier night read and
    /// this one did not find.
    pub(super) n_missing: u64,
    /// Files that are not found any more, and that may have held them.
    pub(super) gone: Vec<PathBuf>,
}

/// What a night has to say.
pub(super) struct Told {
    assessed: Assessed,
    n_by_status: BTreeMap<&'static str, usize>,
    n_suppressed: usize,
    resolved: Vec<String>,
    counts: Counts,
    again: (usize, u64),
    n_missing: u64,
    gone: Vec<PathBuf>,
    n_days: usize,
}

impl Told {
    /// What is new about the days from `start` that were `judged`, when those
    /// to `before` had been judged earlier and now those to `end` are.
    ///
    /// # Errors
    ///
    /// When a pattern of what is suppressed is none.
    pub(super) fn of(
        state: &mut NightState,
        judged: Vec<Judged>,
        (start, before, end): (Slot, Slot, Slot),
        account: Account,
    ) -> anyhow::Result<Self> {
        let (known, again): (Vec<Alert>, Vec<Alert>) = std::mem::take(&mut state.alerts)
            .into_iter()
            .partition(|alert| alert.slot < start);
        state.alerts = known;
        let suppressed = suppressed(&state.suppressions)?;
        for day in &judged {
            let own = alerts(day, |finding| suppressed(finding, day.slot));
            state.alerts.extend(own);
        }
        story::tell(&mut state.alerts);
        let is_told = |alert: &Alert| {
            let is_same = |own: &Alert| {
                (&own.finding_id, &own.severity) == (&alert.finding_id, &alert.severity)
            };
            again.iter().any(is_same)
        };
        let news = state.alerts.iter();
        let news: Vec<&Alert> = news
            .filter(|alert| start <= alert.slot && !is_told(alert))
            .collect();
        let resolved = story::resolved(&state.alerts, before, end);
        let review = window(start, end);
        let mut told = Self::new(judged, &news, resolved, review, account);
        // Facts of days that are judged again were told.
        let from = Period::Day.start_of(before.max(start));
        let facts = &mut told.assessed.assessment.facts;
        facts.retain(|fact| from <= fact.time);
        Ok(told)
    }

    fn new(
        judged: Vec<Judged>,
        news: &[&Alert],
        resolved: Vec<String>,
        review: Window,
        account: Account,
    ) -> Self {
        let n_days = judged.len();
        let n_suppressed = news.iter().filter(|alert| alert.is_suppressed).count();
        let mut n_by_status = BTreeMap::new();
        let mut assessment = together(judged, review);
        assessment.findings.retain_mut(|finding| {
            let is_it = |alert: &&&Alert| alert.finding_id == finding.finding_id;
            let alert = news.iter().find(is_it).filter(|alert| !alert.is_suppressed);
            finding.recurrence = alert.and_then(|alert| Recurrence::from_name(&alert.status));
            if let Some(recurrence) = finding.recurrence {
                *n_by_status.entry(recurrence.name()).or_default() += 1;
            }
            alert.is_some()
        });
        Self {
            assessed: Assessed {
                assessment,
                coverage: account.coverage,
            },
            n_by_status,
            n_suppressed,
            resolved,
            counts: account.counts,
            again: account.again,
            n_missing: account.n_missing,
            gone: account.gone,
            n_days,
        }
    }

    /// What goes on as before is no news, unless somebody asks for everything.
    pub(super) fn without_ongoing(mut self, has_all: bool) -> Self {
        let findings = &mut self.assessed.assessment.findings;
        findings.retain(|f| has_all || f.recurrence != Some(Recurrence::Ongoing));
        self
    }

    /// Writes what was asked for, if there is any news, says the rest in a
    /// line, and how the night ends.
    ///
    /// # Errors
    ///
    /// When an output cannot be written.
    pub(super) fn say(
        &self,
        config: &ReplayConfig,
        terminal: Terminal,
        stdout: &mut dyn Write,
    ) -> anyhow::Result<Completion> {
        let Assessed {
            assessment,
            coverage,
        } = &self.assessed;
        let mut completion = config.judge(coverage, &assessment.findings);
        if self.n_missing > 0 {
            completion.input = Input::Incomplete;
        }
        if !self.has_news() {
            return Ok(completion);
        }
        let written = write_outputs(&config.outputs, stdout, |output, out| {
            write_report(config, &self.assessed, output, terminal, out)
        });
        let completion = completion.once_written(written)?;
        let mut outputs = config.outputs.iter();
        let all_to_files = !outputs.any(|o| o.destination == Destination::Stdout);
        if all_to_files || self.has_more_to_say() {
            terminal.remarks.say(&self.line());
        }
        announce(&config.outputs, terminal.remarks);
        Ok(completion)
    }

    fn has_news(&self) -> bool {
        let assessment = &self.assessed.assessment;
        let is_silent = assessment.findings.is_empty() && assessment.facts.is_empty();
        !is_silent || self.has_more_to_say()
    }

    /// Whether there is anything that no list of findings says.
    fn has_more_to_say(&self) -> bool {
        let n_lost = self.counts.too_late.saturating_add(self.counts.implausible);
        n_lost.saturating_add(self.n_missing) > 0
            || !self.resolved.is_empty()
            || self.n_suppressed > 0
            || self.damaged().next().is_some()
    }

    fn damaged(&self) -> impl Iterator<Item = &FileCoverage> {
        let files = self.assessed.coverage.files.iter();
        files.filter(|file| !file.problems.is_empty())
    }

    /// Everything in a line.
    fn line(&self) -> String {
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let assessment = &self.assessed.assessment;
        let of = |status| self.n_by_status.get(status).copied().map_or(0, number);
        let (n_again, n_bytes) = self.again;
        let counted = [
            (of("new"), "new"),
            (of("changed"), "changed"),
            (of("ongoing"), "ongoing"),
            (number(self.resolved.len()), "resolved"),
            (number(self.n_suppressed), "suppressed"),
            (number(assessment.facts.len()), "facts"),
            (self.counts.late, "late events"),
            (self.counts.too_late, "events too late to be judged"),
            (self.counts.implausible, "events from the future"),
        ];
        let counted = counted.iter().filter(|(n, _)| *n > 0);
        let mut parts: Vec<String> = counted.map(|(n, what)| format!("{n} {what}")).collect();
        if self.n_missing > 0 {
            let (n, first) = (self.n_missing, self.gone.first());
            let of = first.map_or_else(String::new, |path| format!(" of {path:?}"));
            parts.push(format!("{n} events{of} that were read before are gone"));
        }
        if let Some(first) = self.damaged().next() {
            let what = first
                .problems
                .first()
                .map(|problem| problem.kind.describe().0);
            let (path, n) = (first.path.as_raw(), self.damaged().count());
            parts.push(format!(
                "{} damaged ({path:?}: {})",
                files(n),
                what.unwrap_or_default()
            ));
        }
        if n_again > 0 {
            parts.push(format!("{} read again ({n_bytes} bytes)", files(n_again)));
        }
        let days = match self.n_days {
            0 => "No day".to_owned(),
            1 => format!("1 day to {}", assessment.review.end.date()),
            n => format!("{n} days to {}", assessment.review.end.date()),
        };
        format!("{days}: {}.", parts.join(", "))
    }
}

fn files(n: usize) -> String {
    format!("{n} file{}", if n == 1 { "" } else { "s" })
}

/// Whether somebody does not want to be told of a finding of a day.
fn suppressed(
    suppressions: &[Suppression],
) -> anyhow::Result<impl Fn(&Finding, Slot) -> bool + use<>> {
    let mut patterns = Vec::new();
    for own in suppressions {
        let pattern = IdentityPattern::new(&own.pattern)?;
        patterns.push((pattern, own.family.clone(), own.from..own.until));
    }
    Ok(move |finding: &Finding, slot: Slot| {
        // Nobody knows in advance what a critical finding will be about.
        finding.severity < Severity::Critical
            && patterns.iter().any(|(pattern, family, days)| {
                days.contains(&slot)
                    && finding.identity.names().any(|name| pattern.matches(name))
                    && (family.is_empty()
                        || finding.evidence.first().is_some_and(|e| e.family == family))
            })
    })
}

/// One assessment of several days, the most surprising finding first.
fn together(judged: Vec<Judged>, review: Window) -> Assessment {
    let mut days = judged.into_iter().map(|day| day.assessment);
    let Some(mut all) = days.next() else {
        return Assessment::empty(review);
    };
    for day in days {
        all.findings.extend(day.findings);
        all.facts.extend(day.facts);
        all.n_scored = all.n_scored.saturating_add(day.n_scored);
        all.expected_by_chance += day.expected_by_chance;
        for caution in day.cautions {
            if !all.cautions.contains(&caution) {
                all.cautions.push(caution);
            }
        }
    }
    all.review = review;
    all.findings.sort_by(|a, b| {
        let p = |finding: &Finding| finding.p_value.unwrap_or(f64::INFINITY);
        p(a).total_cmp(&p(b))
            .then_with(|| a.finding_id.cmp(&b.finding_id))
    });
    for (rank, finding) in (1..).zip(&mut all.findings) {
        finding.rank = finding.p_value.map(|_| rank);
    }
    all
}
