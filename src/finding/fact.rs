//! Facts: things that are worth knowing by themselves, whatever the ranking
//! says. They never enter a score.

mod insight;
mod life;
pub(super) mod silence;

use std::collections::BTreeMap;

use super::case::{Case, readable_name};
use super::person::Told;
use super::wording::{self, count, counted, number};
use super::{Fact, Severity};
use crate::event::{Citation, Class, Sensitive, Untrusted};
use crate::ledger::{Cell, Dimension};
use crate::model::slate::Ordinal;

/// Actions named in one fact.
const ACTIONS_SHOWN: usize = 5;
/// Facts in one report.
const MAX_FACTS: usize = 50;
/// Whoever did the same in this many history periods does it by habit.
const HABIT: u32 = 3;
/// Silence of so many days is worth knowing …
const LONG_SILENCE: i64 = 90;
/// … or of so many …
const MIN_SILENCE: i64 = 30;
/// … if it is longer than so many times the longest one before.
const SILENCE_FACTOR: i64 = 4;
const SECONDS_PER_DAY: i64 = 86_400;

/// Kinds of fact, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Logging switched off or narrowed.
    LogTampering,
    /// The account root, which nobody uses from habit.
    RootUse,
    /// Trust or federation changed.
    TrustChanged,
    /// A second factor weakened or reset.
    FactorChanged,
    /// A credential created or reset.
    CredentialCreated,
    /// Something shared outside.
    SharedOutside,
    /// Permissions granted.
    PermissionGranted,
    /// Access taken away from many.
    AccessRevoked,
    /// Sign-ins refused until one was accepted.
    PushedThrough,
    /// No second factor where there used to be one.
    NoSecondFactor,
    /// Used after somebody put an end to it.
    UsedAfterEnd,
    /// Brought back after its end.
    BroughtBack,
    /// A credential that another one had followed.
    OldKey,
    /// The product's own risk engine.
    VendorVerdict,
    /// Activity after a long silence.
    Dormancy,
    /// Silence after long activity.
    Stopped,
}

impl Kind {
    /// Every kind, the gravest first.
    pub(super) const ALL: [Self; 16] = [
        Self::LogTampering,
        Self::RootUse,
        Self::TrustChanged,
        Self::FactorChanged,
        Self::CredentialCreated,
        Self::SharedOutside,
        Self::PermissionGranted,
        Self::AccessRevoked,
        Self::PushedThrough,
        Self::NoSecondFactor,
        Self::UsedAfterEnd,
        Self::BroughtBack,
        Self::OldKey,
        Self::VendorVerdict,
        Self::Dormancy,
        Self::Stopped,
    ];

    /// The lower-case name used in the table of tags.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LogTampering => "log_tampering",
            Self::RootUse => "root_use",
            Self::TrustChanged => "trust_changed",
            Self::FactorChanged => "factor_changed",
            Self::CredentialCreated => "credential_created",
            Self::SharedOutside => "shared_outside",
            Self::PermissionGranted => "permission_granted",
            Self::AccessRevoked => "access_revoked",
            Self::PushedThrough => "pushed_through",
            Self::NoSecondFactor => "no_second_factor",
            Self::UsedAfterEnd => "used_after_end",
            Self::BroughtBack => "brought_back",
            Self::OldKey => "old_key",
            Self::VendorVerdict => "vendor_verdict",
            Self::Dormancy => "dormancy",
            Self::Stopped => "stopped",
        }
    }

    /// Reading secrets is what many identities are for; it is no fact.
    fn of(sensitive: Sensitive) -> Option<Self> {
        match sensitive {
            Sensitive::LogTampering => Some(Self::LogTampering),
            Sensitive::TrustChanged => Some(Self::TrustChanged),
            Sensitive::FactorChanged => Some(Self::FactorChanged),
            Sensitive::CredentialCreated => Some(Self::CredentialCreated),
            Sensitive::SharedOutside => Some(Self::SharedOutside),
            Sensitive::PermissionGranted => Some(Self::PermissionGranted),
            Sensitive::AccessRevoked => Some(Self::AccessRevoked),
            Sensitive::SecretRead => None,
        }
    }
}

/// What a sensitive action does, as the end of "an action that …".
pub(super) fn meaning(sensitive: Sensitive) -> &'static str {
    match sensitive {
        Sensitive::CredentialCreated => "creates or resets a credential",
        Sensitive::PermissionGranted => "grants or widens permissions",
        Sensitive::LogTampering => "switches logging off or narrows it",
        Sensitive::SecretRead => "reads secret material",
        Sensitive::TrustChanged => "changes whom sign-in or access trusts",
        Sensitive::SharedOutside => "can share something outside the tenant",
        Sensitive::FactorChanged => "weakens or resets a second factor",
        Sensitive::AccessRevoked => "takes access away from many at once",
    }
}

/// What somebody did who took sensitive actions of one kind.
fn deed(sensitive: Sensitive) -> &'static str {
    match sensitive {
        Sensitive::CredentialCreated => "created or reset a credential",
        Sensitive::PermissionGranted => "granted or widened permissions",
        Sensitive::LogTampering => "switched logging off or narrowed it",
        Sensitive::SecretRead => "read secret material",
        Sensitive::TrustChanged => "changed whom sign-in or access trusts",
        Sensitive::SharedOutside => "changed what is shared outside the tenant",
        Sensitive::FactorChanged => "weakened or reset a second factor",
        Sensitive::AccessRevoked => "took access away from many at once",
    }
}

/// A fact before it is put into words.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: Kind,
    citation: Citation,
    detail: Detail,
}

#[derive(Clone, Debug)]
enum Detail {
    /// Sensitive actions of one kind, the first one first.
    Acts {
        sensitive: Sensitive,
        actions: Vec<String>,
        n_events: u32,
        /// History periods in which the identity did one of them, at most.
        n_before: u32,
    },
    /// Use of the root: periods of the review.
    Root { n_periods: u32 },
    /// Days since the last activity, and the longest silence before.
    Silence { n_days: i64, longest: Option<i64> },
    /// A finished sentence.
    Said(String),
}

/// Everything about one identity that is a fact.
pub(super) fn drafts(case: &Case<'_>) -> Vec<Draft> {
    let mut drafts = sensitive_acts(case);
    drafts.extend(root_use(case));
    drafts.extend(dormancy(case));
    drafts.extend(life::drafts(case));
    drafts.extend(insight::named(case));
    drafts
}

/// The facts about one identity, or the accounts of one person, as sentences:
/// by kind, then time, then key.
pub(super) fn told(parts: &[Told<'_>]) -> Vec<Fact> {
    in_order(parts)
        .into_iter()
        .map(|(case, draft)| fact(case, draft))
        .collect()
}

/// How severe a finding is at least that such facts are told of: whoever
/// blinds the logs is looked at, however usual all else is.
pub(super) fn least_severity(drafts: &[Draft]) -> Severity {
    let is_grave = |draft: &Draft| draft.kind == Kind::LogTampering;
    if drafts.iter().any(is_grave) {
        Severity::Medium
    } else {
        Severity::None
    }
}

/// The gravest facts of a run as sentences: by kind, then time, then key.
pub(super) fn foremost(all: &[Told<'_>]) -> Vec<Fact> {
    let facts = in_order(all).into_iter().take(MAX_FACTS);
    facts.map(|(case, draft)| fact(case, draft)).collect()
}

fn in_order<'a, 'c>(all: &'a [Told<'c>]) -> Vec<(&'a Case<'c>, &'a Draft)> {
    let mut all: Vec<(&Case<'_>, &Draft)> = all
        .iter()
        .flat_map(|(case, drafts)| drafts.iter().map(move |draft| (case, draft)))
        .collect();
    all.sort_by(|(a, x), (b, y)| {
        (x.kind.cmp(&y.kind))
            .then_with(|| x.citation.cmp(&y.citation))
            .then_with(|| a.subject.row.key.cmp(&b.subject.row.key))
    });
    all
}

fn fact(case: &Case<'_>, draft: &Draft) -> Fact {
    Fact {
        identity_id: Untrusted::new(case.person().key.clone()),
        identity: readable_name(case.person()).into(),
        time: draft.citation.time,
        sentence: sentence(case, draft).into(),
        event_id: draft.citation.native_id.to_string().into(),
        record: case.background.record(&draft.citation),
    }
}

fn sensitive_acts(case: &Case<'_>) -> Vec<Draft> {
    let window = case.background.windows.1;
    let mut acts: BTreeMap<(Sensitive, &str), (u32, Citation)> = BTreeMap::new();
    for act in case.present.iter().flat_map(|account| {
        let cells = account.cells.values();
        cells.flat_map(|cell| &cell.rare().sensitive)
    }) {
        if !window.contains(act.citation.time) {
            continue;
        }
        let action = case.background.review.strings().text(act.action);
        let (n_events, first) = acts
            .entry((act.kind, action))
            .or_insert_with(|| (0, act.citation.clone()));
        *n_events = n_events.saturating_add(act.n_events);
        *first = first.clone().min(act.citation.clone());
    }
    let mut drafts: BTreeMap<Sensitive, Vec<NewAct<'_>>> = BTreeMap::new();
    for ((sensitive, action), (n_events, citation)) in acts {
        let n_before = n_periods_before(case, sensitive, action);
        if n_before < HABIT {
            drafts.entry(sensitive).or_default().push(NewAct {
                action,
                n_events,
                n_before,
                citation,
            });
        }
    }
    drafts
        .into_iter()
        .filter_map(|(sensitive, acts)| of_kind(sensitive, acts))
        .collect()
}

/// A sensitive action that is no habit.
struct NewAct<'a> {
    action: &'a str,
    n_events: u32,
    n_before: u32,
    citation: Citation,
}

/// All actions of one kind as one fact.
fn of_kind(sensitive: Sensitive, mut acts: Vec<NewAct<'_>>) -> Option<Draft> {
    acts.sort_by(|a, b| a.citation.cmp(&b.citation).then(a.action.cmp(b.action)));
    Some(Draft {
        kind: Kind::of(sensitive)?,
        citation: acts.first()?.citation.clone(),
        detail: Detail::Acts {
            sensitive,
            n_events: acts.iter().fold(0, |n, act| n.saturating_add(act.n_events)),
            n_before: acts.iter().map(|act| act.n_before).max()?,
            actions: acts.iter().map(|act| act.action.to_owned()).collect(),
        },
    })
}

/// History periods in which the identity did the same.
fn n_periods_before(case: &Case<'_>, sensitive: Sensitive, action: &str) -> u32 {
    let strings = case.background.history.strings();
    let (Some(past), Some(action)) = (case.past, strings.get(action)) else {
        return 0;
    };
    let did = |cell: &&Cell| {
        let mut acts = cell.rare().sensitive.iter();
        acts.any(|act| act.kind == sensitive && act.action == action)
    };
    number(past.cells.values().map(AsRef::as_ref).filter(did).count())
}

fn root_use(case: &Case<'_>) -> Option<Draft> {
    let is_rare = case.subject.class == Class::Root && case.n_active() < HABIT;
    let citation = first_event(case, case.subject.review().first()?.ordinal)?;
    is_rare.then(|| Draft {
        kind: Kind::RootUse,
        citation,
        detail: Detail::Root {
            n_periods: number(case.subject.review().len()),
        },
    })
}

/// The first period of the review that follows a long silence.
fn dormancy(case: &Case<'_>) -> Option<Draft> {
    let slate = case.slate();
    let day = |at: Ordinal| slate.start_of(at).seconds().div_euclid(SECONDS_PER_DAY);
    let mut longest: Option<i64> = None;
    for pair in case.subject.days.windows(2) {
        let [before, after] = pair else { continue };
        let n_days = day(after.ordinal).saturating_sub(day(before.ordinal));
        let is_long = n_days >= LONG_SILENCE
            || n_days >= MIN_SILENCE
                && longest.is_some_and(|own| n_days > own.saturating_mul(SILENCE_FACTOR));
        if slate.is_review(after.ordinal) && is_long {
            return Some(Draft {
                kind: Kind::Dormancy,
                citation: first_event(case, after.ordinal)?,
                detail: Detail::Silence { n_days, longest },
            });
        }
        longest = longest.max(Some(n_days));
    }
    None
}

fn first_event(case: &Case<'_>, ordinal: Ordinal) -> Option<Citation> {
    let first = &case.cell(ordinal)?.first;
    case.cited(first).next().cloned()
}

fn sentence(case: &Case<'_>, draft: &Draft) -> String {
    match &draft.detail {
        Detail::Acts {
            sensitive,
            actions,
            n_events,
            n_before,
        } => acts_sentence(case, *sensitive, actions, *n_events, *n_before),
        Detail::Root { n_periods } => {
            let period = case.slate().period;
            let used = wording::active(*n_periods, period);
            match case.n_active() {
                0 => format!(
                    "was used as root for the first time: {used} in the review, no event in {} \
                     of history",
                    case.background.covered()
                ),
                _ => format!(
                    "was used as root: {used} in the review, only {} in {} of history",
                    case.active(),
                    case.background.covered()
                ),
            }
        }
        Detail::Silence { n_days, longest } => silence(case, *n_days, *longest),
        Detail::Said(sentence) => sentence.clone(),
    }
}

/// `switched logging off or narrowed it 7 times (A and 2 more), never before on
/// 38 active days; 0 of 9 peers and 0 of 40 other identities attempted any of
/// these in 44 days of history; all of them: A, B, C`.
fn acts_sentence(
    case: &Case<'_>,
    sensitive: Sensitive,
    actions: &[String],
    n_events: u32,
    n_before: u32,
) -> String {
    let times = match n_events {
        1 => String::new(),
        n => format!(" {} times", count(n)),
    };
    let shown = actions.iter().take(ACTIONS_SHOWN);
    let shown: Vec<String> = shown.map(|action| wording::value(action)).collect();
    let (lead, rest) = match (shown.as_slice(), actions.len()) {
        ([lead, _, ..], n) => {
            let n_more = number(n.saturating_sub(shown.len()));
            let more = match n_more {
                0 => String::new(),
                n => format!(" and {} more", count(n)),
            };
            (
                format!("{lead} and {} more", count(number(n.saturating_sub(1)))),
                format!("; all of them: {}{more}", shown.join(", ")),
            )
        }
        (shown, _) => (shown.concat(), String::new()),
    };
    let before = match (case.n_active(), n_before) {
        (0, _) => "without any history".to_owned(),
        (_, 0) => format!("never before on {}", case.active()),
        (_, n) if actions.len() > 1 => {
            format!("before on at most {} of {}", count(n), case.active())
        }
        (_, n) => format!("before on {} of {}", count(n), case.active()),
    };
    format!(
        "{}{times} ({lead}), {before}; {}{rest}",
        deed(sensitive),
        attempted_by(case, actions)
    )
}

fn silence(case: &Case<'_>, n_days: i64, longest: Option<i64>) -> String {
    let days = |n: i64| counted(u64::try_from(n).unwrap_or_default(), "day", "days");
    let own = longest.map_or_else(
        || "no earlier silence to compare with".to_owned(),
        |longest| format!("its longest silence before: {}", days(longest)),
    );
    format!(
        "was active for the first time in {}; {own}, over {} of history",
        days(n_days),
        case.active()
    )
}

/// How many peers and other identities attempted one of the actions in the
/// history.
fn attempted_by(case: &Case<'_>, actions: &[String]) -> String {
    let history = case.background.history;
    let ids = actions.iter().filter_map(|a| history.strings().get(a));
    let ids: Vec<u32> = ids.collect();
    let attempted = |key: &str| {
        history.account(key).is_some_and(|account| {
            let mut ids = ids.iter();
            ids.any(|id| account.atoms.get((Dimension::Action, *id)).is_some())
        })
    };
    let subjects = &case.slate().subjects;
    let key_of = |at: &usize| subjects.get(*at).map(|s| s.row.key.as_ref());
    let peers = case.score.peers.iter().filter_map(key_of);
    let n_peers = number(peers.filter(|key| attempted(key)).count());
    let others = subjects.iter().map(|s| s.row.key.as_ref());
    let others = others.filter(|key| *key != case.subject.row.key.as_ref());
    let n_others = number(others.filter(|key| attempted(key)).count());
    let it = if actions.len() > 1 {
        "any of these"
    } else {
        "it"
    };
    let have = format!("attempted {it} in {} of history", case.background.covered());
    case.who_else(n_peers, n_others, &have)
}
