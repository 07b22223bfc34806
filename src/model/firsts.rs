//! First days: what each value of an identity was when it was first met.
//!
//! A value is new once: on the first day that may be learned from. Every day of
//! the history is read several times over, for rates, windows and
//! pseudo-reviews, so what was new in it is found out once and kept.

use super::first_use::{News, TypedDay, marks_of, typed};
use super::replay::usable_days;
use super::slate::{Ordinal, Slate};
use super::subject::{Day, Subject};

/// What each value of one subject was on its first day, by position of its mark.
#[derive(Clone, Debug, Default)]
pub(super) struct Firsts(Vec<First>);

#[derive(Clone, Copy, Debug)]
struct First {
    day: Ordinal,
    news: News,
}

impl Firsts {
    /// Of the values that `subject` first met on usable days of its history.
    pub(super) fn of(slate: &Slate, peers: &[usize], at: usize) -> Self {
        let Some(subject) = slate.subjects.get(at) else {
            return Self::default();
        };
        let begin = usable_days(subject).next().map(|(_, day)| day.ordinal);
        let usable = begin.unwrap_or(slate.n_history)..slate.n_history;
        let firsts = subject.atoms.iter().map(|mark| {
            let day = mark.days.first_outside(&subject.hidden);
            let day = day.unwrap_or(Ordinal::MAX);
            let news = usable
                .contains(&day)
                .then(|| News::of(slate, peers, at, mark, day, None));
            First {
                day,
                news: news.unwrap_or_default(),
            }
        });
        Self(firsts.collect())
    }

    /// What was new on a usable day of the history of `subject` that may be
    /// learned from.
    pub(super) fn typed(&self, slate: &Slate, subject: &Subject, day: &Day) -> TypedDay {
        let news = day.atoms.iter().filter_map(|at| {
            let mark = subject.atoms.get(*at as usize)?;
            let first = self.0.get(*at as usize)?;
            let news = if first.day == day.ordinal {
                first.news
            } else {
                News::default()
            };
            Some((mark, news))
        });
        TypedDay::of(slate, subject.class, news)
    }

    /// The same of any day behind the warm-up: one that nothing is learned from
    /// may show what is new on a later one too.
    pub(super) fn typed_as_of(
        &self,
        slate: &Slate,
        peers: &[usize],
        at: usize,
        day: &Day,
    ) -> TypedDay {
        match slate.subjects.get(at) {
            Some(subject) if subject.learns_from(day.ordinal) => self.typed(slate, subject, day),
            Some(subject) => typed(slate, peers, at, marks_of(subject, day), day.ordinal),
            None => TypedDay::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use super::*;
    use crate::model::peers;
    use crate::model::tests::{parameters, toy, toy_slate};

    #[test]
    fn what_was_kept_is_what_is_found_by_looking_again() {
        let mut slate = toy_slate(&toy());
        // A value that was first met on a day that is hidden is new later on.
        let hidden = usable_days(&slate.subjects[0]).nth(2).unwrap().1.ordinal;
        slate.subjects[0].hidden.insert(hidden);
        let peers = peers::find(&slate, &parameters()).near;
        let mut n_new = 0;
        for (at, subject) in slate.subjects.iter().enumerate() {
            let firsts = Firsts::of(&slate, &peers[at], at);
            for (_, day) in usable_days(subject) {
                let marks = marks_of(subject, day);
                let again = typed(&slate, &peers[at], at, marks, day.ordinal);
                assert_eq!(firsts.typed(&slate, subject, day), again);
                n_new += again.dimensions.iter().map(|own| own.all()).sum::<u32>();
            }
        }
        assert!(n_new > 0);
    }
}
