//! Adoption: what several members of a team take up together is the team's.
//!
//! A new service, role or bucket reaches a team within days. To each member it
//! is as new as what an intruder does; what tells them apart is who else begins
//! with it. If [`WITNESSES`] peers do so within a week of its first use, it is no
//! departure of any one of them, and surprises nobody. It stays one of the
//! day's values, so that a day is not made of what is left over.
//!
//! The rule is one of time, not of history and review: it holds for the days
//! that calibrate as for those that are judged. Without it first use by others
//! is frozen where the review begins, and the very week in which a team changes
//! is the one in which nobody may have seen it.
//!
//! # Why it cannot be bought cheaply
//!
//! Whoever holds one identity gains nothing: the witnesses are others, and
//!
//! * **peers**: identities that behaved alike, or have one name or team, before.
//!   That strangers share a novelty says nothing;
//! * **settled**: to whom not everything is new ([`SETTLED`] periods);
//! * **at home**: from no network that is new to them on that day. Credentials
//!   stolen from a whole team and used from the thief's network are no
//!   witnesses for each other, whatever they do besides. (Where a log tells no
//!   networks, this says nothing);
//! * **independent**: no two of them, nor one and the identity itself, have the
//!   same actor behind them. Roles that one caller takes on one after the other
//!   are that caller, and a caller is no witness for its role.
//!
//! And some values are nobody's to adopt: where an identity comes from and how
//! it signs in, sensitive actions and reads of secrets, and relations that give
//! power away (see [`is_adoptable`]). A campaign against many from one network stays what it is.
//! More witnesses never make a value more surprising.

use smallvec::SmallVec;

use super::slate::{Ordinal, Slate};
use super::subject::{Mark, Subject};
use crate::ledger::{Chains, Dimension, SlotSet, role_of, value_hash};

/// So many independent peers make an adoption …
const WITNESSES: usize = 3;
/// … if they begin within so long of the identity's own first use, in seconds …
const SPREAD: i64 = 7 * 86_400;
/// … each after so many active periods. As many make a full history.
const SETTLED: usize = super::verdict::FULL_SUPPORT as usize;
/// Relations that a team's work brings about. Those that share, grant or make
/// credentials, and chains of roles, are told whoever does it.
const EVERYDAY_EDGES: [&str; 3] = ["assume:", "invoke:", "touch:"];

/// Who is behind each subject: hashes of its own key, or of its role's if it is
/// a session, and of the keys of those at the far ends of the chains that lead
/// to it; ascending.
#[derive(Debug, Default)]
pub(super) struct Actors(Vec<Vec<u64>>);

impl Actors {
    /// The actors behind `subjects`, who take on roles as `chains` say.
    pub(super) fn of(subjects: &[Subject], chains: [&Chains; 2]) -> Self {
        let of = |subject: &Subject| {
            let key = role_of(&subject.row.key);
            let origins = chains.into_iter().flat_map(|own| own.origins(key));
            let mut actors: Vec<u64> = origins.chain([key]).map(value_hash).collect();
            actors.sort_unstable();
            actors.dedup();
            actors
        };
        Self(subjects.iter().map(of).collect())
    }

    fn behind(&self, subject: usize) -> &[u64] {
        self.0.get(subject).map(Vec::as_slice).unwrap_or_default()
    }
}

/// A peer that uses something, and when.
pub(super) struct Fellow<'s> {
    at: usize,
    pub(super) subject: &'s Subject,
    pub(super) days: &'s SlotSet,
}

/// The peers that use something, of which `days_of` tells when.
pub(super) fn fellows<'s>(
    slate: &'s Slate,
    peers: &[usize],
    days_of: impl Fn(&'s Subject) -> Option<&'s SlotSet>,
) -> SmallVec<[Fellow<'s>; 10]> {
    let fellow = |at: &usize| {
        let subject = slate.subjects.get(*at)?;
        let days = days_of(subject)?;
        Some(Fellow {
            at: *at,
            subject,
            days,
        })
    };
    peers.iter().filter_map(fellow).collect()
}

/// Whether a value that `subject` begins to use is taken up by its team, of
/// which the `fellows` use it.
pub(super) fn is_adopted(
    slate: &Slate,
    fellows: &[Fellow<'_>],
    subject: usize,
    mark: &Mark,
) -> bool {
    is_witnessed(slate, fellows, subject, &mark.days) && is_adoptable(slate, mark)
}

/// Whether enough independent ones of the `fellows` begin within a week of the
/// first of `days`, on which `subject` uses what they use.
pub(super) fn is_witnessed(
    slate: &Slate,
    fellows: &[Fellow<'_>],
    subject: usize,
    days: &SlotSet,
) -> bool {
    let Some(first) = days.first().filter(|_| fellows.len() >= WITNESSES) else {
        return false;
    };
    let witnesses = fellows
        .iter()
        .filter(|fellow| is_witness(slate, fellow, first));
    let began: SmallVec<[usize; 10]> = witnesses.map(|fellow| fellow.at).collect();
    let own = slate.actors.behind(subject);
    began.len() >= WITNESSES && are_independent(slate, own, &began, WITNESSES)
}

/// Whether a fellow is a witness of an adoption around `first`.
fn is_witness(slate: &Slate, fellow: &Fellow<'_>, first: Ordinal) -> bool {
    let peer = fellow.subject;
    let Some(began) = fellow.days.first() else {
        return false;
    };
    let seconds = |at: Ordinal| slate.start_of(at).seconds();
    let apart = seconds(began).saturating_sub(seconds(first));
    if apart.saturating_abs() > SPREAD {
        return false;
    }
    let day = peer.days.binary_search_by_key(&began, |day| day.ordinal);
    let Some((at, day)) = day.ok().and_then(|at| Some((at, peer.days.get(at)?))) else {
        return false;
    };
    let marks = day.atoms.iter();
    let mut networks = marks
        .filter_map(|at| peer.atoms.get(*at as usize))
        .filter(|mark| mark.dimension == Dimension::Network);
    at >= SETTLED && networks.all(|mark| mark.days.first().is_some_and(|met| met < began))
}

/// Whether `n` of `witnesses` have no actor in common with each other, nor with
/// those `known`.
fn are_independent(slate: &Slate, known: &[u64], witnesses: &[usize], n: usize) -> bool {
    let Some(left) = n.checked_sub(1) else {
        return true;
    };
    witnesses.iter().zip(1..).any(|(witness, next)| {
        let actors = slate.actors.behind(*witness);
        let others = witnesses.get(next..).unwrap_or_default();
        !actors.iter().any(|actor| known.contains(actor))
            && are_independent(slate, &[known, actors].concat(), others, left)
    })
}

/// Whether a team can take up such a value, by the nature of it.
fn is_adoptable(slate: &Slate, mark: &Mark) -> bool {
    match mark.dimension {
        Dimension::Network
        | Dimension::Access
        | Dimension::Place
        | Dimension::Sensitive
        | Dimension::Hour
        | Dimension::Bigram => false,
        Dimension::Action => !slate.is_sensitive(mark.value),
        Dimension::Edge => {
            let text = slate.value(mark.value);
            EVERYDAY_EDGES.iter().any(|kind| text.starts_with(kind))
        }
        _ => true,
    }
}
