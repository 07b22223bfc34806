//! A small organisation for the tests: ten CI roles that do the same every
//! day, thirty people, and whatever a test adds to them.

use crate::event::*;
use crate::finding::*;
use crate::ingest::coverage::{FileCoverage, Insights};
use crate::ledger::{Dimension, Ledger};
use crate::model::slate::Slate;
use crate::model::{
    Detail, Deviation, Family, IdentityScore, NewSet, NewValue, ReviewScore, Statistic,
};
use crate::stats::novelty::NoveltyType;

/// First day of the history: 2026-09-18. It has 44 days.
const FIRST: i64 = 1_789_689_600;
const DAY: i64 = 86_400;
pub(super) const HISTORY_DAYS: i64 = 44;
pub(super) const REVIEW_DAYS: i64 = 7;

/// Start of a day, the review's first being 0.
pub(super) fn day(n: i64) -> Timestamp {
    Timestamp::from_seconds(FIRST + (HISTORY_DAYS + n) * DAY)
}

/// One event to be.
#[derive(Clone)]
pub(super) struct Act {
    pub(super) event: Event<'static>,
}

/// An event by the identity with this key on a day, at 09:00.
pub(super) fn act(key: &'static str, on: i64, action: &'static str) -> Act {
    let (class, basis) = match key.split(':').nth(1) {
        Some("role") => (Class::Workload, KeyBasis::Role),
        Some("user") => (Class::ServiceAccount, KeyBasis::User),
        Some("root") => (Class::Root, KeyBasis::Root),
        Some("prod") => (Class::ServiceAccount, KeyBasis::VaultEntity),
        _ => (Class::Human, KeyBasis::OktaActor),
    };
    let source = match key.split(':').next() {
        Some("okta") => Source::Okta,
        Some("vault") => Source::Vault,
        _ => Source::CloudTrail,
    };
    let name = key.rsplit([':', '/']).next().unwrap();
    Act {
        event: Event {
            source,
            native_id: "".into(),
            time: day(on).saturating_add_seconds(9 * 3_600),
            tenant: "111122223333".into(),
            region: Some("eu-west-1".into()),
            actor: Actor {
                key: key.into(),
                display: name.into(),
                class,
                class_confidence: 90,
                basis,
                sub: None,
                native: None,
                session: None,
            },
            via: None,
            action: Action {
                service: action.split(':').next().unwrap().into(),
                name: action.into(),
                verb: Verb::Read,
                sensitive: None,
            },
            resources: smallvec::smallvec![],
            resources_total: 0,
            outcome: Outcome::Success,
            outcome_code: None,
            origin: Origin {
                network: Some("203.0.113.0/24".into()),
                client: Client {
                    family: "aws_cli".into(),
                    product: None,
                    major: Some(2),
                },
                interface: match source {
                    Source::Okta => Interface::Login,
                    Source::CloudTrail | Source::Vault | Source::Generic => Interface::Api,
                },
                ..Origin::default()
            },
            mfa: Mfa::Unknown,
            credential: Credential {
                kind: CredentialKind::SessionKey,
                ..Credential::default()
            },
            session: None,
            edges: smallvec::smallvec![],
            minted: None,
            bytes_out: None,
            flags: Flags::none(),
            provenance: Provenance::default(),
            n_records: 1,
            ties: Ties::default(),
        },
    }
}

impl Act {
    pub(super) fn at_hour(mut self, hour: i64) -> Self {
        let midnight = self.event.time.seconds().div_euclid(DAY) * DAY;
        self.event.time = Timestamp::from_seconds(midnight + hour * 3_600);
        self
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Event<'static>)) -> Self {
        change(&mut self.event);
        self
    }

    pub(super) fn sensitive(self, verb: Verb, why: Sensitive) -> Self {
        self.with(|e| {
            e.action.verb = verb;
            e.action.sensitive = Some(why);
        })
    }

    pub(super) fn scope(self, scope: &'static str) -> Self {
        self.with(|e| {
            e.resources.push(Resource {
                kind: "thing".into(),
                id: scope.into(),
                scope: scope.into(),
            });
        })
    }

    pub(super) fn network(self, network: &'static str) -> Self {
        self.with(|e| e.origin.network = Some(network.into()))
    }
}

/// Ten CI roles and thirty people.
pub(super) struct Organisation {
    acts: Vec<Act>,
    pub(super) inputs: Vec<String>,
    pub(super) are_windows_default: bool,
    pub(super) files: Vec<FileCoverage>,
    pub(super) insights: Insights,
}

pub(super) const CI: &str = "aws:role:ci-deploy";
const PEERS: [&str; 9] = [
    "aws:role:ci-1",
    "aws:role:ci-2",
    "aws:role:ci-3",
    "aws:role:ci-4",
    "aws:role:ci-5",
    "aws:role:ci-6",
    "aws:role:ci-7",
    "aws:role:ci-8",
    "aws:role:ci-9",
];

impl Organisation {
    pub(super) fn new() -> Self {
        let mut acts = Vec::new();
        for on in -HISTORY_DAYS..REVIEW_DAYS {
            for key in std::iter::once(CI).chain(PEERS) {
                acts.push(act(key, on, "s3:GetObject").scope("builds/app/out"));
                acts.push(act(key, on, "sts:GetCallerIdentity").at_hour(10));
            }
            for n in 0..30 {
                let key = Box::leak(format!("okta:corp/user{n:02}").into_boxed_str());
                acts.push(act(key, on, "user.session.start").network("198.51.100.0/24"));
            }
        }
        let file = |path: &str, format: &str| FileCoverage {
            path: path.into(),
            format: format.to_owned(),
            ..FileCoverage::default()
        };
        Self {
            acts,
            inputs: vec!["logs/".to_owned()],
            are_windows_default: false,
            files: vec![
                file("logs/a.json.gz", "CloudTrail Records, gzip"),
                file("logs/okta.jsonl", "Okta System Log, JSON lines"),
                file("logs/audit.log", "Vault audit, JSON lines"),
            ],
            insights: Insights::default(),
        }
    }

    /// Without anybody in it.
    pub(super) fn empty() -> Self {
        Self {
            acts: Vec::new(),
            ..Self::new()
        }
    }

    pub(super) fn and(mut self, acts: impl IntoIterator<Item = Act>) -> Self {
        self.acts.extend(acts);
        self
    }

    /// History, review and their windows; events get ids and records in the
    /// order they were added.
    pub(super) fn ledgers(&self) -> (Ledger, Ledger, (Window, Window)) {
        let mut all = Ledger::new(Period::Day);
        for (i, act) in (1_u32..).zip(&self.acts) {
            let mut event = act.event.clone();
            event.native_id = format!("event-{i}").into();
            event.provenance = Provenance {
                file: match event.source {
                    Source::CloudTrail => 0,
                    Source::Okta => 1,
                    Source::Vault | Source::Generic => 2,
                },
                record: i,
            };
            all.observe(&event);
        }
        let windows = (
            Window {
                start: day(-HISTORY_DAYS),
                end: day(0),
            },
            Window {
                start: day(0),
                end: day(REVIEW_DAYS),
            },
        );
        (all.slice(windows.0), all.slice(windows.1), windows)
    }

    /// The assessment of what the model itself says.
    pub(super) fn assess(&self) -> Assessment {
        let (history, review, windows) = self.ledgers();
        let parameters = crate::model::Parameters::default();
        let scores = crate::model::score(&history, &review, windows, &parameters);
        self.build(&scores, &history, &review, windows)
    }

    fn build(
        &self,
        scores: &crate::model::Scores,
        history: &Ledger,
        review: &Ledger,
        windows: (Window, Window),
    ) -> Assessment {
        build(&BuildInput {
            scores,
            history,
            review,
            windows,
            are_windows_default: self.are_windows_default,
            files: &self.files,
            insights: &self.insights,
            inputs: &self.inputs,
            budget: Budget {
                alerts_per_day: 5.0,
            },
        })
    }

    /// The assessment of hand-made deviations of the identity `key`.
    pub(super) fn tell(&self, key: &str, deviations: &[Drafted]) -> Assessment {
        self.tell_as(key, deviations, |_, _| {})
    }

    /// The same, after `change` to the scores.
    pub(super) fn tell_as(
        &self,
        key: &str,
        deviations: &[Drafted],
        change: impl FnOnce(&mut Slate, &mut IdentityScore),
    ) -> Assessment {
        let (history, review, windows) = self.ledgers();
        let mut slate = Slate::new(&history, &review, std::num::NonZeroUsize::MIN);
        let subject = position(&slate, key);
        let n_history = slate.n_history;
        let mut identity = IdentityScore {
            subject,
            judgement: crate::model::Judgement::Ranked(review_score(1e-4)),
            n_usable: 41,
            verdicts: vec![Verdict::Stable],
            days: Vec::new(),
            deviations: deviations
                .iter()
                .map(|draft| Deviation {
                    statistic: draft.statistic,
                    family: draft.family,
                    ordinal: n_history + draft.day,
                    bits: draft.bits,
                    share: draft.share,
                    detail: draft.detail(&slate, subject),
                })
                .collect(),
            peers: PEERS
                .iter()
                .filter_map(|key| slate.subjects.iter().position(|s| &*s.row.key == *key))
                .collect(),
            peer_key: None,
            together: None,
        };
        change(&mut slate, &mut identity);
        let scores = crate::model::Scores {
            slate,
            identities: vec![identity],
            n_pool: 1_000,
            n_pool_reviews: 200,
            lessons: Vec::new(),
        };
        self.build(&scores, &history, &review, windows)
    }
}

pub(super) fn position(slate: &Slate, key: &str) -> usize {
    let mut subjects = slate.subjects.iter();
    subjects.position(|s| &*s.row.key == key).unwrap()
}

pub(super) fn review_score(p: f64) -> ReviewScore {
    ReviewScore {
        p_review: p,
        p_days: p,
        p_whole: None,
        score: 5.0,
        terms: Vec::new(),
        q_value: 0.1,
        channel: Channel::Takeover,
        severity: Severity::High,
    }
}

/// A deviation to be.
pub(super) struct Drafted {
    pub(super) statistic: Statistic,
    pub(super) family: Family,
    pub(super) day: i32,
    pub(super) bits: f64,
    pub(super) share: f64,
    what: What,
}

enum What {
    Ready(Detail),
    New(Vec<(&'static str, NoveltyType, u32, u32)>, u32),
}

/// New values of a dimension: text, kind, peers and others that use it; of `n`
/// values in all.
pub(super) fn new(
    dimension: Dimension,
    n: u32,
    values: &[(&'static str, NoveltyType, u32, u32)],
) -> Drafted {
    let family = match dimension {
        Dimension::Scope | Dimension::Area | Dimension::Account => Family::Target,
        Dimension::Network | Dimension::Client => Family::From,
        Dimension::Access | Dimension::Region | Dimension::Place => Family::Extra,
        Dimension::Edge => Family::Relation,
        _ => Family::What,
    };
    Drafted {
        statistic: Statistic::New(dimension, NewSet::Lateral),
        family,
        day: 2,
        bits: 9.0,
        share: 0.5,
        what: What::New(values.to_vec(), n),
    }
}

/// A deviation in numbers.
pub(super) fn level(statistic: Statistic, detail: Detail) -> Drafted {
    let family = match statistic {
        Statistic::Novelty => Family::Novelty,
        Statistic::Hour | Statistic::HourWindow => Family::Hour,
        Statistic::EventsDay | Statistic::EventsHour | Statistic::BytesDay => Family::Volume,
        Statistic::DeniedShare | Statistic::DeniedRetry | Statistic::DeniedThenSuccess => {
            Family::Failure
        }
        _ => Family::Breadth,
    };
    Drafted {
        statistic,
        family,
        day: 2,
        bits: 9.0,
        share: 0.5,
        what: What::Ready(detail),
    }
}

impl Drafted {
    pub(super) fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    pub(super) fn bits(mut self, bits: f64) -> Self {
        self.bits = bits;
        self
    }

    pub(super) fn on(mut self, day: i32) -> Self {
        self.day = day;
        self
    }

    fn detail(&self, slate: &Slate, subject: usize) -> Detail {
        let (values, n) = match &self.what {
            What::Ready(detail) => return detail.clone(),
            What::New(values, n) => (values, *n),
        };
        let Statistic::New(dimension, set) = self.statistic else {
            unreachable!("only new values are drafted this way")
        };
        let number = |text: &str| {
            let marks = slate.subjects[subject].atoms.iter();
            let mut marks = marks.filter(|m| m.dimension == dimension);
            let mark = marks.find(|m| slate.value(m.value) == text);
            mark.unwrap_or_else(|| panic!("{text} is not used")).value
        };
        Detail::NewValues {
            dimension,
            set,
            k: u32::try_from(values.len()).unwrap(),
            n,
            usual_share: 0.02,
            values: values
                .iter()
                .map(|(text, kind, n_peers, n_others)| NewValue {
                    value: number(text),
                    kind: *kind,
                    n_peers: *n_peers,
                    n_others: *n_others,
                    is_sensitive: slate.subjects[subject].sensitive.contains(&number(text))
                        && dimension == Dimension::Action,
                })
                .collect(),
        }
    }
}
