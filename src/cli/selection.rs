//! The selection: which findings are listed. It never changes what is
//! learned, scored or ranked.

use std::fmt;

use clap::Args;
use clap::builder::TypedValueParser;
use regex::Regex;

use super::choice::one_of;
use crate::event::{Class, Source};
use crate::finding::{Finding, Severity};

/// Which findings to list.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectionArgs {
    /// List every scored identity, not only deviating ones
    ///
    /// This is about the table, the page (html) and what other products take in as alerts: ocsf, ecs,
    /// hec, timesketch, sarif, markdown and slack. Findings in jsonl, json, csv and parquet always are of
    /// every scored identity, and say which of them the alert budget selects.
    #[arg(long)]
    pub all: bool,
    /// List at most N
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Findings you can follow up per day of the review
    ///
    /// The strongest of them are listed, as many as this allows, if ordinary life would look as
    /// unusual in at most one of a hundred reviews.
    #[arg(
        long,
        value_name = "N",
        default_value = "5",
        value_parser = parse_budget,
        hide_short_help = true
    )]
    pub alerts_per_day: f64,
    /// List only findings at least this severe: low, medium, high or critical
    #[arg(
        long,
        value_name = "SEVERITY",
        value_parser = severity_parser(),
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub min_severity: Option<Severity>,
    /// List only identities that match, as in 'role/ci-*'
    ///
    /// Names and keys are searched. In a pattern, * stands for anything and ? for one character; without them, a part of the name is
    /// enough. Upper and lower case are the same. Repeat it for more.
    #[arg(long, value_name = "PATTERN", value_parser = IdentityPattern::new)]
    pub identity: Vec<IdentityPattern>,
    /// List only identities of this class; repeat it for more
    #[arg(
        long,
        value_name = "CLASS",
        value_delimiter = ',',
        value_parser = one_of(&Class::ALL, Class::name),
        hide_short_help = true
    )]
    pub class: Vec<Class>,
    /// List only identities seen in this product; repeat it for more
    #[arg(
        long,
        value_name = "SOURCE",
        value_delimiter = ',',
        value_parser = one_of(&Source::ALL, Source::name),
        hide_short_help = true
    )]
    pub source: Vec<Source>,
}

/// Which findings are listed.
#[derive(Clone, Debug)]
pub struct Selection {
    /// How many of the scored identities.
    pub extent: Extent,
    /// At most this many.
    pub top: Option<usize>,
    /// Only these severities and above.
    pub min_severity: Severity,
    /// Only identities that match one of these; empty for any.
    pub identities: Vec<IdentityPattern>,
    /// Only these classes; empty for any.
    pub classes: Vec<Class>,
    /// Only identities seen in one of these products; empty for any.
    pub sources: Vec<Source>,
}

/// How many of the scored identities are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Those that the alert budget selects.
    Deviating,
    /// Every one.
    All,
}

impl Selection {
    /// Every identity.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            extent: Extent::All,
            top: None,
            min_severity: Severity::None,
            identities: Vec::new(),
            classes: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// What the flags amount to.
    #[must_use]
    pub fn new(args: &SelectionArgs) -> Self {
        Self {
            extent: if args.all {
                Extent::All
            } else {
                Extent::Deviating
            },
            top: args.top,
            min_severity: args.min_severity.unwrap_or(Severity::None),
            identities: args.identity.clone(),
            classes: args.class.clone(),
            sources: args.source.clone(),
        }
    }

    /// Drops the findings that nobody asked for; the order and the ranks
    /// stay. How many of the others are listed, [`Self::extent`] and
    /// [`Self::top`], is for the report to follow.
    pub fn narrow(&self, findings: &mut Vec<Finding>) {
        findings.retain(|finding| self.min_severity <= finding.severity && self.concerns(finding));
    }

    /// Whether the finding is about one of the identities that were asked
    /// for, whatever its severity and however many are listed.
    #[must_use]
    pub fn concerns(&self, finding: &Finding) -> bool {
        let identity = &finding.identity;
        (self.classes.is_empty() || self.classes.contains(&identity.class))
            && (self.sources.is_empty()
                || identity
                    .sources
                    .iter()
                    .any(|source| self.sources.contains(source)))
            && (self.identities.is_empty()
                || self.identities.iter().any(|pattern| {
                    let mut names = identity.names();
                    names.any(|name| pattern.matches(name))
                }))
    }
}

/// A pattern for names of identities.
#[derive(Clone, Debug)]
pub struct IdentityPattern(Regex);

impl IdentityPattern {
    /// Reads a pattern: `*` and `?` as in a shell; without them, any part of
    /// the name.
    ///
    /// # Errors
    ///
    /// [`PatternError`], when it is empty or too long.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        let mut regex = regex::escape(text);
        if text.contains(['*', '?']) {
            regex = format!("^{}$", regex.replace(r"\*", ".*").replace(r"\?", "."));
        }
        // `s`: names are hostile and may hold line breaks.
        Regex::new(&format!("(?is){regex}"))
            .map(Self)
            .map_err(|_| PatternError::TooLong)
    }

    /// The pattern as a regular expression.
    #[must_use]
    pub fn into_regex(self) -> Regex {
        self.0
    }

    /// Whether `name` matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// Nothing.
    Empty,
    /// Too long to be compiled.
    TooLong,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "write a name or a part of it, as in alice or 'role/ci-*'",
            Self::TooLong => "the pattern is too long; write a part of the name, as in alice",
        })
    }
}

impl std::error::Error for PatternError {}

/// A parser of severities, for more than one flag.
pub(super) fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    one_of(&Severity::DEVIATING, Severity::name)
}

/// A number of findings per day: any positive number, fractions included,
/// because somebody with three identities may want one finding a week.
fn parse_budget(text: &str) -> Result<f64, &'static str> {
    text.parse()
        .ok()
        .filter(|budget: &f64| budget.is_finite() && *budget > 0.0)
        .ok_or("write a positive number, as in 5 or 0.5")
}

#[cfg(test)]
mod tests;
