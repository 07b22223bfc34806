//! The finding record, `habitual.finding/1`: one per scored identity and
//! review. Every output format is written from it and from nothing else.
//!
//! It is not serialisable: the shape that others may rely on is written down
//! once, in `report::json`.

pub use crate::model::{Channel, Severity, Verdict};

use crate::event::{Class, Source, Timestamp, Untrusted, Window};
use crate::model::Lesson;

/// Everything a report says about one identity.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Stable over runs: 16 hexadecimal digits of a hash over identity and
    /// review, independent of score and order.
    pub finding_id: String,
    /// Position in the ranking, from 1; `None` where the model abstains.
    pub rank: Option<u32>,
    /// Who.
    pub identity: FindingIdentity,
    /// The window that was scored.
    pub review: Window,
    /// Probability that ordinary life of this identity looks at least this
    /// unusual over the review; in (0, 1]. `None` where the model abstains.
    pub p_value: Option<f64>,
    /// Expected share of false findings if everything up to here is followed
    /// up (Benjamini–Hochberg).
    pub q_value: Option<f64>,
    /// How serious.
    pub severity: Severity,
    /// Whether it is among those the alert budget selects.
    pub is_selected: bool,
    /// How it relates to what earlier runs reported, where that is known.
    pub recurrence: Option<Recurrence>,
    /// Which reading of the evidence set the p-value.
    pub channel: Channel,
    /// What stands behind the baseline.
    pub support: Support,
    /// Why there is no p-value.
    pub abstained: Option<String>,
    /// Every scored period of the review, in time order.
    pub days: Vec<FindingDay>,
    /// Why, strongest first.
    pub evidence: Vec<Evidence>,
    /// What is worth knowing whatever the score says, the gravest first.
    pub facts: Vec<Fact>,
    /// Whom the identity was compared with.
    pub peers: PeerGroup,
    /// Framework references.
    pub tags: Tags,
    /// Commands and steps, ready to run; logged values in them are quoted.
    pub next_steps: Vec<Untrusted>,
    /// When it is active; only of an identity that departed from habit.
    pub rhythm: Option<Rhythm>,
}

impl Finding {
    /// Minus log2 of the p-value.
    #[must_use]
    pub fn surprise_bits(&self) -> Option<f64> {
        self.p_value.map(|p| -p.log2())
    }

    /// When what is unusual began, as far as the evidence tells.
    #[must_use]
    pub fn first_sign(&self) -> Option<Timestamp> {
        first_sign(&self.evidence)
    }
}

/// Share of the score from which on a new value tells when it began.
const TELLING: f64 = 0.05;

/// The first use of a new value that weighs something; without one, the time
/// of the foremost evidence. Amounts are passed over: the period in which they
/// were unusual begins with ordinary work.
pub(super) fn first_sign(evidence: &[Evidence]) -> Option<Timestamp> {
    let telling = evidence
        .iter()
        .filter(|own| own.novelty.is_some() && own.share >= TELLING);
    let first = telling.filter_map(|own| own.first_time).min();
    first.or_else(|| evidence.first()?.first_time)
}

/// How a finding relates to what earlier runs reported about the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recurrence {
    /// Nothing was reported in the days before.
    New,
    /// More severe than before, or for other reasons.
    Changed,
    /// As before.
    Ongoing,
}

impl Recurrence {
    /// Every relation.
    pub const ALL: [Self; 3] = [Self::New, Self::Changed, Self::Ongoing];

    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Ongoing => "ongoing",
        }
    }

    /// The relation of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }
}

/// Who a finding is about.
#[derive(Clone, Debug)]
pub struct FindingIdentity {
    /// Stable key.
    pub id: Untrusted,
    /// Readable name.
    pub name: Untrusted,
    /// What kind of identity.
    pub class: Class,
    /// Account, organisation or cluster.
    pub tenant: Untrusted,
    /// Products that recorded it.
    pub sources: Vec<Source>,
    /// The vendor's own name, with its kind: `("arn", "arn:aws:…")`.
    pub native: Option<(&'static str, Untrusted)>,
    /// Which rule produced the key.
    pub basis: &'static str,
    /// Who is one with it, or likely to be, surest first.
    pub linked: Vec<LinkedIdentity>,
}

impl FindingIdentity {
    /// Everything that it is called: by its key, its name and the vendor's own
    /// name, and by the keys and names of its other accounts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let native = self.native.iter().map(|(_, native)| native);
        let accounts = self.linked.iter();
        let accounts = accounts.filter(|other| other.kind == LinkKind::Merged);
        let accounts = accounts.flat_map(|other| [&other.id, &other.name]);
        let own = [&self.id, &self.name].into_iter();
        own.chain(native).chain(accounts).map(Untrusted::as_raw)
    }
}

/// An identity of another product, or of another name, that is linked.
#[derive(Clone, Debug)]
pub struct LinkedIdentity {
    /// Stable key.
    pub id: Untrusted,
    /// Readable name.
    pub name: Untrusted,
    /// The product that recorded it.
    pub source: Option<Source>,
    /// Which rule links it.
    pub rule: &'static str,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// How often that was seen.
    pub n_evidence: u64,
    /// Start of the first and of the last period in which it was seen.
    pub seen: (Timestamp, Timestamp),
    /// Whether both are judged together, or have findings of their own.
    pub kind: LinkKind,
    /// The finding of its own, of one that is likely and scored.
    pub finding_id: Option<String>,
}

/// What a link amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// One identity with one finding; each account has habits of its own.
    Merged,
    /// Probably the same, but judged apart.
    Likely,
}

impl LinkKind {
    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Likely => "likely",
        }
    }
}

/// What stands behind a baseline.
#[derive(Clone, Debug)]
pub struct Support {
    /// Active periods (normally days) in the history.
    pub active_days: u32,
    /// Of these, the ones the model could score.
    pub usable_days: u32,
    /// Events in the history.
    pub n_events: u64,
    /// The first verdict that applies.
    pub verdict: Verdict,
    /// Every verdict that applies.
    pub verdicts: Vec<Verdict>,
}

/// One scored period.
#[derive(Clone, Debug)]
pub struct FindingDay {
    /// Start of the period.
    pub start: Timestamp,
    /// `2026-11-03`, or `2026-11-03T12:05Z` where periods are shorter than a
    /// day.
    pub label: String,
    /// Calibrated p-value of the period alone; `None` where the model
    /// abstains.
    pub p_value: Option<f64>,
    /// Events in the period.
    pub n_events: u64,
}

/// When an identity is active.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rhythm {
    /// Length of one scored period, in seconds.
    pub period_seconds: i64,
    /// Every active period of the history, in time order; those of the review
    /// are the [`Finding::days`].
    pub history: Vec<ActivePeriod>,
    /// Activity of its own in the history, by hour of the week.
    pub history_hours: HoursOfWeek,
    /// Activity of its own in the review, by hour of the week.
    pub review_hours: HoursOfWeek,
}

/// A period in which an identity was active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivePeriod {
    /// Start of the period.
    pub start: Timestamp,
    /// Events in it.
    pub n_events: u64,
}

/// The hours of the week that hold any activity, ascending.
pub type HoursOfWeek = Vec<WeekHour>;

/// Activity in one hour of the week, over all weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekHour {
    /// 0 for Monday 00:00 to 01:00 UTC, up to 167.
    pub hour: u8,
    /// UTC days with activity in this hour.
    pub n_days: u32,
    /// Events, refused ones not counted.
    pub n_events: u64,
}

/// One departure from habit, with what is cited for it.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What is compared: `network`, `action`, `events.day`, …
    pub dimension: &'static str,
    /// The family it belongs to: `from`, `what`, `target`, `hour`, `volume`, …
    pub family: &'static str,
    /// The period it was seen in.
    pub day: String,
    /// Surprise of this family alone, in bits.
    pub bits: f64,
    /// Share of the score that this family contributed, 0 to 1.
    pub share: f64,
    /// Whether the values are new, and to whom.
    pub novelty: Option<Novelty>,
    /// What was seen, in a few words.
    pub observed: Untrusted,
    /// What is usual for this identity, in a few words.
    pub typical: Untrusted,
    /// The whole statement, with its denominators.
    pub sentence: Untrusted,
    /// Time of the first cited event.
    pub first_time: Option<Timestamp>,
    /// Events behind it.
    pub n_events: u64,
    /// The values concerned, at most 20.
    pub values: Vec<Untrusted>,
    /// Values beyond those listed.
    pub n_more_values: u64,
    /// Native ids of cited events.
    pub event_ids: Vec<Untrusted>,
    /// `path:record` of cited events, in the same order.
    pub records: Vec<Untrusted>,
}

/// To whom a value is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Novelty {
    /// New to this identity, known to its peers.
    Peer,
    /// New to this identity and its peers, used by others.
    Lateral,
    /// New to everybody.
    World,
}

impl Novelty {
    /// The lower-case name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Lateral => "lateral",
            Self::World => "world",
        }
    }
}

/// Whom an identity was compared with.
#[derive(Clone, Debug)]
pub struct PeerGroup {
    /// How the group came about, in a few words.
    pub group: String,
    /// How many identities are in it.
    pub size: u32,
    /// Names of the nearest, at most five.
    pub nearest: Vec<Untrusted>,
}

/// Framework references, each as published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// MITRE ATT&CK technique ids.
    pub attack: Vec<&'static str>,
    /// OWASP Non-Human Identities Top 10.
    pub owasp_nhi: Vec<&'static str>,
    /// NIST Cybersecurity Framework 2.0.
    pub nist_csf: Vec<&'static str>,
    /// OWASP Top 10 for Agentic Applications.
    pub owasp_agentic: Vec<&'static str>,
}

/// A finished run, as every report sees it.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// The window that was learned.
    pub history: Window,
    /// The window that was scored.
    pub review: Window,
    /// Length of one scored period, in words: `day`, `hour`, `5 minutes`.
    pub period: &'static str,
    /// Ranked identities first, then those the model abstains on.
    pub findings: Vec<Finding>,
    /// Identities scored.
    pub n_scored: u32,
    /// Findings expected among the selected if nothing happened.
    pub expected_by_chance: f64,
    /// Facts worth knowing whatever the ranking says (log tampering, first
    /// use of root), as finished sentences.
    pub facts: Vec<Fact>,
    /// Things about the input that limit what can be said, as finished
    /// sentences: thin history, gaps, one address for everybody.
    pub cautions: Vec<Untrusted>,
    /// What was learned about weights.
    pub lessons: Vec<Lesson>,
}

impl Assessment {
    /// An assessment of a review in which there was nothing to judge.
    #[must_use]
    pub fn empty(review: Window) -> Self {
        Self {
            history: Window {
                start: review.start,
                end: review.start,
            },
            review,
            period: crate::event::Period::Day.name(),
            findings: Vec::new(),
            n_scored: 0,
            expected_by_chance: 0.0,
            facts: Vec::new(),
            cautions: Vec::new(),
            lessons: Vec::new(),
        }
    }
}

/// Something that is worth knowing by itself.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Who, by stable key.
    pub identity_id: Untrusted,
    /// Who, by readable name.
    pub identity: Untrusted,
    /// When.
    pub time: Timestamp,
    /// What it did, as a sentence that begins after its name.
    pub sentence: Untrusted,
    /// Native id of the event.
    pub event_id: Untrusted,
    /// `path:record` of the event.
    pub record: Untrusted,
}
