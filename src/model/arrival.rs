//! Arrival: a person who is somewhere new, and signed in there.
//!
//! Whoever travels or moves house opens a session where they are, in the way
//! they always do and with the device they always have. Whoever took a session
//! or a key uses it from elsewhere without one; whoever took a password comes
//! with a device of their own, or after attempts that failed. On a day on which
//! every network is new, a sign-in of that day was from there, so no order of
//! events is needed to tell.
//!
//! Such a day is not one of those that have come from nowhere, in the history
//! or in the review (`origin.days`): they are what a review as a whole looks
//! for most. The day itself is read as before, and its new networks and places
//! with it: somebody who signs in with all that a person has is still somewhere
//! new, and what is done there is held against the person's habits.

use super::slate::Slate;
use super::subject::Mark;
use crate::event::Class;
use crate::ledger::Dimension;

/// How the access dimension names ways of signing in.
const SIGN_IN: &str = "login/";
/// How the error dimension names sign-ins that failed.
const FAILED: &str = "auth_failure/";

/// What a day shows of how somebody came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Arrival {
    /// Whether there was a sign-in, of a kind that is known.
    has_signed_in: bool,
    /// Whether anything speaks against it.
    is_doubtful: bool,
}

impl Arrival {
    /// Whether it, or the networks of a day, are told by values of `dimension`.
    pub(super) fn sees(dimension: Dimension) -> bool {
        matches!(
            dimension,
            Dimension::Network | Dimension::Access | Dimension::Client | Dimension::Error
        )
    }

    /// Takes note of one value of the day, which the person knows or not.
    pub(super) fn see(&mut self, slate: &Slate, mark: &Mark, is_known: bool) {
        let is = |what: &str| slate.value(mark.value).starts_with(what);
        match mark.dimension {
            Dimension::Access if is_known => self.has_signed_in |= is(SIGN_IN),
            Dimension::Access | Dimension::Client => self.is_doubtful |= !is_known,
            Dimension::Error => self.is_doubtful |= is(FAILED),
            _ => {}
        }
    }

    /// Whether one of `class` arrived: machines do not travel.
    pub(super) fn is_of(self, class: Class) -> bool {
        class == Class::Human && self.has_signed_in && !self.is_doubtful
    }
}
