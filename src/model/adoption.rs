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
//! it signs in, sensitive actions, and relations that give power away (see
//! [`is_adoptable`]). A campaign against many from one network stays what it is.
//! More witnesses never make a value more surprising.

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

/// Whether a value that `subject` begins to use is taken up by its team.
pub(super) fn is_adopted(slate: &Slate, peers: &[usize], subject: usize, mark: &Mark) -> bool {
    let own = slate.subjects.get(subject);
    let is_adoptable = own.is_some_and(|own| is_adoptable(slate, own, mark));
    is_adoptable
        && is_witnessed(slate, peers, subject, &mark.days, |peer| {
            Some(&peer.mark(mark.dimension, mark.value)?.days)
        })
}

/// Whether enough independent peers begin within a week of the first of `days`,
/// on which `subject` uses something that its peers use on the days `theirs`.
pub(super) fn is_witnessed(
    slate: &Slate,
    peers: &[usize],
    subject: usize,
    days: &SlotSet,
    theirs: impl Fn(&Subject) -> Option<&SlotSet>,
) -> bool {
    let Some(first) = days.first() else {
        return false;
    };
    let is_witness = |peer: &Subject| {
        let days = theirs(peer);
        days.is_some_and(|days| is_witness(slate, peer, days, first))
    };
    let began: Vec<usize> = peers
        .iter()
        .copied()
        .filter(|peer| slate.subjects.get(*peer).is_some_and(is_witness))
        .collect();
    let own = slate.actors.behind(subject);
    began.len() >= WITNESSES && are_independent(slate, own, &began, WITNESSES)
}

/// Whether `peer`, who uses something on `days`, is a witness of its adoption
/// around `first`.
fn is_witness(slate: &Slate, peer: &Subject, days: &SlotSet, first: Ordinal) -> bool {
    let Some(began) = days.first() else {
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
fn is_adoptable(slate: &Slate, own: &Subject, mark: &Mark) -> bool {
    match mark.dimension {
        Dimension::Network
        | Dimension::Access
        | Dimension::Place
        | Dimension::Sensitive
        | Dimension::Hour
        | Dimension::Bigram => false,
        Dimension::Action => own.mark(Dimension::Sensitive, mark.value).is_none(),
        Dimension::Edge => {
            let text = slate.value(mark.value);
            EVERYDAY_EDGES.iter().any(|kind| text.starts_with(kind))
        }
        _ => true,
    }
}
