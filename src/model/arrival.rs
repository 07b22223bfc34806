//! Arrival: a person who is somewhere new, and signed in there.
//!
//! Whoever travels or moves house opens a session where they are, in the way
//! they always do and with the device they always have. Whoever took a session
//! or a key uses it from elsewhere without one; whoever took a password comes
//! with a device of their own, or after attempts that failed as this person's never
//! did: who mistypes a password now and then does so in hotels, too. On a day on
//! which every network is new, a sign-in of that day was from there, so no order
//! of events is needed to tell.
//!
//! Who has arrived is there for the rest of a review, before and after, and with
//! every account: a session lasts longer than a day, a command line needs no
//! sign-in of its own, and the one that opened it may be in another product.
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
            Dimension::Error => self.is_doubtful |= !is_known && is(FAILED),
            _ => {}
        }
    }

    /// Whether one of `class` arrived: machines do not travel.
    pub(super) fn is_of(self, class: Class) -> bool {
        class == Class::Human && self.has_signed_in && !self.is_doubtful
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::cast_possible_truncation,
        reason = "a test fails by panicking"
    )]

    use super::*;
    use crate::event::Period;
    use crate::model::first_use::{marks_of, typed};
    use crate::model::subject::{Amounts, Builder};
    use crate::model::tests::row;

    const USUAL: [(Dimension, &str); 3] = [
        (Dimension::Network, "home"),
        (Dimension::Client, "firefox/140"),
        (Dimension::Access, "login/password/mfa"),
    ];
    const MISTYPED: (Dimension, &str) = (Dimension::Error, "auth_failure/okta/MISTYPED");
    const TODAY: i32 = 10;

    /// Whether the tenth day, on which one of `class` uses `values`, is one that
    /// comes from nowhere.
    fn is_from_nowhere(class: Class, values: &[(Dimension, &str)]) -> bool {
        let all = USUAL.iter().chain(values).chain([&MISTYPED]);
        let mut texts: Vec<&str> = all.map(|value| value.1).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut builder = Builder::default();
        let mut mark = |(dimension, text): (Dimension, &str), day| {
            let at = texts.iter().position(|own| *own == text).unwrap();
            builder.mark(dimension, at as u32, day);
        };
        for day in 0..TODAY {
            USUAL.into_iter().for_each(|value| mark(value, day));
        }
        mark(MISTYPED, 5);
        values.iter().for_each(|value| mark(*value, TODAY));
        (0..=TODAY).for_each(|day| builder.day(day, Amounts::default()));
        let mut subject = builder.finish(Some(&row("vera", class)), None, 10, TODAY);
        subject.as_mut().unwrap().class = class;
        let texts = texts.into_iter().map(Box::from).collect();
        let slots = (0..=TODAY).collect();
        let subjects = subject.into_iter().collect();
        let slate = Slate::of(Period::Day, slots, TODAY, texts, subjects);
        let own = slate.subjects.first().unwrap();
        let marks = marks_of(own, own.days.last().unwrap());
        typed(&slate, &[], 0, marks, TODAY)
            .all_networks_new
            .unwrap()
    }

    #[test]
    fn who_signs_in_as_ever_from_a_new_place_has_arrived_there() {
        let hotel = (Dimension::Network, "hotel");
        let [_, client, sign_in] = USUAL;
        assert!(!is_from_nowhere(Class::Human, &[hotel, client, sign_in]));
        // A log that tells no clients says nothing against it.
        assert!(!is_from_nowhere(Class::Human, &[hotel, sign_in]));
        // Nor does a password mistyped, as now and then.
        let day = [hotel, client, sign_in, MISTYPED];
        assert!(!is_from_nowhere(Class::Human, &day));
        // At home nothing has to be explained.
        assert!(!is_from_nowhere(Class::Human, &USUAL));
    }

    #[test]
    fn a_session_or_a_password_that_somebody_took_has_not_arrived() {
        let elsewhere = (Dimension::Network, "elsewhere");
        let [_, client, sign_in] = USUAL;
        for others in [
            // A stolen session or key needs no sign-in.
            vec![client],
            vec![client, (Dimension::Access, "api/session_key")],
            // A stolen password is used on another device, in another way, or
            // after attempts.
            vec![sign_in, (Dimension::Client, "curl/8")],
            vec![client, (Dimension::Access, "login/password/nomfa")],
            vec![client, sign_in, (Dimension::Access, "login/password/nomfa")],
            vec![
                client,
                sign_in,
                (Dimension::Error, "auth_failure/okta/DENIED"),
            ],
        ] {
            let day: Vec<_> = others.into_iter().chain([elsewhere]).collect();
            assert!(is_from_nowhere(Class::Human, &day), "{day:?}");
        }
        let day = [elsewhere, client, sign_in];
        assert!(is_from_nowhere(Class::Workload, &day), "machines stay");
    }
}
