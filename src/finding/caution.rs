//! Cautions: what limits everything that a report says.

use super::case::{Background, Case, readable_name};
use super::wording::{self, count, counted, number};
use crate::event::{Timestamp, Untrusted};
use crate::ledger::Remark;
use crate::model::{Abstention, Judgement, Verdict};

/// A history that covers less is thin for everybody.
const FULL_COVER_SECONDS: i64 = 14 * 86_400;
/// From this share of thin identities on it is worth a sentence, in percent.
const THIN_PERCENT: usize = 25;
/// Remarks on who is who that are made.
const MAX_REMARKS: usize = 10;
/// Set-aside periods that are named.
const NAMED: usize = 5;

/// Every caution that applies, as finished sentences.
pub(super) fn cautions(background: &Background<'_>, cases: &[Case<'_>]) -> Vec<Untrusted> {
    let thin = thin_history(background).or_else(|| thin_identities(cases));
    [
        thin,
        abstentions(cases),
        set_aside(background),
        silent(background),
    ]
    .into_iter()
    .flatten()
    .chain(remarks(background.review.remarks()))
    .map(Untrusted::from)
    .collect()
}

/// Remarks on who is who, the first few; what is the same of several roles is
/// said once.
fn remarks(remarks: &[Remark]) -> impl Iterator<Item = String> + '_ {
    let is_chain = |remark: &&Remark| matches!(remark, Remark::ChainMissing { .. });
    let chains: Vec<&Remark> = remarks.iter().filter(is_chain).collect();
    let others = || remarks.iter().filter(move |remark| !is_chain(remark));
    let n_more = others().count().saturating_sub(MAX_REMARKS);
    let more = (n_more > 0).then(|| {
        format!(
            "{} more on roles, sessions and names that changed since the history.",
            counted(number(n_more), "remark", "remarks")
        )
    });
    others()
        .take(MAX_REMARKS)
        .map(remark)
        .chain(more)
        .chain(chains_missing(&chains))
}

/// Roles that used keys of which nobody is seen to have been given them.
fn chains_missing(chains: &[&Remark]) -> Option<String> {
    if let [one] = chains {
        return Some(remark(one));
    }
    let mut roles: Vec<String> = Vec::new();
    for chain in chains.iter().take(NAMED) {
        if let Remark::ChainMissing {
            role,
            n_missing,
            n_keys,
        } = chain
        {
            let (n_missing, n_keys) = (count(*n_missing), count(*n_keys));
            roles.push(format!("{} {n_missing} of {n_keys}", wording::value(role)));
        }
    }
    let more = match number(chains.len().saturating_sub(NAMED)) {
        0 => String::new(),
        n => format!(" and {} more roles", count(n)),
    };
    (!roles.is_empty()).then(|| {
        format!(
            "Roles used access keys that nobody was seen to be given (chain_missing): {}{more}; in \
             the history nearly all were.",
            roles.join(", "),
        )
    })
}

/// A remark on who is who, as a finished sentence.
fn remark(remark: &Remark) -> String {
    let names = |names: &[Box<str>], n: usize| {
        let shown: Vec<String> = names.iter().map(|name| wording::value(name)).collect();
        match n.saturating_sub(names.len()) {
            0 => wording::list(&shown),
            more => format!("{} and {} more", shown.join(", "), count(number(more))),
        }
    };
    match remark {
        Remark::Recreated { name, inherits } => format!(
            "{} was deleted and made anew under another id (recreated_principal); {}.",
            wording::value(name),
            if *inherits {
                "it is judged by what the old one did"
            } else {
                "the new one is judged by itself"
            },
        ),
        Remark::Lookalikes { names: [a, b] } => format!(
            "{} and {} look alike and are two identities (homoglyph_or_case_collision).",
            wording::value(a),
            wording::value(b),
        ),
        Remark::NewCallers { role, callers, n } => format!(
            "The role {} was taken on by {}, who never did so in the history.",
            wording::value(role),
            names(callers, *n),
        ),
        Remark::NewSessions { role, sessions, n } => format!(
            "The role {} never had a session named {} (new_session_name); {} judged as the role.",
            wording::value(role),
            names(sessions, *n),
            if *n == 1 { "it is" } else { "they are" },
        ),
        Remark::ChainMissing {
            role,
            n_missing,
            n_keys,
        } => format!(
            "The role {} used {} of {} access keys that nobody was seen to be given \
             (chain_missing); in the history nearly all were.",
            wording::value(role),
            count(*n_missing),
            count(*n_keys),
        ),
    }
}

fn thin_history(background: &Background<'_>) -> Option<String> {
    match background.covered_seconds {
        0 => Some("There is no history before the review: nobody can be judged.".to_owned()),
        s if s < FULL_COVER_SECONDS => Some(format!(
            "The history covers only {}: every number here is weak, and no severity goes \
             beyond medium.",
            background.covered()
        )),
        _ => None,
    }
}

fn thin_identities(cases: &[Case<'_>]) -> Option<String> {
    let judged = |case: &&Case<'_>| case.score.judgement.review().is_some();
    let n = cases.iter().filter(judged).count();
    let is_thin = |case: &&Case<'_>| case.score.verdicts.contains(&Verdict::Thin);
    let n_thin = cases.iter().filter(judged).filter(is_thin).count();
    let is_many = n_thin > 0 && n_thin.saturating_mul(100) >= n.saturating_mul(THIN_PERCENT);
    is_many.then(|| {
        format!(
            "Too little history to be sure of {} of {} judged identities; their severity ends at \
             medium.",
            count(number(n_thin)),
            count(number(n)),
        )
    })
}

fn abstentions(cases: &[Case<'_>]) -> Option<String> {
    let n_of = |wanted: Abstention| {
        let is_wanted = |case: &&Case<'_>| case.score.judgement == Judgement::Abstained(wanted);
        number(cases.iter().filter(is_wanted).count())
    };
    let reasons = [
        (n_of(Abstention::NoHistory), "without any history"),
        (n_of(Abstention::Shared), "shared by many callers"),
        (n_of(Abstention::NotJudged), "of a class that is not judged"),
    ];
    let total: u32 = reasons.iter().map(|(n, _)| n).sum();
    let parts: Vec<String> = reasons
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, reason)| match *n == total {
            true => (*reason).to_owned(),
            false => format!("{} {reason}", count(*n)),
        })
        .collect();
    (total > 0).then(|| {
        format!(
            "{} active in the review could not be judged: {}.",
            counted(total, "identity", "identities"),
            wording::list(&parts),
        )
    })
}

/// Identities that were active nearly every day and are not in the review at
/// all, although others of their log are.
fn silent(background: &Background<'_>) -> Option<String> {
    let slate = background.slate();
    let silences = slate.subjects.iter().filter_map(|subject| {
        let silent = Some(subject).filter(|subject| subject.review().is_empty())?;
        let silence = background.presence.silence(slate, silent)?;
        let name = wording::value(&readable_name(&subject.row));
        let days = wording::active(silence.n_before, slate.period);
        let of = count(silence.n_covered_before);
        Some(format!("{name} ({days} of {of} before)"))
    });
    let silences: Vec<String> = silences.collect();
    let more = match number(silences.len().saturating_sub(NAMED)) {
        0 => String::new(),
        n => format!(" and {} more", count(n)),
    };
    let named: Vec<String> = silences.into_iter().take(NAMED).collect();
    (!named.is_empty()).then(|| {
        format!(
            "Active nearly every day of the history and silent in the whole review: {}{more}.",
            named.join(", ")
        )
    })
}

/// History periods so unusual themselves that nothing was learned from them.
fn set_aside(background: &Background<'_>) -> Option<String> {
    let slate = background.slate();
    let mut periods: Vec<(Timestamp, &str, String)> = slate
        .subjects
        .iter()
        .flat_map(|subject| {
            let hidden = subject.hidden.iter().filter(|at| !slate.is_review(*at));
            hidden.map(|at| {
                let text = format!(
                    "{} on {}",
                    wording::value(&readable_name(&subject.row)),
                    background.label(at)
                );
                (slate.start_of(at), subject.row.key.as_ref(), text)
            })
        })
        .collect();
    periods.sort_unstable();
    let named: Vec<String> = periods.iter().take(NAMED).map(|p| p.2.clone()).collect();
    let n_more = number(periods.len().saturating_sub(NAMED));
    let more = if n_more > 0 {
        format!(" and {} more", count(n_more))
    } else {
        String::new()
    };
    let one = wording::period(slate.period);
    let how_many = match number(periods.len()) {
        0 => return None,
        1 => format!("1 identity-{one} of the history looks unusual itself and was"),
        n => format!(
            "{} identity-{one}s of the history look unusual themselves and were",
            count(n)
        ),
    };
    Some(format!(
        "{how_many} not learned from; look there before trusting the baseline: {}{more}.",
        named.join(", "),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(found: Remark, expected: &str) {
        assert_eq!(remark(&found), expected);
    }

    fn names(names: &[&str]) -> Vec<Box<str>> {
        names.iter().map(|name| Box::from(*name)).collect()
    }

    #[test]
    fn remarks_read_as_sentences() {
        says(
            Remark::Recreated {
                name: "arn:aws:iam::1:user/ann".into(),
                inherits: false,
            },
            "arn:aws:iam::1:user/ann was deleted and made anew under another id \
             (recreated_principal); the new one is judged by itself.",
        );
        says(
            Remark::Lookalikes {
                names: ["ann".into(), "\u{430}nn".into()],
            },
            "ann and \u{430}nn look alike and are two identities (homoglyph_or_case_collision).",
        );
        says(
            Remark::NewCallers {
                role: "Deploy".into(),
                callers: names(&["bob", "eve"]),
                n: 2,
            },
            "The role Deploy was taken on by bob and eve, who never did so in the history.",
        );
        says(
            Remark::NewSessions {
                role: "Etl".into(),
                sessions: names(&["a", "b"]),
                n: 9,
            },
            "The role Etl never had a session named a, b and 7 more (new_session_name); they are \
             judged as the role.",
        );
        says(
            Remark::ChainMissing {
                role: "Deploy".into(),
                n_missing: 1,
                n_keys: 2,
            },
            "The role Deploy used 1 of 2 access keys that nobody was seen to be given \
             (chain_missing); in the history nearly all were.",
        );
    }

    #[test]
    fn what_is_the_same_of_several_roles_is_said_once() {
        let missing = |role: &str, n_missing: u32| Remark::ChainMissing {
            role: role.into(),
            n_missing,
            n_keys: 20,
        };
        let said: Vec<String> = remarks(&[missing("Deploy", 1), missing("Etl", 2)]).collect();
        assert_eq!(
            said,
            [
                "Roles used access keys that nobody was seen to be given (chain_missing): Deploy 1 \
              of 20, Etl 2 of 20; in the history nearly all were."
            ]
        );
    }

    #[test]
    fn many_remarks_end_in_their_number() {
        let many: Vec<Remark> = (0..25_u32)
            .map(|n| Remark::NewSessions {
                role: format!("R{n}").into(),
                sessions: names(&["x"]),
                n: 1,
            })
            .collect();
        let said: Vec<String> = remarks(&many).collect();
        assert_eq!(said.len(), MAX_REMARKS + 1);
        assert_eq!(
            said[MAX_REMARKS],
            "15 remarks more on roles, sessions and names that changed since the history."
        );
    }
}
