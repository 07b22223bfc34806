//! Explanations: one finding with everything that its p-value was made of, or
//! one identity with its habits.

use std::collections::BTreeMap;

use super::case::{Background, Case};
use super::wording::number;
use super::{BuildInput, Finding, Rhythm, finding, rhythm};
use crate::event::{Timestamp, Untrusted, Window};
use crate::ledger::Dimension;
use crate::model::IdentityScore;
use crate::model::plant::Watch;
use crate::model::slate::{Ordinal, Slate};
use crate::model::subject::{Amounts, Mark, Subject};

pub use crate::model::plant::{Tried, Watch as Watched};
pub use crate::model::{
    Among, Calibrated, ChannelReckoning, DayReckoning, Discovery, FamilyReckoning,
    JointDayReckoning, Measure, PersonReckoning, PoolAge, PoolReckoning, Reckoning,
    StatisticReckoning, TermReckoning, WholeReckoning,
};
pub use crate::stats::calibration::PoolRank;

/// Values told of one dimension, and of those that are new as many again.
const MAX_VALUES: usize = 20;

/// What is told about one finding or one identity.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The window that was learned.
    pub history: Window,
    /// The window that was scored.
    pub review: Window,
    /// Length of one scored period, in words.
    pub period: &'static str,
    /// What was found; without a p-value of an identity that was not scored.
    pub finding: Finding,
    /// What is told about it.
    pub story: Story,
}

/// What is told.
#[derive(Clone, Debug)]
pub enum Story {
    /// How a p-value came about.
    Arithmetic {
        /// The numbers; `None` where the model abstains.
        reckoning: Option<Box<Reckoning>>,
        /// What the numbers in it stand for.
        names: Names,
        /// What is cited, in order of time.
        timeline: Vec<Moment>,
    },
    /// What is usual for an identity.
    Habits(Box<Habits>),
}

/// What the numbers in a reckoning stand for.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Starts of periods by number, as they are labelled.
    days: BTreeMap<Ordinal, String>,
    /// Keys of the accounts of the finding, the leading one first.
    pub accounts: Vec<Untrusted>,
}

impl Names {
    /// Start of a period, as it is labelled.
    #[must_use]
    pub fn day(&self, ordinal: Ordinal) -> &str {
        self.days.get(&ordinal).map_or("", String::as_str)
    }

    fn of(
        background: &Background<'_>,
        reckoning: Option<&Reckoning>,
        accounts: Vec<Untrusted>,
    ) -> Self {
        let days = reckoning.iter().flat_map(|own| &own.days);
        let days = days.map(|day| day.ordinal);
        let person = reckoning.and_then(|own| own.person.as_ref());
        let joint = person.iter().flat_map(|own| &own.days);
        let all = days.chain(joint.map(|day| day.ordinal));
        Self {
            days: all.map(|day| (day, background.label(day))).collect(),
            accounts,
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// When: that of the first of these events.
    pub time: Timestamp,
    /// What is told by it: a dimension, or `fact`.
    pub dimension: &'static str,
    /// What was seen.
    pub what: Untrusted,
    /// Events behind it.
    pub n_events: u64,
    /// Native id of the first of them.
    pub event_id: Untrusted,
    /// `path:record` of it.
    pub record: Untrusted,
}

/// What is usual for one identity.
#[derive(Clone, Debug)]
pub struct Habits {
    /// What it used, dimension by dimension.
    pub values: Vec<ValuesOf>,
    /// When it is active, and how much.
    pub rhythm: Rhythm,
    /// How much of what, in one period.
    pub amounts: Vec<AmountOf>,
    /// How well it can be watched; `None` where the history is too short to
    /// try.
    pub watch: Option<Watch>,
}

/// The values of one dimension.
#[derive(Clone, Debug)]
pub struct ValuesOf {
    /// Its name.
    pub dimension: &'static str,
    /// Distinct values in the history.
    pub n: u32,
    /// Of these, used in one period only.
    pub n_once: u32,
    /// Distinct values that only the review has.
    pub n_new: u32,
    /// Those of the history, used in most periods first, at most 20.
    pub usual: Vec<Used>,
    /// Those that only the review has, at most 20.
    pub new: Vec<Used>,
}

/// A value that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Which.
    pub value: Untrusted,
    /// Periods of the history in which it was used.
    pub n_days: u32,
    /// Periods of the review in which it was.
    pub n_review_days: u32,
    /// Events in both.
    pub n_events: u64,
}

/// How much of one thing in one active period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountOf {
    /// What was counted.
    pub name: &'static str,
    /// Median of the history.
    pub median: u64,
    /// Largest of the history.
    pub max: u64,
    /// Largest of the review; `None` where it was not active.
    pub review_max: Option<u64>,
}

/// The dimensions that habits are told of.
const TOLD: [Dimension; 10] = [
    Dimension::Action,
    Dimension::Service,
    Dimension::Scope,
    Dimension::Account,
    Dimension::Network,
    Dimension::Client,
    Dimension::Access,
    Dimension::Region,
    Dimension::Place,
    Dimension::Edge,
];

type AmountsOf = fn(&Amounts) -> u64;

const AMOUNTS: [(&str, AmountsOf); 5] = [
    ("events", |a| a.n_events.into()),
    ("events in an hour", |a| a.max_hour_events.into()),
    ("resources", |a| a.n_targets.into()),
    ("secrets read", |a| a.n_secrets.into()),
    ("actions refused", |a| a.n_denied_actions.into()),
];

/// How the p-value of `finding` came about, which `score` is about.
#[must_use]
pub fn arithmetic(
    input: &BuildInput<'_>,
    score: &IdentityScore,
    finding: &Finding,
    reckoning: Option<Reckoning>,
) -> Explanation {
    let background = Background::new(*input);
    let subjects = score.accounts().map(|it| it.subject);
    let subjects = subjects.filter_map(|at| input.scores.slate.subjects.get(at));
    let accounts = subjects.map(|own| Untrusted::new(own.row.key.clone()));
    let names = Names::of(&background, reckoning.as_ref(), accounts.collect());
    Explanation {
        history: input.windows.0,
        review: input.windows.1,
        period: input.scores.slate.period.name(),
        finding: finding.clone(),
        story: Story::Arithmetic {
            reckoning: reckoning.map(Box::new),
            names,
            timeline: timeline(finding),
        },
    }
}

/// What is cited, in order of time.
fn timeline(finding: &Finding) -> Vec<Moment> {
    let evidence = finding.evidence.iter().filter_map(|evidence| {
        Some(Moment {
            time: evidence.first_time?,
            dimension: evidence.dimension,
            what: evidence.observed.clone(),
            n_events: evidence.n_events,
            event_id: evidence.event_ids.first()?.clone(),
            record: evidence.records.first()?.clone(),
        })
    });
    let facts = finding.facts.iter().map(|fact| Moment {
        time: fact.time,
        dimension: "fact",
        what: fact.sentence.clone(),
        n_events: 1,
        event_id: fact.event_id.clone(),
        record: fact.record.clone(),
    });
    let mut moments: Vec<Moment> = evidence.chain(facts).collect();
    moments.sort_by(|a, b| {
        let by_time = a.time.micros().cmp(&b.time.micros());
        by_time.then_with(|| a.dimension.cmp(b.dimension))
    });
    moments
}

/// What is usual for the identity that `score` is about, whether or not it was
/// scored: then `finding` is what was found.
#[must_use]
pub fn habits(
    input: &BuildInput<'_>,
    score: &IdentityScore,
    found: Option<&Finding>,
    watch: Option<Watch>,
) -> Option<Explanation> {
    let background = Background::new(*input);
    let subject = input.scores.slate.subjects.get(score.subject)?;
    let case = Case {
        background: &background,
        score,
        subject,
        past: input.history.account(&subject.row.key),
        present: input.review.account(&subject.row.key),
        follows: false,
    };
    let finding = found.cloned().unwrap_or_else(|| at_rest(&case));
    Some(Explanation {
        history: input.windows.0,
        review: input.windows.1,
        period: input.scores.slate.period.name(),
        finding,
        story: Story::Habits(Box::new(Habits {
            values: TOLD.into_iter().filter_map(|d| values(&case, d)).collect(),
            rhythm: rhythm::of(&case),
            amounts: amounts(subject),
            watch,
        })),
    })
}

/// What is known of an identity that the review does not have.
fn at_rest(case: &Case<'_>) -> Finding {
    Finding {
        p_value: None,
        q_value: None,
        severity: super::Severity::None,
        abstained: Some("it was not active in the review".to_owned()),
        days: Vec::new(),
        evidence: Vec::new(),
        ..finding(&(*case, Vec::new()))
    }
}

fn amounts(subject: &Subject) -> Vec<AmountOf> {
    let of = |(name, amount): (&'static str, AmountsOf)| {
        let history = subject.history().iter();
        let mut past: Vec<u64> = history.map(|day| amount(&day.amounts)).collect();
        past.sort_unstable();
        let review = subject.review().iter();
        let own = AmountOf {
            name,
            median: past.get(past.len() / 2).copied().unwrap_or_default(),
            max: past.last().copied().unwrap_or_default(),
            review_max: review.map(|day| amount(&day.amounts)).max(),
        };
        (own.max > 0 || own.review_max.is_some_and(|max| max > 0)).then_some(own)
    };
    AMOUNTS.into_iter().filter_map(of).collect()
}

/// The values of one dimension; `None` where there are none.
fn values(case: &Case<'_>, dimension: Dimension) -> Option<ValuesOf> {
    let marks = case.subject.atoms.iter();
    let marks = marks.filter(|mark| mark.dimension == dimension);
    let mut used: Vec<Used> = marks.map(|mark| value(case, mark)).collect();
    used.sort_by(|a, b| {
        let by_days = b.n_days.cmp(&a.n_days);
        let by_review = by_days.then(b.n_review_days.cmp(&a.n_review_days));
        by_review
            .then(b.n_events.cmp(&a.n_events))
            .then_with(|| a.value.as_raw().cmp(b.value.as_raw()))
    });
    let first_new = used.partition_point(|own| own.n_days > 0);
    let (usual, new) = used.split_at(first_new);
    let told = |values: &[Used]| values.iter().take(MAX_VALUES).cloned().collect();
    (!used.is_empty()).then(|| ValuesOf {
        dimension: dimension.name(),
        n: number(usual.len()),
        n_once: number(usual.iter().filter(|own| own.n_days == 1).count()),
        n_new: number(new.len()),
        usual: told(usual),
        new: told(new),
    })
}

fn value(case: &Case<'_>, mark: &Mark) -> Used {
    let slate = case.slate();
    let text = slate.value(mark.value);
    let ledgers = [
        (case.past, case.background.history),
        (case.present, case.background.review),
    ];
    let n_events = ledgers.iter().filter_map(|&(account, ledger)| {
        let id = ledger.strings().get(text)?;
        let atom = account?.atoms.get((mark.dimension, id))?;
        Some(u64::from(atom.n_events))
    });
    let n_days = mark
        .days
        .iter()
        .filter(|day| !slate.is_review(*day))
        .count();
    let n_all = mark.days.iter().count();
    Used {
        value: text.into(),
        n_days: number(n_days),
        n_review_days: number(n_all.saturating_sub(n_days)),
        n_events: if ledgers.iter().all(|(_, ledger)| ledger.is_slice()) {
            // Both count the events of the one that they were cut out of.
            n_events.max().unwrap_or_default()
        } else {
            n_events.sum()
        },
    }
}

/// The subjects that somebody may mean by `word`: those of that key or name,
/// else those whose key or name begins so, else those that have it in them;
/// whatever the case of letters.
#[must_use]
pub fn meant(slate: &Slate, word: &str) -> Vec<usize> {
    let word = word.to_lowercase();
    let names = |subject: &Subject| {
        let row = &subject.row;
        let native = row.native.as_deref().unwrap_or_default();
        let all = [&row.key, &row.name, native, &super::readable_name(row)];
        all.map(str::to_lowercase)
    };
    let ways: [fn(&str, &str) -> bool; 3] = [
        |name, word| name == word,
        |name, word| name.starts_with(word),
        |name, word| name.contains(word),
    ];
    let found = ways.into_iter().map(|is| {
        let subjects = slate.subjects.iter().enumerate();
        let subjects = subjects.filter(|(_, own)| names(own).iter().any(|name| is(name, &word)));
        subjects.map(|(at, _)| at).collect::<Vec<usize>>()
    });
    let mut found = found.filter(|subjects| !subjects.is_empty());
    found.next().unwrap_or_default()
}
