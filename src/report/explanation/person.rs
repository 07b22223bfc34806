//! The last sums of a person: from what each account says alone to what all of
//! them say together.

use super::steps::{Step, digits};
use crate::finding::{JointDayReckoning, Names, PersonReckoning, Reckoning};
use crate::report::phrase::{count, counted, number};

/// What the numbers of a reckoning are called where they are shown.
pub(super) struct Shown<'n> {
    pub(super) names: &'n Names,
    /// Keys of accounts, the leading one first, encoded for where they go.
    pub(super) accounts: Vec<String>,
}

impl Shown<'_> {
    fn account(&self, at: usize) -> &str {
        self.accounts.get(at).map_or("", String::as_str)
    }
}

/// From the accounts' days and reviews to the p-value of the person.
pub(super) fn steps(own: &Reckoning, person: &PersonReckoning, shown: &Shown<'_>) -> Vec<Step> {
    let days = person.days.iter();
    let strongest = days.min_by(|a, b| a.p.total_cmp(&b.p));
    let mut steps: Vec<Step> = strongest
        .map(|day| of_day(day, person, shown))
        .into_iter()
        .collect();
    steps.push(of_days(person));
    steps.extend(of_wholes(own, person, shown));
    steps.push(of_review(person));
    steps
}

/// The day that counts most: the least p-value, the earliest of equal ones.
fn of_day(day: &JointDayReckoning, person: &PersonReckoning, shown: &Shown<'_>) -> Step {
    let of_account =
        |(at, p): &(usize, f64)| format!("p = {} of {}", digits(*p), shown.account(*at));
    let mut lines: Vec<String> = day.ps.iter().map(of_account).collect();
    let departing = day.ps.iter().filter(|(_, p)| *p < person.threshold);
    let least = day.ps.iter().map(|(_, p)| *p).fold(1.0, f64::min);
    let m = day.ps.len();
    match departing.clone().count() {
        0 => lines.push(format!(
            "none is below {}: p = 1 - (1 - {})^{m} = {}",
            digits(person.threshold),
            digits(least),
            digits(day.p)
        )),
        n => {
            let logs = departing.map(|(_, p)| libm::log(person.threshold / p));
            lines.extend(of_departing((m, n, least), logs.sum(), person));
            lines.push(format!("p = {}", digits(day.p)));
        }
    }
    Step {
        title: format!("{}, all accounts", shown.names.day(day.ordinal)),
        lines,
    }
}

/// The sums where `n` of `m` accounts depart, the most at a p-value of `least`;
/// `sum` is what w is.
fn of_departing(
    (m, n, least): (usize, usize, f64),
    sum: f64,
    person: &PersonReckoning,
) -> [String; 4] {
    let (tau, pairs) = (digits(person.threshold), person.pairs);
    let again = digits(pairs.again());
    [
        format!(
            "w = sum of ln({tau} / p) over those below {tau} = {}",
            digits(sum)
        ),
        format!(
            "a = ({} + 2) / ({tau}^2 x {} + 1), from 1 to 20: {again} ({} in which two accounts of \
             one person were in use on one day of the history, and both below {tau} in {})",
            pairs.n_both,
            pairs.n,
            counted(number(pairs.n), "time"),
            count(number(pairs.n_both)),
        ),
        format!(
            "sum over k = 1..{m} of C({m}, k) {tau} ({tau} a)^(k-1) (1 - {tau})^({m}-k) \
             exp(-w) (1 + w + ... + w^(k-1)/(k-1)!)"
        ),
        format!(
            "at least (1 - (1 - {})^{m}) x ({tau} a)^({n}-1), and at most 1:",
            digits(least)
        ),
    ]
}

fn of_days(person: &PersonReckoning) -> Step {
    let least = person.days.iter().map(|day| day.p).fold(1.0, f64::min);
    Step {
        title: "the days of all accounts together".to_owned(),
        lines: vec![format!(
            "p = 1 - (1 - {})^{} = {}",
            digits(least),
            person.days.len(),
            digits(person.p_days)
        )],
    }
}

/// The reviews as a whole; `None` where no pseudo-review calibrates any.
fn of_wholes(own: &Reckoning, person: &PersonReckoning, shown: &Shown<'_>) -> Option<Step> {
    let p_whole = person.p_whole?;
    let others = person.others.iter().map(|(_, other)| other.as_ref());
    let accounts = std::iter::once(Some(own)).chain(others).enumerate();
    let wholes: Vec<(usize, f64)> = accounts
        .filter_map(|(at, account)| Some((at, account?.whole.as_ref()?.p)))
        .collect();
    let least = wholes.iter().map(|(_, p)| *p).fold(1.0, f64::min);
    let of_account =
        |(at, p): &(usize, f64)| format!("p = {} of {}", digits(*p), shown.account(*at));
    let mut lines: Vec<String> = wholes.iter().map(of_account).collect();
    lines.push(format!(
        "p = 1 - (1 - {})^{} = {}",
        digits(least),
        wholes.len(),
        digits(p_whole)
    ));
    Some(Step {
        title: "the reviews of all accounts as a whole".to_owned(),
        lines,
    })
}

fn of_review(person: &PersonReckoning) -> Step {
    let line = match person.p_whole {
        Some(p_whole) => format!(
            "p = 2 x the smaller of {} and {}, at most 1: {}",
            digits(person.p_days),
            digits(p_whole),
            digits(person.p_review)
        ),
        None => format!("p = {}, that of the days", digits(person.p_review)),
    };
    Step {
        title: "p of all accounts".to_owned(),
        lines: vec![line],
    }
}
